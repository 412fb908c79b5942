"""The chief's weekly report on paper: the sentence, the figures, the stations, what fails next, and the money."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.dateformat import format as formatted
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Table, TableStyle

from core.moments import short_day
from core.paper.parts import Column, gap, heading, lines_table, named, words
from core.paper.sheets import Stamp, moment, print_sheet
from core.templatetags.ui import money
from dashboard.papers.charts import Bars, FigureBox
from dashboard.queries.chief_page import FailingAt
from dashboard.queries.report import MOST_STATIONS, WeekReport
from dashboard.queries.spending import LOSSES, NAMES, SPENT, WASTE, Spending

ACROSS = 4
DOING = {
    "delivered": _("%(name)s is there, to be received"),
    "packing": _("%(name)s, on no run yet"),
    "owed": _("%(name)s is approved, nothing sent yet"),
    "drafted": _("%(name)s is not sent yet"),
    "proposed": _("Transfer from %(name)s proposed"),
    "enough": _("Not below its minimum yet"),
    "nothing": _("Nothing ordered"),
}


def print_report(report: WeekReport, stamp: Stamp) -> bytes:
    """The report on as many pages as it takes."""
    as_of = gettext("Stations and figures as of %(when)s") % {"when": moment(report.as_of)} if report.as_of else ""
    story = [words(report.sentence, size=13, is_bold=True), words(as_of, size=8), gap()]
    if report.figures:
        story.append(_figures(report, stamp))
    story += _fails_next(report.fails_next, stamp) + _spending(report.spending, stamp) + _stations(report, stamp)
    return print_sheet(stamp, gettext("Weekly report %(week)s") % {"week": report.week}, report.week.days, story)


def _figures(report: WeekReport, stamp: Stamp) -> Flowable:
    space = 2 * mm
    width = (stamp.width - space * (ACROSS - 1)) / ACROSS
    boxes: list[Flowable | str] = [
        FigureBox(figure, report.trends.get(figure.definition.slug), width) for figure in report.figures
    ]
    boxes += [""] * (-len(boxes) % ACROSS)
    rows = [boxes[start : start + ACROSS] for start in range(0, len(boxes), ACROSS)]
    widths = [width + space] * (ACROSS - 1) + [width]
    table = Table(rows, colWidths=widths)
    none = [(f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT", "TOP")]
    table.setStyle(TableStyle([*none, ("BOTTOMPADDING", (0, 0), (-1, -1), space)]))
    return table


def _fails_next(failing: Sequence[FailingAt] | None, stamp: Stamp) -> list[Flowable]:
    if failing is None:
        return []
    title = heading(gettext("What fails next"))
    if not failing:
        return [*title, words(gettext("Nothing critical runs out within two weeks, at the use of the last 28 days."))]
    columns = [
        Column(gettext("Item"), 3.4), Column(gettext("Station"), 2.2), Column(gettext("Usable"), 1.1, is_right=True),
        Column(gettext("A day"), 0.8, is_right=True), Column(gettext("Runs out"), 1.5),
        Column(gettext("Being done"), 2.2),
    ]  # fmt: skip
    rows = [
        [
            named(one.failing.line.item_name, one.failing.line.sku),
            words(one.station.name),
            words(_share(one.failing.line.usable, one.failing.line.par), is_right=True),
            words(f"{one.failing.daily_use:.1f}", is_right=True),
            words(_day(one.failing.runs_out_at)),
            words(_coming(one)),
        ]
        for one in failing
    ]
    return [*title, lines_table(columns, rows, stamp.width)]


def _day(at: datetime) -> str:
    """Tue, Nov 3: a day of these two weeks."""
    local = timezone.localtime(at)
    return f"{formatted(local, 'D')}, {short_day(local)}"


def _share(some: int, whole: int) -> str:
    return gettext("%(hits)s of %(whole)s") % {"hits": f"{some:,}", "whole": f"{whole:,}"}


def _coming(one: FailingAt) -> str:
    """The delivery that brings more, or what keeps it from coming."""
    doing = one.doing
    match doing.kind:
        case "coming":
            arrives_at = moment(doing.arrives_at) if doing.arrives_at else ""
            words = "%(name)s, %(when)s" if one.failing.is_covered else gettext("Late: %(name)s, %(when)s")
            return words % {"name": doing.name, "when": arrives_at}
        case "asked":
            return gettext("%(name)s waits for %(approver)s") % {"name": doing.name, "approver": doing.approver}
    return str(DOING[doing.kind]) % {"name": doing.name}


def _spending(found: Spending, stamp: Stamp) -> list[Flowable]:
    week, before = found.week, found.week.back(1)
    columns = [
        Column(gettext("At unit cost"), 4), Column(f"{week}", 1.6, is_right=True),
        Column(f"{before}", 1.6, is_right=True), Column(gettext("Mean of 12 weeks"), 1.8, is_right=True),
    ]  # fmt: skip
    kinds = [(kind, [kind], False) for kind in (*SPENT, *LOSSES)]
    rows = [
        [
            words(NAMES[name], is_bold=is_sum),
            *(
                words(money(cents), is_right=True, is_bold=is_sum)
                for cents in (found.of(parts, week), found.of(parts, before), found.mean(parts))
            ),
        ]
        for name, parts, is_sum in [*kinds, (WASTE, list(LOSSES), True)]
    ]
    bars = [(f"W{one.monday:%V}", found.of(LOSSES, one), f"${found.of(LOSSES, one) / 100:,.0f}") for one in found.weeks]
    chart = [gap(), words(gettext("Waste by week"), size=8), Bars(bars, stamp.width)]
    return [KeepTogether([*heading(gettext("Spending and waste")), lines_table(columns, rows, stamp.width), *chart])]


def _stations(report: WeekReport, stamp: Stamp) -> list[Flowable]:
    if not report.stations:
        return []
    says_why = any(line.lacks for line in report.stations)
    columns = [
        Column(gettext("Station"), 3), Column(gettext("State"), 1.2),
        Column(gettext("Worst item") if says_why else "", 4), Column(gettext("Par levels out"), 1.5, is_right=True),
    ]  # fmt: skip
    rows = [
        [
            words(line.name),
            words(line.state, is_bold=not line.is_ready),
            words(line.lacks),
            words(_share(line.levels.hits, line.levels.whole), is_right=True),
        ]
        for line in report.stations[:MOST_STATIONS]
    ]
    rest = report.unlisted
    short = sum(not line.is_ready for line in rest)
    more = ngettext(
        "And %(count)s more: %(short)s not ready, %(ready)s ready.",
        "And %(count)s more: %(short)s not ready, %(ready)s ready.",
        len(rest),
    ) % {"count": f"{len(rest):,}", "short": f"{short:,}", "ready": f"{len(rest) - short:,}"}
    table = lines_table(columns, rows, stamp.width)
    return [*heading(gettext("Readiness by station")), table, *([words(more)] if rest else [])]
