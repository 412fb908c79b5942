"""Cells to numbers of a unit: money, weights, volumes, degrees."""

from decimal import Decimal

from django.utils.translation import gettext as _

from inventory.imports.values import BIGGEST, DECIMAL, BadValue, Kind, Value, shortened


def scaled(places: int, unit: str, most: int = BIGGEST) -> Kind:
    """A decimal number kept as a whole number of its smallest part: ``12.50`` is 1250 cents, exactly."""
    factor = 10**places

    def read(cell: str) -> int:
        cell = cell.removeprefix("$").strip()
        if not DECIMAL.fullmatch(cell):
            said = _("%(cell)r is not a number of %(unit)s.")
            if "," in cell:
                said = _("%(cell)r is not a number of %(unit)s: write a point, and no commas.")
            raise BadValue(said % {"cell": shortened(cell), "unit": _(unit)})
        number = Decimal(cell) * factor
        if number != number.to_integral_value():
            said = _("%(cell)s has more than %(places)s decimal places.")
            raise BadValue(said % {"cell": shortened(cell), "places": places})
        if not 0 <= number <= most:
            said = _("%(cell)s must be from 0 to %(most)s %(unit)s.")
            raise BadValue(said % {"cell": shortened(cell), "most": Decimal(most) / factor, "unit": _(unit)})
        return int(number)

    def show(value: Value) -> str:
        return "" if value is None else f"{Decimal(int(str(value))) / factor:.{places}f}"

    return Kind(read, show)


def degrees(limit: int) -> Kind:
    """Latitude or longitude, in degrees with a point."""

    def read(cell: str) -> float:
        if not DECIMAL.fullmatch(cell):
            said = _("%(cell)r is not a coordinate: write degrees with a point, as 47.601016.")
            raise BadValue(said % {"cell": shortened(cell)})
        number = float(cell)
        if abs(number) > limit:
            said = _("%(cell)s must be from −%(limit)s to %(limit)s degrees.")
            raise BadValue(said % {"cell": shortened(cell), "limit": limit})
        return number

    return Kind(read, lambda value: "" if value is None else f"{Decimal(str(value)):f}")
