"""What was asked for, and the steps of a request's life."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.asked import Reason, items_of, lines_field, refuse_twice
from integrations.api.fields import Id, Ids, Moment, One, Quantity, Text
from integrations.api.filters import filters
from integrations.api.once import command_of
from integrations.api.resources.approvals import Approvals
from integrations.api.serializers import Asked
from integrations.api.shown.orders import OrderShown
from integrations.api.verbs import creates, verb
from orders.actions import closing, drafts
from orders.actions.asked import ItemAt, Wanted
from orders.models import ResupplyOrder
from stations.access import station_for

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


class ClosedShort(Reason):
    lines = Ids(required=False, help_text="Line ids; all if none.")


class Orders(Approvals):
    """Requests, and what became of them. Nobody approves their own; no step ships what is not approved."""

    area = "orders"
    queryset = ResupplyOrder.objects.all()
    serializer_class = OrderShown
    filterset_class = filters(
        ResupplyOrder, "state", "kind", "is_automatic", station="station__code", source="source__code"
    )

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
        return self.step(drafts.edit_order, pk, quantities=lines, **asked.given())

    @verb(OrderEdit, OrderShown)
    def submit(self, request: Request, pk: str) -> Response:
        """Send a draft to its approvers, with last changes to it. What is asked for 0 of is left out."""
        asked = self.body(OrderEdit)
        lines = _quantities(asked.validated_data.get("lines", []))
        return self.step(drafts.submit_order, pk, quantities=lines, **asked.given())

    @verb(Reason, OrderShown)
    def cancel(self, request: Request, pk: str) -> Response:
        """Give up a request before it is approved."""
        return self.step(drafts.cancel_order, pk, **self.body(Reason).validated_data)

    @verb(ClosedShort, OrderShown)
    def close_short(self, request: Request, pk: str) -> Response:
        """Give up what is still owed. What is on its way still comes."""
        asked = self.body(ClosedShort).validated_data
        return self.step(closing.close_short, pk, reason=asked["reason"], line_ids=asked.get("lines"))


def _quantities(lines: list[dict[str, Any]]) -> dict[Wanted, int]:
    """Base units by item, or by item and place."""
    items = items_of(lines)
    keys: list[Wanted] = [
        ItemAt(items[line["item"]].pk, line["location"]) if "location" in line else items[line["item"]].pk
        for line in lines
    ]
    refuse_twice("lines", "item", keys, "This item is named twice.")
    return {key: line["quantity"] for key, line in zip(keys, lines, strict=True)}
