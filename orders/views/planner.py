"""The planner: a depot's day on a map and on an axis of time, and moving its deliveries about."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from core.background import progress_of, start
from core.errors import DomainError
from core.htmx import is_htmx, redirect_to
from core.toasts import said_with_undo
from orders import tasks
from orders.access import run_for
from orders.actions import planner as actions
from orders.forms.commands import CommandForm, VersionedForm
from orders.forms.planner import ChooseForm, MoveForm, PlanningForm, PreviewForm
from orders.models import DeliveryRun
from orders.queries.runs import depots
from orders.views.planner_page import PAGE, Place, kept, place_of, replanned, show
from stations.access import SignedInRequest, for_roles
from stations.models import User

READERS = (User.Role.LOGISTICS, User.Role.CHIEF, User.Role.AUDITOR)
INCOMPLETE = _("The form was incomplete, so nothing was changed. Please try again.")


@for_roles(*READERS)
@require_GET
def planner(request: SignedInRequest) -> HttpResponse:
    """The day; with ``?move=`` also where that delivery could go, with ``&to=`` what would change if it went there.
    Nothing is written."""
    place = place_of(request.GET)
    if place is None:
        return render(request, PAGE, {"depots": []})
    can_plan = request.user.role == User.Role.LOGISTICS
    if can_plan and request.GET.get("planning"):
        return _planning(request, place)
    if not (can_plan and request.GET.get("move")):
        return show(request, place)
    form = PreviewForm(request.GET) if request.GET.get("to") else ChooseForm(request.GET)
    if not form.is_valid():
        return show(request, place, refusal=DomainError(str(INCOMPLETE)))
    if isinstance(form, PreviewForm):
        return show(request, place, preview=form)
    return show(request, place, chosen=form.cleaned_data["move"])


def _planning(request: SignedInRequest, place: Place) -> HttpResponse:
    """The day while it is planned again, and after: what moved, or why nothing did."""
    form = PlanningForm(request.GET)
    progress = progress_of(tasks.replan_day, form.cleaned_data["planning"]) if form.is_valid() else None
    if progress is None:
        return show(request, place)
    is_asking = request.GET.get("part") == "panel"
    if progress.is_running or is_asking:
        waiting = {"planning": form.cleaned_data["planning"], "is_planned": not progress.is_running}
        return show(request, place, done=waiting)
    failed = gettext("Planning ended with an error. Nothing was half done; try again.")
    answer = progress.answer or {"refused": failed}
    if "refused" in answer:
        return show(request, place, refusal=DomainError(answer["refused"]))
    return show(request, place, done=replanned(answer["moves"]))


@for_roles(User.Role.LOGISTICS)
@require_http_methods(["GET", "POST"])
def move_delivery(request: SignedInRequest) -> HttpResponse:
    """Keep a move that was previewed, or undo one."""
    place, form = place_of(request.GET), MoveForm(request.POST)
    if place is None or request.method == "GET":
        return redirect_to(request, "planner")

    def act() -> dict[str, Any]:
        if not form.is_valid():
            raise DomainError(str(INCOMPLETE))
        run = actions.move_stop(
            depot=place.depot,
            day=place.day,
            move=form.planned,
            versions=form.versions,
            by=request.user,
            at=timezone.now(),
            **form.command,
        )
        return {"done": kept(form, run, place)}

    return _acted(request, place, act)


@for_roles(User.Role.LOGISTICS)
@require_http_methods(["GET", "POST"])
def replan_day(request: SignedInRequest) -> HttpResponse:
    """Let the schedule plan the day again, in the background; the page asks until it says what moved."""
    place, form = place_of(request.GET), CommandForm(request.POST)
    if place is None or request.method == "GET":
        return redirect_to(request, "planner")

    def act() -> dict[str, Any]:
        if not form.is_valid():
            raise DomainError(str(INCOMPLETE))
        task_id = form.cleaned_data["request_id"]
        asked = {"depot": place.depot.pk, "day": place.day.isoformat(), "by": request.user.pk}
        if problem := start(tasks.replan_day, task_id, request_id=str(task_id), **asked):
            raise DomainError(problem)
        return {"done": {"planning": task_id}}

    return _acted(request, place, act)


@for_roles(User.Role.LOGISTICS)
@require_http_methods(["GET", "POST"])
def lock_run(request: SignedInRequest, pk: int) -> HttpResponse:
    """Decide a run: neither the schedule nor a drag changes it."""
    return _set_lock(request, pk, actions.lock_run)


@for_roles(User.Role.LOGISTICS)
@require_http_methods(["GET", "POST"])
def unlock_run(request: SignedInRequest, pk: int) -> HttpResponse:
    """Open a run to changes again."""
    return _set_lock(request, pk, actions.unlock_run)


def _set_lock(request: SignedInRequest, pk: int, action: Callable[..., DeliveryRun]) -> HttpResponse:
    found, form = run_for(request.user, pk, write=True), VersionedForm(request.POST)
    place = Place(list(depots()), found.depot, found.run_on)
    if request.method == "GET":
        return redirect_to(request, place.address)

    def act() -> dict[str, Any]:
        if not form.is_valid():
            raise DomainError(str(INCOMPLETE))
        action(run=found, by=request.user, at=timezone.now(), **form.versioned)
        return {"done": {}}

    return _acted(request, place, act)


def _acted(request: SignedInRequest, place: Place, act: Callable[[], dict[str, Any]]) -> HttpResponse:
    """The page after a command: swapped in place for htmx, which keeps where the person was; else opened anew."""
    try:
        done = act()
    except DomainError as refusal:
        if is_htmx(request):
            return show(request, place, refusal=refusal)
        messages.error(request, " ".join([str(refusal), *refusal.problems]))
    else:
        if is_htmx(request):
            return show(request, place, **done)
        if undo := done["done"].get("undo"):
            said_with_undo(request, done["done"]["done"], f"{reverse('move_delivery')}?{place.query}", **undo)
        elif words := done["done"].get("done"):
            messages.success(request, words)
        if task_id := done["done"].get("planning"):
            return redirect_to(request, f"{place.address}&planning={task_id}")
    return redirect_to(request, place.address)
