"""The tables of a division as they would be imported: the same columns, in which every cell reads as what it was."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.db.models.functions import Coalesce

from core import exports
from inventory.imports.columns import OPENING_STOCK, PAR_LEVELS, TABLES, Column, Table
from inventory.imports.history import OPENING
from inventory.imports.values import Value
from inventory.models import ParLevel, StockMovement
from stations.models import Location

CHUNK = 5_000
NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
Row = Sequence[Value]


def columns_out(table: Table) -> list[exports.Column]:
    """The columns of a table's file; rows are tuples in their order."""
    return [exports.Column(column.name, _cell(column, place)) for place, column in enumerate(table.columns)]


def _cell(column: Column, place: int) -> Callable[[Row], exports.Value]:
    """Numbers and days as such, for those who add them up in a spreadsheet; all else as it is read."""

    def value_of(row: Row) -> exports.Value:
        value = row[place]
        if value is None or isinstance(value, date):
            return value
        text = column.kind.show(value)
        is_number = isinstance(value, int) and not isinstance(value, bool) and NUMBER.fullmatch(text)
        return Decimal(text) if is_number else text

    return value_of


def rows_out(table: Table) -> Iterator[Row]:
    """The rows of one of ``TABLES``, in pieces: memory does not grow with them."""
    return OTHERWISE[table.name]() if table.name in OTHERWISE else _rows_of(table)


def _rows_of(table: Table) -> Iterator[Row]:
    model: Any = table.model
    key = [table.column(name).field for name in table.key]
    fields = [column.field for column in table.columns]
    return iter(model.objects.order_by(*key).values_list(*fields).iterator(chunk_size=CHUNK))


def _par_levels() -> Iterator[Row]:
    names = [column.name for column in PAR_LEVELS.columns[3:]]
    rows = ParLevel.objects.annotate(place=Coalesce("location__station__code", "location__unit__code"))
    rows = rows.order_by("place", "location", "item__sku")
    return iter(rows.values_list("place", "location__kind", "item__sku", *names).iterator(chunk_size=CHUNK))


def _opening_stock() -> Iterator[Row]:
    """With what each place opened: what came in as opening stock, less what was taken back as such."""
    openings = StockMovement.objects.filter(OPENING)
    back = openings.filter(source__kind__in=Location.PHYSICAL).order_by().values_list("source", "lot")
    taken = {(place, lot): quantity for place, lot, quantity in back.annotate(Sum("quantity"))}
    came = openings.filter(destination__kind__in=Location.PHYSICAL).annotate(
        place=Coalesce("destination__station__code", "destination__unit__code")
    )
    rows = came.values_list(
        *("destination", "lot", "place", "destination__kind", "lot__item__sku"),
        *("lot__number", "lot__serial_number", "lot__expires_on"),
    ).annotate(Sum("quantity"))
    for place, lot, *told, quantity in rows.order_by("place", "destination", "lot").iterator(chunk_size=CHUNK):
        if opened := quantity - taken.get((place, lot), 0):
            yield (*told, opened)


OTHERWISE: Mapping[str, Callable[[], Iterator[Row]]] = {
    PAR_LEVELS.name: _par_levels,
    OPENING_STOCK.name: _opening_stock,
}
__all__ = ["TABLES", "columns_out", "rows_out"]
