"""Which events somebody is told of. Judged by how things stand now: what is over by the time is not told."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from dashboard.models import NoticeKind as Kind
from dashboard.queries.asked import ASKED_FOR
from dashboard.queries.telling import Telling, keeper, of_event
from dashboard.queries.told_recalls import held_lots, recalls_to_read
from inventory.models import CycleCount
from orders.models import ApprovalStep, DeliveryRun, ResupplyOrder, Shipment
from orders.queries.timetable import MOVED_A_STOP
from stations.models import Event, Station, User

Role = User.Role
# After a pause as long as this of the background work, what happened before is on the pages, and nobody's news.
NEWS = timedelta(days=3)
RUN_VERBS = {
    "gave to driver": "given",
    "reordered": "changed",
    "replanned": "changed",
    "got more": "changed",
    MOVED_A_STOP: "changed",
    "called off": "off",
}
VERBS: Mapping[str, Collection[str]] = {
    "resupplyorder": ("submitted", "approved", "substituted", "sent back", "rejected"),
    "shipment": ("left", "collected", "delivered", "received"),
    "deliveryrun": RUN_VERBS,
    "cyclecount": ("posted",),
    "lot": ("quarantined", "recalled"),
    "recall": ("took recalls",),
    "station": (ASKED_FOR,),
}


def tellings_of(events: Collection[int], *, at: datetime) -> list[Telling]:
    """What to tell of these events, by id. A fixed number of queries, however many events."""
    wanted = Q(pk__in=[])
    for kind, verbs in VERBS.items():
        wanted |= Q(subject_kind=kind, verb__in=list(verbs))
    rows = Event.objects.filter(wanted, pk__in=events, command__at__gte=at - NEWS).select_related("command")
    by_kind: dict[str, list[Event]] = {kind: [] for kind in VERBS}
    for event in rows.order_by("pk"):
        by_kind[event.subject_kind].append(event)
    return [
        *_orders(by_kind["resupplyorder"]),
        *_shipments(by_kind["shipment"]),
        *_runs(by_kind["deliveryrun"]),
        *_counts(by_kind["cyclecount"]),
        *held_lots(by_kind["lot"]),
        *recalls_to_read(by_kind["recall"]),
        *_asked(by_kind["station"]),
    ]


def _ids(events: Iterable[Event]) -> set[int]:
    return {event.subject_id for event in events}


def _orders(events: list[Event]) -> Iterator[Telling]:
    steps = Prefetch("approval_steps", ApprovalStep.objects.filter(decided_at=None), to_attr="open_steps")
    rows: QuerySet[ResupplyOrder] = ResupplyOrder.objects.select_related("station").prefetch_related(steps)
    orders = rows.in_bulk(_ids(events))
    for event in events:
        order = orders[event.subject_id]
        if order.state == ResupplyOrder.State.SUBMITTED:
            yield from _to_decide(event, order, next(iter(getattr(order, "open_steps", [])), None))
        else:
            yield from _decided(event, order)


def _to_decide(event: Event, order: ResupplyOrder, step: ApprovalStep | None) -> Iterator[Telling]:
    """Whose turn it is, where that cannot wait until they look: the chief once per step, whatever made it theirs."""
    page, number = reverse("approve_order", args=[order.pk]), {"order": order.number}
    if step is None:
        return
    if step.role == Role.CHIEF:
        facts = number | {"station": order.station.name, "rule": step.rule}
        yield Telling(Kind.CHIEF_APPROVAL, Role.CHIEF, f"step:{step.pk}", page, facts, order.station_id, None, event.pk)
    elif event.verb == "submitted" and order.priority:
        facts = number | {"how": str(order.priority)}
        yield of_event(event, Kind.URGENT, Role.LOGISTICS, page, facts, station=order.station)


def _decided(event: Event, order: ResupplyOrder) -> Iterator[Telling]:
    states, page = ResupplyOrder.State, order.get_absolute_url()
    facts: dict[str, object] = {"order": order.number, "reason": event.comment}
    if event.verb == "approved" and not event.details.get("next") and order.approved_at:
        less = len(event.details.get("less", ()))
        facts = {"order": order.number, "how": "less" if less else "full", "count": less}
        yield of_event(event, Kind.APPROVED, Role.OFFICER, page, facts, station=order.station)
    elif (event.verb == "sent back" and order.state == states.DRAFT) or (
        event.verb == "rejected" and not order.is_transfer
    ):
        facts["how"] = event.verb
        yield of_event(event, Kind.RETURNED, Role.OFFICER, page, facts, station=order.station)


def _shipments(events: list[Event]) -> Iterator[Telling]:
    states = Shipment.State
    shipments = Shipment.objects.select_related("destination", "stop").in_bulk(_ids(events))
    for event in events:
        one = shipments[event.subject_id]
        facts: dict[str, object] = {"shipment": one.number}
        if event.verb in ("left", "collected") and one.state == states.DISPATCHED and one.stop:
            facts["at"] = one.stop.planned_at.isoformat()
            yield of_event(event, Kind.COMING, Role.OFFICER, one.get_absolute_url(), facts, station=one.destination)
        elif event.verb == "delivered" and one.state == states.DELIVERED:
            page = reverse("receive_shipment", args=[one.pk])
            yield of_event(event, Kind.TO_RECEIVE, Role.OFFICER, page, facts, station=one.destination, is_to_act=True)
        elif event.verb == "received" and event.details.get("discrepancies"):
            facts["count"] = event.details["discrepancies"]
            yield of_event(
                event, Kind.DISCREPANCY, Role.LOGISTICS, reverse("discrepancies"), facts, station=one.destination
            )


def _runs(events: list[Event]) -> Iterator[Telling]:
    """To the driver alone, and of many changes of a run only the last."""
    runs = DeliveryRun.objects.in_bulk(_ids(events))
    last = {(event.subject_id, RUN_VERBS[event.verb]): event for event in events}
    for (pk, how), event in last.items():
        run = runs[pk]
        if run.driver_id is None or (how == "off") != (run.state == DeliveryRun.State.CANCELLED):
            continue
        facts = {"run": run.number, "day": run.run_on.isoformat(), "how": how, "reason": event.comment}
        yield of_event(event, Kind.RUN, Role.DRIVER, run.get_absolute_url(), facts, person=run.driver_id)


def _asked(events: list[Event]) -> Iterator[Telling]:
    """To whoever may request for the station."""
    stations = Station.objects.in_bulk(_ids(events))
    for event in events:
        station = stations[event.subject_id]
        page = f"{reverse('new_order', args=[station.code])}?{urlencode({'item': event.details['item']})}"
        facts = {"item": event.comment}
        yield of_event(event, Kind.ASKED, keeper(station), page, facts, station=station, is_to_act=True)


def _counts(events: list[Event]) -> Iterator[Telling]:
    counts = CycleCount.objects.select_related("location__station", "location__unit__station").in_bulk(_ids(events))
    for event in events:
        count, varying = counts[event.subject_id], len(event.details.get("variances", ()))
        if varying:
            station = count.location.owner
            facts = {"count": varying, "place": str(count.location)}
            page = count.get_absolute_url()
            yield of_event(event, Kind.VARIANCE, keeper(station), page, facts, station=station)
