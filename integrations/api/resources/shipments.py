"""Shipments: picked, packed, received; and what was not accepted, until somebody says where it went."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.pictures import as_answer
from integrations.api.asked import Nothing, Reason, Seen, lines_field, one_by_code, refuse_twice, versions_of
from integrations.api.base import Reads, ReadsVersions
from integrations.api.fields import Id, One, Quantity, Rows, Text, Whole
from integrations.api.filters import filters, is_empty
from integrations.api.once import command_of
from integrations.api.photos import Jpeg, JsonWithPhotos, Photo, pictures_of
from integrations.api.serializers import Asked
from integrations.api.shown.orders import DiscrepancyShown, ShipmentShown
from integrations.api.verbs import command, verb
from integrations.api.versions import version_seen
from inventory.models import StockLevel
from orders.access import discrepancy_for, photo_for, run_for, shipment_for, visible_shipments
from orders.actions import bays, picking, receipts
from orders.actions.choosing import choose_run
from orders.actions.receipts import ReceivedLine
from orders.actions.settling import settle_discrepancy
from orders.forms.together import MOST_DELIVERIES
from orders.models import Discrepancy, DiscrepancyPhoto, Shipment
from orders.queries.discrepancies import PHOTOS
from stations.models import User


class Picked(Asked):
    id = Id(help_text="The line's id.")
    quantity = Quantity(least=0, help_text="So many lie in the tote.")


class Picks(Asked):
    lines = lines_field(Picked, min_length=1)
    reason = Text(max_length=200, default="", allow_blank=True, help_text="Needed where a line is short.")


class OtherLot(Reason):
    reason = Text(max_length=120, help_text="Why not the lot that expires first.")
    line = Id(help_text="The line's id.")
    level = Id(help_text="The stock level that it is taken from, as /stock names it.")


class Packed(Asked):
    totes = Whole(min_value=1, max_value=200)


class LineReceived(Asked):
    """What came of a line; the three add up to what was sent."""

    id = Id(help_text="The line's id.")
    accepted = Quantity(least=0)
    damaged = Quantity(least=0, default=0)
    missing = Quantity(least=0, default=0)
    reason = Text(max_length=200, default="", allow_blank=True, help_text="Needed where not all was accepted.")
    photos = Rows(
        child=Photo(),
        max_length=DiscrepancyPhoto.MOST,
        default=list,
        help_text="Of what was damaged or missing: JPEG, PNG or WebP of at most 15 MB each, in base64.",
    )


class Receipt(Asked):
    lines = lines_field(LineReceived, default=list, help_text="Those that differ; the rest came as sent.")


class Deliveries(Asked):
    shipments = lines_field(Seen, most=MOST_DELIVERIES, min_length=1)


class ShipmentsReceived(serializers.Serializer[Any]):
    shipments = ShipmentShown(many=True)


class RunChosen(Asked):
    run = Id()


class Settlement(Reason):
    resolution = One(choices=Discrepancy.Resolution.values)


class Shipments(ReadsVersions):
    """What is picked, packed and sent to one station."""

    area = "shipments"
    queryset = Shipment.objects.all()
    serializer_class = ShipmentShown
    filterset_class = filters(
        Shipment, "state", source="source__code", destination="destination__code", run="stop__run"
    )

    def seen_by(self, person: User) -> QuerySet[Shipment]:
        shipments = visible_shipments(person).select_related("source", "destination")
        return shipments.prefetch_related("lines__order_line__item", "lines__level")

    @verb(Nothing, ShipmentShown, has_version=False)
    def start_picking(self, request: Request, pk: str) -> Response:
        """Take it to pick: from now on nothing is added to it."""
        self.body(Nothing)
        return self.done(picking.start_picking(shipment=self._found(pk), **command_of(request)))

    @verb(Picks, ShipmentShown)
    def pick(self, request: Request, pk: str) -> Response:
        """Say how much of each line is in the tote. What is short is owed as a backorder, and its shelf is counted."""
        asked = self.body(Picks).validated_data
        refuse_twice("lines", "id", [line["id"] for line in asked["lines"]], "This line is named twice.")
        picked = {line["id"]: line["quantity"] for line in asked["lines"]}
        return self._step(picking.confirm_picks, pk, picked=picked, reason=asked["reason"])

    @verb(OtherLot, ShipmentShown, has_version=False)
    def take_other_lot(self, request: Request, pk: str) -> Response:
        """Take a line from another lot than the one that expires first."""
        asked = self.body(OtherLot).validated_data
        shipment = self._found(pk)
        lines = shipment.lines.select_related("shipment")
        line = one_by_code(lines, asked["line"], field="pk", says="Line {} is not on this shipment.", key="line")
        levels = StockLevel.objects.filter(location__station=shipment.source_id)
        says = "Stock level {} is not on the shelves of its source."
        level = one_by_code(levels, asked["level"], field="pk", says=says, key="level")
        picking.take_other_lot(line=line, level=level, reason=asked["reason"], **command_of(request))
        return self.done(shipment)

    @verb(Packed, ShipmentShown)
    def pack(self, request: Request, pk: str) -> Response:
        """Close it into its totes. It then waits for a run."""
        return self._step(picking.pack_shipment, pk, **self.body(Packed).validated_data)

    @verb(Reason, ShipmentShown)
    def reopen(self, request: Request, pk: str) -> Response:
        """Open a packed shipment again, before it leaves."""
        return self._step(picking.reopen_shipment, pk, **self.body(Reason).validated_data)

    @verb(RunChosen, ShipmentShown)
    def choose_run(self, request: Request, pk: str) -> Response:
        """Put a transfer that waits to be collected on this run."""
        run = run_for(self.person, self.body(RunChosen).validated_data["run"], write=True)
        return self._step(choose_run, pk, run=run)

    @verb(Receipt, ShipmentShown, parsers=[JsonWithPhotos])
    def receive(self, request: Request, pk: str) -> Response:
        """Take it in at its station. What was damaged or missing becomes a discrepancy. A body may have 32 MB and 60
        photos."""
        shipment_for(self.person, int(pk), write=True)  # nobody else's photos are drawn
        asked = self.body(Receipt).validated_data["lines"]
        refuse_twice("lines", "id", [line["id"] for line in asked], "This line is named twice.")
        lines = [
            ReceivedLine(line["id"], line["accepted"], line["damaged"], line["missing"], line["reason"], photos)
            for line, photos in zip(asked, pictures_of(asked), strict=True)
        ]
        return self._step(receipts.receive_shipment, pk, lines=lines)

    @extend_schema(operation_id="shipments_receive_many")
    @command(Deliveries, ShipmentsReceived, name="receive", makes=False)
    def receive_several(self, request: Request) -> Response:
        """Take in what was handed over, as it was sent: all of these or none."""
        versions = versions_of("shipments", self.body(Deliveries).validated_data["shipments"])
        rows = self.get_queryset().filter(pk__in=versions).order_by("pk")
        if rows.count() < len(versions):
            raise Http404
        bays.receive_shipments(versions=versions, **command_of(request))
        shown = ShipmentShown(rows, many=True, context=self.get_serializer_context())
        return Response({"shipments": shown.data})

    def _found(self, pk: str) -> Shipment:
        return shipment_for(self.person, int(pk))

    def _step(self, act: Any, pk: str, **asked: Any) -> Response:
        version = version_seen(self.request)
        return self.done(act(shipment=self._found(pk), version=version, **asked, **command_of(self.request)))


class Discrepancies(Reads):
    """What left and was not accepted: in nobody's stock until it is settled."""

    area = "shipments"
    queryset = Discrepancy.objects.all()
    serializer_class = DiscrepancyShown
    filterset_class = filters(
        Discrepancy, "kind", "resolution", shipment="line__shipment", is_open=is_empty("resolution")
    )

    def seen_by(self, person: User) -> QuerySet[Discrepancy]:
        if person.role == User.Role.DRIVER:
            return Discrepancy.objects.none()
        found = Discrepancy.objects.filter(line__shipment__in=visible_shipments(person))
        return found.select_related("line__order_line__item", "line__level", "settled_by").prefetch_related(PHOTOS)

    @extend_schema(operation_id="discrepancies_photo", responses={(200, Jpeg.media_type): OpenApiTypes.BINARY})
    @action(
        detail=False,
        methods=["get"],
        url_path=r"photos/(?P<photo>[0-9]{1,18})",
        filterset_class=None,
        pagination_class=None,
        renderer_classes=[Jpeg],
    )
    def photo(self, request: Request, photo: str) -> HttpResponse:
        """A photo of what was damaged or missing, for whoever sees its shipment. It never changes."""
        return as_answer(bytes(photo_for(self.person, int(photo)).content))

    @verb(Settlement, DiscrepancyShown, has_version=False)
    def settle(self, request: Request, pk: str) -> Response:
        """Say where it went, and how one knows."""
        asked = self.body(Settlement).validated_data
        found = discrepancy_for(self.person, int(pk), write=True)
        return self.done(settle_discrepancy(discrepancy=found, **asked, **command_of(request)))
