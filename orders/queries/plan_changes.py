"""What a move changes of a day, before and after, in the figures that a planner weighs and the words of the page."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.templatetags.ui import money
from orders.queries.planner import load_share
from orders.routing.timetable import Delivery, TimedRun, Timetable, kilos

Pair = tuple[TimedRun | None, TimedRun | None]
Words = Callable[[int], str]


@dataclass(frozen=True)
class Figure:
    """One number before and after; ``trend`` is "better", "worse" or "" when it stays."""

    name: str
    before: str
    after: str
    change: str = ""
    trend: str = ""


@dataclass(frozen=True)
class RunChange:
    """A run whose stops change: its van, and its figures."""

    name: str
    figures: Sequence[Figure]


@dataclass(frozen=True)
class LateChange:
    """A stop that comes later or less late after its window than before, and its new time."""

    name: str
    figure: Figure


@dataclass(frozen=True)
class Changes:
    """All that a move changes."""

    day: Sequence[Figure]
    runs: Sequence[RunChange]
    late: Sequence[LateChange]


def changes(before: Timetable, after: Timetable) -> Changes:
    """Compare two plans of one day."""
    return Changes(day_figures(after, figures(before)), list(_runs(before, after)), list(_late(before, after)))


def figures(day: Timetable) -> dict[str, int]:
    """A day in the numbers that a planner weighs: cents, metres, and minutes late added up over the stops."""
    return {"cents": round(day.cost), "metres": day.metres, "late": day.late}


def day_figures(day: Timetable, before: Mapping[str, int] | None = None) -> list[Figure]:
    """The same as words, beside what they were before (``figures`` of then)."""
    now = figures(day)
    then = now if before is None else before
    words: dict[str, tuple[str, Words]] = {
        "cents": (_("Cost"), money),
        "metres": (_("Way"), kilometres),
        "late": (pgettext("how much", "Late"), minutes),
    }
    return [figure(name, then[key], now[key], said) for key, (name, said) in words.items()]


def figure(name: str, before: int, after: int, words: Words) -> Figure:
    """A number of which less is better."""
    if words(before) == words(after):
        return Figure(name, words(before), words(after))
    sign = "+" if after > before else "−"
    return Figure(
        name, words(before), words(after), sign + words(abs(after - before)), "worse" if after > before else "better"
    )


def kilometres(metres: int) -> str:
    return _("%(kilometres)s km") % {"kilometres": f"{metres / 1000:,.1f}"}


def minutes(count: int) -> str:
    if count < 120:
        return _("%(minutes)s min") % {"minutes": count}
    return _("%(hours)s h %(minutes)s min") % {"hours": f"{count // 60:,}", "minutes": f"{count % 60:02d}"}


def _runs(before: Timetable, after: Timetable) -> Iterator[RunChange]:
    pairs = [(before.run(run.pk), run) for run in after.runs if all(run is not one for one in before.runs)]
    names = {run.van.name: (was, run) for was, run in pairs}
    gone: dict[str, Pair] = {run.van.name: (run, None) for run in before.runs if after.run(run.pk) is None}
    for name, (was, now) in sorted((gone | names).items()):
        sides = zip(_facts(before, was), _facts(after, now), strict=True)
        yield RunChange(name, [Figure(fact, old, new) for (fact, old), (_, new) in sides])


def _facts(day: Timetable, run: TimedRun | None) -> list[tuple[str, str]]:
    """What is said of a run, name by name; a dash where there is none."""
    names = [
        _("Stops"),
        pgettext("when a run is", "Out"),
        _("Way"),
        pgettext("how much", "Late"),
        pgettext("of a van", "Load"),
        _("Cost"),
    ]
    if run is None:
        return [(name, "–") for name in names]
    facts = [
        str(len(run.deliveries)),
        f"{run.leaves_at:%H:%M}–{run.timing.back_at:%H:%M}",
        kilometres(run.timing.metres),
        minutes(run.late),
        _load(run),
        money(round(dict(zip(map(id, day.runs), day.costs, strict=True))[id(run)])),
    ]
    return list(zip(names, facts, strict=True))


def _load(run: TimedRun) -> str:
    share = load_share(run)
    if share is None:
        return _("%(kilos)s kg") % {"kilos": kilos(run.weight_g)}
    return _("%(kilos)s kg, %(share)s %% full") % {"kilos": kilos(run.weight_g), "share": share}


def _late(before: Timetable, after: Timetable) -> Iterator[LateChange]:
    was = {delivery.station_id: late for delivery, _, late in _stops(before)}
    for delivery, at, late in _stops(after):
        earlier = was.get(delivery.station_id, 0)
        if earlier != late:
            yield LateChange(
                f"{delivery.name}, {at:%H:%M}", figure(pgettext("how much", "Late"), earlier, late, lateness)
            )


def _stops(day: Timetable) -> Iterator[tuple[Delivery, datetime, int]]:
    for run in day.runs:
        for delivery, times in zip(run.deliveries, run.times, strict=True):
            yield delivery, times.at, times.late


def lateness(count: int) -> str:
    return _("%(minutes)s late") % {"minutes": minutes(count)} if count else _("on time")
