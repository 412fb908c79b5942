"""Taking off the books what records say was used: as much as is there, from the right unit, once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import uuid5

from django.db.models import Max
from django.utils import timezone

from core.rows import write_rows
from integrations.models import CareRecord, CareUse
from inventory.actions.fefo import is_usable, lock_levels, take
from inventory.actions.lines import Used
from inventory.actions.stock import use_stock
from inventory.models import CountLine, CycleCount, StockLevel
from stations.models import Command, Event, Location, User
from stations.signatures import Signature

State, Why = CareUse.State, CareUse.Why
# The ledger of longer ago is closed: what comes later is written as of the day on which it came.
LONGEST_AGO = timedelta(days=31)
# So many records are booked by one command; the worker books the rest a few minutes later.
AT_ONCE = 200
WRITTEN = ("state", "why", "item", "quantity", "booked")


@dataclass(frozen=True)
class Booker:
    """Who books, when, for which command, and the witness who has signed, if one has."""

    command: Command
    by: User | None
    at: datetime
    witness: Signature | None = None


def settle(uses: Sequence[CareUse], booker: Booker) -> None:
    """Decide each of these uses and book what can be booked. The caller has locked their records.

    A use waits for a mapping, for its unit, for a witness or for stock, in this order. What is short is booked as far
    as it goes. Levels are locked once for all, then each record is one command with its number as the reference.
    """
    ready = [use for use in uses if _is_ready(use, has_witness=booker.witness is not None)]
    places = _places(ready)
    for use in ready:
        if use.record.unit_id not in places:
            use.state = State.NO_UNIT
    ready = _not_counted_since([use for use in ready if use.record.unit_id in places], places)
    aboard = _Aboard(ready, places)
    by_record: dict[int, list[CareUse]] = defaultdict(list)
    for use in ready:
        by_record[use.record_id].append(use)
    booked = [_book(mine[0].record, mine, aboard, places, booker) for mine in by_record.values()]
    Event.objects.bulk_create(event for event in booked if event)
    write_rows(list(uses), WRITTEN)


def booked_moment(record: CareRecord, at: datetime) -> datetime:
    """When the ledger says it was used: when the unit was called, but never in the future nor long ago."""
    return record.at if at - LONGEST_AGO <= record.at <= at else at


def _is_ready(use: CareUse, *, has_witness: bool) -> bool:
    """Whether only stock is needed; otherwise the use says what it waits for, or why it takes nothing."""
    code = use.code
    if code.uses_nothing:
        use.state, use.why = State.NOT_COUNTED, Why.NOTHING
        return False
    if code.item is None:
        use.state = State.UNMAPPED
        return False
    if not use.booked:
        use.item, use.quantity = code.item, code.quantity * (use.times if code.is_per_attempt else 1)
    if use.record.unit_id is None:
        use.state = State.NO_UNIT
        return False
    if use.item is not None and use.item.schedule and not has_witness:
        use.state = State.WITNESS
        return False
    return True


def _places(uses: Iterable[CareUse]) -> dict[int, Location]:
    """Where units keep their stock, by unit. A van's load belongs to its deliveries: it is none of these."""
    units = {use.record.unit_id for use in uses}
    found = Location.objects.filter(unit__in=units, kind=Location.Kind.UNIT).select_related("station", "unit__station")
    return {place.unit_id: place for place in found if place.unit_id is not None}


def _not_counted_since(uses: Sequence[CareUse], places: Mapping[int, Location]) -> list[CareUse]:
    """Without those whose item was counted aboard after the use: the count knows already, and takes it only once."""
    lines = CountLine.objects.filter(
        count__location__in=[place.pk for place in places.values()],
        count__is_spot=False,
        lot__item__in={use.item_id for use in uses},
        counted_at__isnull=False,
    ).exclude(count__state=CycleCount.State.CANCELLED)
    last = {
        (place, item): counted
        for place, item, counted in lines.values_list("count__location", "lot__item").annotate(Max("counted_at"))
    }
    left = []
    for use in uses:
        counted = last.get((places[use.record.unit_id or 0].pk, use.item_id))
        if counted is not None and counted > use.record.at:
            use.state, use.why = State.NOT_COUNTED, Why.COUNTED
        else:
            left.append(use)
    return left


class _Aboard:
    """What the units hold, locked, and how much of it these uses have taken so far."""

    def __init__(self, uses: Iterable[CareUse], places: Mapping[int, Location]) -> None:
        items = {use.item_id for use in uses if use.item_id is not None}
        self.levels: dict[int, list[StockLevel]] = defaultdict(list)
        for level in lock_levels(items, sources=places.values()) if items else ():
            self.levels[level.location_id].append(level)

    def give(self, place: Location, uses: Iterable[CareUse], *, today: date) -> list[Used]:
        """As much as is usable for each use, in order; what of each item is to be taken."""
        levels, left, taken = self.levels[place.pk], Counter[int](), Counter[int]()
        for level in levels:
            if is_usable(level.lot, today):
                left[level.lot.item_id] += level.available
        for use in uses:
            item = use.item_id or 0
            part = min(use.rest, left[item])
            use.booked += part
            use.state = State.SHORT if use.rest else State.USED
            left[item] -= part
            taken[item] += part
        lines = [Used(item, quantity) for item, quantity in taken.items() if quantity]
        for level, quantity in take(lines, levels, today=today):
            level.on_hand -= quantity
        return lines


def _book(
    record: CareRecord, uses: Sequence[CareUse], aboard: _Aboard, places: Mapping[int, Location], booker: Booker
) -> Event | None:
    """Take what there is; the line of the record's log that says so and leads to the movements, not yet saved."""
    place, used_at = places[record.unit_id or 0], booked_moment(record, booker.at)
    lines = aboard.give(place, uses, today=timezone.localdate(used_at))
    if not lines:
        return None
    first = use_stock(
        location=place,
        lines=lines,
        reference=record.number,
        witness=booker.witness,
        used_at=used_at,
        by=booker.by,
        at=booker.at,
        request_id=uuid5(booker.command.request_id, f"care record {record.pk}"),
    )
    return booker.command.event(CareRecord.BOOKED, record, comment=f"{record}, from {place}", movement=first.pk)
