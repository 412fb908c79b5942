"""What each figure should be: the usual, or what a chief has set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from dashboard.models import FigureTarget
from dashboard.queries import figures
from dashboard.queries.figures import Definition, Figure, Target
from dashboard.queries.trend import Trend


@dataclass(frozen=True)
class Unit:
    """What a target is written in: its name, its size in the figure's own number, the most that makes sense, and how
    an amount of it reads."""

    name: Promise
    size: int
    most: int
    reads: Promise

    def words(self, number: Decimal) -> str:
        amount = f"{number:,f}".rstrip("0").rstrip(".") if number % 1 else f"{number:,.0f}"
        return str(self.reads) % {"amount": amount}


PERCENT = Unit(_("percent"), 1, 100, _("%(amount)s %%"))
DAYS = Unit(_("days"), 24, 365, _("%(amount)s days"))
LINES = Unit(_("lines"), 1, 1_000_000, _("%(amount)s lines"))
DOLLARS = Unit(_("dollars"), 100, 1_000_000_000, _("$%(amount)s"))
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
        text = str(definition.target_text)
    elif not definition.is_more_better and not number and unit in (LINES, DOLLARS):
        text = pgettext("target", "none")
    else:
        words = gettext("%(amount)s or more") if definition.is_more_better else gettext("%(amount)s or less")
        text = words % {"amount": unit.words(number)}
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
