"""Refusals as OperationOutcome, with the same status as the rest of the API gives."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rest_framework.response import Response

from core.errors import DomainError, RequestIdReused
from integrations.actions.supply_requests import AlreadyAsked
from integrations.api import problems

# By status, where the refusal itself does not say (https://hl7.org/fhir/R4/valueset-issue-type.html).
CODES = {
    400: "invalid", 401: "login", 403: "forbidden", 404: "not-found", 405: "not-supported", 406: "not-supported",
    409: "conflict", 412: "conflict", 415: "not-supported", 422: "business-rule", 429: "throttled",
}  # fmt: skip


@dataclass(frozen=True)
class Issue:
    """One thing that is wrong: its code of FHIR, the path of the element, and what to do."""

    code: str
    where: str
    says: str

    @property
    def shown(self) -> dict[str, Any]:
        issue: dict[str, Any] = {"severity": "error", "code": self.code, "details": {"text": self.says}}
        return issue | ({"expression": [self.where]} if self.where else {})


class Unacceptable(DomainError):
    """A resource that cannot be taken as it was sent: every issue at once."""

    def __init__(self, issues: Iterable[Issue], *, status: int = 422) -> None:
        self.issues, self.status = tuple(issues), status
        super().__init__("This resource cannot be taken.", problems=[issue.says for issue in self.issues])


def outcome(issues: Iterable[Issue]) -> dict[str, Any]:
    return {"resourceType": "OperationOutcome", "issue": [issue.shown for issue in issues]}


def handle(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """The API's handler, its problem told in FHIR's words."""
    if isinstance(exc, Unacceptable):
        return Response(outcome(exc.issues), status=exc.status)
    if isinstance(exc, AlreadyAsked):
        return Response(outcome([Issue("duplicate", "SupplyRequest.identifier", str(exc))]), status=409)
    if isinstance(exc, RequestIdReused):
        says = "This identifier or Idempotency-Key stands for another request. Nothing was asked for: send a new one."
        return Response(outcome([Issue("duplicate", "SupplyRequest.identifier", says)]), status=422)
    found = problems.handle(exc, context)
    if found is None:
        return None
    code, body = CODES.get(found.status_code, "processing"), found.data
    lines = [Issue(code, line["field"] or "", line["message"]) for line in body["errors"]]
    headers = {name: value for name, value in found.headers.items() if name.lower() != "content-type"}
    issues = lines if found.status_code == 400 and lines else [Issue(code, "", body["detail"]), *lines]
    return Response(outcome(issues), status=found.status_code, headers=headers)
