"""The codes of FHIR R4 (https://hl7.org/fhir/R4/) and what they mean here."""

from django.db.models import Case, CharField, F, Q, Value, When

from orders.models import ResupplyOrder, Shipment

MEDIA_TYPE = "application/fhir+json"
VERSION = "4.0.1"

ORDER_SYSTEM = "urn:ems-supply:order"
SHIPMENT_SYSTEM = "urn:ems-supply:shipment"
STATION_SYSTEM = "urn:ems-supply:station"
SKU_SYSTEM = "urn:ems-supply:sku"
NDC_SYSTEM = "http://hl7.org/fhir/sid/ndc"
GTIN_SYSTEM = "https://www.gs1.org/gtin"
ITEM_TYPE_SYSTEM = "http://terminology.hl7.org/CodeSystem/supply-item-type"

Priority = ResupplyOrder.Priority
# What is asked by as soon as possible is urgent here; between urgent and stat there is nothing.
PRIORITIES = {"routine": Priority.ROUTINE, "urgent": Priority.URGENT, "asap": Priority.URGENT, "stat": Priority.STAT}
REQUEST_STATUSES = ("draft", "active", "suspended", "cancelled", "completed", "entered-in-error", "unknown")
DELIVERY_STATUSES = ("in-progress", "completed", "abandoned", "entered-in-error")

State = ResupplyOrder.State
REQUEST_STATUS = Case(
    When(order__state=State.DRAFT, then=Value("draft")),
    When(order__state__in=(State.REJECTED, State.CANCELLED), then=Value("cancelled")),
    When(Q(approved=F("cancelled")), then=Value("cancelled")),
    When(Q(approved=F("cancelled") + F("received") + F("damaged") + F("missing")), then=Value("completed")),
    When(order__state=State.CLOSED, then=Value("completed")),
    default=Value("active"),
    output_field=CharField(),
)
DELIVERY_STATUS = Case(
    When(shipment__state=Shipment.State.RECEIVED, then=Value("completed")),
    When(shipment__state=Shipment.State.CANCELLED, then=Value("abandoned")),
    default=Value("in-progress"),
    output_field=CharField(),
)
