"""Delivery runs at the desk: the list, planning one, and its page with everything that is done to it."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core.errors import DomainError
from core.exports import exported
from core.htmx import redirect_to
from core.pagination import page_of
from orders import columns
from orders.access import run_for, visible_runs
from orders.actions import runs as actions
from orders.forms.commands import ReasonForm, VersionedForm
from orders.forms.runs import AssignDriverForm, OrderOfStops, moved
from orders.models import DeliveryRun, Shipment
from orders.queries import runs as queries
from orders.views.presses import press, verb_of
from stations.access import SignedInRequest, for_roles
from stations.models import Event, User

LOGISTICS, DRIVER = User.Role.LOGISTICS, User.Role.DRIVER
READERS = (LOGISTICS, DRIVER, User.Role.CHIEF, User.Role.AUDITOR)
CREW = (LOGISTICS, DRIVER)


@for_roles(*READERS)
@require_GET
def runs(request: SignedInRequest) -> HttpResponse:
    """All runs that the person may see, by state; what is on the road first."""
    visible = visible_runs(request.user)
    state = request.GET.get("state", "")
    counts = queries.counts_by_state(visible)
    rows = queries.run_rows(visible.filter(state=state) if state in DeliveryRun.State.values else visible)
    if file := exported(request, "Runs", columns.RUNS, rows):
        return file
    context = {
        "page": page_of(request, rows),
        "states": [(value, label, counts[value]) for value, label in DeliveryRun.State.choices if counts.get(value)],
        "total": sum(counts.values()),
        "on_road": counts.get(DeliveryRun.State.OUT, 0),
        "can_plan": request.user.role == LOGISTICS,
        "can_see_planner": request.user.role != DRIVER,
    }
    return render(request, "orders/runs.html", context)


@for_roles(*READERS)
@require_GET
def run(request: SignedInRequest, pk: int) -> HttpResponse:
    """One run: its stops in order, what goes to each, and the next step."""
    return show(request, run_for(request.user, pk))


def show(request: SignedInRequest, found: DeliveryRun, **refused: Any) -> HttpResponse:
    """The page; ``refused`` holds the form that was refused and why."""
    found.refresh_from_db()
    at = timezone.now()
    cards = queries.stops_of(found, at=at)
    is_logistics = request.user.role == LOGISTICS
    is_before = found.state in (DeliveryRun.State.PLANNED, DeliveryRun.State.LOADING)
    context = {
        "run": found,
        "stops": [(card, *_moves(cards, card)) for card in cards],
        "can_move": is_logistics and is_before and not found.is_locked and len(cards) > 1,
        "can_see_planner": request.user.role != DRIVER,
        "is_before_departure": is_before,
        "left_behind": [one for card in cards for one in card.unpacked],
        "delivered": [one for card in cards for one in card.delivered],
        "totes": sum(card.totes for card in cards),
        "to_do": sum(not card.is_done for card in cards),
        "assign": AssignDriverForm(initial={"version": found.version, "driver": found.driver_id}, auto_id="assign-%s"),
        "cancel": ReasonForm(initial={"version": found.version}, auto_id="cancel-%s"),
        "is_logistics": is_logistics,
        "events": Event.objects.about(found),
    }
    return render(request, "orders/run.html", context | refused, status=422 if refused else 200)


def _moves(cards: list[queries.StopCard], card: queries.StopCard) -> tuple[str, str]:
    """The orders of stations in which this stop comes one earlier and one later; "" where it cannot."""
    ids = [one.stop.station_id for one in cards]
    return moved(ids, card.stop.station_id, -1), moved(ids, card.stop.station_id, +1)


@for_roles(LOGISTICS)
@verb_of("run")
def move_stop(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put the stops in another order; their planned arrivals follow."""
    found, form = run_for(request.user, pk, write=True), OrderOfStops(request.POST)

    def act(**command: Any) -> object:
        return actions.reorder_stops(
            run=found, station_ids=form.station_ids(), by=request.user, at=timezone.now(), **command
        )

    press(request, act, form)
    return redirect_to(request, found)


@for_roles(LOGISTICS)
@verb_of("run")
def assign_driver(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say who drives."""
    found, form = run_for(request.user, pk, write=True), AssignDriverForm(request.POST)

    def act(**command: Any) -> object:
        driver = form.cleaned_data["driver"]
        return actions.assign_driver(run=found, driver=driver, by=request.user, at=timezone.now(), **command)

    press(request, act, form, done=_("%(run)s has its driver.") % {"run": found})
    return redirect_to(request, found)


@for_roles(*CREW)
@verb_of("run")
def load_run(request: SignedInRequest, pk: int) -> HttpResponse:
    """Begin to load the van."""
    found = run_for(request.user, pk, write=True)
    act = partial(actions.load_run, run=found, by=request.user, at=timezone.now())
    press(request, act, VersionedForm(request.POST))
    return back(request, found)


@for_roles(LOGISTICS)
@verb_of("run")
def dispatch_run(request: SignedInRequest, pk: int) -> HttpResponse:
    """The van leaves, with what is packed; what is not stays behind and is named."""
    found = run_for(request.user, pk, write=True)
    stays = queries.not_packed(found)
    act = partial(actions.dispatch_run, run=found, by=request.user, at=timezone.now())
    done = _("%(run)s is on the road.") % {"run": found}
    if press(request, act, VersionedForm(request.POST), done=done) and stays:
        left = _("Not packed, so left behind: %(shipments)s. Plan another run for it.")
        messages.warning(request, left % {"shipments": _names(stays)})
    return back(request, found)


def _names(shipments: list[Shipment]) -> str:
    words = _("%(shipment)s for %(station)s")
    return ", ".join(words % {"shipment": one, "station": one.destination} for one in shipments)


@for_roles(*CREW)
@verb_of("run")
def complete_run(request: SignedInRequest, pk: int) -> HttpResponse:
    """The van is back."""
    found = run_for(request.user, pk, write=True)
    act = partial(actions.complete_run, run=found, by=request.user, at=timezone.now())
    press(request, act, VersionedForm(request.POST), done=_("%(run)s is completed.") % {"run": found})
    return back(request, found)


@for_roles(LOGISTICS)
@verb_of("run")
def cancel_run(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give up a run that has not left; its shipments wait for another one."""
    found, form = run_for(request.user, pk, write=True), ReasonForm(request.POST, auto_id="cancel-%s")
    refusal = None
    if form.is_valid():
        try:
            actions.cancel_run(
                run=found, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now(), **form.versioned
            )
        except DomainError as refused:
            refusal = refused
        else:
            done = _("%(run)s is cancelled. Its shipments wait for another run.") % {"run": found}
            messages.success(request, done)
            return redirect_to(request, "runs")
    found.refresh_from_db()
    form.renew(version=found.version)
    return show(request, found, cancel=form, refusal=refusal)


def back(request: SignedInRequest, found: DeliveryRun) -> HttpResponse:
    """To the page that the person works from: a driver's own, else the run's."""
    return redirect_to(request, "driver_run") if request.user.role == DRIVER else redirect_to(request, found)
