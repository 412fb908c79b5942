"""Without a signal: the program that the browser runs between pages and network, and what waits to be sent."""

import hashlib
import json
from functools import cache
from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dashboard.queries.offline_pages import offline_pages
from stations.access import SignedInRequest

PROGRAM = ("vendor/idb.js", "ems/outbox.js", "ems/service_worker.js")
FILES = (
    *("vendor/tabler.min.css", "vendor/icons.svg", "vendor/idb.js"),
    "django_htmx/htmx-2.min.js",
    *(
        "ems/ems.css",
        "ems/theme.js",
        "ems/ui.js",
        "ems/steppers.js",
        "ems/outbox.js",
        "ems/offline.js",
        "ems/keys.js",
        "ems/icon.svg",
    ),
    *("ems/scan.js", "ems/stock.css", "ems/stock.js", "ems/receipts.js", "ems/dashboard.css"),
)  # what the kept pages are drawn with


@login_not_required
@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker's program. It stands at the root, so that it may answer for every page; its text changes with every
    file that it keeps, so that browsers take the new ones."""
    answer = HttpResponse(_program(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer


@cache
def _program() -> str:
    found = [finders.find(name) for name in (*PROGRAM, *FILES)]
    version = hashlib.sha256(b"".join(Path(str(path)).read_bytes() for path in found)).hexdigest()[:16]
    facts = {
        "version": version,
        "files": [static(name) for name in FILES],
        "statics": static(""),
        "outbox": reverse("outbox"),
        "noSignal": reverse("no_signal"),
        "signOut": reverse("account_logout"),
    }
    program = ", ".join(json.dumps(f"{static(name)}?{version}") for name in PROGRAM)
    return f"self.OFFLINE = {json.dumps(facts)};\nimportScripts({program});\n"


@login_not_required
@never_cache
@require_GET
def no_signal(request: HttpRequest) -> HttpResponse:
    """What the worker shows where not even the page of what waits is kept; kept itself, in its reader's language."""
    return render(request, "dashboard/no_signal.html")


@require_GET
def outbox(request: SignedInRequest) -> HttpResponse:
    """What waits on this phone to be sent. The phone alone knows: its own script fills the page."""
    return render(request, "dashboard/outbox.html")


@login_not_required
@never_cache
@require_GET
def outbox_session(request: HttpRequest) -> HttpResponse:
    """Who is signed in here, the token that their posts need, and the pages to keep; nobody: ``person`` is null."""
    if not request.user.is_authenticated:
        return JsonResponse({"person": None})
    pages = offline_pages(request.user)
    return JsonResponse({"person": request.user.pk, "token": get_token(request), "pages": pages})
