"""Picking for a run: one walk by bin for all that it takes, and packing each shipment at the end of it."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.camera import with_camera
from core.errors import DomainError
from core.forms import CommandForm
from core.htmx import is_htmx, redirect_to, render_part
from inventory.models import StockLevel
from inventory.queries.counts import to_count
from orders.access import run_for
from orders.actions import picking, waves
from orders.forms.picking import OtherLotForm
from orders.forms.waves import PackWaveForm, ShortWaveForm, WaveForm
from orders.models import DeliveryRun, Shipment, ShipmentLine
from orders.queries.rides import BEFORE_DEPARTURE
from orders.queries.waves import wave_of
from orders.views.picking import INCOMPLETE
from orders.views.presses import press, verb_of
from stations.access import SignedInRequest, for_roles
from stations.models import Location, User

LOGISTICS = User.Role.LOGISTICS
PAGE = "orders/pick_run.html"


@for_roles(LOGISTICS)
@require_http_methods(["GET", "POST"])
def pick_run(request: SignedInRequest, pk: int) -> HttpResponse:
    """The walk; POST confirms one lot for all its shipments or for one, or all that is left, as listed."""
    found = run_for(request.user, pk)
    if request.method == "GET":
        return show_wave(request, found)
    form = WaveForm(request.POST)
    if not form.is_valid():
        return show_wave(request, found, form, DomainError(str(INCOMPLETE)))
    picked, versions = form.cleaned_data["picked"], form.cleaned_data["seen"]

    def confirm(**command: Any) -> object:
        return waves.confirm_wave(versions=versions, picked=picked, by=request.user, at=timezone.now(), **command)

    return _carry_out(request, found, confirm, form, picked)


@for_roles(LOGISTICS)
@verb_of("pick_run")
def start_wave(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take all of it to pick."""
    found = run_for(request.user, pk)

    def start(**command: Any) -> object:
        return waves.start_wave(run=found, by=request.user, at=timezone.now(), **command)

    press(request, start, CommandForm(request.POST))
    return redirect_to(request, "pick_run", pk)


@for_roles(LOGISTICS)
@verb_of("pick_run")
def pick_run_short(request: SignedInRequest, pk: int) -> HttpResponse:
    """Less of a lot was there than listed: what there is goes to the most urgent first, the rest is owed."""
    found, form = run_for(request.user, pk), ShortWaveForm(request.POST)
    if not form.is_valid():
        return show_wave(request, found, form)
    picked, data = form.picked, form.cleaned_data

    def confirm(**command: Any) -> object:
        return waves.confirm_wave(
            versions=data["seen"], picked=picked, reason=data["reason"], by=request.user, at=timezone.now(), **command
        )

    return _carry_out(request, found, confirm, form, picked)


@for_roles(LOGISTICS)
@verb_of("pick_run")
def take_other_lot_for_run(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take another lot for one of the shipments, with the reason."""
    found = run_for(request.user, pk)
    form = OtherLotForm(request.POST, source_id=found.depot_id)
    if not form.is_valid():
        return show_wave(request, found, form)
    data = form.cleaned_data
    lines = ShipmentLine.objects.filter(shipment__stop__run=found).select_related("shipment")
    line = get_object_or_404(lines, pk=data["line"])

    def act(**command: Any) -> object:
        return picking.take_other_lot(
            line=line, level=data["level"], reason=data["reason"], by=request.user, at=timezone.now(), **command
        )

    return _carry_out(request, found, act, form, [])


@for_roles(LOGISTICS)
@verb_of("pick_run")
def pack_for_run(request: SignedInRequest, pk: int) -> HttpResponse:
    """Close one of its shipments into its totes, and go on with the next."""
    found, form = run_for(request.user, pk), PackWaveForm(request.POST)
    if not form.is_valid():
        return show_wave(request, found, form)
    data = form.cleaned_data
    shipment = get_object_or_404(Shipment, pk=data["shipment"], stop__run=found)

    def act(**command: Any) -> object:
        return picking.pack_shipment(
            shipment=shipment,
            version=data["version"],
            totes=data["totes"],
            by=request.user,
            at=timezone.now(),
            **command,
        )

    return _carry_out(request, found, act, form, [])


def _carry_out(
    request: SignedInRequest,
    found: DeliveryRun,
    act: Callable[..., object],
    form: CommandForm,
    picked: Iterable[int],
) -> HttpResponse:
    """Do it, and show the walk again with the focus on what comes next; or why it was refused, with what was typed."""
    keys = set(ShipmentLine.objects.filter(pk__in=picked).values_list("level", flat=True)) if is_htmx(request) else ()
    try:
        act(**form.command)
    except DomainError as refusal:
        return show_wave(request, found, form, refusal)
    if not is_htmx(request):
        return redirect_to(request, "pick_run", found.pk)
    context = wave_context(found)
    return render_part(request, PAGE, "list", context | {"next_line": context["wave"].after(keys)})


@with_camera
def show_wave(
    request: SignedInRequest,
    found: DeliveryRun,
    refused: CommandForm | None = None,
    refusal: DomainError | None = None,
) -> HttpResponse:
    """The walk, with what was refused and what was typed."""
    found.refresh_from_db(fields=["state"])
    if found.state not in BEFORE_DEPARTURE and request.method == "GET":
        facts = {"run": found, "state": found.get_state_display().lower()}
        messages.info(request, _("%(run)s is %(state)s: nothing is picked for it any more.") % facts)
        return redirect_to(request, found)
    context = wave_context(found) | {
        "short": refused if isinstance(refused, ShortWaveForm) else None,
        "other": refused if isinstance(refused, OtherLotForm) else None,
        "packing": refused if isinstance(refused, PackWaveForm) else None,
        "refusal": refusal,
        "open_line": _open_line(refused),
    }
    return render_part(request, PAGE, "list", context, status=422 if request.method == "POST" else 200)


def _open_line(refused: CommandForm | None) -> int | None:
    """The lot whose forms were refused."""
    said = str(refused.data.get("level" if isinstance(refused, ShortWaveForm) else "line", "")) if refused else ""
    if not (said.isascii() and said.isdigit() and len(said) < 10):
        return None
    if isinstance(refused, ShortWaveForm):
        return int(said)
    return ShipmentLine.objects.filter(pk=int(said)).values_list("level", flat=True).first()


def wave_context(found: DeliveryRun) -> dict[str, Any]:
    wave = wave_of(found, today=timezone.localdate())
    shelves = Location.objects.shelves().filter(station=found.depot)
    return {
        "run": found,
        "wave": wave,
        "progress": _("%(done)d of %(all)d picked") % {"done": wave.picked, "all": len(wave.lines)},
        "to_count": to_count(StockLevel.objects.filter(location__in=shelves)),
        "writable": {found.depot.code},
    }
