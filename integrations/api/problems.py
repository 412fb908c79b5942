"""Errors as application/problem+json (RFC 9457): a stable code, the field and row, and what to do."""

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from core.busy import RETRY_AFTER_SECONDS, is_busy
from core.errors import Busy, DomainError, RequestIdReused, StaleEdit

logger = structlog.get_logger(__name__)
MEDIA_TYPE = "application/problem+json"
# What is wrong with a body that is as the schema says.
FITS_THE_SCHEMA = frozenset({"unknown", "twice", "out_of_range", "overflow", "unreadable"})
CAMEL = re.compile(r"(?<!^)(?=[A-Z])")


class KeyMissing(exceptions.APIException):
    status_code = HTTPStatus.BAD_REQUEST
    default_code = "idempotency_key_missing"
    default_detail = "Send an Idempotency-Key of 1 to 255 visible characters, a new one for each thing you want done."


class TooLong(exceptions.APIException):
    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "too_long"
    default_detail = "This body is too long. Send fewer rows at once."


class FieldsRefused(Exception):
    """A refusal whose reasons are about fields of the body: ``fields`` has them by path, ``lines.3.quantity``."""

    def __init__(self, refusal: DomainError, fields: Mapping[str, str]) -> None:
        super().__init__(str(refusal))
        self.refusal, self.fields = refusal, fields


class VersionMissing(exceptions.APIException):
    status_code = HTTPStatus.PRECONDITION_REQUIRED
    default_code = "if_match_missing"
    default_detail = "Send If-Match with the ETag that you read, so that nobody's change is overwritten."


def problem(status: int, code: str, detail: str, *, errors: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """The body: ``type`` is a name of ours, not an address; ``errors`` has a line for each thing that is wrong."""
    return {
        "type": f"urn:ems-supply:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "errors": errors or [],
    }


def answer(
    status: int,
    code: str,
    detail: str,
    *,
    errors: list[dict[str, Any]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    body = problem(status, code, detail, errors=errors)
    return Response(body, status=status, headers=dict(headers or {}), content_type=MEDIA_TYPE)


def handle(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """Django REST framework's exception handler: a problem for every refusal; None for a bug, which crashes loudly."""
    if isinstance(exc, FieldsRefused):
        return refused(exc.refusal, has_version="If-Match" in context["request"].headers, fields=exc.fields)
    if isinstance(exc, DomainError):
        return refused(exc, has_version="If-Match" in context["request"].headers)
    if isinstance(exc, OperationalError) and is_busy(exc):
        logger.warning("busy", path=context["request"].path, reason=str(exc))
        return refused(Busy())
    if isinstance(exc, RequestDataTooBig):
        exc = TooLong()
    elif isinstance(exc, Http404):
        exc = exceptions.NotFound("There is no such thing, or you may not see it.")
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied("Your role or your station does not allow this.")
    if not isinstance(exc, exceptions.APIException):
        return None
    headers = {}
    if header := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if wait := getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(wait))
    if isinstance(exc, exceptions.ValidationError):
        return unfit(list(fields_of(exc.detail)))
    codes = exc.get_codes()
    code = codes if isinstance(codes, str) else exc.default_code
    return answer(exc.status_code, code, str(exc.detail), headers=headers)


def unfit(errors: list[dict[str, Any]]) -> Response:
    """A body that is not as the schema says (400), or is and names what there is not (422)."""
    detail = "Some of this cannot be taken. Nothing was changed: mend what `errors` lists and send it again."
    fits = all(error["code"] in FITS_THE_SCHEMA for error in errors)
    return answer(422 if fits else 400, "invalid", detail, errors=errors)


def refused(refusal: DomainError, *, has_version: bool = False, fields: Mapping[str, str] | None = None) -> Response:
    """A command that was refused: 412 or 409 where somebody else was first, 422 for what cannot be done as asked.
    ``fields`` are its reasons by the path of the field that each is about."""
    reasons = fields.items() if fields else [(None, reason) for reason in refusal.problems]
    errors = [{"field": field, "code": "refused", "message": reason} for field, reason in reasons]
    code = CAMEL.sub("_", type(refusal).__name__).lower()
    if isinstance(refusal, Busy):
        return answer(409, code, str(refusal), headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
    if isinstance(refusal, StaleEdit):
        return answer(412 if has_version else 409, code, str(refusal), errors=errors)
    if isinstance(refusal, RequestIdReused):
        return answer(422, "idempotency_key_reused", KEY_REUSED)
    return answer(422, "refused" if type(refusal) is DomainError else code, str(refusal), errors=errors)


KEY_REUSED = "This Idempotency-Key was used for something else. Nothing was changed: send a new key."


def fields_of(detail: Any, path: str = "") -> Iterator[dict[str, Any]]:
    """A serializer's errors as lines, each with the path of its field: ``lines.3.quantity``."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            own = "" if name == "non_field_errors" else str(name)
            yield from fields_of(inner, ".".join(filter(None, (path, own))))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            is_message = isinstance(inner, str)
            yield from fields_of(inner, path if is_message else ".".join(filter(None, (path, str(index)))))
    else:
        yield {"field": path or None, "code": getattr(detail, "code", None) or "invalid", "message": str(detail)}
