"""Par levels: how much of an item a place should hold, below what to act, and the bin that it is in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core.errors import DomainError, StaleEdit
from core.rows import write_rows
from inventory.actions.outdated import close_outdated
from inventory.models import Item, ParLevel
from inventory.queries.states import own_short_below
from stations.access import require_role
from stations.models import Command, Event, Location, User

MOST = 1_000_000
BELOW_MANDATED = gettext_noop("The minimum must not be below what is mandated.")
SHORT_BELOW_MANDATED = gettext_noop("What is below the mandated minimum is Short.")
Pair = tuple[int, int]  # location, item


@dataclass(frozen=True, slots=True)
class ParChange:
    """What one par level should be, in base units. ``version`` is the one that was seen; None: there was none.

    ``mandated_minimum`` None: what is mandated stays as it is. ``short_below`` None: it stays, but never above the
    minimum; the minimum itself: nothing of its own, Short is what is below the minimum.
    """

    location_id: int
    item_id: int
    par: int
    minimum: int
    bin: str = ""
    version: int | None = None
    mandated_minimum: int | None = None
    short_below: int | None = None

    @property
    def pair(self) -> Pair:
        return self.location_id, self.item_id


class ParLevelsRefused(DomainError):
    """Some changes cannot be. ``fields`` has the reason by (location, item) and field: par, minimum, short, mandated,
    bin or item."""

    def __init__(self, fields: Mapping[tuple[Pair, str], str]) -> None:
        super().__init__(
            _("Some par levels cannot be right. Nothing was saved; correct what is marked."),
            problems=list(dict.fromkeys(fields.values())),
        )
        self.fields = dict(fields)


class ParLevelsChanged(StaleEdit):
    """Others have changed some of these meanwhile. ``rows`` says by (location, item) who changed what."""

    def __init__(self, rows: Mapping[Pair, str]) -> None:
        super().__init__(
            _("Somebody changed some of these while you had them open. Nothing of yours was saved yet."),
            problems=list(rows.values()),
        )
        self.rows = dict(rows)


@dataclass
class _Written:
    """The rows to write, and what the log is told of each."""

    added: list[ParLevel] = field(default_factory=list)
    changed: list[ParLevel] = field(default_factory=list)
    differences: dict[Pair, dict[str, Any]] = field(default_factory=dict)


@transaction.atomic
def set_par_levels(*, changes: Sequence[ParChange], by: User, at: datetime, request_id: UUID) -> list[ParLevel]:
    """Set these par levels, all or none: the rows that differed. Logistics and the chief only.

    Refuses with every reason at once, and what another person has changed since the version that was seen. A change
    that says what is so already is left out. A constant number of queries.
    """
    facts = {"changes": changes}
    command, is_new = Command.objects.claim(request_id, "set_par_levels", by=by, at=at, facts=facts)
    if not is_new:
        made = command.events.values_list("subject_id", flat=True)
        return list(ParLevel.objects.filter(pk__in=made).order_by("pk"))
    require_role(by, User.Role.LOGISTICS, User.Role.CHIEF)
    return change_par_levels(changes, command)


def change_par_levels(changes: Sequence[ParChange], command: Command) -> list[ParLevel]:
    """What every command that sets par levels does, in its transaction: check, lock, refuse what is stale, write.

    Open proposals for what is changed here are closed: they compared something else.
    """
    _check(changes)
    now = _lock(changes)
    _refuse_stale(changes, now)
    _refuse_below_mandated(changes, now)
    written = _write(changes, now, command)
    close_outdated(at=command.at, places={row.location_id for row in written})
    return written


def _check(changes: Sequence[ParChange]) -> None:
    places = set(
        Location.objects.filter(
            pk__in={change.location_id for change in changes}, kind__in=Location.PHYSICAL
        ).values_list("pk", flat=True)
    )
    items = set(Item.objects.filter(pk__in={change.item_id for change in changes}).values_list("pk", flat=True))
    wrong: dict[tuple[Pair, str], str] = {}
    seen: set[Pair] = set()
    for change in changes:
        if change.pair in seen:
            wrong[change.pair, "item"] = _("This item is here twice.")
        if change.location_id not in places or change.item_id not in items:
            wrong[change.pair, "item"] = _("This place or item does not exist any more. Reload the page.")
        seen.add(change.pair)
        wrong |= {(change.pair, name): reason for name, reason in field_problems(change)}
    if wrong:
        raise ParLevelsRefused(wrong)


def field_problems(change: ParChange) -> Iterable[tuple[str, str]]:
    """(field, reason) for what cannot be in one change by itself."""
    most = ParLevel._meta.get_field("bin").max_length or 0
    mandated = change.mandated_minimum or 0
    short = change.minimum if change.short_below is None else change.short_below
    numbers = (("par", change.par), ("minimum", change.minimum), ("short", change.short_below), ("mandated", mandated))
    for name, number in numbers:
        if number is not None and not 0 <= number <= MOST:
            yield name, _("Write a number from 0 to %(most)s.") % {"most": f"{MOST:,}"}
    if 0 <= change.par < change.minimum <= MOST:
        yield "minimum", _("The minimum must not be above the par.")
    if 0 <= change.minimum < mandated <= MOST:
        yield "mandated", _(BELOW_MANDATED)
    if 0 <= change.minimum < short <= MOST:
        yield "short", _("What is Short must not be above the minimum.")
    elif 0 <= short < mandated <= change.minimum:
        yield "short", _("What is below the mandated %(number)s is Short: write no less.") % {"number": mandated}
    if len(change.bin) > most:
        yield "bin", _("A bin has at most %(most)s letters.") % {"most": most}
    elif not change.bin.isprintable():
        yield "bin", _("A bin has only letters, digits and signs.")


def _lock(changes: Sequence[ParChange]) -> dict[Pair, ParLevel]:
    places = {change.location_id for change in changes}
    lock_places(Location.objects.filter(pk__in=places))
    rows = ParLevel.objects.filter(location_id__in=places, item_id__in={change.item_id for change in changes})
    return {(row.location_id, row.item_id): row for row in rows.select_for_update(no_key=True).order_by("pk")}


def lock_places(places: QuerySet[Location]) -> list[int]:
    """Hold back everybody else who edits par levels of these places, even ones that do not exist yet: their ids."""
    rows = places.select_for_update(of=("self",), no_key=True).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def _refuse_stale(changes: Sequence[ParChange], now: Mapping[Pair, ParLevel]) -> None:
    known = [(now[change.pair], change.version) for change in changes if change.pair in now]
    stale = [row for row, seen in known if row.version != seen]
    if not stale:
        return
    last: dict[int, Event] = {}
    events = Event.objects.filter(subject_kind="parlevel", subject_id__in=[row.pk for row in stale])
    for event in events.select_related("command__by").order_by("pk"):
        last[event.subject_id] = event
    items = Item.objects.in_bulk({row.item_id for row in stale})
    raise ParLevelsChanged(
        {(row.location_id, row.item_id): f"{items[row.item_id]}: {_told(row, last.get(row.pk))}" for row in stale}
    )


def _refuse_below_mandated(changes: Sequence[ParChange], now: Mapping[Pair, ParLevel]) -> None:
    """A change that does not speak of what is mandated must still hold it."""
    unsaid = [change for change in changes if change.mandated_minimum is None and change.pair in now]
    wrong = {
        (change.pair, name): " ".join(
            (
                _(BELOW_MANDATED if name == "minimum" else SHORT_BELOW_MANDATED),
                _("Here that is %(number)s.") % {"number": mandated},
            )
        )
        for change in unsaid
        for name, number in (("minimum", change.minimum), ("short", change.short_below))
        if number is not None and number < (mandated := now[change.pair].mandated_minimum)
    }
    if wrong:
        raise ParLevelsRefused(wrong)


def _told(row: ParLevel, event: Event | None) -> str:
    """Who changed a row last and what it is now."""
    parts = [_("par %(number)s") % {"number": row.par}, _("minimum %(number)s") % {"number": row.minimum}]
    if row.short_below is not None:
        parts.append(_("short below %(number)s") % {"number": row.short_below})
    if row.mandated_minimum:
        parts.append(_("mandated %(number)s") % {"number": row.mandated_minimum})
    if row.bin:
        parts.append(_("bin %(name)s") % {"name": row.bin})
    told = {"levels": ", ".join(parts)}
    if event is None:
        return _("it is now %(levels)s.") % told
    told |= {"who": str(event.command.by or _("The system"))}
    told |= {"when": date_format(timezone.localtime(event.command.at), "D H:i")}
    return _("%(who)s made it %(levels)s, %(when)s.") % told


def _write(changes: Sequence[ParChange], now: Mapping[Pair, ParLevel], command: Command) -> list[ParLevel]:
    written = _Written()
    for change in changes:
        _take(change, now.get(change.pair), written)
    ParLevel.objects.bulk_create(written.added)
    write_rows(written.changed, ["par", "minimum", "short_below", "mandated_minimum", "bin", "version"])
    Event.objects.bulk_create(
        command.event(verb, row, **written.differences[row.location_id, row.item_id])
        for verb, rows in (("added", written.added), ("changed", written.changed))
        for row in rows
    )
    return sorted([*written.added, *written.changed], key=lambda row: row.pk)


def _take(change: ParChange, row: ParLevel | None, written: _Written) -> None:
    wanted: dict[str, Any] = {"par": change.par, "minimum": change.minimum, "bin": change.bin}
    if change.mandated_minimum is not None and (row or change.mandated_minimum):
        wanted["mandated_minimum"] = change.mandated_minimum
    own = own_short_below(
        change.short_below if change.short_below is not None or row is None else row.short_below,
        minimum=change.minimum,
        mandated=wanted.get("mandated_minimum", row.mandated_minimum if row else 0),
    )
    if row or own is not None:
        wanted["short_below"] = own
    if row is None:
        written.added.append(ParLevel(location_id=change.location_id, item_id=change.item_id, **wanted))
        written.differences[change.pair] = {name: [None, value] for name, value in wanted.items() if value != ""}
        return
    differences = {name: [getattr(row, name), value] for name, value in wanted.items() if getattr(row, name) != value}
    if differences:
        for name, value in wanted.items():
            setattr(row, name, value)
        row.version += 1
        written.changed.append(row)
        written.differences[change.pair] = differences
