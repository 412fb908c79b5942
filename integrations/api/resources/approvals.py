"""How a request is approved: one or several, as asked for or otherwise, and promised stock."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.asked import Nothing, Reason, Seen, lines_field, one_by_code, versions_of
from integrations.api.base import ReadsVersions
from integrations.api.fields import Id, Quantity, Text
from integrations.api.once import command_of
from integrations.api.serializers import Asked
from integrations.api.shown.orders import OrderShown, SubstitutesShown, shown_substitutes
from integrations.api.verbs import command, verb
from integrations.api.versions import version_seen
from inventory.models import Substitute
from orders.access import order_for, visible_orders
from orders.actions import allocation, approval
from orders.actions.granting import LineDecision
from orders.actions.substitution import approve_substitute
from orders.forms.together import MOST
from orders.models import ResupplyOrder
from orders.queries.substitutes import offers_on
from stations.access import require_role
from stations.models import User


class Granted(Asked):
    """What is granted of a line. What is not named is granted in full."""

    id = Id(help_text="The line's id.")
    quantity = Quantity(least=0)
    reason = Text(max_length=200, default="", allow_blank=True, help_text="Needed where it is less.")
    promise = Quantity(
        least=0,
        required=False,
        allow_null=True,
        default=None,
        help_text="Of a short item: so much now, instead of its fair share. The last approver's to say.",
    )
    promise_reason = Text(
        max_length=200, default="", allow_blank=True, help_text="Needed where that is not its fair share."
    )


class Approval(Asked):
    lines = lines_field(Granted, default=list)
    comment = Text(max_length=300, default="", allow_blank=True)


class Several(Asked):
    orders = lines_field(Seen, most=MOST, min_length=1)


class OrdersApproved(serializers.Serializer[Any]):
    orders = OrderShown(many=True)


class Replaced(Asked):
    line = Id(help_text="The line's id.")
    item = Text(max_length=40, help_text="SKU of what is sent instead; `substitutes` says which can be.")


class Approvals(ReadsVersions):
    """The steps of those who approve."""

    def seen_by(self, person: User) -> QuerySet[ResupplyOrder]:
        orders = visible_orders(person).select_related("station", "source", "requested_by")
        return orders.prefetch_related("lines__item")

    @verb(Approval, OrderShown)
    def approve(self, request: Request, pk: str) -> Response:
        """Approve as the next approver."""
        asked = self.body(Approval).validated_data
        decisions = [
            LineDecision(line["id"], line["quantity"], line["reason"], line["promise"], line["promise_reason"])
            for line in asked["lines"]
        ]
        return self.step(approval.approve_order, pk, decisions=decisions, comment=asked["comment"])

    @extend_schema(operation_id="orders_approve_many")
    @command(Several, OrdersApproved, name="approve", makes=False)
    def approve_several(self, request: Request) -> Response:
        """Approve these in full, each as its next approver: all or none. Stock is promised to the most urgent first."""
        versions = versions_of("orders", self.body(Several).validated_data["orders"])
        approval.approve_orders(versions=versions, **command_of(request))
        rows = self.get_queryset().filter(pk__in=versions).order_by("pk")
        shown = OrderShown(rows, many=True, context=self.get_serializer_context())
        return Response({"orders": shown.data})

    @extend_schema(responses=SubstitutesShown)
    @action(detail=True, methods=["get"], serializer_class=SubstitutesShown, filterset_class=None)
    def substitutes(self, request: Request, pk: str) -> Response:
        """What could be sent instead of what its source cannot fill now, while it waits for approval."""
        require_role(self.person, User.Role.LOGISTICS, User.Role.CHIEF)
        offers = offers_on(order_for(self.person, int(pk)), today=timezone.localdate())
        return Response(shown_substitutes(offers))

    @verb(Replaced, OrderShown)
    def substitute(self, request: Request, pk: str) -> Response:
        """Grant less of a line that its source cannot fill, and ask for another item on a line of its own. A part of
        approving: approve it then."""
        asked = self.body(Replaced).validated_data
        order = order_for(self.person, int(pk))
        says = "Line {} is not on this request."
        line = one_by_code(order.lines.select_related("order"), asked["line"], field="pk", says=says, key="line")
        named = Substitute.objects.filter(item=line.item_id).select_related("substitute")
        says = "{} is not named as a substitute for this line's item."
        other = one_by_code(named, asked["item"], field="substitute__sku", says=says, key="item")
        version = version_seen(request)
        approve_substitute(line=line, substitute=other, version=version, **command_of(request))
        return self.done(order)

    @verb(Reason, OrderShown)
    def send_back(self, request: Request, pk: str) -> Response:
        """Return it to its station as a draft."""
        return self.step(approval.send_back_order, pk, **self.body(Reason).validated_data)

    @verb(Reason, OrderShown)
    def reject(self, request: Request, pk: str) -> Response:
        """Refuse the whole request."""
        return self.step(approval.reject_order, pk, **self.body(Reason).validated_data)

    @verb(Nothing, OrderShown, has_version=False)
    def allocate(self, request: Request, pk: str) -> Response:
        """Look for stock for what it is still owed, and promise it."""
        self.body(Nothing)
        return self.done(allocation.allocate_order(order=order_for(self.person, int(pk)), **command_of(request)))

    def step(self, act: Any, pk: str, **asked: Any) -> Response:
        """One step of its life, refused if it changed since If-Match."""
        order = order_for(self.person, int(pk))
        return self.done(act(order=order, version=version_seen(self.request), **asked, **command_of(self.request)))
