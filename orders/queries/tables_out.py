"""Every table that can be imported, to be taken out as it would be imported."""

from collections.abc import Iterator, Mapping

from inventory.imports.columns import TABLES, Table
from inventory.imports.rows_out import CHUNK, Row, rows_out
from orders.models import TravelTime
from orders.queries.travel_file import TRAVEL_TIMES

TABLES_OUT: Mapping[str, Table] = TABLES | {TRAVEL_TIMES.name: TRAVEL_TIMES}


def rows_of(table: Table) -> Iterator[Row]:
    """The rows of one of them, in pieces."""
    return _travel_times() if table is TRAVEL_TIMES else rows_out(table)


def _travel_times() -> Iterator[Row]:
    rows = TravelTime.objects.order_by("origin__code", "destination__code")
    return iter(rows.values_list("origin__code", "destination__code", "metres", "seconds").iterator(chunk_size=CHUNK))
