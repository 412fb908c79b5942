"""What each figure should be: the usual, or what a chief has set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from dashboard.models import FigureTarget
from dashboard.queries import figures
from dashboard.queries.figures import Definition, Figure, Target
from dashboard.queries.trend import Trend


@dataclass(frozen=True)
class Unit:
    """What a target is written in: its name, its size in the figure's own number, and the most that makes sense."""

    name: str
    size: int
    most: int

    def words(self, number: Decimal) -> str:
        amount = f"{number:,f}".rstrip("0").rstrip(".") if number % 1 else f"{number:,.0f}"
        return f"${amount}" if self.name == "dollars" else f"{amount} {'%' if self.name == 'percent' else self.name}"


PERCENT, DAYS = Unit("percent", 1, 100), Unit("days", 24, 365)
LINES, DOLLARS = Unit("lines", 1, 1_000_000), Unit("dollars", 100, 1_000_000_000)
UNITS: Mapping[str, Unit] = {
    figures.REQUEST_TO_RECEIPT.slug: DAYS,
    figures.OVERDUE_BACKORDERS.slug: LINES,
    figures.EXPIRING_VALUE.slug: DOLLARS,
    figures.EXPIRED_VALUE.slug: DOLLARS,
}


def unit_of(definition: Definition) -> Unit:
    return UNITS.get(definition.slug, PERCENT)


def target_of(definition: Definition, tenths: int | None) -> Target:
    """A target as the chief wrote it, in the figure's own number and in words."""
    if tenths is None:
        return Target()
    unit, number = unit_of(definition), Decimal(tenths) / 10
    if definition == figures.READY_STATIONS and number == PERCENT.most:
        text = definition.target_text
    elif not definition.is_more_better and not number and unit in (LINES, DOLLARS):
        text = "none"
    else:
        text = f"{unit.words(number)} or {'more' if definition.is_more_better else 'less'}"
    return Target(float(number * unit.size), text)


def tenths_of(definition: Definition, target: Target) -> int | None:
    """The same back again."""
    return None if target.number is None else round(target.number * 10 / unit_of(definition).size)


def chosen_targets() -> dict[str, Target]:
    """The targets that a chief has set, by figure. One query."""
    rows = FigureTarget.objects.filter(figure__in=figures.BY_SLUG).values_list("figure", "tenths")
    return {slug: target_of(figures.BY_SLUG[slug], tenths) for slug, tenths in rows}


def judged(found: Sequence[Figure], chosen: Mapping[str, Target]) -> list[Figure]:
    """Figures against the targets of now."""
    return [replace(one, chosen=chosen.get(one.definition.slug)) for one in found]


def drawn(found: Sequence[Trend], chosen: Mapping[str, Target]) -> list[Trend]:
    """Lines with the targets of now."""
    return [replace(one, chosen=chosen.get(one.definition.slug)) for one in found]
