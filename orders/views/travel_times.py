"""The division's own travel times: upload, look, load."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.htmx import redirect_to
from inventory.forms.imports import FileForm, LoadForm
from inventory.imports.uploads import Upload, keep, opened
from orders.actions.travel_times import load_travel_times
from orders.queries.travel_file import TRAVEL_TIMES, TravelPlan, missing_ways, plan_travel_times
from stations.access import SignedInRequest, for_roles
from stations.models import Event, User

PAGE, PREVIEW = "orders/travel_times.html", "orders/travel_times_preview.html"
SHOWN_PROBLEMS = 500


@for_roles(User.Role.LOGISTICS)
@require_http_methods(["GET", "POST"])
def travel_times(request: SignedInRequest) -> HttpResponse:
    """How many ways are known, and the file to choose. It is only read here."""
    form = FileForm(request.POST if request.method == "POST" else None, request.FILES or None)
    if form.is_valid():
        file = form.cleaned_data["file"]
        token = keep([(str(file.name), file.read())], user=request.user)
        return redirect_to(request, "travel_times_preview", token=token)
    known, missing = missing_ways()
    loads = Event.objects.filter(subject_kind="command", verb="loaded travel times").select_related("command__by")
    context = {
        "form": form,
        "known": known,
        "missing": missing,
        "columns": TRAVEL_TIMES.columns,
        "loads": loads.order_by("-pk")[:5],
        "most": settings.EMS_IMPORT_UPLOAD_MB,
        "rows": settings.EMS_IMPORT_UPLOAD_ROWS,
        "factor": settings.EMS_TRAVEL_FACTOR,
        "speed": settings.EMS_TRAVEL_SPEED_KMH,
    }
    return render(request, PAGE, context, status=422 if form.errors else 200)


@for_roles(User.Role.LOGISTICS)
@require_http_methods(["GET", "POST"])
def travel_times_preview(request: SignedInRequest, token: UUID) -> HttpResponse:
    """What the file would change, and the button that does it."""
    upload = opened(token, user=request.user)
    if upload is None or len(upload.sources) != 1:
        gone = _("That upload is gone: only the last one is kept, for an hour. Choose the file again.")
        messages.warning(request, gone)
        return redirect_to(request, "travel_times")
    form = LoadForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _load(request, form, upload):
        return redirect_to(request, "travel_times")
    plan = plan_travel_times(upload.sources[0], uploaded_rows=settings.EMS_IMPORT_UPLOAD_ROWS)
    return _show(request, form, upload, plan)


def _load(request: SignedInRequest, form: LoadForm, upload: Upload) -> bool:
    try:
        event = load_travel_times(
            source=upload.sources[0],
            seen=form.cleaned_data["seen"],
            by=request.user,
            at=timezone.now(),
            **form.command,
        )
    except DomainError as refusal:
        form.refusal = DomainError(str(refusal))  # the page lists the problems itself
        return False
    facts = {name: f"{event.details[name]:,}" for name in ("new", "changed")}
    messages.success(request, _("Loaded: %(new)s new, %(changed)s changed.") % facts)
    return True


def _show(request: SignedInRequest, form: LoadForm, upload: Upload, plan: TravelPlan) -> HttpResponse:
    if form.is_bound:
        form.renew(seen=plan.mark)
    else:
        form.initial["seen"] = plan.mark
    context = {
        "form": form,
        "plan": plan,
        "file": upload.sources[0].name,
        "problems": plan.report.problems[:SHOWN_PROBLEMS],
        "hidden": max(plan.report.problem_count - SHOWN_PROBLEMS, 0),
    }
    return render(request, PREVIEW, context, status=form.http_status if form.is_bound else 200)
