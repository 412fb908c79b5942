"""Transfers that the system would propose now, worked out from the ledger, and what a page shows of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet, Window
from django.utils import timezone
from django.utils.translation import gettext as _

from inventory.models import Item
from inventory.queries.horizons import Horizons
from inventory.queries.usage import USE_PERIOD
from orders import matching
from orders.matching import Donor, Matching, Move, Want
from orders.models import OrderLine, Shipment, TransferProposal
from orders.queries.rides import Ride, Rides
from orders.queries.surplus import SpareLot, spare_lots
from orders.queries.wants import Covered, Wanting, wanting
from orders.ways import legs, place_of
from stations.access import visible_stations
from stations.models import Location, Station, User

Group = tuple[int, int]


class Division:
    """Stations, items and horizons as transfers need them, read once."""

    def __init__(self, at: datetime, items: Collection[int]) -> None:
        self.today = timezone.localdate(at)
        self.horizons = Horizons(self.today)
        self.stations = Station.objects.in_bulk()
        self.items = Item.objects.prefetch_related("packs").in_bulk(list(items))
        self.leg = legs()

    def until(self, station: int, item: int) -> date:
        return self.horizons.until(self.stations[station], self.items[item].kind)

    def days(self, station: int, item: int) -> int:
        return (self.until(station, item) - self.today).days

    def pack(self, item: int) -> int:
        return next((pack.quantity for pack in self.items[item].packs.all() if pack.is_issue_pack), 1)

    def metres(self, a: int, b: int) -> float:
        return self.leg(place_of(self.stations[a]), place_of(self.stations[b]))[0]

    def may_move(self, item: int, kind: str) -> bool:
        """Scheduled drugs only from safe to safe."""
        return may_travel(self.items[item], kind)


def may_travel(item: Item, *kinds: str) -> bool:
    """Whether an item may move between places of these kinds: a scheduled drug only between safes."""
    return not item.schedule or all(kind == Location.Kind.SAFE for kind in kinds)


def donors(division: Division, lots: Iterable[SpareLot]) -> dict[int, list[Donor]]:
    """Places with something to spare, by item."""
    groups: dict[Group, list[SpareLot]] = defaultdict(list)
    for lot in lots:
        if division.may_move(lot.item_id, lot.location_kind):
            groups[lot.location_id, lot.item_id].append(lot)
    found: dict[int, list[Donor]] = defaultdict(list)
    for (_location, item), group in groups.items():
        donor = _donor(division, group)
        if donor.spare > 0:
            found[item].append(donor)
    return found


def _donor(division: Division, lots: Sequence[SpareLot]) -> Donor:
    first = lots[0]
    daily = first.used / USE_PERIOD.days
    until = division.until(first.station_id, first.item_id)
    usable = first.usable
    if usable is None:
        usable = sum(lot.free for lot in lots if lot.expires_on is None or lot.expires_on >= until)
    return Donor(
        location_id=first.location_id,
        station_id=first.station_id,
        item_id=first.item_id,
        lots=[matching.Lot(lot.level_id, lot.free, lot.expires_on, int(lot.outdating)) for lot in lots],
        usable=usable,
        inbound=first.inbound,
        par=first.par,
        minimum=first.minimum,
        need=matching.own_need(daily, division.days(first.station_id, first.item_id)),
        daily=daily,
    )


def wants(division: Division, lines: Sequence[Wanting]) -> dict[int, list[Want]]:
    """Places that could use more, by item; each lacks what its source cannot send it."""
    wanted = [_want(division, line) for line in lines if division.may_move(line.item_id, line.location_kind)]
    sources = {want.source_id for want in wanted if want.source_id}
    covered = Covered(sources, {want.item_id for want in wanted}, division.today)
    found: dict[int, list[Want]] = defaultdict(list)
    for want in sorted(wanted, key=matching.emptiest):
        if want.source_id is None:
            continue
        pack = want.pack
        left = covered.left_open(want.source_id, want.item_id, want.lacks, want.until)
        want.lacks = -(-left // pack) * pack
        found[want.item_id].append(want)
    return found


def wants_of(division: Division, station: int, items: Collection[int], *, at: datetime) -> dict[int, Want]:
    """What one station lacks now of these items, or would use up, by item id: its source is not asked first here."""
    lines = wanting(at=at, items=items, expiring=items, stations=[station])
    return {line.item_id: _want(division, line) for line in lines}


def _want(division: Division, line: Wanting) -> Want:
    return Want(
        location_id=line.location_id,
        station_id=line.station_id,
        item_id=line.item_id,
        until=division.until(line.station_id, line.item_id),
        lacks=line.lacks,
        pack=division.pack(line.item_id),
        usable=line.usable,
        inbound=line.inbound - line.owed,
        par=line.par,
        daily=line.daily,
        source_id=division.stations[line.station_id].supplied_by_id,
    )


def proposals(*, at: datetime, items: Collection[int] | None = None) -> list[TransferProposal]:
    """What could be moved between stations now, of these items or all, before anything is bought or left short.

    Nothing is written. Two statements over the division and some small ones; memory grows with what can be spared.
    """
    lots = list(spare_lots(at=at, items=items))
    division = Division(at, {lot.item_id for lot in lots})
    giving = donors(division, lots)
    expiring = {item for item, found in giving.items() if any(donor.outdating for donor in found)}
    taking = wants(division, wanting(at=at, items=giving.keys(), expiring=expiring))
    on_run = Rides(division.stations.keys()).pairs if taking else set()
    moves: list[Move] = []
    for item in sorted(giving.keys() & taking.keys()):
        moves += Matching(giving[item], taking[item], division.metres, on_run, division.today).match()
    return _as_proposals(division, moves, at)


def _as_proposals(division: Division, moves: Sequence[Move], at: datetime) -> list[TransferProposal]:
    """One proposal per pair of places and item: what is short and what would expire between them rides together."""
    found: dict[tuple[int, int, int], TransferProposal] = {}
    for move in moves:
        donor, want = move.donor, move.want
        key = (donor.location_id, want.location_id, donor.item_id)
        if known := found.get(key):
            known.quantity += move.quantity
            known.expiring += move.expiring
        else:
            known = found[key] = TransferProposal(
                item_id=donor.item_id,
                donor_id=donor.location_id,
                receiver_id=want.location_id,
                quantity=move.quantity,
                is_short=move.is_short,
                expiring=move.expiring,
                expires_on=_first_expiry(move),
                donor_usable=move.donor_usable,
                donor_daily=donor.daily,
                donor_keeps=donor.floor if move.expiring else donor.keeps,
                receiver_usable=move.receiver_usable,
                receiver_daily=want.daily,
                receiver_lacks=move.lacked,
                metres=round(division.metres(donor.station_id, want.station_id)),
                worked_out_at=at,
            )
        known.value_cents = known.expiring * division.items[donor.item_id].unit_cost_cents
    return list(found.values())


def _first_expiry(move: Move) -> date | None:
    days = [lot.expires_on for lot in move.donor.lots if lot.level_id in move.parts and lot.expires_on]
    return min(days, default=None)


def help_for(lines: Sequence[OrderLine], missing: Mapping[int, int]) -> dict[int, list[TransferProposal]]:
    """Transfers that would bring what these lines of one request lack, by line id, as last worked out. With the lines'
    own items. One query."""
    wanting = {(line.item_id, line.location_id): line for line in lines if missing.get(line.pk)}
    found: dict[int, list[TransferProposal]] = defaultdict(list)
    if wanting:
        rows = TransferProposal.objects.filter(
            is_short=True,
            item__in={item for item, _ in wanting},
            receiver__in={place for _, place in wanting},
        )
        for one in rows.select_related("donor__station"):
            if line := wanting.get((one.item_id, one.receiver_id)):
                one.item = line.item
                found[line.pk].append(one)
    return found


def visible_proposals(user: User) -> QuerySet[TransferProposal]:
    """The proposals from or to stations that a person may see."""
    stations = visible_stations(user)
    return TransferProposal.objects.filter(Q(donor__station__in=stations) | Q(receiver__station__in=stations))


def proposal_rows(rows: QuerySet[TransferProposal]) -> QuerySet[TransferProposal]:
    """Proposals with all that a page shows of them: who is short first, then what saves the most."""
    return rows.select_related("item", "donor__station", "receiver__station").prefetch_related("item__packs")


@dataclass(frozen=True)
class ProposalRow:
    """A proposal, and the run that goes there anyway, if one does."""

    proposal: TransferProposal
    ride: Ride | None

    @property
    def donor_cover(self) -> str:
        """Days of cover before and after, as people say it."""
        return _cover(*self.proposal.donor_days)

    @property
    def receiver_cover(self) -> str:
        return _cover(*self.proposal.receiver_days)

    @property
    def donor_after(self) -> int:
        return max(0, self.proposal.donor_usable - self.proposal.quantity)

    @property
    def receiver_after(self) -> int:
        return self.proposal.receiver_usable + self.proposal.quantity


def _cover(before: float | None, after: float | None) -> str:
    if before is None or after is None:
        return _("not used in four weeks")
    return _("%(before)s → %(after)s days") % {"before": _days(before), "after": _days(after)}


def _days(days: float) -> str:
    """Whole days, over a year as that."""
    return _("over 365") if days > 365 else f"{max(days, 0):.0f}"


def with_rides(rows: Sequence[TransferProposal]) -> list[ProposalRow]:
    """Each with the first run that has not left and goes to both. Three queries."""
    ends = [(row.donor.station_id or 0, row.receiver.station_id or 0) for row in rows]
    rides = Rides({station for pair in ends for station in pair})
    return [ProposalRow(row, rides.find(*pair)) for row, pair in zip(rows, ends, strict=True)]


def transfers_under_way(user: User, number: int) -> tuple[list[Shipment], int]:
    """The first so many of what waits at its donor to be collected, or was collected and is not received, at stations
    that a person sees; and how many there are in all. One query."""
    moving = Q(state=Shipment.State.TO_COLLECT) | Q(state__in=Shipment.IN_TRANSIT, pickup__isnull=False)
    stations = visible_stations(user)
    rows = Shipment.objects.filter(moving).filter(Q(source__in=stations) | Q(destination__in=stations))
    named: QuerySet[Any] = rows.select_related("source", "destination", "stop__run__van", "pickup")
    found = list(named.annotate(in_all=Window(Count("pk"))).order_by("stop__run__leaves_at", "pk")[:number])
    return found, found[0].in_all if found else 0
