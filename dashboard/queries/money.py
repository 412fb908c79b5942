"""Spending and waste as the chief's screen shows it: each amount with the days whose movements it adds up."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext

from core.bars import BarChart, bar_chart
from dashboard.queries.periods import Period
from dashboard.queries.spending import LOSSES, NAMES, OPENED, RECEIVED, WASTE, Spending, Spent
from dashboard.queries.weeks import Week


@dataclass(frozen=True)
class Amount:
    """Cents, the days they were spent in, and for a difference or a mean no days; and the heading it stands under."""

    cents: int
    period: Period | None = None
    is_change: bool = False
    heading: str = ""


@dataclass(frozen=True)
class MoneyRow:
    slug: str
    name: Promise
    is_sum: bool
    amounts: Sequence[Amount]


@dataclass(frozen=True)
class MoneyTable:
    headings: Sequence[str]
    rows: Sequence[MoneyRow]


def usual_money(found: Spending, today: date) -> MoneyTable:
    """This week, the week before, and what a week of the twelve cost."""
    week, before = found.week, found.week.back(1)
    rows = [
        [Amount(found.of(kinds, one), days_of(one, today)) for one in (week, before)] + [Amount(found.mean(kinds))]
        for _, kinds in OPENED.values()
    ]
    return _table([gettext("This week"), gettext("Last week"), gettext("Mean of 12 weeks")], rows)


def weekly_money(found: Spending, today: date) -> MoneyTable:
    """Each of the twelve weeks."""
    rows = [
        [Amount(found.of(kinds, week), days_of(week, today)) for week in found.weeks] for _, kinds in OPENED.values()
    ]
    return _table([f"W{week.monday:%V}" for week in found.weeks], rows)


def compared_money(period: Period, found: Spent) -> MoneyTable:
    """A period, the one before, and the difference."""
    now, then = found
    rows = []
    for _, kinds in OPENED.values():
        late, early = (sum(part.get(kind, 0) for kind in kinds) for part in (now, then))
        rows.append([Amount(late, period), Amount(early, period.before), Amount(late - early, is_change=True)])
    return _table([str(period), str(period.before), gettext("Difference")], rows)


def money_charts(found: Spending) -> dict[str, BarChart]:
    """What came in and what was lost, by week."""
    charts = {}
    for slug, kinds in ((RECEIVED, [RECEIVED]), (WASTE, LOSSES)):
        amounts = [(f"W{one.monday:%V}", found.of(kinds, one)) for one in found.weeks]
        charts[str(NAMES[slug])] = bar_chart([(label, cents, f"${cents / 100:,.0f}") for label, cents in amounts])
    return charts


def days_of(week: Week, today: date) -> Period:
    """The days of a week that have come."""
    return Period(week.monday, max(week.monday, min(week.sunday, today)))


def _table(headings: Sequence[str], rows: Sequence[Sequence[Amount]]) -> MoneyTable:
    named = [
        MoneyRow(slug, name, slug == WASTE, _headed(row, headings))
        for (slug, (name, _)), row in zip(OPENED.items(), rows, strict=True)
    ]
    return MoneyTable(headings, named)


def _headed(row: Sequence[Amount], headings: Sequence[str]) -> list[Amount]:
    return [replace(one, heading=heading) for one, heading in zip(row, headings, strict=True)]
