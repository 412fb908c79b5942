"""Waves: all that a run takes, picked in one walk and packed at its end."""

from collections.abc import Mapping
from typing import Any, NoReturn

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.asked import Nothing, Reason, Seen, by_code, lines_field, one_by_code, refuse_twice
from integrations.api.base import Resource
from integrations.api.fields import Id, Quantity, Version
from integrations.api.once import command_of
from integrations.api.resources.shipments import OtherLot, Packed, Picks
from integrations.api.shown.waves import WaveShown
from integrations.api.verbs import verb
from inventory.models import StockLevel
from orders.access import run_for, visible_runs
from orders.actions import picking, waves
from orders.models import DeliveryRun, Shipment, ShipmentLine
from orders.queries.waves import WavePart, divided, wave_of
from stations.access import require_role
from stations.models import User

NO_LINE = "Line {} is not on this run."
NO_SHIPMENT = "Shipment {} is not on this run."
AS_READ = "Shipments as they were read: nothing is done if one of them has changed since."


class WavePicks(Picks):
    shipments = lines_field(Seen, default=list, help_text=AS_READ)


class ShortPick(Reason):
    level = Id(help_text="The stock level of which less was there.")
    quantity = Quantity(least=0, help_text="So many of what is left to pick of it are there.")
    shipment = Id(required=False, help_text="Only of what this shipment gets; without it, the most urgent gets first.")
    shipments = lines_field(Seen, default=list, help_text=AS_READ)


class WavePacked(Packed):
    shipment = Id()
    version = Version(required=False, help_text="Of the shipment, as it was read.")


class Waves(Resource):
    """What a run, by its id, takes and nobody has packed yet: one walk past the bins, and how each lot divides."""

    area = "shipments"
    queryset = DeliveryRun.objects.all()
    serializer_class = WaveShown
    parameters = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require_role(self.person, User.Role.LOGISTICS)

    def seen_by(self, person: User) -> QuerySet[DeliveryRun]:
        return visible_runs(person)

    @extend_schema(operation_id="waves_retrieve")
    def retrieve(self, request: Request, pk: str) -> Response:
        """What to pick, in the order of the bins, and how far each of its shipments is."""
        return self._walk(run_for(self.person, int(pk)))

    @verb(Nothing, WaveShown, has_version=False)
    def start(self, request: Request, pk: str) -> Response:
        """Take all of it to pick: from now on nothing is added to it."""
        self.body(Nothing)
        return self._walk(waves.start_wave(run=run_for(self.person, int(pk)), **command_of(request)))

    @verb(WavePicks, WaveShown, has_version=False)
    def pick(self, request: Request, pk: str) -> Response:
        """Say how much of each line lies in its tote, for several shipments at once, all or none. What is short is owed
        as a backorder, and its shelf is counted."""
        asked = self.body(WavePicks).validated_data
        run, lines = run_for(self.person, int(pk)), asked["lines"]
        refuse_twice("lines", "id", [line["id"] for line in lines], "This line is named twice.")
        rows = ShipmentLine.objects.filter(shipment__stop__run=run)
        found = by_code(rows, [line["id"] for line in lines], field="pk", says=NO_LINE, key="id")
        versions: dict[int, int | None] = dict.fromkeys(line.shipment_id for line in found.values())
        picked = {line["id"]: line["quantity"] for line in lines}
        return self._confirm(run, versions | _seen(run, asked), picked, asked["reason"])

    @verb(ShortPick, WaveShown, has_version=False)
    def pick_short(self, request: Request, pk: str) -> Response:
        """Say that less of a lot was there than the walk says: what there is goes to the most urgent first, the rest is
        owed, and its shelf is counted."""
        asked = self.body(ShortPick).validated_data
        run = run_for(self.person, int(pk))
        parts = _parts(run, asked)
        listed = {line.pk: line.quantity for part in parts for line in part.left}
        if asked["quantity"] > (most := sum(listed.values())):
            _refuse("quantity", f"The walk says {most:,}: write how many of these are there.")
        versions: dict[int, int | None] = {part.shipment.pk: part.shipment.version for part in parts}
        return self._confirm(run, versions | _seen(run, asked), divided(listed, asked["quantity"]), asked["reason"])

    @verb(OtherLot, WaveShown, has_version=False)
    def take_other_lot(self, request: Request, pk: str) -> Response:
        """Take a line of one of its shipments from another lot than the one that expires first."""
        asked = self.body(OtherLot).validated_data
        run = run_for(self.person, int(pk))
        lines = ShipmentLine.objects.filter(shipment__stop__run=run).select_related("shipment")
        line = one_by_code(lines, asked["line"], field="pk", says=NO_LINE, key="line")
        levels = StockLevel.objects.filter(location__station=run.depot_id)
        says = "Stock level {} is not on the shelves of its depot."
        level = one_by_code(levels, asked["level"], field="pk", says=says, key="level")
        picking.take_other_lot(line=line, level=level, reason=asked["reason"], **command_of(request))
        return self._walk(run)

    @verb(WavePacked, WaveShown, has_version=False)
    def pack(self, request: Request, pk: str) -> Response:
        """Close one of its shipments into its totes."""
        asked = self.body(WavePacked).validated_data
        run = run_for(self.person, int(pk))
        shipments = Shipment.objects.filter(stop__run=run)
        found = one_by_code(shipments, asked["shipment"], field="pk", says=NO_SHIPMENT, key="shipment")
        version = asked.get("version")
        picking.pack_shipment(shipment=found, version=version, totes=asked["totes"], **command_of(request))
        return self._walk(run)

    def _confirm(
        self, run: DeliveryRun, versions: Mapping[int, int | None], picked: Mapping[int, int], reason: str
    ) -> Response:
        waves.confirm_wave(versions=versions, picked=picked, reason=reason, **command_of(self.request))
        return self._walk(run)

    def _walk(self, run: DeliveryRun) -> Response:
        return Response(self.get_serializer(wave_of(run, today=timezone.localdate())).data)


def _seen(run: DeliveryRun, asked: Mapping[str, Any]) -> dict[int, int | None]:
    """The versions that the body names, each of a shipment of the run."""
    pks = [one["id"] for one in asked["shipments"]]
    refuse_twice("shipments", "id", pks, "This shipment is named twice.")
    rows = Shipment.objects.filter(stop__run=run)
    by_code(rows, pks, field="pk", says=NO_SHIPMENT, path="shipments", key="id")
    return {one["id"]: one["version"] for one in asked["shipments"]}


def _parts(run: DeliveryRun, asked: Mapping[str, Any]) -> list[WavePart]:
    """What is left to pick of the lot that is short, the most urgent first."""
    walk = wave_of(run, today=timezone.localdate())
    line = next((one for one in walk.lines if one.key == asked["level"] and one.left), None)
    if line is None:
        _refuse("level", f"Nothing is left to pick from stock level {asked['level']}: look at the walk again.")
    parts = [part for part in line.urgent_parts if part.shipment.pk == asked.get("shipment", part.shipment.pk)]
    if not parts:
        _refuse("shipment", f"Shipment {asked['shipment']} gets nothing of this that is left to pick.")
    return parts


def _refuse(key: str, said: str) -> NoReturn:
    raise serializers.ValidationError({key: [serializers.ErrorDetail(said, code="unknown")]})
