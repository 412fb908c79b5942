"""Lines of requests and of shipments as resources of FHIR R4. A resource has one item; so has a line."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from integrations.api.fhir.words import (
    GTIN_SYSTEM,
    ITEM_TYPE_SYSTEM,
    NDC_SYSTEM,
    ORDER_SYSTEM,
    SHIPMENT_SYSTEM,
    SKU_SYSTEM,
    STATION_SYSTEM,
)
from inventory.codes import System
from inventory.models import Item
from orders.models import OrderLine, ResupplyOrder, ShipmentLine
from stations.models import Station, User

Resource = dict[str, Any]
SYSTEMS: Mapping[str, str] = {System.GTIN: GTIN_SYSTEM, System.NDC: NDC_SYSTEM}


def supply_request(line: Any) -> Resource:
    """A line with its ``fhir_status``, its order and its item's ``codes``."""
    order: ResupplyOrder = line.order
    own = [_identifier(one.system, one.value) for one in line.identifiers.all()]
    return _without_blanks(
        {
            "resourceType": "SupplyRequest",
            "id": str(line.pk),
            "identifier": [_identifier(ORDER_SYSTEM, order.number), *own],
            "status": line.fhir_status,
            "priority": ResupplyOrder.Priority(order.priority).name.lower(),
            "itemCodeableConcept": _concept(line.item),
            "quantity": _quantity(line.asked, line.item),
            "occurrenceDateTime": _instant(order.needed_by),
            "authoredOn": _instant(order.submitted_at or order.created_at),
            "requester": _person(order.requested_by),
            "supplier": [_station(order.source)],
            "reasonCode": [{"text": order.comment}] if order.comment else [],
            "deliverFrom": _station(order.source),
            "deliverTo": _place(line),
        }
    )


def supply_delivery(line: Any) -> Resource:
    """A line of a shipment with its ``fhir_status``: so many of one lot. What was received is what was accepted."""
    shipment, item = line.shipment, line.order_line.item
    quantity = line.quantity if line.accepted is None else line.accepted
    kind = "medication" if item.kind == Item.Kind.MEDICATION else "device"
    return _without_blanks(
        {
            "resourceType": "SupplyDelivery",
            "id": str(line.pk),
            "identifier": [_identifier(SHIPMENT_SYSTEM, shipment.number)],
            "basedOn": [{"reference": f"SupplyRequest/{line.order_line_id}"}],
            "status": line.fhir_status,
            "type": {"coding": [{"system": ITEM_TYPE_SYSTEM, "code": kind}]},
            "suppliedItem": {
                "quantity": _quantity(quantity, item),
                "itemCodeableConcept": _concept(item, lot=_lot(line)),
            },
            "occurrenceDateTime": _instant(shipment.received_at or shipment.delivered_at or shipment.dispatched_at),
            "supplier": _station(shipment.source),
            "destination": _station(shipment.destination),
            "receiver": [_person(shipment.received_by)] if shipment.received_by else [],
        }
    )


def _without_blanks(resource: Resource) -> Resource:
    """FHIR has no null and no empty list: what is not known is left out."""
    return {name: value for name, value in resource.items() if value not in (None, [], "")}


def _identifier(system: str, value: str) -> Resource:
    return {"system": system, "value": value} if system else {"value": value}


def _concept(item: Item, *, lot: str = "") -> Resource:
    """The item by its SKU, and by the codes of one base unit."""
    codings = [{"system": SKU_SYSTEM, "code": item.sku, "display": item.name}]
    of_one = [code for code in item.codes.all() if code.pack_id is None and code.system in SYSTEMS]
    codings += [{"system": SYSTEMS[code.system], "code": code.code} for code in of_one]
    return {"coding": codings, "text": f"{item.name}, lot {lot}" if lot else item.name}


def _lot(line: ShipmentLine) -> str:
    return line.level.lot.number or line.level.lot.serial_number


def _quantity(value: int, item: Item) -> Resource:
    return {"value": value, "unit": item.unit_of_measure}


def _instant(moment: datetime | None) -> str | None:
    return timezone.localtime(moment).isoformat(timespec="seconds") if moment else None


def _person(person: User | None) -> Resource | None:
    return {"display": str(person)} if person else None


def _station(station: Station) -> Resource:
    return {"identifier": {"system": STATION_SYSTEM, "value": station.code}, "display": station.name}


def _place(line: OrderLine) -> Resource:
    station = line.order.station
    return _station(station) | {"display": f"{station.name}, {line.location.name}"}
