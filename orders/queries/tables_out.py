"""Every table that can be imported, to be taken out as it would be imported."""

from collections.abc import Callable, Iterator, Mapping

from inventory.imports.columns import TABLES, Table
from inventory.imports.rows_out import CHUNK, Row, rows_out
from inventory.queries.people_rows import PEOPLE, people_rows
from orders.models import TravelTime
from orders.queries.travel_file import TRAVEL_TIMES
from stations.models import User

TABLES_OUT: Mapping[str, Table] = TABLES | {TRAVEL_TIMES.name: TRAVEL_TIMES, PEOPLE.name: PEOPLE}


def tables_for(user: User) -> Mapping[str, Table]:
    """Those that a person may take: people, with their addresses for mail, are the chief's, as a person's page is."""
    return {name: table for name, table in TABLES_OUT.items() if table is not PEOPLE or user.role == User.Role.CHIEF}


def rows_of(table: Table) -> Iterator[Row]:
    """The rows of one of them, in pieces."""
    return OTHERWISE[table.name]() if table.name in OTHERWISE else rows_out(table)


def _travel_times() -> Iterator[Row]:
    rows = TravelTime.objects.order_by("origin__code", "destination__code")
    return iter(rows.values_list("origin__code", "destination__code", "metres", "seconds").iterator(chunk_size=CHUNK))


OTHERWISE: Mapping[str, Callable[[], Iterator[Row]]] = {TRAVEL_TIMES.name: _travel_times, PEOPLE.name: people_rows}
