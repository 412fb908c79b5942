"""The driver's pages: the run of today, one step at a time, and each stop with its proof of delivery."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core.errors import DomainError
from core.htmx import redirect_to
from orders.access import stop_for
from orders.actions import runs as actions
from orders.actions.collecting import collect_stop as collect
from orders.forms.commands import CommandForm
from orders.forms.runs import HandOverForm, MissedForm
from orders.forms.transfers import CollectForm
from orders.models import DeliveryRun, Stop
from orders.queries import runs as queries
from orders.views.presses import press, verb_of
from stations.access import SignedInRequest, for_roles
from stations.models import Event, User

DRIVER = User.Role.DRIVER
CREW = (User.Role.LOGISTICS, DRIVER)


@for_roles(DRIVER)
@require_GET
def driver_run(request: SignedInRequest) -> HttpResponse:
    """The driver's run now: the next stop large, then the rest; or the runs that nobody drives yet."""
    own = queries.runs_of_driver(request.user)
    run, at = (own[0] if own else None), timezone.now()
    cards = queries.stops_of(run, at=at) if run else []
    card = queries.next_card(cards) if run and run.state == DeliveryRun.State.OUT else None
    context = {
        "run": run,
        "later": own[1:],
        "free": [] if run else list(queries.runs_without_driver()[:20]),
        "card": card,
        "lines": queries.lines_at(card.stop) if card else [],
        "cards": cards,
        "rest": [one for one in cards if not one.is_done and one is not card],
        "done": [one for one in cards if one.is_done],
        "left_behind": [one for each in cards for one in each.unpacked],
        "totes": sum(one.totes for one in cards),
        **stop_forms(card.stop if card else None),
    }
    return render(request, "orders/driver_run.html", context)


def stop_forms(stop: Stop | None) -> dict[str, Any]:
    """The forms of a stop: handing over, collecting, or saying why not."""
    lines = queries.lines_to_collect(stop) if stop else []
    return {
        "hand_over": HandOverForm(auto_id="hand_over-%s"),
        "missed": MissedForm(auto_id="missed-%s"),
        "collect": CollectForm(lines=lines, auto_id="collect-%s"),
    }


@for_roles(*CREW, User.Role.CHIEF, User.Role.AUDITOR)
@require_GET
def stop(request: SignedInRequest, pk: int) -> HttpResponse:
    """One stop: where, when, what is handed over, and its proof."""
    return show_stop(request, stop_for(request.user, pk))


def show_stop(request: SignedInRequest, found: Stop, **refused: Any) -> HttpResponse:
    """The page of a stop; for a driver whose next stop it is, the same step-by-step card as on their run."""
    found.refresh_from_db(fields=["state", "arrived_at", "left_at", "handed_to", "missed_reason"])
    found.run.refresh_from_db(fields=["state", "version"])
    card = next(one for one in queries.stops_of(found.run, at=timezone.now()) if one.stop.pk == found.pk)
    context = {
        "card": card,
        "run": found.run,
        "lines": queries.lines_at(found),
        "can_act": request.user.role in CREW and found.run.state == DeliveryRun.State.OUT and not card.is_done,
        "can_receive": request.user.role == User.Role.LOGISTICS and len(card.delivered) > 1,
        "events": Event.objects.about(found),
        **stop_forms(found),
    }
    return render(request, "orders/stop.html", context | refused, status=422 if refused else 200)


@for_roles(*CREW)
@verb_of("stop")
def arrive_at_stop(request: SignedInRequest, pk: int) -> HttpResponse:
    """The van is there."""
    found = stop_for(request.user, pk, write=True)
    act = partial(actions.arrive_at_stop, stop=found, by=request.user, at=timezone.now())
    press(request, act, CommandForm(request.POST))
    return back(request, found)


@for_roles(*CREW)
@verb_of("stop")
def deliver_stop(request: SignedInRequest, pk: int) -> HttpResponse:
    """Handed over: who took it is the proof."""
    found = stop_for(request.user, pk, write=True)
    form = HandOverForm(request.POST, auto_id="hand_over-%s")
    refusal = None
    if form.is_valid():
        taker = form.cleaned_data["handed_to"]
        try:
            actions.deliver_stop(stop=found, handed_to=taker, by=request.user, at=timezone.now(), **form.command)
        except DomainError as refused:
            refusal = refused
        else:
            facts = {"station": found.station, "taker": taker}
            messages.success(request, _("Delivered to %(station)s: %(taker)s took it.") % facts)
            return back(request, found)
    return show_stop(request, found, hand_over=form, refusal=refusal)


@for_roles(*CREW)
@verb_of("stop")
def collect_stop(request: SignedInRequest, pk: int) -> HttpResponse:
    """Taken along for other stations: line by line, who gave it is the proof."""
    found = stop_for(request.user, pk, write=True)
    form = CollectForm(request.POST, lines=queries.lines_to_collect(found), auto_id="collect-%s")
    refusal = None
    if form.is_valid():
        told = {"given_by": form.cleaned_data["given_by"], "reason": form.cleaned_data["reason"]}
        try:
            collect(stop=found, taken=form.taken(), by=request.user, at=timezone.now(), **told, **form.command)
        except DomainError as refused:
            refusal = refused
        else:
            messages.success(request, _("Collected at %(station)s.") % {"station": found.station})
            return back(request, found)
    return show_stop(request, found, collect=form, refusal=refusal)


@for_roles(*CREW)
@verb_of("stop")
def miss_stop(request: SignedInRequest, pk: int) -> HttpResponse:
    """Could not be delivered: why."""
    found = stop_for(request.user, pk, write=True)
    form = MissedForm(request.POST, auto_id="missed-%s")
    refusal = None
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            actions.miss_stop(stop=found, reason=reason, by=request.user, at=timezone.now(), **form.command)
        except DomainError as refused:
            refusal = refused
        else:
            missed = _("Not delivered to %(station)s. What was for it stays in the van.")
            messages.warning(request, missed % {"station": found.station})
            return back(request, found)
    return show_stop(request, found, missed=form, refusal=refusal)


def back(request: SignedInRequest, found: Stop) -> HttpResponse:
    """To what comes next: a driver's run, else the run's page."""
    return redirect_to(request, "driver_run") if request.user.role == DRIVER else redirect_to(request, found.run)
