"""Until when stock must last to count as usable, and what of it expires soon."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, Max, Value

from core.once import once
from inventory.models import Item, KindPolicy
from stations.models import Station

STATIONS = ""  # stands where a kind stands, for what all stations have in common


@dataclass(frozen=True)
class Days:
    """What the division set, in days by kind of item, the usual where it did not; and the longest that any station
    waits for its delivery after next."""

    horizon: Mapping[str, int | None]
    expiring: Mapping[str, int]
    longest: int


@once
def division_days() -> Days:
    """One query."""
    longest = Max(F("review_days") + F("lead_days"))
    stations = Station.objects.order_by().values(all=Value(STATIONS)).annotate(days=longest)
    rows = KindPolicy.objects.values_list("kind", "horizon_days", "expiring_days").union(
        stations.values_list("all", "days", Value(0)), all=True
    )
    known = {kind: (horizon, expiring) for kind, horizon, expiring in rows}
    farthest, _ = known.pop(STATIONS, (0, 0))
    usual = KindPolicy().expiring_days
    expiring = {kind: known[kind][1] if kind in known else usual for kind in Item.Kind.values}
    return Days({kind: horizon for kind, (horizon, _) in known.items()}, expiring, farthest or 0)


class Horizons:
    """The division's horizons, read once: the day until which a kind of item must last at a station.

    The delivery after next, review days + lead days, unless the division set days for the kind.
    """

    def __init__(self, today: date) -> None:
        self.today = today
        self._days = division_days()

    def until(self, station: Station, kind: str) -> date:
        """The last day on which stock of this kind must still be good at this station."""
        return self.after(station.horizon, kind)

    @property
    def farthest(self) -> date:
        """The last of all these days, at any station; it moves with the day, and with a station's delivery days."""
        return self.today + timedelta(
            days=max([self._days.longest, *(days or 0 for days in self._days.horizon.values())])
        )

    def after(self, horizon: timedelta, kind: str) -> date:
        """The same for a station whose delivery after next is so far off."""
        days = self._days.horizon.get(kind)
        return self.today + (horizon if days is None else timedelta(days=days))


def expiring_until(today: date) -> dict[str, date]:
    """By kind of item: the last day of expiry that counts as expiring soon."""
    return {kind: today + timedelta(days=days) for kind, days in division_days().expiring.items()}
