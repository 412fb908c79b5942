"""What rows about stock at a place have in common: they name a place and an item."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from inventory.imports.places import Catalogue, Places, UnknownPlace
from inventory.imports.sheets import Reader, Row
from inventory.imports.values import no_item
from stations.models import Location

OUTSIDE_A_SAFE = gettext_noop("{name} is a scheduled drug: keep it in the safe. Leave the location empty to do so.")


@dataclass
class LineReader:
    """Finds the place and the item that each row names, and says what is wrong with them."""

    reader: Reader
    catalogue: Catalogue
    places: Places
    _known: dict[tuple[str, str, bool], int | UnknownPlace] = field(default_factory=dict)

    def where(self, row: Row) -> tuple[int, int] | None:
        """The numbers of the row's place and item; None where there is none, which is then said."""
        item = self._item(row)
        code, kind = row.values.get("place"), str(row.values.get("location", ""))
        if item is None or code is None:
            return None
        is_scheduled = self.catalogue.items[item].is_scheduled
        place = self._place(str(code), kind, is_scheduled)
        if isinstance(place, UnknownPlace):
            if reason := str(place):
                self.reader.refuse(row.line, place.column, reason)
            return None
        if is_scheduled and self.places.keys[place][0] == Location.Kind.SUPPLY_ROOM:
            said = _(OUTSIDE_A_SAFE).format(name=self.catalogue.items[item].name)
            self.reader.warn(row.line, "location", said)
        return place, item

    def _item(self, row: Row) -> int | None:
        sku = row.values.get("sku")
        if sku is None:
            return None
        number = self.catalogue.numbers.get(str(sku))
        if number is None and self.catalogue.is_whole:
            self.reader.refuse(row.line, "sku", no_item(str(sku), self.catalogue.suggest))
        return number

    def _place(self, code: str, kind: str, is_scheduled: bool) -> int | UnknownPlace:
        asked = (code, kind, is_scheduled)
        if asked not in self._known:
            try:
                self._known[asked] = self.places.number(code, kind, is_scheduled=is_scheduled)
            except UnknownPlace as error:
                self._known[asked] = error
        return self._known[asked]
