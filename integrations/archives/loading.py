"""An archive into an empty database, table by table, all or nothing.

The database keeps the stock levels by the ledger itself (ADR 6): levels come in empty, the movements fill them, and
what they then hold must be what the archive says.
"""

from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import DataError, IntegrityError, connection

from core.errors import DomainError
from core.rows import check_keys_at_once, write_rows
from dashboard.models import Untold
from integrations.archives.reading import Archive, ArchiveRefused
from integrations.archives.sequences import go_on_after
from integrations.archives.tables import FILLED_BY_OTHERS, Table
from integrations.archives.writing import Report
from integrations.models import Change, Unnumbered
from inventory.imports.batches import batches
from inventory.models import StockLevel, StockMovement
from orders.queries.verify import all_differences
from stations.models import User

# What a stock level holds only once the movements are there.
BY_MOVEMENTS = {"on_hand": 0, "allocated": 0, "unfound": 0, "unfound_at": None}
PROMISES = ("allocated", "unfound", "unfound_at")


class NotEmpty(DomainError):
    """There is something here already: an archive is read by an empty system only."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(
            f"This system is not empty: there are rows in {', '.join(names)}. Load the archive into a new database, "
            "right after its migrations and before a worker runs. Nothing was loaded."
        )


def load(archive: Archive, report: Report) -> None:
    """Load every table of a checked archive. Inside a transaction, which a refusal rolls back."""
    every = list(archive.tables.values())
    if full := [table.name for table in every if table.rows().exists()]:
        raise NotEmpty(full)
    try:
        _load_tables(archive, every, report)
        _settle_events()
        _give_promises(archive, archive.tables[StockLevel._meta.label_lower])
        connection.check_constraints()
    except (IntegrityError, DataError) as error:
        raise ArchiveRefused(f"Its rows do not fit together: {str(error).splitlines()[0]}.") from error
    for table in every:
        go_on_after(table, archive.last_id(table))
    if differences := all_differences():
        one = differences[0]
        raise ArchiveRefused(f"Its ledger does not add up: {one.what}: {one.written} written, {one.added_up} added up.")


def _load_tables(archive: Archive, every: list[Table], report: Report) -> None:
    done = 0
    for table in every:
        _order_keys(table)
        if table.model._meta.label in FILLED_BY_OTHERS:
            table.rows().delete()
        make = _maker(table)
        for batch in batches(archive.rows(table)):
            table.rows().bulk_create([make(values) for values in batch])
            done += len(batch)
            report(done, archive.whole)


def _settle_events() -> None:
    """What the database noted of every event as it came in: those that the change feed holds are numbered already, and
    all were told of where they happened."""
    Unnumbered.objects.filter(pk__in=Change.objects.values("event")).delete()
    Untold.objects.all().delete()


def _order_keys(table: Table) -> None:
    """Tables come in order, so that keys can be checked at once. Stations alone may name one that comes later."""
    if table.points_to_itself and table.model is not StockMovement:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    else:
        check_keys_at_once()


def _maker(table: Table) -> Any:
    """What makes a row of these values."""
    names = table.columns

    def make(values: list[Any]) -> Any:
        given = dict(zip(names, values, strict=True))
        if table.model is StockLevel:
            given |= BY_MOVEMENTS
        elif table.model is User:
            given["password"] = make_password(None)  # each another, or one sign-in link would open many
        return table.model(**given)

    return make


def _give_promises(archive: Archive, table: Table) -> None:
    """Hold the levels against the archive, and give back what is promised of them."""
    if StockLevel.objects.count() != archive.rows_of(table):
        raise ArchiveRefused("Its movements make other stock levels than it holds.")
    for batch in batches(archive.rows(table)):
        said = [StockLevel(**dict(zip(table.columns, values, strict=True))) for values in batch]
        levels = StockLevel.objects.in_bulk([level.pk for level in said])
        for level in said:
            if level.on_hand != levels[level.pk].on_hand:
                raise ArchiveRefused(
                    f"Its ledger does not add up: stock level {level.pk} holds {level.on_hand}, its movements make "
                    f"{levels[level.pk].on_hand}."
                )
        if promised := [level for level in said if level.allocated]:
            write_rows(promised, PROMISES)
