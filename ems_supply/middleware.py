"""Give every request an id that the logs, the tasks it starts and the answer all carry; send pages compressed; speak
the person's language; read once what a page needs again and again; and say when a row is busy."""

import re
import time
import uuid
from collections.abc import Callable
from http import HTTPStatus

import structlog
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.utils import translation

from core.busy import RETRY_AFTER_SECONDS, is_busy
from core.errors import Busy
from core.once import reading

logger = structlog.get_logger(__name__)
COMPRESSED = ("text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml")
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


class Compressed(GZipMiddleware):
    """Send pages, styles and scripts compressed where no proxy does: a page's first visit is by a phone in a bay.

    Django lengthens them at random, so that their size tells nothing of what is secret in them (BREACH). What carries
    a version in its ETag, such as the API's answers, and parts of files stay as they are.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.get("Content-Type", "").partition(";")[0]
        if response.status_code != HTTPStatus.PARTIAL_CONTENT and kind in COMPRESSED:
            return super().process_response(request, response)
        return response


class OwnLanguage:
    """Speak the language that the person chose, whatever the browser at hand asks for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and request.user.language:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = request.user.language
        return self.get_response(request)


def read_once(get_response: GetResponse) -> GetResponse:
    """A page that is only looked at reads what many of its parts need once."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return get_response(request)
        with reading():
            return get_response(request)

    return middleware


class BusyRows:
    """Answer 409 when a row stayed locked for too long: nothing was changed, and it may be sent again."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, OperationalError) or not is_busy(exception):
            return None
        logger.warning("busy", path=request.path, reason=str(exception))
        response = render(request, "409.html", {"refusal": Busy()}, status=409)
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response
