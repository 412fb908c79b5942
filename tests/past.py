"""Lines of the ledger at any time in the past, for tests that need a history."""

from datetime import UTC, datetime, timedelta

from django.db import transaction

from inventory.actions.ledger import Move, post_movements
from inventory.models import Item, Lot, ParLevel, StockMovement
from stations.models import Command, Location, Station
from tests import make

Reason = StockMovement.Reason
Kind = Location.Kind
MIDNIGHT = datetime(2026, 11, 2, 5, tzinfo=UTC)  # of the day on which the tests live, in New York


@transaction.atomic
def move(
    lot: Lot,
    source: Location | Location.Kind,
    destination: Location | Location.Kind,
    quantity: int,
    reason: str,
    at: datetime,
    reverses: StockMovement | None = None,
    reference: str = "",
) -> StockMovement:
    """A line of the ledger at any time, as the commands of that time left it."""
    ends = [Location.objects.virtual(end) if isinstance(end, Location.Kind) else end for end in (source, destination)]
    command = Command.objects.begin("test", by=None, at=at)
    one = Move(
        lot.pk, ends[0].pk, ends[1].pk, quantity, reason, reference, reverses_id=reverses.pk if reverses else None
    )
    return post_movements(command, [one], by=None, at=at)[0]


def came(lot: Lot, place: Location, quantity: int, at: datetime) -> StockMovement:
    return move(lot, Kind.SUPPLIER, place, quantity, Reason.RECEIVED, at)


def used(lot: Lot, place: Location, quantity: int, at: datetime, reference: str = "") -> StockMovement:
    return move(lot, place, Kind.CONSUMED, quantity, Reason.USED, at, reference=reference)


def days_ago(days: float) -> datetime:
    return MIDNIGHT - timedelta(days=days)


def steady(
    station: Station, *, a_day: int = 1, days: int = 30, par: int = 10, minimum: int = 1, item: Item | None = None
) -> ParLevel:
    """A par level whose item was used every day, so many a day, and never ran out; as many as that are left."""
    level = make.par(station, item or make.item(unit_cost_cents=500), par, minimum)
    lot = make.lot(level.item)
    came(lot, level.location, a_day * days + par, days_ago(days))
    consumed = Location.objects.virtual(Kind.CONSUMED)
    command = Command.objects.begin("test", by=None, at=days_ago(days))
    StockMovement.objects.bulk_create(
        StockMovement(
            lot=lot,
            source=level.location,
            destination=consumed,
            quantity=a_day,
            reason=Reason.USED,
            reference=f"{station.code}-{day}",
            moved_at=days_ago(day - 0.4),
            command=command,
        )
        for day in range(1, days)
    )
    return level
