"""The event log as a page: who did what, to what, when and why, newest first."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from inventory.models import CycleCount, Item, Lot, ParLevel, ParProposal, ParReview, StockMovement
from inventory.queries.event_words import said
from orders.models import DeliveryRun, Discrepancy, ResupplyOrder, Shipment, Stop
from stations.models import Event, Location, Station, Unit, User
from stations.verbs import verb_in_words, verbs_that_begin

# What events are about: the model's name in the log, its word, and its model where it must be read to be named.
SUBJECTS: Mapping[str, tuple[Promise, type[Model]]] = {
    "resupplyorder": (_("Request"), ResupplyOrder),
    "shipment": (_("Shipment"), Shipment),
    "deliveryrun": (_("Delivery run"), DeliveryRun),
    "stop": (_("Stop"), Stop),
    "discrepancy": (_("Discrepancy"), Discrepancy),
    "stockmovement": (_("Movement"), StockMovement),
    "cyclecount": (_("Count"), CycleCount),
    "station": (_("Station"), Station),
    "unit": (_("Unit"), Unit),
    "location": (_("Place"), Location),
    "item": (_("Item"), Item),
    "lot": (_("Lot"), Lot),
    "parlevel": (_("Par level"), ParLevel),
    "parproposal": (_("Proposed par level"), ParProposal),
    "parreview": (_("Review of par levels"), ParReview),
    "user": (_("Person"), User),
    "apitoken": (_("Token"), Model),
    "webhook": (_("Webhook"), Model),
    "carerecord": (_("Care record"), Model),
    "carecode": (_("Code"), Model),
    "callsign": (_("Call sign"), Model),
    "figuretarget": (_("Target"), Model),
    "savedview": (_("Saved view"), Model),
    "command": (_("File"), Model),
    "recall": (_("Recall"), Model),
}
# What an import or the page of policies changed besides, which no list of changes tells of.
BESIDES: Mapping[str, Promise] = {"kindpolicy": _("Policies"), "pack": _("Pack"), "substitute": _("Substitute")}
SYSTEM = "system"


@dataclass(frozen=True)
class Wanted:
    """What the reader filters by; empty means all. ``person`` is an id, or "system"."""

    person: str = ""
    verb: str = ""
    subject: str = ""
    subject_id: int | None = None
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True)
class Entry:
    """One line of the log with what it is about, by name and address where it has a page, and what it changed."""

    event: Event
    subject: str
    address: str
    changes: Sequence[str] = ()

    @property
    def verb(self) -> str:
        return verb_in_words(self.event.verb)


def events(wanted: Wanted) -> "QuerySet[Event]":
    """The log, newest first."""
    found = Event.objects.select_related("command__by").order_by("-pk")
    if wanted.person == SYSTEM:
        found = found.filter(command__by=None)
    elif wanted.person:
        found = found.filter(command__by=int(wanted.person))
    if wanted.verb:
        found = found.filter(Q(verb__istartswith=wanted.verb) | Q(verb__in=verbs_that_begin(wanted.verb)))
    if wanted.subject:
        found = found.filter(subject_kind=wanted.subject)
    if wanted.subject_id is not None:
        found = found.filter(subject_id=wanted.subject_id)
    if wanted.first_day:
        found = found.filter(command__at__gte=_midnight(wanted.first_day))
    if wanted.last_day:
        found = found.filter(command__at__lt=_midnight(wanted.last_day + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def entries(rows: Iterable[Event]) -> list[Entry]:
    """Name what these events are about: one query per kind of thing, however many events."""
    rows = list(rows)
    ids: dict[str, set[int]] = defaultdict(set)
    for event in rows:
        ids[event.subject_kind].add(event.subject_id)
    named: dict[tuple[str, int], Model] = {}
    for kind, wanted in ids.items():
        model = SUBJECTS[kind][1] if kind in SUBJECTS else Model
        if model is not Model:
            found: QuerySet[Any] = QuerySet(model).filter(pk__in=wanted)
            if model in (ParLevel, ParProposal):
                found = found.select_related("item", "location__station")
            elif model is ParReview:
                found = found.select_related("station")
            named |= {(kind, row.pk): row for row in found}
    words = said(rows)
    return [_entry(event, named.get((event.subject_kind, event.subject_id)), words[event.pk]) for event in rows]


def _entry(event: Event, subject: Model | None, changes: Sequence[str]) -> Entry:
    kind = event.subject_kind
    word = str(SUBJECTS[kind][0]) if kind in SUBJECTS else str(BESIDES.get(kind, kind))
    if subject is None:
        return Entry(event, word, "", changes)
    return Entry(event, _name(word, subject), _address(subject), changes)


def _name(word: str, subject: Model) -> str:
    """Orders, stations and items are known by name; the rest by their kind and number."""
    if isinstance(subject, StockMovement | Stop | Discrepancy):
        return f"{word} {subject.pk}"
    if isinstance(subject, ParLevel | ParProposal):
        return f"{subject.item}, {subject.location}"
    return subject.in_words if isinstance(subject, Lot) else str(subject)


def _address(subject: Model) -> str:
    try:
        if isinstance(subject, Lot):
            return reverse("lot", args=[subject.pk])
        get = getattr(subject, "get_absolute_url", None)
        return str(get()) if get else ""
    except NoReverseMatch:
        return ""
