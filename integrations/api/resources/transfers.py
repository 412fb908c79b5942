"""Stock between stations: what is proposed, and accepting it."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.asked import items_of, lines_field
from integrations.api.base import Reads
from integrations.api.fields import Id, Quantity, Text
from integrations.api.filters import filters
from integrations.api.once import command_of
from integrations.api.serializers import Asked
from integrations.api.shown.orders import OrderShown, TransferShown
from integrations.api.verbs import command
from orders.access import visible_orders
from orders.actions.transfers import Accepted, accept_transfers
from orders.models import TransferProposal
from orders.queries.transfers import visible_proposals
from stations.access import require_role
from stations.models import User


class TransferAsked(Asked):
    """So many of an item, from one shelf to another."""

    item = Text(max_length=40, help_text="SKU.")
    donor = Id(help_text="The place that gives, by its id.")
    receiver = Id(help_text="The place that gets, by its id.")
    quantity = Quantity()
    line = Id(required=False, help_text="The line of a request that waits for approval, which asks for so much less.")


class TransfersAsked(Asked):
    transfers = lines_field(TransferAsked, min_length=1)
    comment = Text(max_length=300, default="", allow_blank=True)


class OrdersMade(serializers.Serializer[Any]):
    orders = OrderShown(many=True)


class Transfers(Reads):
    """What could be moved between stations, as last worked out, with the numbers that explain it."""

    area = "orders"
    queryset = TransferProposal.objects.all()
    serializer_class = TransferShown
    filterset_class = filters(TransferProposal, "donor", "receiver", "is_short", item="item__sku")

    def seen_by(self, person: User) -> QuerySet[TransferProposal]:
        return visible_proposals(person).select_related("item")

    @command(TransfersAsked, OrdersMade)
    def accept(self, request: Request) -> Response:
        """Decide that this stock moves, all or none: one order for each donor and receiver."""
        asked = self.body(TransfersAsked).validated_data
        require_role(self.person, User.Role.LOGISTICS)
        items = items_of(asked["transfers"], path="transfers")
        accepted = [
            Accepted(items[one["item"]].pk, one["donor"], one["receiver"], one["quantity"], one.get("line"))
            for one in asked["transfers"]
        ]
        made = accept_transfers(accepted=accepted, comment=asked["comment"], **command_of(request))
        orders = visible_orders(self.person).filter(pk__in=[order.pk for order in made]).order_by("pk")
        rows = orders.select_related("station", "source", "requested_by").prefetch_related("lines__item")
        shown = OrderShown(rows, many=True, context=self.get_serializer_context())
        return Response({"orders": shown.data}, status=201)
