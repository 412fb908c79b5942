"""What is being done about a par level: what carries more of it and when, who keeps it waiting, or nothing yet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.http import urlencode

from dashboard.queries.arrivals import EXPECTED, OPEN_STOPS, Place
from dashboard.queries.par_states import LineState
from orders.models import ApprovalStep, OrderLine, ResupplyOrder, Shipment, ShipmentLine, TransferProposal
from stations.models import User

Order = ResupplyOrder.State
OPEN = (Order.DRAFT, Order.SUBMITTED, *ResupplyOrder.UNDER_WAY)


@dataclass(frozen=True)
class Doing:
    """One answer. ``kind``: coming, delivered, packing (on no run yet), owed, asked (waits for ``waits_for``), drafted,
    proposed (a transfer), enough (nothing to ask for yet) or nothing. ``name`` and ``address``: of what does it."""

    kind: str
    name: str = ""
    address: str = ""
    waits_for: str = ""
    arrives_at: datetime | None = None

    @property
    def approver(self) -> str:
        return str(User.Role(self.waits_for).label).lower() if self.waits_for else ""


# What is nearest to the shelf comes first.
NEAREST = ("coming", "delivered", "packing", "owed", "asked", "drafted", "proposed", "enough", "nothing")


def being_done(lines: Iterable[LineState]) -> Mapping[Place, Doing]:
    """What is being done about each of these par levels, by (location, item). Two queries, however many."""
    wanted = {(line.location_id, line.item_id): line for line in lines}
    if not wanted:
        return {}
    found: dict[Place, list[Doing]] = {place: [_alone(line)] for place, line in wanted.items()}
    for row in _lines(wanted):
        if (row["location_id"], row["item_id"]) in found:
            found[row["location_id"], row["item_id"]].append(_of_order(row))
    proposals = TransferProposal.objects.filter(
        receiver__in={location for location, _ in wanted}, item__in={item for _, item in wanted}
    ).select_related("receiver__station", "donor__station")
    for one in proposals:
        if (one.receiver_id, one.item_id) in found:
            station = one.receiver.owner
            address = f"{reverse('transfers')}?{urlencode({'station': station.code})}"
            found[one.receiver_id, one.item_id].append(Doing("proposed", str(one.donor.owner), address))
    return {place: min(several, key=_rank) for place, several in found.items()}


def _rank(one: Doing) -> tuple[int, float]:
    return NEAREST.index(one.kind), one.arrives_at.timestamp() if one.arrives_at else 0.0


def _alone(line: LineState) -> Doing:
    return Doing("nothing" if line.need else "enough")


def _lines(wanted: Iterable[Place]) -> "QuerySet[Any, Any]":
    """Open lines of orders for these places, each with its next approver and the shipment that is there first."""
    sent = ShipmentLine.objects.filter(
        Q(shipment__stop=None) | Q(shipment__stop__state__in=OPEN_STOPS) | Q(shipment__state=Shipment.State.DELIVERED),
        order_line=OuterRef("pk"),
        shipment__state__in=(*EXPECTED, Shipment.State.DELIVERED),
    ).order_by(F("shipment__delivered_at").asc(nulls_last=True), F("shipment__stop__planned_at").asc(nulls_last=True))
    steps = ApprovalStep.objects.filter(order=OuterRef("order"), decided_at=None).order_by("position")
    is_open = (
        Q(order__state=Order.DRAFT, asked__gt=0)
        | Q(order__state=Order.SUBMITTED)
        | Q(
            order__state__in=ResupplyOrder.UNDER_WAY,
            approved__gt=F("cancelled") + F("received") + F("damaged") + F("missing"),
        )
    )
    return OrderLine.objects.filter(
        is_open,
        location__in={location for location, _ in wanted},
        item__in={item for _, item in wanted},
    ).values(
        "location_id",
        "item_id",
        "order_id",
        "order__state",
        waits_for=Subquery(steps.values("role")[:1]),
        shipment=Subquery(sent.values("shipment")[:1]),
        shipment_state=Subquery(sent.values("shipment__state")[:1]),
        arrives_at=Subquery(sent.values("shipment__stop__planned_at")[:1]),
    )


def _of_order(row: Mapping[str, Any]) -> Doing:
    order = ResupplyOrder(pk=row["order_id"])
    if row["shipment"]:
        shipment = Shipment(pk=row["shipment"])
        if row["shipment_state"] == Shipment.State.DELIVERED:
            return Doing("delivered", shipment.number, shipment.get_absolute_url())
        kind = "coming" if row["arrives_at"] else "packing"
        return Doing(kind, shipment.number, shipment.get_absolute_url(), arrives_at=row["arrives_at"])
    kind = {Order.DRAFT: "drafted", Order.SUBMITTED: "asked"}.get(row["order__state"], "owed")
    waits_for = (row["waits_for"] or "") if kind == "asked" else ""
    return Doing(kind, order.number, order.get_absolute_url(), waits_for)


def coming(found: Mapping[Place, Doing]) -> dict[Place, datetime]:
    """The planned arrival for each of these par levels that has one on a run."""
    return {place: one.arrives_at for place, one in found.items() if one.arrives_at}
