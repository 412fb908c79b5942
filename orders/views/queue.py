"""The logistics home, and the sweep on demand with what came of it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core.background import progress_of, start
from core.htmx import is_htmx, redirect_to, render_part
from orders.forms.commands import CommandForm
from orders.queries import queue as queries
from orders.queries.approving import to_approve
from orders.queries.sending import to_send
from orders.tasks import sweep_par_levels
from stations.access import SignedInRequest, for_roles
from stations.models import User

READERS = (User.Role.LOGISTICS, User.Role.CHIEF, User.Role.AUDITOR)
PAGE = "orders/queue.html"


@for_roles(*READERS)
@require_GET
def queue(request: SignedInRequest) -> HttpResponse:
    """What needs logistics now: to approve, to pick, to send; and what has gone wrong above it."""
    at = timezone.now()
    now = queries.queue_now(at)
    context = {
        "strip": now.strip,
        "to_approve": now.to_approve,
        "to_pick": now.to_pick,
        "to_send": now.to_send,
        "without_run": now.without_run,
        "without_van": now.without_van,
        "warehouses": now.warehouses,
        "can_act": request.user.role == User.Role.LOGISTICS,
        "at": at,
    }
    return render(request, PAGE, context)


@for_roles(*READERS)
@require_GET
def queue_column(request: SignedInRequest, column: str) -> HttpResponse:
    """The cards of a column that follow those already shown, ``?from=``."""
    at = timezone.now()
    start = request.GET.get("from", "0")
    if not (start.isascii() and start.isdigit() and len(start) < 7):
        raise Http404
    if column == "to_approve":
        found, _short = to_approve(at, int(start))
    elif column == "to_pick":
        found = queries.to_pick(int(start))
    elif column == "to_send":
        found = to_send(int(start))
    else:
        raise Http404
    return render(
        request,
        f"{PAGE}#{column}_cards",
        {column: found, "at": at, "can_act": request.user.role == User.Role.LOGISTICS},
    )


@for_roles(User.Role.LOGISTICS)
@require_POST
def sweep(request: SignedInRequest) -> HttpResponse:
    """Start the sweep in the background. The form's request id is the task's: pressed twice, it is started once."""
    form = CommandForm(request.POST)
    problem = "" if form.is_valid() else _("The form was incomplete, so nothing was started. Please try again.")
    if not problem:
        problem = start(sweep_par_levels, form.cleaned_data["request_id"])
    if problem:
        messages.error(request, problem)
        return redirect_to(request, "queue")
    if is_htmx(request):
        return _progress(request, form.cleaned_data["request_id"])
    return redirect_to(request, "sweep_progress", form.cleaned_data["request_id"])


@for_roles(User.Role.LOGISTICS)
@require_GET
def sweep_progress(request: SignedInRequest, task_id: UUID) -> HttpResponse:
    """How far the sweep is; htmx asks again until it has ended."""
    return _progress(request, task_id)


def _progress(request: SignedInRequest, task_id: UUID) -> HttpResponse:
    progress = progress_of(sweep_par_levels, task_id)
    if progress is None:
        raise Http404
    context = {
        "task_id": task_id,
        "state": progress.state,
        "found": progress.answer,
        "is_running": progress.is_running,
    }
    return render_part(request, "orders/sweep.html", "progress", context)
