"""The ledger added up again: the last result, and once more on demand."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST
from django_celery_results.models import TaskResult
from kombu.exceptions import OperationalError

from core.htmx import is_htmx, redirect_to, render_part
from dashboard.queries.verification import ENDED, last_verification, read
from orders.forms.commands import CommandForm
from orders.queries.verify import all_differences
from orders.tasks import verify_ledger
from stations.access import SignedInRequest, for_roles
from stations.models import User

READERS = (User.Role.AUDITOR, User.Role.CHIEF)
PAGE = "dashboard/ledger.html"
UNREACHABLE = _("The background worker cannot be reached, so nothing was added up. Try again in a minute, or tell IT.")


@for_roles(*READERS)
@require_GET
def ledger(request: SignedInRequest) -> HttpResponse:
    """The last result. Differences, if there were any, are worked out anew, so that they are those of this moment."""
    last = last_verification()
    context = {"last": last, "differences": all_differences() if last and last.differences else []}
    return render(request, PAGE, context)


@for_roles(*READERS)
@require_POST
def verify(request: SignedInRequest) -> HttpResponse:
    """Add the whole ledger up in the background. The form's request id is the task's: pressed twice, it runs once."""
    form = CommandForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("The form was incomplete, so nothing was started. Please try again."))
        return redirect_to(request, "ledger")
    task_id: UUID = form.cleaned_data["request_id"]
    if not TaskResult.objects.filter(task_id=str(task_id)).exists():
        try:
            verify_ledger.apply_async(task_id=str(task_id))
        except OperationalError:
            messages.error(request, str(UNREACHABLE))
            return redirect_to(request, "ledger")
    return _progress(request, task_id) if is_htmx(request) else redirect_to(request, "verify_progress", task_id)


@for_roles(*READERS)
@require_GET
def verify_progress(request: SignedInRequest, task_id: UUID) -> HttpResponse:
    """How far it is; htmx asks again until it has ended."""
    return _progress(request, task_id)


def _progress(request: SignedInRequest, task_id: UUID) -> HttpResponse:
    result = TaskResult.objects.filter(task_id=str(task_id)).first()
    if result is not None and result.task_name not in (None, verify_ledger.name):
        raise Http404
    if result is None or result.status not in ENDED:
        return render_part(request, PAGE, "result", {"task_id": task_id, "is_running": True})
    done = read(result)
    context = {"last": done, "differences": all_differences() if done.differences else []}
    return render_part(request, PAGE, "result", context)
