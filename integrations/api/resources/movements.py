"""The ledger, and what moves stock: received, moved, used, discarded, undone; one by one, or a thousand at once."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.asked import ItemLine, LotLine, Reason, items_of, lines_field, one_by_code, place_of
from integrations.api.base import Reads
from integrations.api.bulk_rows import REASONS, MovementRows, received_lot, rows_of, why
from integrations.api.fields import Day, Id, One, Quantity, Text
from integrations.api.filters import days, filters
from integrations.api.once import command_of
from integrations.api.problems import FieldsRefused
from integrations.api.serializers import Asked
from integrations.api.shown.stock import MovementShown, MovementsMade
from integrations.api.signing import Witnessed, signature_in
from integrations.api.verbs import command, creates, verb
from inventory.access import visible_locations, visible_movements
from inventory.actions import stock as actions
from inventory.actions.bulk import post_bulk
from inventory.actions.bulk_rows import RowsRefused
from inventory.actions.undoing import undo_moves
from inventory.models import StockMovement
from inventory.queries.undoing import UNDOABLE
from stations.access import station_for, unit_for
from stations.models import Command, Location, User


class ReceivedLine(Asked):
    """So many of an item in one lot. A piece with a serial number is a lot of one."""

    item = Text(max_length=40, help_text="SKU.")
    quantity = Quantity(help_text="Base units.")
    lot_number = Text(max_length=40, default="", allow_blank=True)
    serial_number = Text(max_length=40, default="", allow_blank=True)
    expires_on = Day(default=None, allow_null=True)


class Delivery(Asked):
    station = Text(max_length=20, help_text="Code. Scheduled drugs go to its safe, all else to its supply room.")
    reference = Text(max_length=60, default="", allow_blank=True, help_text="Purchase order.")
    lines = lines_field(ReceivedLine, min_length=1)


class Moved(Asked):
    source: Any = Id(help_text="A place, by its id.")
    destination = Id(help_text="A place, by its id.")
    reference = Text(max_length=60, default="", allow_blank=True)
    lines = lines_field(LotLine, min_length=1)


class Discarded(Witnessed):
    location = Id(help_text="A place, by its id.")
    reason = One(choices=REASONS, help_text="What happened.")
    details = Text(max_length=200, default="", allow_blank=True, help_text="What was wrong, or the incident number.")
    lines = lines_field(LotLine, min_length=1)


class Used(Asked):
    """What was used on patients, out of a unit or another place."""

    unit = Text(max_length=20, required=False, help_text="Call sign. Or give the location.")
    location = Id(required=False, help_text="A place, by its id, if it was no unit.")
    reference = Text(max_length=60, default="", allow_blank=True, help_text="Incident number.")
    lines = lines_field(ItemLine, min_length=1)

    def validate(self, attrs: Any) -> Any:
        if ("unit" in attrs) == ("location" in attrs):
            said = serializers.ErrorDetail("Give either the unit or the location.", code="unknown")
            raise serializers.ValidationError({"unit": [said]})
        return attrs


class TakenBack(Asked):
    command = Id(help_text="What is taken back, by the `command` of its movements.")


class Ledger(Reads):
    """What lists movements."""

    queryset = StockMovement.objects.all()
    serializer_class = MovementShown
    filterset_class = filters(
        StockMovement,
        *("lot", "source", "destination", "reason", "reference", "command"),
        item="lot__item__sku",
        **days("moved_at__date"),
    )

    def seen_by(self, person: User) -> QuerySet[StockMovement]:
        return visible_movements(person).select_related("lot__item", "moved_by", "witness")

    def made_by(self, movement: StockMovement) -> Response:
        """All movements of the command that made this one."""
        made = StockMovement.objects.filter(command=movement.command_id).order_by("pk")
        rows = made.select_related("lot__item", "moved_by", "witness")
        shown = MovementShown(rows, many=True, context=self.get_serializer_context())
        return Response({"movements": shown.data}, status=201)


class Movements(Ledger):
    """The ledger: every line that stock ever moved by, oldest first. A mistake is undone by a movement back."""

    area = "stock"

    @command(Delivery, MovementsMade)
    def receive(self, request: Request) -> Response:
        """Put what a supplier brought on a station's shelves."""
        asked = self.body(Delivery).validated_data
        station = station_for(self.person, asked["station"], write=True)
        items = items_of(asked["lines"])
        lines = [received_lot(line, items) for line in asked["lines"]]
        made = actions.receive_stock(station=station, lines=lines, reference=asked["reference"], **command_of(request))
        return self.made_by(made)

    @command(Moved, MovementsMade)
    def move(self, request: Request) -> Response:
        """Move lots from one place to another."""
        asked = self.body(Moved).validated_data
        ends = {name: place_of(self.person, asked[name], key=name) for name in ("source", "destination")}
        made = actions.transfer_stock(**ends, lines=_lots(asked), reference=asked["reference"], **command_of(request))
        return self.made_by(made)

    @command(Discarded, MovementsMade)
    def discard(self, request: Request) -> Response:
        """Write off what is expired, damaged, recalled or wasted; a scheduled drug before a witness, who signs."""
        asked = self.body(Discarded).validated_data
        place = place_of(self.person, asked["location"])
        act = actions.waste_stock if asked["reason"] == "wasted" else actions.discard_stock
        made = act(
            location=place,
            lines=_lots(asked),
            reason=why(asked),
            witness=signature_in(request, asked, at=place.owner),
            **command_of(request),
        )
        return self.made_by(made)

    @verb(Reason, MovementShown, has_version=False, makes=True)
    def undo(self, request: Request, pk: str) -> Response:
        """Move it back, once, with the reason."""
        reason = self.body(Reason).validated_data["reason"]
        movement = get_object_or_404(visible_movements(self.person), pk=pk)
        return self.done(actions.reverse_movement(movement=movement, reason=reason, **command_of(request)), status=201)

    @command(TakenBack, MovementsMade)
    def undo_together(self, request: Request) -> Response:
        """Take back what you did a moment ago, all lines of it or none: within ten minutes, and while nothing came of
        it. Not what had a witness or is a scheduled drug."""
        mine = Command.objects.filter(by=self.person, verb__in=UNDOABLE)
        says = "You did nothing under the command {} that is taken back here. It is your own using, restocking, moving "
        says += "or discarding; /movements/ has its command."
        done = one_by_code(mine, self.body(TakenBack).validated_data["command"], field="pk", says=says, key="command")
        return self.made_by(undo_moves(done=done.request_id, **command_of(request))[0])

    @command(MovementRows, MovementsMade)
    def bulk(self, request: Request) -> Response:
        """Up to 1,000 movements of every kind, all or none, each judged against the stock before the call. What is
        wrong is named by row: `movements.3.quantity`."""
        asked = self.body(MovementRows).validated_data
        rows, owner = rows_of(self.person, asked["movements"])
        witness = signature_in(request, asked, at=owner) if owner else None
        try:
            made = post_bulk(rows=rows, witness=witness, **command_of(request))
        except RowsRefused as refusal:
            named = {f"movements.{at}.{field}": said for (at, field), said in refusal.rows.items()}
            raise FieldsRefused(refusal, named) from refusal
        return self.made_by(made[0])


class Usage(Ledger):
    """What was used on patients. What expires first is taken, unless a lot is named."""

    area = "usage"

    def seen_by(self, person: User) -> QuerySet[StockMovement]:
        return super().seen_by(person).filter(reason=StockMovement.Reason.USED)

    @creates(Used, MovementsMade)
    def create(self, request: Request) -> Response:
        """Take what was used off the books of a unit or another place."""
        asked = self.body(Used).validated_data
        made = actions.use_stock(
            location=self._place(asked),
            lines=used_lines(asked["lines"]),
            reference=asked["reference"],
            **command_of(request),
        )
        return self.made_by(made)

    def _place(self, asked: dict[str, Any]) -> Location:
        if "location" in asked:
            return place_of(self.person, asked["location"])
        unit = unit_for(self.person, asked["unit"], write=True)
        place = visible_locations(self.person).filter(unit=unit).select_related("unit__station").first()
        if place is None:
            raise Http404
        return place


def used_lines(lines: list[dict[str, Any]]) -> list[actions.Used]:
    """Lines of a body, as the actions take them."""
    items = items_of(lines)
    return [actions.Used(items[line["item"]].pk, line["quantity"], line.get("lot")) for line in lines]


def _lots(asked: dict[str, Any]) -> list[actions.OfLot]:
    return [actions.OfLot(line["lot"], line["quantity"]) for line in asked["lines"]]
