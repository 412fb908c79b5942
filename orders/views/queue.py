"""The logistics home, and the sweep on demand with what came of it."""

import json
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django_celery_results.models import TaskResult
from kombu.exceptions import OperationalError

from core.htmx import is_htmx, redirect_to, render_part
from inventory.queries.horizons import Horizons
from orders.forms.commands import CommandForm
from orders.queries import queue as queries
from orders.queries.claims import shortages
from orders.tasks import sweep_par_levels
from stations.access import SignedInRequest, for_roles
from stations.models import User

READERS = (User.Role.LOGISTICS, User.Role.CHIEF, User.Role.AUDITOR)
PAGE = "orders/queue.html"
UNREACHABLE = "The background worker cannot be reached, so nothing was started. Try again in a minute, or tell IT."


@for_roles(*READERS)
@require_GET
def queue(request: SignedInRequest) -> HttpResponse:
    """What needs logistics now: to approve, to pick, to send; and what has gone wrong above it."""
    at = timezone.now()
    short = shortages(Horizons(timezone.localdate(at)))
    context = {
        "strip": queries.strip(at, short),
        "to_approve": queries.to_approve(at, short),
        "to_pick": queries.to_pick(),
        "to_send": queries.to_send(),
        "without_run": queries.without_run(),
        "without_van": queries.without_van(),
        "warehouses": queries.warehouses(),
        "can_act": request.user.role == User.Role.LOGISTICS,
        "at": at,
    }
    return render(request, PAGE, context)


@for_roles(User.Role.LOGISTICS)
@require_POST
def sweep(request: SignedInRequest) -> HttpResponse:
    """Start the sweep in the background. The form's request id is the task's: pressed twice, it is started once."""
    form = CommandForm(request.POST)
    problem = "" if form.is_valid() else "The form was incomplete, so nothing was started. Please try again."
    if not problem:
        problem = _start(form.cleaned_data["request_id"])
    if problem:
        messages.error(request, problem)
        return redirect_to(request, "queue")
    if is_htmx(request):
        return _progress(request, form.cleaned_data["request_id"])
    return redirect_to(request, "sweep_progress", form.cleaned_data["request_id"])


def _start(task_id: UUID) -> str:
    """Send the task once; why not, if it cannot be sent."""
    if TaskResult.objects.filter(task_id=str(task_id)).exists():
        return ""
    try:
        sweep_par_levels.apply_async(task_id=str(task_id))
    except OperationalError:
        return UNREACHABLE
    return ""


@for_roles(User.Role.LOGISTICS)
@require_GET
def sweep_progress(request: SignedInRequest, task_id: UUID) -> HttpResponse:
    """How far the sweep is; htmx asks again until it has ended."""
    return _progress(request, task_id)


def _progress(request: SignedInRequest, task_id: UUID) -> HttpResponse:
    result = TaskResult.objects.filter(task_id=str(task_id)).first()
    if result is not None and result.task_name not in (None, sweep_par_levels.name):
        raise Http404
    state = result.status if result else "PENDING"
    found = json.loads(result.result or "null") if result and state == "SUCCESS" else None
    context = {
        "task_id": task_id,
        "state": state,
        "found": found,
        "is_running": state in ("PENDING", "STARTED", "RETRY"),
    }
    return render_part(request, "orders/sweep.html", "progress", context)
