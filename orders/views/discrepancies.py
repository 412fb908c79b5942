"""What left and was not accepted: the queue of it, and saying where it went."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core.errors import DomainError
from core.exports import exported
from core.htmx import redirect_to
from core.pagination import page_of
from orders import columns
from orders.access import discrepancy_for, visible_shipments
from orders.actions.settling import settle_discrepancy as settle
from orders.forms.discrepancies import SettleForm
from orders.models import Discrepancy
from orders.queries.discrepancies import discrepancy_rows, open_and_settled, with_photos
from stations.access import SignedInRequest, for_roles
from stations.models import Event, User

READERS = (User.Role.LOGISTICS, User.Role.CHIEF, User.Role.AUDITOR, User.Role.OFFICER)
PAGE = "orders/settle_discrepancy.html"


@for_roles(*READERS)
@require_GET
def discrepancies(request: SignedInRequest) -> HttpResponse:
    """Those that wait, the oldest first; with ``?state=settled`` those that were settled."""
    shipments = visible_shipments(request.user)
    is_open = request.GET.get("state") != "settled"
    rows = discrepancy_rows(shipments, is_open=is_open)
    if file := exported(request, "Discrepancies", columns.DISCREPANCIES, rows):
        return file
    open_count, settled_count = open_and_settled(shipments)
    context = {
        "page": page_of(request, rows),
        "is_open": is_open,
        "open_count": open_count,
        "settled_count": settled_count,
        "can_settle": request.user.role == User.Role.LOGISTICS,
    }
    return render(request, "orders/discrepancies.html", context)


@for_roles(*READERS)
@require_http_methods(["GET", "POST"])
def settle_discrepancy(request: SignedInRequest, pk: int) -> HttpResponse:
    """One discrepancy with its story; POST says what became of it."""
    found = discrepancy_for(request.user, pk, write=request.method == "POST")
    form = SettleForm(request.POST if request.method == "POST" else None, kind=found.kind)
    refusal = None
    if form.is_valid():
        try:
            settle(
                discrepancy=found,
                resolution=form.cleaned_data["resolution"],
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=timezone.now(),
                **form.command,
            )
        except DomainError as refused:
            refusal = refused
        else:
            messages.success(request, _("%(item)s: settled.") % {"item": found.line.order_line.item})
            return redirect_to(request, "discrepancies")
    return show(request, found, form, refusal)


def show(request: SignedInRequest, found: Discrepancy, form: SettleForm, refusal: DomainError | None) -> HttpResponse:
    found.refresh_from_db(fields=["resolution", "reason", "settled_by", "settled_at"])
    with_photos([found.line])
    shipment = found.line.shipment
    context = {
        "discrepancy": found,
        "shipment": shipment,
        "item": found.line.order_line.item,
        "form": form,
        "refusal": refusal,
        "can_settle": request.user.role == User.Role.LOGISTICS and not found.resolution,
        "events": Event.objects.about(shipment, found),
    }
    return render(request, PAGE, context, status=422 if form.is_bound else 200)
