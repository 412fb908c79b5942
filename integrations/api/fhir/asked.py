"""A SupplyRequest that another system sends, read into what our actions take. All that is wrong is said at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from integrations.api.fhir.outcomes import Issue, Unacceptable
from integrations.api.fhir.words import PRIORITIES, STATION_SYSTEM
from inventory.actions.lines import MOST

# Elements of SupplyRequest and of every resource. Those that are only read by people or other systems are not kept.
READ = {"resourceType", "identifier", "status", "priority", "itemCodeableConcept", "quantity", "occurrenceDateTime",
        "occurrencePeriod", "reasonCode", "deliverTo"}  # fmt: skip
PASSED_OVER = {"id", "meta", "language", "text", "contained", "extension", "category", "authoredOn", "requester",
               "supplier", "reasonReference", "deliverFrom"}  # fmt: skip
NOT_TAKEN = {"implicitRules", "modifierExtension", "itemReference", "parameter", "occurrenceTiming"}
COMMENT, SYSTEM, VALUE = 300, 200, 100
MOST_IDENTIFIERS = 10


@dataclass
class SupplyRequestAsked:
    """What was asked. ``quantity`` counts what the item's code stands for: base units, or packs."""

    codings: list[tuple[str, str]] = field(default_factory=list)
    text: str = ""
    quantity: int = 0
    station: str = ""
    priority: int = 0
    needed_by: datetime | None = None
    comment: str = ""
    is_draft: bool = False
    identifiers: list[tuple[str, str]] = field(default_factory=list)


def read_supply_request(data: Any) -> SupplyRequestAsked:
    """The resource, checked; refused with an issue for each element that is wrong."""
    if not isinstance(data, Mapping) or data.get("resourceType") != "SupplyRequest":
        raise Unacceptable([Issue("structure", "", "Send one resource of the type SupplyRequest.")], status=400)
    asked = SupplyRequestAsked()
    issues = [*_elements(data), *_item(data, asked), *_quantity(data, asked), *_words(data, asked)]
    issues += [*_needed_by(data, asked), *_deliver_to(data, asked), *_identifiers(data, asked)]
    if issues:
        raise Unacceptable(issues, status=400 if any(issue.code == "structure" for issue in issues) else 422)
    return asked


def _elements(data: Mapping[str, Any]) -> Iterator[Issue]:
    for name in data:
        if name in NOT_TAKEN:
            yield Issue("not-supported", f"SupplyRequest.{name}", f"{name} is not taken here. Leave it out.")
        elif name not in READ | PASSED_OVER and not name.startswith("_"):
            yield Issue("structure", "SupplyRequest", f"SupplyRequest has no element {name[:40]}.")


def _item(data: Mapping[str, Any], asked: SupplyRequestAsked) -> Iterator[Issue]:
    where = "SupplyRequest.item"
    concept = data.get("itemCodeableConcept")
    if concept is None:
        yield Issue("required", where, "Say which item, as itemCodeableConcept with a code of it.")
        return
    codings = concept.get("coding", []) if isinstance(concept, Mapping) else None
    if not isinstance(codings, list) or not all(isinstance(one, Mapping) for one in codings):
        yield Issue("structure", where, "item is a CodeableConcept with a list of codings.")
        return
    for coding in codings:
        system, code = coding.get("system", ""), coding.get("code")
        if isinstance(system, str) and isinstance(code, str) and code.strip():
            asked.codings.append((system, code.strip()))
        else:
            yield Issue("structure", f"{where}.coding", "A coding has a code, and perhaps a system.")
    if not codings:
        yield Issue("required", f"{where}.coding", "Say which item by a code: its SKU, NDC or GTIN.")


def _quantity(data: Mapping[str, Any], asked: SupplyRequestAsked) -> Iterator[Issue]:
    where, quantity = "SupplyRequest.quantity", data.get("quantity")
    if quantity is None:
        yield Issue("required", where, "Say how many.")
        return
    value = quantity.get("value") if isinstance(quantity, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        yield Issue("structure", where, "quantity is a Quantity with a number as its value.")
    elif "comparator" in quantity:
        yield Issue("not-supported", f"{where}.comparator", "Say one number, without a comparator.")
    elif not 1 <= value <= MOST or value != int(value):
        yield Issue("value", f"{where}.value", f"Ask for a whole number from 1 to {MOST:,}.")
    else:
        asked.quantity = int(value)


def _words(data: Mapping[str, Any], asked: SupplyRequestAsked) -> Iterator[Issue]:
    """Status, priority and reason."""
    status, priority = data.get("status", "active"), data.get("priority", "routine")
    if status not in ("active", "draft"):
        yield Issue("value", "SupplyRequest.status", "Send it as draft, or as active to have it approved.")
    if not isinstance(priority, str) or priority not in PRIORITIES:
        yield Issue("code-invalid", "SupplyRequest.priority", f"Choose one of {', '.join(PRIORITIES)}.")
    else:
        asked.priority = int(PRIORITIES[priority])
    asked.is_draft = status == "draft"
    reasons = data.get("reasonCode", [])
    if not isinstance(reasons, list) or not all(isinstance(one, Mapping) for one in reasons):
        yield Issue("structure", "SupplyRequest.reasonCode", "reasonCode is a list of CodeableConcepts.")
        return
    said = [reason for one in reasons if (reason := _text_of(one))]
    asked.comment = "; ".join(said)[:COMMENT].replace("\0", "")


def _text_of(concept: Mapping[str, Any]) -> str:
    codings = concept.get("coding")
    first = codings[0] if isinstance(codings, list) and codings and isinstance(codings[0], Mapping) else {}
    text = concept.get("text") or first.get("display") or first.get("code") or ""
    return text.strip() if isinstance(text, str) else ""


def _needed_by(data: Mapping[str, Any], asked: SupplyRequestAsked) -> Iterator[Issue]:
    where, text = "SupplyRequest.occurrence", data.get("occurrenceDateTime")
    period = data.get("occurrencePeriod")
    if text is not None and period is not None:
        yield Issue("structure", where, "Say one occurrence, as a dateTime or as a Period.")
        return
    if period is not None:
        text = period.get("end") if isinstance(period, Mapping) else 0
    if text is None:
        return
    asked.needed_by = moment_of(text) if isinstance(text, str) else None
    if asked.needed_by is None:
        yield Issue("value", where, "Write a day or a moment, as 2026-12-31 or 2026-12-31T08:00:00-08:00.")


def moment_of(text: str) -> datetime | None:
    """A dateTime of FHIR; of a mere day its end, where we are."""
    try:
        if day := parse_date(text):
            return timezone.make_aware(datetime.combine(day, time(23, 59)))
        moment = parse_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment is not None and timezone.is_aware(moment) else None


def _deliver_to(data: Mapping[str, Any], asked: SupplyRequestAsked) -> Iterator[Issue]:
    where, target = "SupplyRequest.deliverTo", data.get("deliverTo")
    says = f"Say to which station: an identifier of the system {STATION_SYSTEM}, or the reference Location/CODE."
    if target is None:
        yield Issue("required", where, says)
        return
    identifier = target.get("identifier") if isinstance(target, Mapping) else None
    reference = target.get("reference") if isinstance(target, Mapping) else None
    if isinstance(identifier, Mapping) and isinstance(identifier.get("value"), str):
        asked.station = identifier["value"]
    elif isinstance(reference, str) and reference.startswith("Location/"):
        asked.station = reference.removeprefix("Location/")
    if not asked.station or "\0" in asked.station:
        yield Issue("required", where, says)


def _identifiers(data: Mapping[str, Any], asked: SupplyRequestAsked) -> Iterator[Issue]:
    where, found = "SupplyRequest.identifier", data.get("identifier", [])
    if not isinstance(found, list) or len(found) > MOST_IDENTIFIERS:
        yield Issue("structure", where, f"identifier is a list of at most {MOST_IDENTIFIERS} identifiers.")
        return
    for one in found:
        system, value = (one.get("system", ""), one.get("value")) if isinstance(one, Mapping) else ("", None)
        if not _is_text(value, VALUE) or not (system == "" or _is_text(system, SYSTEM)):
            yield Issue("value", where, f"An identifier has a value of 1 to {VALUE} characters, and perhaps a system.")
        elif (pair := (str(system), str(value))) not in asked.identifiers:
            asked.identifiers.append(pair)


def _is_text(value: Any, most: int) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= most and value.isprintable()
