"""The pick list by bin and lot, and packing what was picked."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from core.camera import with_camera
from core.errors import DomainError
from core.htmx import is_htmx, redirect_to, render_part
from inventory.models import StockLevel
from inventory.queries.counts import to_count
from orders.access import shipment_for
from orders.actions import picking
from orders.forms.commands import CommandForm
from orders.forms.picking import OtherLotForm, PackForm, PickForm, ShortPickForm
from orders.models import Shipment, ShipmentLine
from orders.queries import shipments as queries
from orders.views.presses import press, verb_of
from stations.access import SignedInRequest, for_roles
from stations.models import Location, User

LOGISTICS = User.Role.LOGISTICS
PICK_PAGE = "orders/pick_shipment.html"
PACK_PAGE = "orders/pack_shipment.html"
COUNT_IT = _("What was not there is promised to nobody until it is counted: it waits under Count.")
INCOMPLETE = _("The form was incomplete, so nothing was changed. Look at the list below and try again.")


@for_roles(LOGISTICS)
@require_http_methods(["GET", "POST"])
def pick_shipment(request: SignedInRequest, pk: int) -> HttpResponse:
    """The pick list by bin and lot; POST confirms one line, or all that are left, as listed."""
    found = shipment_for(request.user, pk)
    if request.method == "GET":
        return show_pick_list(request, found)
    form = PickForm(request.POST)
    if not form.is_valid():
        return show_pick_list(request, found, refusal=DomainError(str(INCOMPLETE)))
    try:
        picking.confirm_picks(
            shipment=found,
            picked=form.cleaned_data["picked"],
            by=request.user,
            at=timezone.now(),
            **form.versioned,
        )
    except DomainError as refusal:
        return show_pick_list(request, found, refusal=refusal)
    return after_pick(request, found, *form.cleaned_data["picked"])


@for_roles(LOGISTICS)
@verb_of("pick_shipment")
def start_picking(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take the shipment to pick."""
    found = shipment_for(request.user, pk)

    def start(**command: Any) -> object:
        return picking.start_picking(shipment=found, by=request.user, at=timezone.now(), **command)

    press(request, start, CommandForm(request.POST))
    return redirect_to(request, "pick_shipment", pk)


@for_roles(LOGISTICS)
@verb_of("pick_shipment")
def pick_short(request: SignedInRequest, pk: int) -> HttpResponse:
    """Less of a line was there than listed: the rest goes back to the backorder, with the reason."""
    found = shipment_for(request.user, pk)
    form = ShortPickForm(request.POST)
    if not form.is_valid():
        return show_pick_list(request, found, short=form)
    data = form.cleaned_data
    try:
        picking.confirm_picks(
            shipment=found,
            picked={data["line"]: data["quantity"]},
            reason=data["reason"],
            by=request.user,
            at=timezone.now(),
            **form.versioned,
        )
    except DomainError as refusal:
        return show_pick_list(request, found, short=form, refusal=refusal)
    return after_pick(request, found, data["line"])


@for_roles(LOGISTICS)
@verb_of("pick_shipment")
def take_other_lot(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a line from another lot, with the reason."""
    found = shipment_for(request.user, pk)
    form = OtherLotForm(request.POST, source_id=found.source_id)
    if not form.is_valid():
        return show_pick_list(request, found, other=form)
    data = form.cleaned_data
    line = get_object_or_404(ShipmentLine.objects.select_related("shipment"), pk=data["line"], shipment=found)
    try:
        picking.take_other_lot(
            line=line, level=data["level"], reason=data["reason"], by=request.user, at=timezone.now(), **form.command
        )
    except DomainError as refusal:
        return show_pick_list(request, found, other=form, refusal=refusal)
    return after_pick(request, found)


def after_pick(request: SignedInRequest, found: Shipment, *picked: int) -> HttpResponse:
    """The list again, with the focus on the line after those picked; the whole page once nothing is left on it."""
    found.refresh_from_db()
    if found.state == Shipment.State.CANCELLED:
        none = gettext("Nothing of %(shipment)s could be picked: it is cancelled, its lines are owed.")
        messages.warning(request, f"{none % {'shipment': found}} {COUNT_IT}")
        return redirect_to(request, found)
    if is_htmx(request):
        context = pick_context(found)
        next_line = queries.line_after(context["groups"], picked)
        return render_part(request, PICK_PAGE, "list", context | {"next_line": next_line})
    return redirect_to(request, "pick_shipment", found.pk)


@with_camera
def show_pick_list(
    request: SignedInRequest,
    found: Shipment,
    *,
    short: ShortPickForm | None = None,
    other: OtherLotForm | None = None,
    refusal: DomainError | None = None,
) -> HttpResponse:
    """The pick list, with what was refused and what was typed."""
    if request.method == "POST":
        found.refresh_from_db()
    elif found.state not in Shipment.AT_SOURCE:
        return redirect_to(request, found)
    if short is not None:
        short.renew(version=found.version)
    refused = short or other
    open_line = int(refused.data["line"]) if refused and refused.data.get("line", "").isdecimal() else None
    context = pick_context(found) | {"short": short, "other": other, "refusal": refusal, "open_line": open_line}
    return render_part(request, PICK_PAGE, "list", context, status=422 if request.method == "POST" else 200)


def pick_context(found: Shipment) -> dict[str, Any]:
    lines = queries.lines_of(found)
    left = [line for line in lines if not line.is_picked]
    shelves = Location.objects.shelves().filter(station=found.source)
    return {
        "shipment": found,
        "groups": queries.by_bin(lines, queries.other_lots(found, left, today=timezone.localdate())),
        "lines": lines,
        "left": left,
        "picked_count": len(lines) - len(left),
        "progress": gettext("%(done)d of %(all)d picked") % {"done": len(lines) - len(left), "all": len(lines)},
        "is_picking": found.state == Shipment.State.PICKING,
        "to_count": to_count(StockLevel.objects.filter(location__in=shelves)),
        "writable": {found.source.code},
    }


@for_roles(LOGISTICS)
@require_http_methods(["GET", "POST"])
def pack_shipment(request: SignedInRequest, pk: int) -> HttpResponse:
    """Close a picked shipment into its totes."""
    found = shipment_for(request.user, pk)
    form = PackForm(request.POST if request.method == "POST" else None, initial={"version": found.version})
    refusal = None
    if form.is_valid():
        try:
            picking.pack_shipment(
                shipment=found, totes=form.cleaned_data["totes"], by=request.user, at=timezone.now(), **form.versioned
            )
        except DomainError as refused:
            refusal = refused
        else:
            packed = gettext("%(shipment)s is packed. Print the packing slip, or plan its run.")
            messages.success(request, packed % {"shipment": found})
            return redirect_to(request, found)
    return show_packing(request, found, form, refusal)


def show_packing(
    request: SignedInRequest, found: Shipment, form: PackForm, refusal: DomainError | None
) -> HttpResponse:
    found.refresh_from_db()
    if form.is_bound:
        form.renew(version=found.version)
    elif found.state != Shipment.State.PICKING:
        return redirect_to(request, found)
    lines = queries.lines_of(found)
    left = [line for line in lines if not line.is_picked]
    context = {"shipment": found, "lines": lines, "left": left, "form": form, "refusal": refusal}
    return render(request, PACK_PAGE, context, status=422 if form.is_bound else 200)
