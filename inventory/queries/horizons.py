"""Until when stock must last to count as usable."""

from datetime import date, timedelta

from inventory.models import KindPolicy
from stations.models import Station


class Horizons:
    """The division's horizons, read once: the day until which a kind of item must last at a station.

    The delivery after next, review days + lead days, unless the division set days for the kind.
    """

    def __init__(self, today: date) -> None:
        self.today = today
        policies = KindPolicy.objects.filter(horizon_days__isnull=False)
        self._days = dict(policies.values_list("kind", "horizon_days"))

    def until(self, station: Station, kind: str) -> date:
        """The last day on which stock of this kind must still be good at this station."""
        return self.after(station.horizon, kind)

    def farthest(self, longest: timedelta) -> date:
        """The last of all these days, where no station's delivery after next is further off than ``longest``."""
        return self.today + timedelta(days=max([longest.days, *(days or 0 for days in self._days.values())]))

    def after(self, horizon: timedelta, kind: str) -> date:
        """The same for a station whose delivery after next is so far off."""
        days = self._days.get(kind)
        return self.today + (horizon if days is None else timedelta(days=days))
