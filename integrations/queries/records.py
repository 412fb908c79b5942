"""Patient-care records as pages: what was taken, what waits, and for what."""

from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from core.counting import count_of
from integrations.models import CallSign, CareCode, CareRecord, CareUse
from inventory.models import StockMovement
from inventory.queries.movements import ledger
from stations.models import Event

State = CareUse.State
WAITING = CareUse.objects.filter(state__in=CareUse.WAITS)
UNMAPPED = CareUse.objects.filter(state=State.UNMAPPED)
WITHOUT_UNIT = CareUse.objects.filter(state=State.NO_UNIT)


def records(*, show: str = "", number: str = "") -> "QuerySet[CareRecord]":
    """Records, the newest first, with how many uses each has, and how many of them are used and wait."""
    found = CareRecord.objects.select_related("unit", "call_sign", "command__by").order_by("-pk")
    if show == "waits":
        found = found.filter(Exists(WAITING.filter(record=OuterRef("pk"))))
    elif show == "corrected":
        found = found.filter(is_corrected=True)
    if number:
        found = found.filter(number=number)
    return found.annotate(
        uses_count=count_of(CareUse.objects.all(), "record"),
        used_count=count_of(CareUse.objects.filter(state=State.USED), "record"),
        waiting_count=count_of(WAITING.all(), "record"),
    )


def what_waits() -> dict[str, int]:
    """How many records wait, came corrected, and how many codes and call signs nobody has decided."""
    waiting = WAITING.aggregate(
        records=Count("record", distinct=True),
        codes=Count("code", distinct=True, filter=Q(state=State.UNMAPPED)),
        units=Count("record__call_sign", distinct=True, filter=Q(state=State.NO_UNIT)),
    )
    return waiting | {"corrected": CareRecord.objects.filter(is_corrected=True).count()}


def codes(*, show: str = "", text: str = "") -> "QuerySet[CareCode]":
    """Codes with how many uses wait for each: those to map, most first; or, of all, those that were decided."""
    found = CareCode.objects.select_related("item").annotate(waiting=count_of(UNMAPPED.all(), "code"))
    if show == "mapped":
        found = found.filter(item__isnull=False)
    elif show == "nothing":
        found = found.filter(uses_nothing=True)
    elif show != "all" and not text:
        found = found.filter(Exists(UNMAPPED.filter(code=OuterRef("pk"))))
    if text:
        found = found.filter(Q(name__icontains=text) | Q(code__startswith=text))
    return found.order_by("-waiting", "name", "code", "pk")


def call_signs() -> "QuerySet[CallSign]":
    """Call signs, those that nobody has decided first, with how many uses wait for each."""
    waiting = count_of(WITHOUT_UNIT.all(), "record__call_sign")
    found = CallSign.objects.select_related("unit").annotate(waiting=waiting)
    return found.order_by(F("unit").asc(nulls_first=True), "text")


def record_page(record: CareRecord) -> dict[str, Any]:
    """All that a record's page shows of it: its uses, the movements by which it was booked, what happened to it."""
    events = list(Event.objects.about(record))
    firsts = [event.details["movement"] for event in events if event.verb == CareRecord.BOOKED]
    moved = StockMovement.objects.filter(command__in=StockMovement.objects.filter(pk__in=firsts).values("command"))
    uses = list(record.uses.select_related("code__item", "item").prefetch_related("item__packs"))
    return {
        "record": record,
        "uses": uses,
        "movements": list(ledger(moved)) if firsts else [],
        "events": events,
        "withdrawn": [use for use in uses if use.is_withdrawn],
        "may_try": any(use.state in (State.UNMAPPED, State.NO_UNIT, State.SHORT) for use in uses),
        "is_short": any(use.state == State.SHORT for use in uses),
        "needs_witness": any(use.state == State.WITNESS for use in uses),
        "added": [use for use in uses if use.state == State.ADDED],
    }
