"""Several requests approved at once, after a look at what they leave in stock."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.htmx import redirect_to
from orders.access import visible_orders
from orders.actions.approval import approve_orders as approve
from orders.forms.together import TogetherForm, chosen
from orders.models import OrderLine, ResupplyOrder
from orders.queries.together import together
from stations.access import SignedInRequest, for_roles
from stations.models import User


@for_roles(User.Role.LOGISTICS, User.Role.CHIEF)
@require_http_methods(["GET", "POST"])
def approve_orders(request: SignedInRequest) -> HttpResponse:
    """These requests in these versions, ``?chosen=12:3&chosen=…``: GET shows what they take, POST approves them all."""
    is_posted = request.method == "POST"
    versions = chosen(request.POST if is_posted else request.GET)
    form = TogetherForm(request.POST if is_posted else None, versions=versions)
    orders = list(visible_orders(request.user).filter(pk__in=versions).select_related("station", "source"))
    if is_posted and form.is_valid():
        try:
            done = approve(versions=versions, by=request.user, at=timezone.now(), **form.command)
        except DomainError as refusal:
            form.refusal = refusal
        else:
            messages.success(request, _said(done))
            return redirect_to(request, "queue")
    now = together(orders, today=timezone.localdate())
    context = {"form": form, "now": now, "refusal": form.refusal}
    return render(request, "orders/approve_orders.html", context, status=form.http_status)


def _said(orders: Sequence[ResupplyOrder]) -> str:
    """What approving them did, as a sentence."""
    waiting = sum(order.state == ResupplyOrder.State.SUBMITTED for order in orders)
    owed = OrderLine.objects.owed().filter(order__in=orders).count()
    parts = [(ngettext("%(count)d request approved.", "%(count)d requests approved.", len(orders)), len(orders))]
    if waiting:
        of_them = ngettext(
            "%(count)d of them now waits for the next approver.",
            "%(count)d of them now wait for the next approver.",
            waiting,
        )
        parts.append((of_them, waiting))
    if owed:
        parts.append((ngettext("%(count)d line stays owed.", "%(count)d lines stay owed.", owed), owed))
    return " ".join(words % {"count": count} for words, count in parts)
