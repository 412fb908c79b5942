"""What a new plan moves, in words for the log and the pages."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from orders.models import DeliveryRun
from orders.sayings import MOVED, WAITS
from stations.models import Station, Unit


@dataclass(frozen=True)
class Move:
    """A stop that was planned already and has moved. As text: English, for the log; ``again`` says it to a reader."""

    station: Station
    before: tuple[DeliveryRun, datetime]
    van: Unit | None = None
    starts_at: datetime | None = None

    def concerns(self, run: DeliveryRun) -> bool:
        """Whether the stop was on this run, or goes now with its van that day."""
        if self.before[0].pk == run.pk:
            return True
        return self.van == run.van and self.starts_at is not None and timezone.localdate(self.starts_at) == run.run_on

    def __str__(self) -> str:
        run, was = self.before
        if self.starts_at is None or self.van is None:
            return WAITS(station=self.station, was=_clock(was))
        times = _clock(was), _clock(self.starts_at)
        if timezone.localdate(was) != timezone.localdate(self.starts_at):
            times = f"{timezone.localtime(was):%a} {times[0]}", f"{timezone.localtime(self.starts_at):%a} {times[1]}"
        vans = f", {run.van} → {self.van}" if run.van_id != self.van.pk else ""
        return MOVED(station=self.station, was=times[0], now=times[1] + vans)


def _clock(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%H:%M}"
