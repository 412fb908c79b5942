"""SupplyRequest: read, searched, created. SupplyDelivery: read, searched."""

import re
from typing import Any
from uuid import uuid5

from django.db.models import Q, QuerySet
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.actions.supply_requests import request_supply
from integrations.api.fhir.asked import SupplyRequestAsked, read_supply_request
from integrations.api.fhir.base import FhirResource
from integrations.api.fhir.items import item_of
from integrations.api.fhir.outcomes import Issue, Unacceptable
from integrations.api.fhir.shown import supply_delivery, supply_request
from integrations.api.fhir.words import (
    DELIVERY_STATUS,
    DELIVERY_STATUSES,
    ORDER_SYSTEM,
    REQUEST_STATUS,
    REQUEST_STATUSES,
    SHIPMENT_SYSTEM,
)
from integrations.api.once import HEADER, NAMESPACE, REPLAYED, key_of
from integrations.models import SupplyIdentifier
from inventory.actions.lines import MOST
from orders.access import visible_orders, visible_shipments
from orders.models import OrderLine, ShipmentLine
from stations.access import station_for

NUMBER = re.compile(r"[RS](\d{6,18})", re.ASCII)
CONDITION = "If-None-Exist"


def _number(system: str | None, value: str, own: str) -> int | None:
    """The id in one of our numbers, R000012, where the system may be ours."""
    found = NUMBER.fullmatch(value) if system in (None, own) else None
    return int(found[1]) if found else None


class SupplyRequests(FhirResource):
    """Each line of a request that asks for something."""

    area = "orders"
    kind = "SupplyRequest"
    statuses = REQUEST_STATUSES

    def rows(self) -> QuerySet[OrderLine]:
        lines = OrderLine.objects.filter(order__in=visible_orders(self.person), asked__gt=0)
        lines = lines.select_related("item", "location", "order__station", "order__source", "order__requested_by")
        return lines.prefetch_related("item__codes", "identifiers").annotate(fhir_status=REQUEST_STATUS)

    def shown(self, row: Any) -> dict[str, Any]:
        return supply_request(row)

    def with_identifier(self, system: str | None, value: str) -> Q:
        named = SupplyIdentifier.objects.filter(value=value)
        named = named if system is None else named.filter(system=system)
        number = _number(system, value, ORDER_SYSTEM) if value.startswith("R") else None
        return Q(pk__in=named.values("line")) | (Q(order=number) if number else Q(pk__in=[]))

    def create(self, request: Request) -> Response:
        """Ask for something. A repeat is answered with what it made the first time, as it stands now."""
        asked = read_supply_request(request.data)
        key = _key(request, asked)
        station = station_for(self.person, asked.station, write=True)
        if row := self._known(request, asked):
            return self._answer(request, row, is_new=False)
        item, each = item_of(asked.codings)
        if (quantity := asked.quantity * each) > MOST:
            raise Unacceptable([Issue("value", "SupplyRequest.quantity", f"That is more than {MOST:,} in all.")])
        line, is_new = request_supply(
            station=station,
            item=item,
            quantity=quantity,
            priority=asked.priority,
            needed_by=asked.needed_by,
            comment=asked.comment,
            is_draft=asked.is_draft,
            identifiers=asked.identifiers,
            by=self.person,
            at=timezone.now(),
            request_id=uuid5(NAMESPACE, f"fhir {self.person.pk} {key}"),
        )
        return self._answer(request, self.rows().get(pk=line.pk), is_new=is_new)

    def _known(self, request: Request, asked: SupplyRequestAsked) -> OrderLine | None:
        """With If-None-Exist: what the caller asked for by this identifier before."""
        if CONDITION not in request.headers:
            return None
        known = SupplyIdentifier.objects.filter(Q(user=self.person) & _any_of(asked.identifiers))
        return self.rows().filter(pk__in=known.values("line")).first()

    def _answer(self, request: Request, row: OrderLine, *, is_new: bool) -> Response:
        headers = {"Location": self.address(request, row)} | ({} if is_new else {REPLAYED: "true"})
        return Response(self.shown(row), status=201 if is_new else 200, headers=headers)


def _any_of(identifiers: list[tuple[str, str]]) -> Q:
    wanted = Q(pk__in=[])
    for system, value in identifiers:
        wanted |= Q(system=system, value=value)
    return wanted


def _key(request: Request, asked: SupplyRequestAsked) -> str:
    """What makes a repeat the same: the Idempotency-Key, or the identifier that the resource carries."""
    if condition := request.headers.get(CONDITION):
        system, bar, value = condition.removeprefix("identifier=").rpartition("|")
        if not condition.startswith("identifier=") or (system if bar else "", value) not in asked.identifiers:
            says = f"{CONDITION} is identifier=SYSTEM|VALUE, with an identifier that the resource carries."
            raise Unacceptable([Issue("not-supported", "SupplyRequest.identifier", says)], status=400)
    if HEADER in request.headers:
        return f"key {key_of(request)}"
    if asked.identifiers:
        system, value = asked.identifiers[0]
        return f"identifier {system}|{value}"
    says = f"Send an identifier of yours, or an {HEADER}: else a repeat would ask for it twice."
    raise Unacceptable([Issue("required", "SupplyRequest.identifier", says)], status=400)


class SupplyDeliveries(FhirResource):
    """Each line of a shipment: so many of one lot."""

    area = "shipments"
    kind = "SupplyDelivery"
    statuses = DELIVERY_STATUSES

    def rows(self) -> QuerySet[ShipmentLine]:
        lines = ShipmentLine.objects.filter(shipment__in=visible_shipments(self.person))
        lines = lines.select_related("shipment__source", "shipment__destination", "shipment__received_by")
        lines = lines.select_related("order_line__item", "level__lot").prefetch_related("order_line__item__codes")
        return lines.annotate(fhir_status=DELIVERY_STATUS)

    def shown(self, row: Any) -> dict[str, Any]:
        return supply_delivery(row)

    def with_identifier(self, system: str | None, value: str) -> Q:
        number = _number(system, value, SHIPMENT_SYSTEM) if value.startswith("S") else None
        return Q(shipment=number) if number else Q(pk__in=[])
