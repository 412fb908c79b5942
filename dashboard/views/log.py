"""The event log, for those who ask who did what."""

from collections.abc import Iterator

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core.exports import CHUNK, exported
from core.pagination import page_of
from dashboard import columns
from dashboard.forms import LogForm
from dashboard.queries.event_log import Entry, Wanted, entries, events
from inventory.imports.batches import batches
from stations.access import SignedInRequest, for_roles
from stations.models import User


@for_roles(User.Role.AUDITOR, User.Role.CHIEF)
@require_GET
def log(request: SignedInRequest) -> HttpResponse:
    """Every event, newest first, filtered by person, verb, subject and day. A filter that cannot be read is named."""
    form = LogForm(request.GET)
    wanted = form.wanted() if form.is_valid() else Wanted()
    if file := exported(request, "Log", columns.LOG, lambda: all_entries(wanted)):
        return file
    page = page_of(request, events(wanted))
    context = {"form": form, "page": page, "entries": entries(page.rows), "is_filtered": wanted != Wanted()}
    return render(request, "dashboard/log.html", context)


def all_entries(wanted: Wanted) -> Iterator[Entry]:
    """The whole log under these filters, named piece by piece."""
    for rows in batches(events(wanted).iterator(chunk_size=CHUNK), CHUNK):
        yield from entries(rows)
