"""How much of an item was used, week by week: what left for patients and what was wasted, each unit once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import DateField, QuerySet, Sum, Value
from django.db.models.functions import TruncWeek
from django.utils import timezone

from core.bars import BarChart, bar_chart
from core.moments import calendar_day
from inventory.models import Item, ParLevel, StockMovement
from stations.models import Location

WEEKS = 52
ENDS = (StockMovement.Reason.USED, StockMovement.Reason.WASTED)


@dataclass(frozen=True)
class WeekUse:
    """Base units used in the week that begins on this Monday."""

    monday: date
    used: int


@dataclass(frozen=True)
class ItemUse:
    """Twelve months of use, oldest first, the last week not over yet; and the par levels that it is used from."""

    weeks: Sequence[WeekUse]
    par: int

    @property
    def total(self) -> int:
        return sum(week.used for week in self.weeks)

    @property
    def since(self) -> date:
        """The first week in which it was used."""
        return next((week.monday for week in self.weeks if week.used), self.weeks[-1].monday)

    @property
    def mean(self) -> float:
        """A week, over those since its first use that are over."""
        over = [week.used for week in self.weeks[:-1] if week.monday >= self.since]
        return sum(over) / len(over) if over else 0.0

    @property
    def par_lasts(self) -> float | None:
        """How many weeks everything at par would last at that rate; none without use or par."""
        return self.par / self.mean if self.mean and self.par else None

    @property
    def chart(self) -> BarChart:
        amounts = [(calendar_day(week.monday), week.used, f"{week.used:,}") for week in self.weeks]
        return bar_chart(amounts, level=self.mean or None)

    @property
    def newest_first(self) -> Sequence[WeekUse]:
        return self.weeks[::-1]


def item_use(item: Item, places: QuerySet[Location] | None, *, today: date) -> ItemUse:
    """The use of an item at these places, everywhere for none; what was undone does not count. One query."""
    this_monday = today - timedelta(days=today.weekday())
    mondays = [this_monday - timedelta(weeks=number) for number in reversed(range(WEEKS))]
    since = timezone.make_aware(datetime.combine(mondays[0], time()))
    moved = StockMovement.objects.filter(lot__item=item, reason__in=ENDS, moved_at__gte=since, reversed_by=None)
    levels = ParLevel.objects.filter(item=item)
    if places is not None:
        moved, levels = moved.filter(source__in=places.values("pk")), levels.filter(location__in=places.values("pk"))
    weeks = moved.annotate(monday=TruncWeek("moved_at", output_field=DateField())).order_by().values_list("monday")
    expected = levels.order_by().values_list(Value(None, DateField())).annotate(sum=Sum("par"))
    # The par levels stand beside no Monday.
    used = dict(weeks.annotate(sum=Sum("quantity")).union(expected, all=True))
    par = used.pop(None, 0) or 0
    return ItemUse([WeekUse(monday, used.get(monday, 0)) for monday in mondays], par)
