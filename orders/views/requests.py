"""Requests: the list, one of them, and ending it."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core.errors import DomainError
from core.exports import exported
from core.htmx import redirect_to, render_part
from core.pagination import page_of
from orders import columns
from orders.access import order_for, visible_orders
from orders.actions import allocation, closing, drafts
from orders.forms.commands import CommandForm, ReasonForm
from orders.models import OrderLine, ResupplyOrder
from orders.queries import requests as queries
from orders.queries.approvals import next_step
from orders.views.drafts import READERS, show_draft
from orders.views.presses import press
from stations.access import SignedInRequest, can_write, for_roles, own_stations, visible_stations
from stations.models import Event, User

CANCELLABLE = (ResupplyOrder.State.DRAFT, ResupplyOrder.State.SUBMITTED)


@for_roles(*READERS)
@require_GET
def orders(request: SignedInRequest) -> HttpResponse:
    """The requests that the person may see. ``?state=``, ``?station=`` and ``?q=`` narrow the list."""
    at = timezone.now()
    visible = visible_orders(request.user)
    station = visible_stations(request.user).filter(code=request.GET.get("station", "")).first()
    if station is not None:
        visible = visible.filter(station=station)
    words = request.GET.get("q", "").strip()
    visible = visible.filter(search(words)) if words else visible
    rules = queries.filters(at)
    state = request.GET.get("state", "")
    shown = visible.filter(rules.get(state, rules[""]))
    if file := exported(request, "Requests", columns.REQUESTS, queries.order_rows(shown)):
        return file
    counts = queries.filter_counts(visible, at)
    context = {
        "page": page_of(request, queries.order_rows(shown)),
        "filters": [(name, label, counts.get(name)) for name, label in queries.FILTER_LABELS.items()],
        "state": state,
        "counts": counts,
        "station": station,
        "stations": own_stations(request.user),
        "words": words,
        "at": at,
    }
    return render(request, "orders/orders.html", context)


def search(words: str) -> Q:
    """Requests by their number, or by their station's name or code."""
    digits = words.lstrip("Rr").lstrip("0")
    by_number = Q(pk=int(digits)) if digits.isascii() and digits.isdigit() and len(digits) < 18 else Q()
    return by_number | Q(station__name__icontains=words) | Q(station__code__iexact=words)


@for_roles(*READERS)
@require_GET
def order(request: SignedInRequest, pk: int) -> HttpResponse:
    """One request: a draft to edit for those who may, else how far each line has come."""
    found = order_for(request.user, pk)
    if found.state == ResupplyOrder.State.DRAFT and can_write(request.user, found.station):
        return show_draft(request, found)
    return show_order(request, found)


def show_order(
    request: SignedInRequest,
    found: ResupplyOrder,
    *,
    refusal: DomainError | None = None,
    reason: ReasonForm | None = None,
) -> HttpResponse:
    lines = queries.lines_of(found)
    for line in lines:
        line.order = found
    step = next_step(found) if found.state == ResupplyOrder.State.SUBMITTED else None
    is_logistics = request.user.role == User.Role.LOGISTICS
    is_under_way = found.state in ResupplyOrder.UNDER_WAY
    context = {
        "order": found,
        "rows": queries.line_rows(found, lines),
        "cost_cents": sum(
            (line.asked if line.approved is None else line.approved) * line.item.unit_cost_cents for line in lines
        ),
        "shipments": queries.shipments_of(found),
        "steps": found.approval_steps.select_related("decided_by"),
        "step": step,
        "events": Event.objects.about(found),
        "owed_lines": sum(line.owed > 0 for line in lines) if is_under_way else 0,
        "is_overdue": found.is_overdue(timezone.now()),
        "may_act": can_write(request.user, found.station),
        "may_decide": step is not None and step.role == request.user.role and found.requested_by != request.user,
        "may_cancel": found.state in CANCELLABLE and can_write(request.user, found.station),
        "may_close_short": is_logistics and is_under_way and any(line.owed + line.allocated for line in lines),
        "look": CommandForm(auto_id="look-%s"),
        "reason": reason or ReasonForm(initial={"version": found.version}, auto_id="why-%s"),
        "refusal": refusal,
    }
    status = 422 if request.method == "POST" else 200
    return render_part(request, "orders/order.html", "page", context, status=status)


@require_http_methods(["GET", "POST"])
def cancel_order(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give up a request that is not approved yet, with a reason."""
    return end_order(request, pk, drafts.cancel_order, _("Request %(order)s is cancelled."))


@for_roles(User.Role.LOGISTICS)
@require_http_methods(["GET", "POST"])
def close_short(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send no more of what is still owed, with a reason."""
    return end_order(request, pk, closing.close_short, _("What %(order)s was still owed will not be sent any more."))


def end_order(request: SignedInRequest, pk: int, act: Callable[..., ResupplyOrder], done: str) -> HttpResponse:
    """End a request or its rest. A refusal shows it again, the reason still in its question."""
    found = order_for(request.user, pk, write=request.method == "POST")
    if request.method == "GET":
        return redirect_to(request, found)
    reason = ReasonForm(request.POST, auto_id="why-%s")
    refusal: DomainError | None = None
    if reason.is_valid():
        why = reason.cleaned_data["reason"]
        try:
            act(order=found, reason=why, by=request.user, at=timezone.now(), **reason.versioned)
        except DomainError as refused:
            refusal = refused
        else:
            messages.success(request, done % {"order": found})
            return redirect_to(request, found)
    found = order_for(request.user, pk)
    reason.renew(version=found.version)
    if found.state == ResupplyOrder.State.DRAFT:
        return show_draft(request, found, reason=reason, refusal=refusal)
    return show_order(request, found, reason=reason, refusal=refusal)


@for_roles(User.Role.LOGISTICS)
@require_http_methods(["GET", "POST"])
def allocate_order(request: SignedInRequest, pk: int) -> HttpResponse:
    """Look for stock for what is still owed."""
    found = order_for(request.user, pk)
    if request.method == "POST":
        act = partial(allocation.allocate_order, order=found, by=request.user, at=timezone.now())
        if press(request, act, CommandForm(request.POST)):
            still_owed = OrderLine.objects.owed().filter(order=found).count()
            messages.info(request, _("Looked for stock. Lines still backordered: %(count)d.") % {"count": still_owed})
    return redirect_to(request, found)
