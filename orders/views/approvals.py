"""Approving a request, line by line beside what the warehouse has; sending it back, or rejecting it."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.htmx import redirect_to
from inventory.models import Substitute
from inventory.queries.horizons import Horizons
from orders.access import order_for, order_to_decide
from orders.actions.approval import approve_order as approve
from orders.actions.approval import reject_order as reject
from orders.actions.approval import send_back_order as send_back
from orders.actions.substitution import approve_substitute as substitute
from orders.actions.transfers import accept_transfers
from orders.forms.approvals import ApproveForm
from orders.forms.commands import ReasonForm
from orders.forms.transfers import AcceptForm, SubstituteForm
from orders.models import OrderLine, ResupplyOrder
from orders.queries.approval_lines import lines_to_approve
from orders.queries.approvals import next_step, with_steps
from orders.queries.claims import weigh
from orders.queries.cover import free_for
from orders.queries.line_states import shelves_now
from orders.queries.shares import proposals
from orders.queries.substitutes import keys_of, substitutes_for, substitutes_of
from orders.queries.transfers import help_for
from orders.views.presses import press, verb_of
from stations.access import SignedInRequest, for_roles
from stations.models import User

PAGE = "orders/approve_order.html"
APPROVERS = ("logistics", "chief")
WHOLE = ("send_back", "reject")  # what may be done with a request as a whole


@for_roles(*APPROVERS)
@require_http_methods(["GET", "POST"])
def approve_order(request: SignedInRequest, pk: int) -> HttpResponse:
    """What is asked beside what is there; GET shows it, POST approves it."""
    order = order_to_decide(request.user, pk)
    form = form_for(order, request)
    if not form.is_bound or not form.is_valid():
        return show(request, order, form=form)
    try:
        decided = approve(
            order=order,
            decisions=form.decisions(),
            comment=form.cleaned_data["comment"],
            by=request.user,
            at=timezone.now(),
            **form.versioned,
        )
    except DomainError as refusal:
        return show(request, order, form=form, refusal=refusal)
    messages.success(request, said(decided))
    return redirect_to(request, "queue" if request.user.role == "logistics" else "home")


@for_roles(*APPROVERS)
@verb_of("approve_order")
def send_back_order(request: SignedInRequest, pk: int) -> HttpResponse:
    """Back to the station as a draft, with a reason."""
    return decide(request, pk, send_back, "send_back", _("%(order)s went back to %(station)s."))


@for_roles(*APPROVERS)
@verb_of("approve_order")
def reject_order(request: SignedInRequest, pk: int) -> HttpResponse:
    """Refused as a whole, with a reason."""
    return decide(request, pk, reject, "reject", _("%(order)s of %(station)s is rejected."))


@for_roles(*APPROVERS)
@verb_of("approve_order")
def approve_substitute(request: SignedInRequest, pk: int) -> HttpResponse:
    """Another item for a line that cannot be filled."""
    order, form = order_for(request.user, pk), SubstituteForm(request.POST)

    def act(**command: Any) -> object:
        line_id, substitute_id = form.ids()
        line = get_object_or_404(OrderLine.objects.select_related("order"), pk=line_id, order=order)
        other = get_object_or_404(Substitute.objects.select_related("substitute"), pk=substitute_id)
        return substitute(line=line, substitute=other, by=request.user, at=timezone.now(), **command)

    press(request, act, form, done=_("The substitute is on the request. Look at it, then approve."))
    return redirect_to(request, "approve_order", pk)


@for_roles(User.Role.LOGISTICS)
@verb_of("approve_order")
def meet_by_transfer(request: SignedInRequest, pk: int) -> HttpResponse:
    """A transfer from another station for a line that cannot be filled."""
    order, form = order_for(request.user, pk), AcceptForm(request.POST)

    def act(**command: Any) -> object:
        return accept_transfers(accepted=form.chosen(), by=request.user, at=timezone.now(), **command)

    done = _("The transfer is accepted, and the request asks for so much less. Look, then approve.")
    press(request, act, form, done=done)
    order.refresh_from_db()
    is_open = order.state == ResupplyOrder.State.SUBMITTED
    return redirect_to(request, "approve_order", pk) if is_open else redirect_to(request, order)


def decide(request: SignedInRequest, pk: int, act: Callable[..., ResupplyOrder], name: str, done: str) -> HttpResponse:
    """Decide the whole request with a reason; a refusal shows the page again, the reason still in it."""
    order = order_for(request.user, pk)
    form = ReasonForm(request.POST, auto_id=f"{name}-%s")
    if not form.is_valid():
        return show(request, order, whole={name: form})
    try:
        act(order=order, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now(), **form.versioned)
    except DomainError as refusal:
        return show(request, order, whole={name: form}, refusal=refusal)
    messages.success(request, done % {"order": order, "station": order.station})
    return redirect_to(request, "queue" if request.user.role == "logistics" else "home")


def form_for(order: ResupplyOrder, request: SignedInRequest | None = None) -> ApproveForm:
    """The form of all lines; filled with what was posted when there is a request that posts."""
    at = timezone.now()
    lines = lines_to_approve(order)
    today = timezone.localdate(at)
    horizons = Horizons(today)
    keys = {(order.source_id, line.item_id) for line in lines}
    items = {line.item_id: line.item for line in lines}
    may_be_met = order.state == ResupplyOrder.State.SUBMITTED and not order.is_transfer
    named = substitutes_of(items) if may_be_met else {}
    weighed = weigh(horizons, keys, more=keys_of(lines, named))
    form = ApproveForm(
        request.POST if request is not None and request.method == "POST" else None,
        lines=lines,
        now=shelves_now(lines, today=today),
        free=free_for(lines, today=today, free=weighed.free),
        proposals=proposals(weighed.short, at=at, horizons=horizons, free=weighed.free, items=items),
        may_choose=sum(step.decided_at is None for step in order.approval_steps.all()) == 1,
        initial={"version": order.version},
    )
    if may_be_met:
        missing = form.missing()
        form.instead = substitutes_for(lines, missing, today=today, named=named, free=weighed.free)
        form.helpers = help_for(lines, missing)
    return form


def show(
    request: SignedInRequest,
    order: ResupplyOrder,
    *,
    form: ApproveForm | None = None,
    whole: Mapping[str, ReasonForm] | None = None,
    refusal: DomainError | None = None,
) -> HttpResponse:
    """The page, with everything that was typed in the form that was refused: the lines, or one about the whole."""
    if request.method == "POST":
        order.refresh_from_db()
        with_steps(order)
    refused = [form] if form and form.is_bound else list((whole or {}).values())
    for one in refused:
        one.renew(version=order.version)
    unbound = {name: ReasonForm(initial={"version": order.version}, auto_id=f"{name}-%s") for name in WHOLE}
    undecided = [step for step in order.approval_steps.all() if step.decided_at is None]
    context = {
        "order": order,
        "step": undecided[0] if undecided and order.state == ResupplyOrder.State.SUBMITTED else None,
        "steps": order.approval_steps.all(),
        "is_own": order.requested_by_id == request.user.pk,
        "form": form or form_for(order),
        "refusal": refusal,
        **unbound,
        **(whole or {}),
    }
    return render(request, PAGE, context, status=422 if request.method == "POST" else 200)


def said(order: ResupplyOrder) -> str:
    """What approving did, as a sentence."""
    if step := next_step(order):
        facts = {"order": order, "role": step.get_role_display().lower()}
        return _("%(order)s is approved by you and now waits for %(role)s.") % facts
    words = _("%(order)s of %(station)s is approved.") % {"order": order, "station": order.station}
    owed = OrderLine.objects.owed().filter(order=order).count()
    if not owed:
        return words
    rest = ngettext(
        "%(count)d line cannot be filled now and stays owed.",
        "%(count)d lines cannot be filled now and stay owed.",
        owed,
    )
    return f"{words} {rest % {'count': owed}}"
