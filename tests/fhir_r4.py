"""What FHIR R4 says of SupplyRequest, SupplyDelivery and what holds them: elements, how many, types, required codes.

From the element definitions at https://hl7.org/fhir/R4/supplyrequest.html, supplydelivery.html and datatypes.html.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

# Name → (type, least, most); most 0 is "*". A choice of types is item[x].
Elements = dict[str, tuple[str, int, int]]
RESOURCE: Elements = {
    "id": ("id", 0, 1), "meta": ("Any", 0, 1), "implicitRules": ("uri", 0, 1), "language": ("code", 0, 1),
    "text": ("Narrative", 0, 1), "contained": ("Any", 0, 0), "extension": ("Any", 0, 0),
    "modifierExtension": ("Any", 0, 0),
}  # fmt: skip
TYPES: Mapping[str, Elements] = {
    "SupplyRequest": RESOURCE | {
        "identifier": ("Identifier", 0, 0), "status": ("code", 0, 1), "category": ("CodeableConcept", 0, 1),
        "priority": ("code", 0, 1), "item[x]": ("CodeableConcept|Reference", 1, 1), "quantity": ("Quantity", 1, 1),
        "parameter": ("Any", 0, 0), "occurrence[x]": ("dateTime|Period|Timing", 0, 1), "authoredOn": ("dateTime", 0, 1),
        "requester": ("Reference", 0, 1), "supplier": ("Reference", 0, 0), "reasonCode": ("CodeableConcept", 0, 0),
        "reasonReference": ("Reference", 0, 0), "deliverFrom": ("Reference", 0, 1), "deliverTo": ("Reference", 0, 1),
    },
    "SupplyDelivery": RESOURCE | {
        "identifier": ("Identifier", 0, 0), "basedOn": ("Reference", 0, 0), "partOf": ("Reference", 0, 0),
        "status": ("code", 0, 1), "patient": ("Reference", 0, 1), "type": ("CodeableConcept", 0, 1),
        "suppliedItem": ("SuppliedItem", 0, 1), "occurrence[x]": ("dateTime|Period|Timing", 0, 1),
        "supplier": ("Reference", 0, 1), "destination": ("Reference", 0, 1), "receiver": ("Reference", 0, 0),
    },
    "Bundle": {
        "id": ("id", 0, 1), "meta": ("Any", 0, 1), "type": ("code", 1, 1), "total": ("unsignedInt", 0, 1),
        "link": ("BundleLink", 0, 0), "entry": ("BundleEntry", 0, 0),
    },
    "OperationOutcome": RESOURCE | {"issue": ("Issue", 1, 0)},
    "CapabilityStatement": RESOURCE | {
        "status": ("code", 1, 1), "date": ("dateTime", 1, 1), "kind": ("code", 1, 1), "software": ("Software", 0, 1),
        "implementation": ("Implementation", 0, 1), "fhirVersion": ("code", 1, 1), "format": ("code", 1, 0),
        "rest": ("Rest", 0, 0),
    },
    "SuppliedItem": {"quantity": ("Quantity", 0, 1), "item[x]": ("CodeableConcept|Reference", 0, 1)},
    "Identifier": {
        "use": ("code", 0, 1), "type": ("CodeableConcept", 0, 1), "system": ("uri", 0, 1), "value": ("string", 0, 1),
        "period": ("Period", 0, 1), "assigner": ("Reference", 0, 1),
    },
    "CodeableConcept": {"coding": ("Coding", 0, 0), "text": ("string", 0, 1)},
    "Coding": {
        "system": ("uri", 0, 1), "version": ("string", 0, 1), "code": ("code", 0, 1), "display": ("string", 0, 1),
        "userSelected": ("boolean", 0, 1),
    },
    "Quantity": {
        "value": ("decimal", 0, 1), "comparator": ("code", 0, 1), "unit": ("string", 0, 1), "system": ("uri", 0, 1),
        "code": ("code", 0, 1),
    },
    "Reference": {
        "reference": ("string", 0, 1), "type": ("uri", 0, 1), "identifier": ("Identifier", 0, 1),
        "display": ("string", 0, 1),
    },
    "Period": {"start": ("dateTime", 0, 1), "end": ("dateTime", 0, 1)},
    "Narrative": {"status": ("code", 1, 1), "div": ("string", 1, 1)},
    "BundleLink": {"relation": ("string", 1, 1), "url": ("uri", 1, 1)},
    "BundleEntry": {"fullUrl": ("uri", 0, 1), "resource": ("Resource", 0, 1), "search": ("Search", 0, 1)},
    "Search": {"mode": ("code", 0, 1), "score": ("decimal", 0, 1)},
    "Issue": {
        "severity": ("code", 1, 1), "code": ("code", 1, 1), "details": ("CodeableConcept", 0, 1),
        "diagnostics": ("string", 0, 1), "expression": ("string", 0, 0),
    },
    "Software": {"name": ("string", 1, 1), "version": ("string", 0, 1)},
    "Implementation": {"description": ("string", 1, 1), "url": ("uri", 0, 1)},
    "Rest": {"mode": ("code", 1, 1), "security": ("Security", 0, 1), "resource": ("RestResource", 0, 0)},
    "Security": {"cors": ("boolean", 0, 1), "service": ("CodeableConcept", 0, 0), "description": ("string", 0, 1)},
    "RestResource": {
        "type": ("code", 1, 1), "interaction": ("Interaction", 0, 0), "versioning": ("code", 0, 1),
        "conditionalCreate": ("boolean", 0, 1), "searchParam": ("SearchParam", 0, 0),
    },
    "Interaction": {"code": ("code", 1, 1)},
    "SearchParam": {"name": ("string", 1, 1), "type": ("code", 1, 1)},
}  # fmt: skip


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


REQUIRED_CODES: Mapping[str, frozenset[str]] = {
    "SupplyRequest.status": _codes("draft active suspended cancelled completed entered-in-error unknown"),
    "SupplyRequest.priority": _codes("routine urgent asap stat"),
    "SupplyDelivery.status": _codes("in-progress completed abandoned entered-in-error"),
    "SupplyDelivery.type.coding.code": _codes("medication device"),
    "Quantity.comparator": _codes("< <= >= >"),
    "Narrative.status": _codes("generated extensions additional empty"),
    "Bundle.type": _codes(
        "document message transaction transaction-response batch batch-response history "
        "searchset collection"
    ),
    "Search.mode": _codes("match include outcome"),
    "Issue.severity": _codes("fatal error warning information"),
    "Issue.code": _codes(
        "invalid structure required value invariant security login unknown expired forbidden "
        "suppressed processing not-supported duplicate multiple-matches not-found deleted "
        "too-long code-invalid extension too-costly business-rule conflict transient "
        "lock-error no-store exception timeout incomplete throttled informational"
    ),
    "CapabilityStatement.status": _codes("draft active retired unknown"),
    "CapabilityStatement.kind": _codes("instance capability requirements"),
    "Rest.mode": _codes("client server"),
    "RestResource.versioning": _codes("no-version versioned versioned-update"),
    "Interaction.code": _codes("read vread update patch delete history-instance history-type create search-type"),
    "SearchParam.type": _codes("number date string token reference composite quantity uri special"),
}  # fmt: skip
PRIMITIVES: Mapping[str, re.Pattern[str]] = {
    "id": re.compile(r"[A-Za-z0-9\-.]{1,64}"),
    "code": re.compile(r"[^\s]+( [^\s]+)*"),
    "uri": re.compile(r"\S+"),
    "string": re.compile(r"(?s).*\S.*"),
    "dateTime": re.compile(
        r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?"
        r"(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00)))?)?)?"
    ),
}
NUMBERS = {"decimal": (int, float), "unsignedInt": (int,)}


def faults(value: Any, kind: str = "Resource", path: str = "") -> Iterator[str]:
    """Everything in which a resource is not as R4 says; nothing where it is valid."""
    if kind == "Resource":
        name = value.get("resourceType") if isinstance(value, Mapping) else None
        if not isinstance(name, str) or name not in TYPES or "id" not in TYPES[name]:
            yield f"{path or 'it'} is no resource that is known: {name!r}"
            return
        yield from _elements({key: one for key, one in value.items() if key != "resourceType"}, name, name)
    elif kind in TYPES:
        if isinstance(value, Mapping) and value:
            yield from _elements(value, kind, path)
        else:
            yield f"{path} is no {kind}: {value!r}"
    elif kind != "Any":
        yield from _primitive(value, kind, path)


def _elements(value: Mapping[str, Any], kind: str, path: str) -> Iterator[str]:
    known = dict(_choices(TYPES[kind]))
    for name, one in value.items():
        if name not in known:
            yield f"{path} has no element {name}"
            continue
        of, _, most = known[name]
        if most == 1:
            yield from faults(one, of, f"{path}.{name}")
            yield from _code(one, kind, name, path)
        elif not isinstance(one, list) or not one:
            yield f"{path}.{name} is no list of at least one"
        else:
            for inner in one:
                yield from faults(inner, of, f"{path}.{name}")
    for name, (_, least, _) in TYPES[kind].items():
        stem = name.removesuffix("[x]")
        found = [
            key for key in value if (key.startswith(stem) and key in known if name.endswith("[x]") else key == name)
        ]
        if len(found) < least:
            yield f"{path} lacks {name}"
        if name.endswith("[x]") and len(found) > 1:
            yield f"{path} has several of {name}"


def _choices(elements: Elements) -> Iterator[tuple[str, tuple[str, int, int]]]:
    for name, (kinds, least, most) in elements.items():
        for kind in kinds.split("|"):
            is_choice = name.endswith("[x]")
            own = f"{name.removesuffix('[x]')}{kind[0].upper()}{kind[1:]}" if is_choice else name
            yield own, ("Any" if kind == "Timing" else kind, least, most)


def _code(value: Any, kind: str, name: str, path: str) -> Iterator[str]:
    for key in (f"{kind}.{name}", f"{path}.{name}"):
        if key in REQUIRED_CODES and value not in REQUIRED_CODES[key]:
            yield f"{path}.{name} is none of its codes: {value!r}"
            return


def _primitive(value: Any, kind: str, path: str) -> Iterator[str]:
    if kind == "boolean":
        is_right = isinstance(value, bool)
    elif kind in NUMBERS:
        is_right = isinstance(value, NUMBERS[kind]) and not isinstance(value, bool)
    else:
        is_right = isinstance(value, str) and PRIMITIVES[kind].fullmatch(value) is not None
    if not is_right:
        yield f"{path} is no {kind}: {value!r}"
