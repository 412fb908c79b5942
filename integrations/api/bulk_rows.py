"""The rows of a bulk of movements: each says its kind, and what such a movement needs."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from integrations.api.asked import MOST_LINES, NO_ITEM, wrong_rows
from integrations.api.fields import Day, Id, One, Quantity, Rows, Text
from integrations.api.serializers import Asked
from integrations.api.signing import Witnessed
from inventory.access import visible_locations
from inventory.actions.bulk_rows import Discard, Receive, Row, Shift, Use
from inventory.actions.lines import OfLot
from inventory.actions.lines import Used as UsedLine
from inventory.actions.receiving import ReceivedLot
from inventory.forms.disposal import WHY
from inventory.models import Item
from stations.access import visible_stations
from stations.models import Station, User

PATH = "movements"
REASONS = sorted(WHY)


class ReceiveRow(Asked):
    """A supplier brought it."""

    kind = One(choices=["receive"])
    station = Text(max_length=20, help_text="Code.")
    item = Text(max_length=40, help_text="SKU.")
    quantity = Quantity()
    lot_number = Text(max_length=40, default="", allow_blank=True)
    serial_number = Text(max_length=40, default="", allow_blank=True)
    expires_on = Day(default=None, allow_null=True)
    reference = Text(max_length=60, default="", allow_blank=True, help_text="Purchase order.")


class MoveRow(Asked):
    """It went to another place."""

    kind = One(choices=["move"])
    source: Any = Id(help_text="A place, by its id.")
    destination = Id(help_text="A place, by its id.")
    lot = Id()
    quantity = Quantity()
    reference = Text(max_length=60, default="", allow_blank=True)


class UseRow(Asked):
    """It was used on a patient. What expires first is taken, unless a lot is named."""

    kind = One(choices=["use"])
    location = Id(help_text="A place, by its id.")
    item = Text(max_length=40, help_text="SKU.")
    quantity = Quantity()
    lot = Id(required=False)
    reference = Text(max_length=60, default="", allow_blank=True, help_text="Incident number.")


class DiscardRow(Asked):
    """It left without having helped anybody."""

    kind = One(choices=["discard"])
    location = Id(help_text="A place, by its id.")
    lot = Id()
    quantity = Quantity()
    reason = One(choices=REASONS)
    details = Text(max_length=200, default="", allow_blank=True)


KINDS: Mapping[str, type[Asked]] = {"receive": ReceiveRow, "move": MoveRow, "use": UseRow, "discard": DiscardRow}


@extend_schema_field(
    PolymorphicProxySerializer(component_name="MovementRow", serializers=dict(KINDS), resource_type_field_name="kind")
)
class MovementRow(serializers.Field[Any, Any, Any, Any]):
    """A row of any kind."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "kind": f"Say the kind: {', '.join(KINDS)}.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rows = {kind: made() for kind, made in KINDS.items()}

    def to_internal_value(self, data: Any) -> Any:
        kind = data.get("kind") if isinstance(data, dict) else None
        if not isinstance(kind, str) or kind not in self.rows:
            raise serializers.ValidationError({"kind": [self.error_messages["kind"]]}, code="invalid_choice")
        return self.rows[kind].run_validation(data)


class MovementRows(Witnessed):
    movements = Rows(child=MovementRow(), min_length=1, max_length=MOST_LINES)


def rows_of(person: User, asked: Sequence[Mapping[str, Any]]) -> tuple[list[Row], Station | None]:
    """The rows as the action takes them, and the station at which a witness may sign: that of the first discard.
    Refuses what they name and there is not, row by row. Three queries."""
    says = "There is no {} that you may see."
    stations = _named(asked, ["station"], visible_stations(person), "code", says)
    items = _named(asked, ["item"], Item.objects.all(), "sku", NO_ITEM)
    visible = visible_locations(person).select_related("station", "unit__station")
    places = _named(asked, ["source", "destination", "location"], visible, "pk", says)
    owner = next((places[row["location"]].owner for row in asked if row["kind"] == "discard"), None)
    return [_row(row, stations, items) for row in asked], owner


def _named(
    asked: Sequence[Mapping[str, Any]], names: Sequence[str], rows: QuerySet[Any], column: str, says: str
) -> dict[Any, Any]:
    """What rows name in these fields, by the code that they name it by."""
    codes = {row[name] for row in asked for name in names if name in row}
    found = {getattr(one, column): one for one in rows.filter(**{f"{column}__in": codes})} if codes else {}
    missing = {
        number: {name: says.format(row[name]) for name in names if name in row and row[name] not in found}
        for number, row in enumerate(asked)
    }
    wrong_rows(PATH, {number: names for number, names in missing.items() if names})
    return found


def _row(row: Mapping[str, Any], stations: Mapping[str, Station], items: Mapping[str, Item]) -> Row:
    match row["kind"]:
        case "receive":
            return Receive(stations[row["station"]].pk, received_lot(row, items), row["reference"])
        case "move":
            return Shift(row["source"], row["destination"], OfLot(row["lot"], row["quantity"]), row["reference"])
        case "use":
            used = UsedLine(items[row["item"]].pk, row["quantity"], row.get("lot"))
            return Use(row["location"], used, row["reference"])
    lot = OfLot(row["lot"], row["quantity"])
    return Discard(row["location"], lot, why(row), is_waste=row["reason"] == "wasted")


def why(asked: Mapping[str, Any]) -> str:
    """What happened, in words, as the page writes it."""
    return ": ".join(filter(None, (WHY[asked["reason"]], asked["details"].strip())))


def received_lot(row: Mapping[str, Any], items: Mapping[str, Item]) -> ReceivedLot:
    """A line of what a supplier brought, as the actions take it."""
    return ReceivedLot(
        items[row["item"]].pk, row["lot_number"], row["expires_on"], row["quantity"], row["serial_number"]
    )
