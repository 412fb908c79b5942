"""What a day becomes when a delivery is moved, and why it may not be. Pure.

The planner's preview and the action that keeps the move both ask ``moved``: what was shown is what is done.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import DomainError
from orders.routing.timetable import HELD, LOCKED, Delivery, TimedRun, Timetable, by_departure


@dataclass(frozen=True, slots=True)
class Move:
    """The delivery to a station, from a run (None: it waits) to a place in a run, or to a van that begins one, or
    (neither) to what waits. ``position`` counts from 1 in the order that comes of it; None is the end."""

    station_id: int
    source: int | None = None
    run: int | None = None
    van: int | None = None
    position: int | None = None

    @property
    def is_off(self) -> bool:
        """Whether it is taken off its run, to wait."""
        return self.run is None and self.van is None

    @property
    def is_along(self) -> bool:
        """Whether it stays on its run, at another place."""
        return self.run is not None and self.run == self.source

    def aims_at(self, run: TimedRun) -> bool:
        """Whether this is the run that the delivery comes to."""
        return run.pk == self.run if run.pk else run.van.pk == self.van


def moved(day: Timetable, move: Move) -> Timetable:
    """The day with the delivery moved. Refuses, with every reason, what may not be; lateness refuses nothing: that is
    the planner's to decide. A run that keeps no stop is no more."""
    delivery, rest = _taken(day, move)
    if move.is_off:
        waiting = sorted((*rest.waiting, replace(delivery, wait_reason=_(HELD))), key=lambda one: one.name)
        return replace(rest, waiting=tuple(waiting))
    target = _target(day, rest, move)
    position = len(target.deliveries) if move.position is None else move.position - 1
    if not 0 <= position <= len(target.deliveries):
        stops = len(target.deliveries)
        said = ngettext(
            "%(van)s has %(count)d stop now. Choose the place again.",
            "%(van)s has %(count)d stops now. Choose the place again.",
            stops,
        )
        raise DomainError(said % {"van": target.van.name, "count": stops})
    made = rest.with_stops(target, (*target.deliveries[:position], delivery, *target.deliveries[position:]))
    others = [run for run in rest.runs if run.pk != made.pk]
    misfits = [] if move.is_along else _misfits(delivery, target, made)
    if problems := [*misfits, *_clashes(made, others, day.reload)]:
        raise DomainError(
            _("%(station)s cannot go there. Nothing was changed.") % {"station": delivery.name}, problems=problems
        )
    free = tuple(van for van in rest.free if van.pk != made.van.pk)
    return replace(rest, runs=tuple(sorted([*others, made], key=by_departure)), free=free)


def way_back(move: Move, before: Timetable, after: Timetable) -> Move | None:
    """The move that takes this one back; None if there is none. From a run that it began, whoever asks says which."""
    source = before.run(move.source)
    if source is None:
        return Move(move.station_id, move.run)
    if after.run(source.pk) is not None:
        return Move(move.station_id, move.run, run=source.pk, position=source.stations.index(move.station_id) + 1)
    is_free = any(van.pk == source.van.pk for van in after.free)
    return Move(move.station_id, move.run, van=source.van.pk) if is_free else None


def _taken(day: Timetable, move: Move) -> tuple[Delivery, Timetable]:
    """The delivery, and the day without it."""
    source = day.run(move.source)
    held = source.deliveries if source else day.waiting if move.source is None else ()
    delivery = next((one for one in held if one.station_id == move.station_id), None)
    if delivery is None:
        raise DomainError(_("This delivery is no longer there: somebody moved it, or it has left."))
    rest = tuple(one for one in held if one is not delivery)
    if source is None:
        return delivery, replace(day, waiting=rest)
    _check_open(source)
    keeps = bool(rest) or move.run == source.pk
    runs = tuple(day.with_stops(run, rest) if run is source else run for run in day.runs if keeps or run is not source)
    is_free = all(run.van.pk != source.van.pk for run in runs)
    return delivery, replace(day, runs=runs, free=(*day.free, source.van) if is_free else day.free)


def _target(day: Timetable, rest: Timetable, move: Move) -> TimedRun:
    """The run that takes the delivery, still without it."""
    if move.run is not None:
        was, found = day.run(move.run), rest.run(move.run)
        if was is None or found is None:
            raise DomainError(_("That run is no longer planned for this day."))
        _check_open(was)
        return replace(found, leaves_at=was.leaves_at)
    van = next((one for one in rest.free if one.pk == move.van), None)
    if van is None:
        raise DomainError(_("That van is not free any more: add to its run instead."))
    return TimedRun(None, van, van.ready_at, (), day.departure(van.ready_at, ())[1])


def _check_open(run: TimedRun) -> None:
    if run.pinned:
        if run.pinned == LOCKED:
            said = _("The run of %(van)s is locked: its stops stay as they are. Unlock it first.")
        else:
            said = _("The run of %(van)s is %(state)s: its stops stay as they are.")
        raise DomainError(said % {"van": run.van.name, "state": run.pinned})


def _misfits(delivery: Delivery, target: TimedRun, made: TimedRun) -> list[str]:
    """Why this van cannot take the delivery, in words."""
    van, problems = made.van, made.overload()
    if delivery.station_id in target.stations:
        problems.append(
            _("%(van)s already stops at %(station)s on this run.") % {"van": van.name, "station": delivery.name}
        )
    if delivery.is_cold and not van.carries_cold:
        problems.append(_("%(van)s keeps nothing cold, and some of this must stay cold.") % {"van": van.name})
    if delivery.needs_two and van.crew < 2:
        problems.append(_("Some of this takes two people to carry, and %(van)s has a crew of one.") % {"van": van.name})
    return problems


def _clashes(made: TimedRun, others: list[TimedRun], reload: timedelta) -> list[str]:
    """Where the van would have to leave on its next run before it is back from the one before and loaded again."""
    pairs = [sorted((made, other), key=by_departure) for other in others if other.van.pk == made.van.pk]
    return [
        _(
            "%(van)s would be on two runs at once: it is back and loaded again at %(ready_at)s, and leaves on the next "
            "at %(leaves_at)s."
        )
        % {
            "van": made.van.name,
            "ready_at": f"{first.timing.back_at + reload:%H:%M}",
            "leaves_at": f"{second.leaves_at:%H:%M}",
        }
        for first, second in pairs
        if first.timing.back_at + reload > second.leaves_at
    ]
