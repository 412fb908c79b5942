"""Give every request an id that the logs, the tasks it starts and the answer all carry."""

import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

logger = structlog.get_logger(__name__)
SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

GetResponse = Callable[[HttpRequest], HttpResponse]


def id_of(request: HttpRequest) -> str:
    """The id that a proxy gave it, if it is short and plain; anything else could forge lines in the log."""
    given = request.headers.get("X-Request-ID", "")
    return given if SANE_ID.fullmatch(given) else uuid.uuid4().hex


def request_id(get_response: GetResponse) -> GetResponse:
    """Bind the id while the request is answered, echo it, and log one line when it is done."""

    def middleware(request: HttpRequest) -> HttpResponse:
        identity = id_of(request)
        began = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=identity):
            response = get_response(request)
            user = getattr(request, "user", None)
            logger.info(
                "request",
                method=request.method,
                path=request.path,
                status=response.status_code,
                milliseconds=round((time.perf_counter() - began) * 1000, 1),
                user=user.pk if user is not None and user.is_authenticated else None,
            )
        response["X-Request-ID"] = identity
        return response

    return middleware
