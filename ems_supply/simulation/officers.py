"""Station officers at work: they send the suggested request and take expired stock off the shelf."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F
from django.utils import timezone

from ems_supply.simulation.catalogue import catalogue
from ems_supply.simulation.desk import Desk
from ems_supply.simulation.division import Division
from inventory.actions.stock import OfLot, discard_stock
from inventory.models import StockLevel
from orders.actions.asked import ItemAt, Wanted
from orders.actions.drafts import submit_order
from orders.models import ResupplyOrder
from orders.queries.par_lines import par_lines
from stations.models import Location, Station, User
from stations.signatures import Signature


@dataclass
class Officers:
    """``tops_up``: they add life-saving items to the suggested request before these fall short."""

    division: Division
    desk: Desk
    tops_up: bool = False
    expired_units: int = 0

    def due(self, day: date) -> list[Station]:
        """The stations that a van may visit on the next day, and that should ask today."""
        tomorrow = (day + timedelta(days=1)).weekday()
        return [station for station in self.division.stations if station.takes_deliveries_on(tomorrow)]

    def submit_drafts(self, stations: list[Station], *, at: datetime) -> None:
        """Send the suggested request of each of these stations, as it is or topped up."""
        drafts = ResupplyOrder.objects.automatic_drafts().filter(station__in=stations, lines__asked__gt=0)
        for draft in drafts.distinct().order_by("pk"):
            officer = self.division.officers[draft.station_id]
            added = self._topped_up(draft, at) if self.tops_up else {}
            self.desk.do(submit_order, order=draft, version=draft.version, quantities=added, by=officer, at=at)

    def _topped_up(self, draft: ResupplyOrder, at: datetime) -> dict[Wanted, int]:
        """Life-saving items that are not short yet, but have room for a whole issue pack: base units by shelf."""
        packs = {self.division.items[entry.sku].pk: entry.issue_pack for entry in catalogue() if entry.is_life_saving}
        added: dict[Wanted, int] = {}
        for line in par_lines(timezone.localdate(at), [draft.station_id]):
            room = line.par - line.usable - line.inbound - line.awaiting
            pack = packs.get(line.item_id, 0)
            if pack and line.location_kind in Location.SHELVES and not line.need and room >= pack:
                added[ItemAt(line.item_id, line.location_id)] = room // pack * pack
        return added

    def discard_expired(self, *, at: datetime) -> None:
        """Take what has expired off every shelf and vehicle. Logistics does it at the depots, and is the witness."""
        expired = StockLevel.objects.filter(
            lot__expires_on__lt=timezone.localdate(at), on_hand__gt=F("allocated"), location__kind__in=self._kinds
        )
        rows = expired.select_related("location__station", "location__unit__station", "lot__item").order_by("pk")
        by_place: defaultdict[Location, list[StockLevel]] = defaultdict(list)
        for level in rows:
            by_place[level.location].append(level)
        for place, levels in by_place.items():
            self._discard(place, levels, at=at)

    _kinds = (*Location.SHELVES, Location.Kind.UNIT)

    def _discard(self, place: Location, levels: list[StockLevel], *, at: datetime) -> None:
        lines = [OfLot(level.lot_id, level.available) for level in levels]
        by, witness = self._people(place.owner)
        self.desk.do(
            discard_stock,
            location=place,
            lines=lines,
            reason="Expired",
            witness=Signature(witness, "simulated") if any(level.lot.item.schedule for level in levels) else None,
            by=by,
            at=at,
        )
        self.expired_units += sum(line.quantity for line in lines)

    def _people(self, station: Station) -> tuple[User, User]:
        first, second, *_ = self.division.logistics
        return self.division.officers.get(station.pk, first), second
