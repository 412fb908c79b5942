"""Stock between stations: what is proposed and why, what is under way, accepting it, and the run that takes it."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from core.errors import DomainError
from core.exports import exported
from core.htmx import redirect_to
from core.pagination import page_of
from orders import columns
from orders.access import shipment_for
from orders.actions.choosing import choose_run as choose
from orders.actions.transfers import accept_transfers as accept
from orders.forms.transfers import AcceptForm, ChooseRunForm, written
from orders.models import DeliveryRun, Shipment, TransferProposal
from orders.queries import transfers as queries
from orders.queries.rides import open_runs
from orders.views.presses import press, verb_of
from stations.access import SignedInRequest, for_roles, visible_stations
from stations.models import User

LOGISTICS = User.Role.LOGISTICS
READERS = (LOGISTICS, User.Role.OFFICER, User.Role.CHIEF, User.Role.AUDITOR)
SHOWN = {"": _("All"), "short": _("Somebody is short"), "expiring": _("Would expire")}
MOVING = 30


@for_roles(*READERS)
@require_GET
def transfers(request: SignedInRequest) -> HttpResponse:
    """What could be moved, who is short first; and what is under way. ``?show=`` and ``?station=`` narrow it."""
    return show_transfers(request)


def show_transfers(request: SignedInRequest, **refused: Any) -> HttpResponse:
    visible = queries.visible_proposals(request.user)
    code = request.GET.get("station", "")
    station = visible_stations(request.user).filter(code=code).first() if code else None
    rows = visible.filter(donor__station=station) | visible.filter(receiver__station=station) if station else visible
    show = request.GET.get("show", "")
    shown = queries.proposal_rows(_shown(rows, show))
    if not refused and (
        file := exported(request, "Transfers", columns.TRANSFERS, lambda: queries.with_rides(list(shown)))
    ):
        return file
    page = page_of(request, shown)
    under_way, under_way_in_all = queries.transfers_under_way(request.user, MOVING)
    is_logistics = request.user.role == LOGISTICS
    runs = list(open_runs().select_related("van")) if is_logistics else []
    counts = rows.order_by().aggregate(
        all=Count("pk"),
        short=Count("pk", filter=Q(is_short=True)),
        expiring=Count("pk", filter=Q(expiring__gt=0)),
        saved=Sum("value_cents"),
    )
    context = {
        "page": page,
        "rows": [(row, written(row.proposal)) for row in queries.with_rides(page.rows)],
        "filters": [(name, label, counts[name or "all"]) for name, label in SHOWN.items()],
        "show": show if show in SHOWN else "",
        "station": station,
        "proposed": counts["all"],
        "saved_cents": counts["saved"] or 0,
        "worked_out_at": TransferProposal.objects.values_list("worked_out_at", flat=True).first(),
        "moving": [(one, _chooser(one, runs)) for one in under_way],
        "moving_total": under_way_in_all,
        "is_logistics": is_logistics,
        "form": AcceptForm(),
    }
    return render(request, "orders/transfers.html", context | refused, status=422 if refused else 200)


def _shown(rows: "QuerySet[TransferProposal]", show: str) -> "QuerySet[TransferProposal]":
    if show == "short":
        return rows.filter(is_short=True)
    return rows.filter(expiring__gt=0) if show == "expiring" else rows


def _chooser(shipment: Shipment, runs: Sequence[DeliveryRun]) -> ChooseRunForm | None:
    """The runs that it may be put on; none for what is in a van already."""
    if shipment.state != Shipment.State.TO_COLLECT or not runs:
        return None
    run = shipment.stop.run_id if shipment.stop else None
    return ChooseRunForm(
        runs=runs,
        initial={"version": shipment.version, "run": run},
        auto_id=f"choose-{shipment.pk}-%s",
    )


@for_roles(LOGISTICS)
@require_http_methods(["GET", "POST"])
def accept_transfers(request: SignedInRequest) -> HttpResponse:
    """Accept one, or all that are ticked. Who comes back here after signing in again is led to the page."""
    if request.method == "GET":
        return redirect_to(request, "transfers")
    form = AcceptForm(request.POST)
    if not form.is_valid():
        return show_transfers(request, form=form, refusal=DomainError(_first_error(form)))
    try:
        orders = accept(accepted=form.chosen(), by=request.user, at=timezone.now(), **form.command)
    except DomainError as refusal:
        return show_transfers(request, form=form, refusal=refusal)
    for order in orders:
        messages.success(request, said(order.pk))
    return redirect_to(request, "transfers")


def _first_error(form: AcceptForm) -> str:
    return next(str(error) for errors in form.errors.values() for error in errors)


def said(order: int) -> str:
    """What accepting did, as a sentence."""
    shipment = (
        Shipment.objects.filter(lines__order_line__order=order)
        .select_related("source", "destination", "stop__run__van", "pickup")
        .first()
    )
    if shipment is None:
        return gettext("%(order)s is accepted by you and now waits for the chief.") % {"order": f"R{order:06d}"}
    facts = {"order": f"R{order:06d}", "source": shipment.source, "station": shipment.destination}
    if shipment.stop is None or shipment.pickup is None:
        waits = gettext(
            "%(order)s from %(source)s to %(station)s is accepted. It waits for the next run that goes to both."
        )
        return waits % facts
    rides = gettext("%(order)s from %(source)s to %(station)s is accepted and rides on %(run)s.")
    return rides % {**facts, "run": shipment.stop.run}


@for_roles(LOGISTICS)
@verb_of("shipment")
def choose_run(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put a transfer on a run by hand."""
    found = shipment_for(request.user, pk, write=True)
    runs = {run.pk: run for run in open_runs().select_related("van")}
    form = ChooseRunForm(request.POST, runs=list(runs.values()))

    def act(**command: Any) -> object:
        run = runs[form.cleaned_data["run"]]
        return choose(shipment=found, run=run, by=request.user, at=timezone.now(), **command)

    press(request, act, form, done=gettext("%(shipment)s has its run.") % {"shipment": found})
    return redirect_to(request, "transfers")
