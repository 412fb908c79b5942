"""The division's own travel times: upload, look, load."""

from functools import partial
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.htmx import redirect_to
from inventory.forms.imports import FileForm
from inventory.views.choices import posted
from inventory.views.one_table import keep_upload, preview
from orders.actions.travel_times import load_travel_times
from orders.queries.travel_file import TRAVEL_TIMES, missing_ways, plan_travel_times
from stations.access import SignedInRequest, for_roles
from stations.models import Event, User

PAGE, PREVIEW = "orders/travel_times.html", "orders/travel_times_preview.html"


@for_roles(User.Role.LOGISTICS)
@require_http_methods(["GET", "POST"])
def travel_times(request: SignedInRequest) -> HttpResponse:
    """How many ways are known, and the file to choose. It is only read here."""
    form = FileForm(posted(request), request.FILES or None)
    if form.is_valid():
        return redirect_to(request, "travel_times_preview", token=keep_upload(request, form))
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
    return preview(
        request,
        token,
        template=PREVIEW,
        plan=partial(plan_travel_times, uploaded_rows=settings.EMS_IMPORT_UPLOAD_ROWS),
        load=load_travel_times,
        said=_("Loaded: %(new)s new, %(changed)s changed."),
        again="travel_times",
        done="travel_times",
    )
