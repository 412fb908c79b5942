"""Working par levels out on demand, and how far that is."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core.background import progress_of, start
from core.forms import CommandForm
from core.htmx import is_htmx, redirect_to, render_part
from inventory.tasks import propose_par_levels
from stations.access import SignedInRequest, for_roles, visible_stations
from stations.models import User

DECIDERS = (User.Role.LOGISTICS, User.Role.CHIEF)


@for_roles(*DECIDERS)
@require_POST
def review_par_levels(request: SignedInRequest) -> HttpResponse:
    """Start it in the background, for one station or all. The form's request id is the task's: pressed twice, it is
    started once."""
    form = CommandForm(request.POST)
    problem = "" if form.is_valid() else _("The form was incomplete, so nothing was started. Please try again.")
    if not problem:
        problem = _start(request, form.cleaned_data["request_id"])
    if problem:
        messages.error(request, problem)
        return redirect_to(request, "par_proposals")
    task_id: UUID = form.cleaned_data["request_id"]
    return _progress(request, task_id) if is_htmx(request) else redirect_to(request, "review_progress", task_id)


def _start(request: SignedInRequest, task_id: UUID) -> str:
    """Send the task once; why not, if it cannot be sent."""
    stations = visible_stations(request.user)
    if code := request.POST.get("station", ""):
        stations = stations.filter(code=code.replace("\0", ""))
    chosen = list(stations.values_list("pk", flat=True))
    return start(propose_par_levels, task_id, stations=chosen, by=request.user.pk)


@for_roles(*DECIDERS)
@require_GET
def review_progress(request: SignedInRequest, task_id: UUID) -> HttpResponse:
    """How far it is; htmx asks again until it has ended."""
    return _progress(request, task_id)


def _progress(request: SignedInRequest, task_id: UUID) -> HttpResponse:
    progress = progress_of(propose_par_levels, task_id)
    if progress is None:
        raise Http404
    context = {
        "task_id": task_id,
        "state": progress.state,
        "told": progress.answer,
        "is_running": progress.is_running,
    }
    return render_part(request, "inventory/review_par_levels.html", "progress", context)
