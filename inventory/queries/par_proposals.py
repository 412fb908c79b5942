"""Proposals for par levels as their pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Count, F, Max, Q, QuerySet, Sum, Value, When
from django.db.models.functions import TruncDate

from core.moments import short_day
from inventory.models import ParProposal, StockMovement
from inventory.queries.usage import DEMAND
from inventory.queries.use_history import Window
from stations.models import Station

RAISES = Q(par__gt=F("was_par")) | Q(par=F("was_par"), minimum__gt=F("was_minimum"))


@dataclass(frozen=True)
class Summary:
    """How many proposals, and what today's and the proposed are worth together: stock value, and waste a year."""

    count: int
    newest: int
    was_stock_cents: int
    stock_cents: int
    was_waste_cents: int
    waste_cents: int

    @property
    def stock_change_cents(self) -> int:
        return self.stock_cents - self.was_stock_cents

    @property
    def waste_change_cents(self) -> int:
        return self.waste_cents - self.was_waste_cents


@dataclass(frozen=True)
class Counts:
    """How many proposals each filter would show, by its name and value."""

    criticality: dict[str, int] = field(default_factory=dict)
    direction: dict[str, int] = field(default_factory=dict)
    reason: dict[int, int] = field(default_factory=dict)


def filtered(proposals: "QuerySet[ParProposal]", chosen: Mapping[str, Any]) -> "QuerySet[ParProposal]":
    """Only what was chosen: station by code, class, direction, reason, state, words of the item."""
    rows = proposals.filter(state=chosen["state"])
    if code := chosen.get("station"):
        rows = rows.filter(Q(location__station__code=code) | Q(location__unit__station__code=code))
    if chosen.get("criticality"):
        rows = rows.filter(item__criticality=chosen["criticality"])
    if chosen.get("direction"):
        rows = rows.filter(RAISES if chosen["direction"] == "raise" else ~RAISES)
    if chosen.get("reason"):
        rows = rows.filter(reason=chosen["reason"])
    if words := chosen.get("q", "").replace("\0", ""):
        rows = rows.filter(Q(item__name__icontains=words) | Q(item__sku__icontains=words))
    return rows


def listed(proposals: "QuerySet[ParProposal]") -> "QuerySet[ParProposal]":
    """With all that a line shows: life-saving first, raises before the rest, then what moves the most money."""
    rows = proposals.select_related("item", "location__station", "location__unit__station", "decided_by")
    moved = F("stock_cents") - F("was_stock_cents")
    size = Case(When(stock_cents__gte=F("was_stock_cents"), then=moved), default=-moved)
    first = Case(When(RAISES, then=Value(0)), default=Value(1))
    return rows.prefetch_related("item__packs").order_by("item__criticality", first, size.desc(), "pk")


def summary(proposals: "QuerySet[ParProposal]") -> Summary:
    """One query."""
    names = ("was_stock_cents", "stock_cents", "was_waste_cents", "waste_cents")
    sums = proposals.aggregate(count=Count("pk"), newest=Max("pk"), **{f"sum_{name}": Sum(name) for name in names})
    return Summary(sums["count"], sums["newest"] or 0, *(sums[f"sum_{name}"] or 0 for name in names))


def counts(proposals: "QuerySet[ParProposal]", chosen: Mapping[str, Any]) -> Counts:
    """The number on each chip: what it would show beside the other filters that are on. One query."""
    others = {name: value for name, value in chosen.items() if name in ("state", "station", "q")}
    direction = Case(When(RAISES, then=Value("raise")), default=Value("lower"))
    rows = filtered(proposals, others).annotate(direction=direction).order_by()
    found = Counts()
    groups = rows.values_list("item__criticality", "direction", "reason").annotate(count=Count("pk"))
    for criticality, way, reason, count in groups:
        values = {"criticality": criticality, "direction": way, "reason": reason}
        for name, value in values.items():
            rest = {key: wanted for key, wanted in chosen.items() if key in values and key != name}
            if all(values[key] == wanted for key, wanted in rest.items()):
                numbers: dict[Any, int] = getattr(found, name)
                numbers[value] = numbers.get(value, 0) + count
    return found


def open_by_station(stations: Sequence[Station]) -> dict[int, int]:
    """Open proposals of these stations and their units. One query."""
    pks = [station.pk for station in stations]
    rows = ParProposal.objects.open().filter(Q(location__station__in=pks) | Q(location__unit__station__in=pks))
    owner = Case(
        When(location__station__isnull=False, then=F("location__station")), default=F("location__unit__station")
    )
    return dict(rows.annotate(owner=owner).order_by().values_list("owner").annotate(count=Count("pk")))


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days of use. ``day`` is the first, ``units`` what left, ``share`` of the highest week, 0 to 1."""

    day: date
    units: int
    share: float


def use_by_week(proposal: ParProposal) -> list[Week]:
    """What left the place in the weeks that the proposal was worked out from, oldest first. One query."""
    window = Window.before(proposal.computed_at, proposal.history_days)
    rows = StockMovement.objects.filter(
        source=proposal.location_id,
        lot__item=proposal.item_id,
        reason__in=DEMAND,
        moved_at__gte=window.since,
        moved_at__lt=window.until,
        reverses=None,
        reversed_by=None,
    )
    days = rows.annotate(day=TruncDate("moved_at")).order_by().values_list("day").annotate(units=Sum("quantity"))
    first = window.today - timedelta(days=window.days)
    units = [0] * ((window.days + 6) // 7)
    for day, quantity in days:
        units[max(0, min((day - first).days // 7, len(units) - 1))] += quantity
    most = max(units, default=0) or 1
    return [Week(first + timedelta(days=7 * n), quantity, quantity / most) for n, quantity in enumerate(units)]


@dataclass(frozen=True, slots=True)
class Bar:
    """A week as the chart draws it, in its own units: 100 high, 10 a week."""

    x: int
    y: int
    height: int
    title: str


def bars(weeks: Sequence[Week]) -> list[Bar]:
    """The weeks as bars; a week with any use has one that can be seen."""
    drawn = []
    for number, week in enumerate(weeks):
        height = max(round(100 * week.share), 2) if week.units else 0
        drawn.append(Bar(number * 10 + 1, 100 - height, height, f"{short_day(week.day)}: {week.units}"))
    return drawn
