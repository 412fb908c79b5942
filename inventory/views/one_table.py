"""The pages of a file of one table: it is uploaded and only read, shown as what it would change, and loaded."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.htmx import redirect_to
from inventory.forms.imports import FileForm, LoadForm
from inventory.imports.one_table import TablePlan
from inventory.imports.sources import Source
from inventory.imports.uploads import keep, opened
from inventory.views.choices import posted
from stations.access import SignedInRequest
from stations.models import Event

SHOWN_PROBLEMS = 500


def keep_upload(request: SignedInRequest, form: FileForm) -> UUID:
    """Keep the file of a valid form, for the page that shows what it would change."""
    file = form.cleaned_data["file"]
    return keep([(str(file.name), file.read())], user=request.user)


def preview(
    request: SignedInRequest,
    token: UUID,
    *,
    template: str,
    plan: Callable[[Source], TablePlan[Any]],
    load: Callable[..., Event],
    said: str,
    again: str,
    done: str,
) -> HttpResponse:
    """What the file would change, and the button that does it. ``again`` is the page where a file is chosen, ``done``
    the one that follows; ``said`` tells of %(new)s and %(changed)s."""
    upload = opened(token, user=request.user)
    if upload is None or len(upload.sources) != 1:
        gone = _("That upload is gone: only the last one is kept, for an hour. Choose the file again.")
        messages.warning(request, gone)
        return redirect_to(request, again)
    source = upload.sources[0]
    form = LoadForm(posted(request))
    if form.is_valid() and (event := _loaded(request, form, source, load)):
        messages.success(request, said % {name: f"{event.details[name]:,}" for name in ("new", "changed")})
        return redirect_to(request, done)
    found = plan(source)
    if form.is_bound:
        form.renew(seen=found.mark)
    else:
        form.initial["seen"] = found.mark
    context = {
        "form": form,
        "plan": found,
        "file": source.name,
        "problems": found.report.problems[:SHOWN_PROBLEMS],
        "hidden": max(found.report.problem_count - SHOWN_PROBLEMS, 0),
    }
    return render(request, template, context, status=form.http_status if form.is_bound else 200)


def _loaded(request: SignedInRequest, form: LoadForm, source: Source, load: Callable[..., Event]) -> Event | None:
    """The event of the load; None if it was refused, and the form says why."""
    seen = form.cleaned_data["seen"]
    try:
        return load(source=source, seen=seen, by=request.user, at=timezone.now(), **form.command)
    except DomainError as refusal:
        form.refusal = DomainError(str(refusal))  # the page lists the problems itself
        return None
