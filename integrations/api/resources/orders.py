"""What is short, what was asked for, and the steps of a request's life."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.asked import Nothing, Reason, items_of, lines_field, refuse_twice
from integrations.api.base import Reads, ReadsVersions
from integrations.api.fields import Id, Ids, Moment, One, Quantity, Text
from integrations.api.filters import filters
from integrations.api.once import command_of
from integrations.api.serializers import Asked
from integrations.api.shown.orders import OrderShown, ShortfallShown
from integrations.api.verbs import creates, verb
from integrations.api.versions import version_seen
from inventory.access import visible_locations
from orders.access import order_for, visible_orders
from orders.actions import approval, closing, drafts
from orders.actions.asked import ItemAt, Wanted
from orders.actions.granting import LineDecision
from orders.models import ResupplyOrder, Shortfall
from stations.access import station_for
from stations.models import User

PRIORITIES = {priority.name.lower(): priority.value for priority in ResupplyOrder.Priority}


class LineAsked(Asked):
    """So many of an item. ``location`` is needed only where a station keeps the item in two places."""

    item = Text(max_length=40, help_text="SKU.")
    quantity = Quantity(least=0, help_text="Base units; 0 takes it off.")
    location = Id(required=False, help_text="Its supply room or safe, by id.")


class Details(Asked):
    """What a request says beside its lines."""

    priority = One(choices=sorted(PRIORITIES), required=False)
    needed_by = Moment(required=False, allow_null=True)
    comment = Text(max_length=300, required=False, allow_blank=True)

    def given(self) -> dict[str, Any]:
        """The details that were sent, as the actions take them."""
        sent: dict[str, Any] = {
            name: self.validated_data[name]
            for name in ("priority", "needed_by", "comment")
            if name in self.validated_data
        }
        return sent | ({"priority": PRIORITIES[sent["priority"]]} if "priority" in sent else {})


class NewOrder(Details):
    station = Text(max_length=20, help_text="Code.")
    lines = lines_field(LineAsked, min_length=1)


class OrderEdit(Details):
    lines = lines_field(LineAsked, required=False, help_text="Those that change. Others stay as they are.")


class Granted(Asked):
    """What is granted of a line. What is not named is granted in full."""

    id = Id(help_text="The line's id.")
    quantity = Quantity(least=0)
    reason = Text(max_length=200, default="", allow_blank=True, help_text="Needed where it is less.")


class Approval(Asked):
    lines = lines_field(Granted, default=list)
    comment = Text(max_length=300, default="", allow_blank=True)


class ClosedShort(Reason):
    lines = Ids(required=False, help_text="Line ids; all if none.")


class Shortfalls(Reads):
    """What is below its minimum, with the numbers that explain it; kept by the sweep."""

    area = "par-levels"
    queryset = Shortfall.objects.all()
    serializer_class = ShortfallShown
    filterset_class = filters(Shortfall, "location", item="item__sku")

    def seen_by(self, person: User) -> QuerySet[Shortfall]:
        return Shortfall.objects.filter(location__in=visible_locations(person)).select_related("item")


class Orders(ReadsVersions):
    """Requests, and what became of them. Nobody approves their own; no step ships what is not approved."""

    area = "orders"
    queryset = ResupplyOrder.objects.all()
    serializer_class = OrderShown
    filterset_class = filters(
        ResupplyOrder, "state", "kind", "is_automatic", station="station__code", source="source__code"
    )

    def seen_by(self, person: User) -> QuerySet[ResupplyOrder]:
        orders = visible_orders(person).select_related("station", "source", "requested_by")
        return orders.prefetch_related("lines__item")

    @creates(NewOrder, OrderShown)
    def create(self, request: Request) -> Response:
        """Draft a request. It is sent by ``submit``."""
        asked = self.body(NewOrder)
        data = asked.validated_data
        order = drafts.create_order(
            station=station_for(self.person, data["station"], write=True),
            quantities=_quantities(data["lines"]),
            **asked.given(),
            **command_of(request),
        )
        return self.done(order, status=201)

    @verb(OrderEdit, OrderShown)
    def edit(self, request: Request, pk: str) -> Response:
        """Change a draft: these lines, its priority, the hour, the comment."""
        asked = self.body(OrderEdit)
        lines = _quantities(asked.validated_data.get("lines", []))
        return self._step(drafts.edit_order, pk, quantities=lines, **asked.given())

    @verb(Nothing, OrderShown)
    def submit(self, request: Request, pk: str) -> Response:
        """Send a draft to its approvers."""
        self.body(Nothing)
        return self._step(drafts.submit_order, pk)

    @verb(Reason, OrderShown)
    def cancel(self, request: Request, pk: str) -> Response:
        """Give up a request before it is approved."""
        return self._step(drafts.cancel_order, pk, **self.body(Reason).validated_data)

    @verb(Approval, OrderShown)
    def approve(self, request: Request, pk: str) -> Response:
        """Approve as the next approver."""
        asked = self.body(Approval).validated_data
        decisions = [LineDecision(line["id"], line["quantity"], line["reason"]) for line in asked["lines"]]
        return self._step(approval.approve_order, pk, decisions=decisions, comment=asked["comment"])

    @verb(Reason, OrderShown)
    def send_back(self, request: Request, pk: str) -> Response:
        """Return it to its station as a draft."""
        return self._step(approval.send_back_order, pk, **self.body(Reason).validated_data)

    @verb(Reason, OrderShown)
    def reject(self, request: Request, pk: str) -> Response:
        """Refuse the whole request."""
        return self._step(approval.reject_order, pk, **self.body(Reason).validated_data)

    @verb(ClosedShort, OrderShown)
    def close_short(self, request: Request, pk: str) -> Response:
        """Give up what is still owed. What is on its way still comes."""
        asked = self.body(ClosedShort).validated_data
        return self._step(closing.close_short, pk, reason=asked["reason"], line_ids=asked.get("lines"))

    def _step(self, act: Any, pk: str, **asked: Any) -> Response:
        order = order_for(self.person, int(pk))
        return self.done(act(order=order, version=version_seen(self.request), **asked, **command_of(self.request)))


def _quantities(lines: list[dict[str, Any]]) -> dict[Wanted, int]:
    """Base units by item, or by item and place."""
    items = items_of(lines)
    keys: list[Wanted] = [
        ItemAt(items[line["item"]].pk, line["location"]) if "location" in line else items[line["item"]].pk
        for line in lines
    ]
    refuse_twice("lines", "item", keys, "This item is named twice.")
    return {key: line["quantity"] for key, line in zip(keys, lines, strict=True)}
