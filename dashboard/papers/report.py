"""The chief's weekly report on paper: the sentence, the figures, the stations, what fails next, and the money."""

from collections.abc import Sequence
from datetime import datetime

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Table, TableStyle

from core.paper.parts import Column, gap, heading, lines_table, named, words
from core.paper.sheets import Stamp, moment, print_sheet
from core.templatetags.ui import money
from dashboard.papers.charts import Bars, FigureBox
from dashboard.queries.chief_page import FailingAt
from dashboard.queries.report import MOST_STATIONS, WeekReport
from dashboard.queries.spending import LOSSES, SPENT, Spending

ACROSS = 4
DOING = {
    "delivered": "{name} is there, to be received",
    "packing": "{name}, on no run yet",
    "owed": "{name} is approved, nothing sent yet",
    "drafted": "{name} is not sent yet",
    "enough": "Not below its minimum yet",
    "nothing": "Nothing ordered",
}


def print_report(report: WeekReport, stamp: Stamp) -> bytes:
    """The report on as many pages as it takes."""
    as_of = f"Stations and figures as of {moment(report.as_of)}" if report.as_of else ""
    story = [words(report.sentence, size=13, is_bold=True), words(as_of, size=8), gap()]
    if report.figures:
        story.append(_figures(report, stamp))
    story += _fails_next(report.fails_next, stamp) + _spending(report.spending, stamp) + _stations(report, stamp)
    return print_sheet(stamp, f"Weekly report {report.week}", report.week.days, story)


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
    title = heading("What fails next")
    if not failing:
        return [*title, words("Nothing critical runs out within two weeks, at the use of the last 28 days.")]
    columns = [
        Column("Item", 3.4), Column("Station", 2.2), Column("Usable", 1.1, is_right=True),
        Column("A day", 0.8, is_right=True), Column("Runs out", 1.5), Column("Being done", 2.2),
    ]  # fmt: skip
    rows = [
        [
            named(one.failing.line.item_name, one.failing.line.sku),
            words(one.station.name),
            words(f"{one.failing.line.usable:,} of {one.failing.line.par:,}", is_right=True),
            words(f"{one.failing.daily_use:.1f}", is_right=True),
            words(_day(one.failing.runs_out_at)),
            words(_coming(one)),
        ]
        for one in failing
    ]
    return [*title, lines_table(columns, rows, stamp.width)]


def _day(at: datetime) -> str:
    """Tue, Nov 3: a day of these two weeks."""
    return moment(at).rpartition(", ")[0].rpartition(", ")[0]


def _coming(one: FailingAt) -> str:
    """The delivery that brings more, or what keeps it from coming."""
    doing = one.doing
    match doing.kind:
        case "coming":
            arrives_at = moment(doing.arrives_at) if doing.arrives_at else ""
            return f"{doing.name}, {arrives_at}" if one.failing.is_covered else f"Late: {doing.name}, {arrives_at}"
        case "asked":
            return f"{doing.name} waits for {doing.approver}"
        case "proposed":
            return f"Transfer from {doing.name} proposed"
    return DOING[doing.kind].format(name=doing.name)


def _spending(found: Spending, stamp: Stamp) -> list[Flowable]:
    week, before = found.week, found.week.back(1)
    columns = [
        Column("At unit cost", 4), Column(f"{week}", 1.6, is_right=True), Column(f"{before}", 1.6, is_right=True),
        Column("Mean of 12 weeks", 1.8, is_right=True),
    ]  # fmt: skip
    kinds = [(kind, [kind], False) for kind in (*SPENT, *LOSSES)]
    rows = [
        [
            words(name, is_bold=is_sum),
            *(
                words(money(cents), is_right=True, is_bold=is_sum)
                for cents in (found.of(parts, week), found.of(parts, before), found.mean(parts))
            ),
        ]
        for name, parts, is_sum in [*kinds, ("Waste, all together", list(LOSSES), True)]
    ]
    bars = [(f"W{one.monday:%V}", found.of(LOSSES, one), f"${found.of(LOSSES, one) / 100:,.0f}") for one in found.weeks]
    chart = [gap(), words("Waste by week", size=8), Bars(bars, stamp.width)]
    return [KeepTogether([*heading("Spending and waste"), lines_table(columns, rows, stamp.width), *chart])]


def _stations(report: WeekReport, stamp: Stamp) -> list[Flowable]:
    if not report.stations:
        return []
    says_why = any(line.lacks for line in report.stations)
    columns = [
        Column("Station", 3), Column("State", 1.2), Column("Worst item" if says_why else "", 4),
        Column("Par levels out", 1.5, is_right=True),
    ]  # fmt: skip
    rows = [
        [
            words(line.name),
            words(line.state, is_bold=not line.is_ready),
            words(line.lacks),
            words(f"{line.levels.hits:,} of {line.levels.whole:,}", is_right=True),
        ]
        for line in report.stations[:MOST_STATIONS]
    ]
    rest = report.unlisted
    short = sum(not line.is_ready for line in rest)
    more = [words(f"And {len(rest):,} more: {short:,} not ready, {len(rest) - short:,} ready.")] if rest else []
    return [*heading("Readiness by station"), lines_table(columns, rows, stamp.width), *more]
