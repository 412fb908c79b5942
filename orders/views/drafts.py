"""Requests that are being written: the suggested one, a new one, a draft."""

from typing import Any
from uuid import uuid5

from django.contrib import messages
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core.errors import DomainError, RequestIdReused
from core.htmx import redirect_to
from inventory.models import Item, ParLevel
from orders.access import order_for
from orders.actions import drafts
from orders.forms.commands import ReasonForm
from orders.forms.requests import Asked, RequestForm, new_row, read_lines, rows_of
from orders.models import ResupplyOrder
from orders.queries import requests as queries
from orders.queries.approvals import next_step
from orders.queries.line_states import shelves_now
from stations.access import SignedInRequest, can_write, for_roles, station_for
from stations.models import Event, Location, Station, User

DRAFT_PAGE = "orders/suggested_order.html"
NEW_PAGE = "orders/new_order.html"
READERS = (User.Role.OFFICER, User.Role.LOGISTICS, User.Role.CHIEF, User.Role.AUDITOR)
FOUND = 12


@for_roles(*READERS)
@require_GET
def suggested_order(request: SignedInRequest, code: str) -> HttpResponse:
    """What the sweep suggests for a station, ready to send."""
    station = station_for(request.user, code)
    may_act = can_write(request.user, station)
    found = ResupplyOrder.objects.automatic_drafts().select_related("station", "source").filter(station=station).first()
    if found is None:
        return render(request, DRAFT_PAGE, {"station": station, "may_act": may_act})
    return show_draft(request, found) if may_act else redirect_to(request, found)


def show_draft(
    request: SignedInRequest,
    found: ResupplyOrder,
    *,
    form: RequestForm | None = None,
    asked: Asked | None = None,
    reason: ReasonForm | None = None,
    refusal: DomainError | None = None,
) -> HttpResponse:
    lines = queries.lines_of(found)
    rows = asked.rows if asked else rows_of(lines)
    now = shelves_now(lines, today=timezone.localdate())
    for row in rows:
        row.now = now.get(row.line.pk) if row.line else None
    initial = {"version": found.version, "priority": found.priority, "comment": found.comment}
    context = {
        "order": found,
        "station": found.station,
        "may_act": True,
        "form": form or RequestForm(initial={**initial, "needed_by": found.needed_by}),
        "rows": rows,
        "asked_count": sum(1 for row in rows if row.quantity),
        "asked": asked,
        "reason": reason or ReasonForm(initial={"version": found.version}, auto_id="why-%s"),
        "events": Event.objects.about(found),
        "refusal": refusal,
    }
    return render(request, DRAFT_PAGE, context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
def submit_order(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send a draft, with what was typed last."""
    return change_draft(request, pk, is_sent=True)


@require_http_methods(["GET", "POST"])
def edit_order(request: SignedInRequest, pk: int) -> HttpResponse:
    """Keep what was typed, without sending it."""
    return change_draft(request, pk, is_sent=False)


def change_draft(request: SignedInRequest, pk: int, *, is_sent: bool) -> HttpResponse:
    """Send or keep a draft. A refusal shows it again with all that was typed, over what it is now."""
    found = order_for(request.user, pk, write=request.method == "POST")
    if request.method == "GET":  # after signing in again, the browser comes back to this address
        return redirect_to(request, found)
    form = RequestForm(request.POST)
    asked = read_lines(request.POST, queries.lines_of(found))
    if not form.is_valid() or not asked.is_valid:
        return refuse_draft(request, found, form, asked)
    act = drafts.submit_order if is_sent else drafts.edit_order
    try:
        changed = act(
            order=found,
            quantities=asked.quantities,
            **form.details,
            by=request.user,
            at=timezone.now(),
            **form.versioned,
        )
    except DomainError as refusal:
        return refuse_draft(request, found, form, asked, refusal)
    kept = _("Kept. What you chose stays, also after the next sweep.")
    messages.success(request, sent(changed) if is_sent else kept)
    return redirect_to(request, changed)


def refuse_draft(
    request: SignedInRequest, found: ResupplyOrder, form: RequestForm, asked: Asked, refusal: DomainError | None = None
) -> HttpResponse:
    """The draft again, with what was typed over what it is now; if it is no draft any more, what became of it."""
    found = order_for(request.user, found.pk)
    if found.state != ResupplyOrder.State.DRAFT:
        messages.error(request, str(refusal or _("This request was sent already. Nothing was changed.")))
        return redirect_to(request, found)
    form.renew(version=found.version)
    return show_draft(request, found, form=form, asked=asked, refusal=refusal)


def sent(found: ResupplyOrder) -> str:
    step = next_step(found)
    words = _("Request %(order)s was sent to %(source)s.") % {"order": found, "source": found.source}
    if step is None:
        return words
    waits = _("It waits for %(role)s.") % {"role": step.get_role_display().lower()}
    return f"{words} {waits}"


@require_http_methods(["GET", "POST"])
def new_order(request: SignedInRequest, code: str) -> HttpResponse:
    """A person's own request, of anything in the catalogue. ``?item=SKU`` begins with that item."""
    station = station_for(request.user, code, write=True)
    if request.method == "POST":
        return make_order(request, station)
    begin_with = items_with_packs().filter(sku=request.GET.get("item", ""))
    asked = Asked(rows=[new_row(item) for item in begin_with])
    return show_new(request, station, RequestForm(), asked)


def make_order(request: SignedInRequest, station: Station) -> HttpResponse:
    """Make it and send it, both or neither; or only keep it as a draft."""
    form = RequestForm(request.POST)
    asked = read_lines(request.POST, ())
    if not form.is_valid() or not asked.is_valid:
        return show_new(request, station, form, asked)
    by, at, is_sent = request.user, timezone.now(), "keep" not in request.POST
    request_id = form.cleaned_data["request_id"]
    try:
        with transaction.atomic():
            made = drafts.create_order(
                station=station, quantities=asked.quantities, **form.details, by=by, at=at, request_id=request_id
            )
            if is_sent:
                made = drafts.submit_order(
                    order=made, version=None, by=by, at=at, request_id=uuid5(request_id, "submit")
                )
    except RequestIdReused:
        form.begin_anew()
        again = DomainError(_("You have sent this form already. Press again only if this is to be one more request."))
        return show_new(request, station, form, asked, again)
    except DomainError as refusal:
        return show_new(request, station, form, asked, refusal)
    kept = _("Draft %(order)s is kept. Nobody gets it until you send it.") % {"order": made}
    messages.success(request, sent(made) if is_sent else kept)
    return redirect_to(request, made)


def show_new(
    request: SignedInRequest, station: Station, form: RequestForm, asked: Asked, refusal: DomainError | None = None
) -> HttpResponse:
    context = {
        "station": station,
        "form": form,
        "rows": asked.rows,
        "asked": asked,
        "asked_count": sum(1 for row in asked.rows if row.quantity),
        "refusal": refusal,
    }
    return render(request, NEW_PAGE, context, status=422 if request.method == "POST" else 200)


@require_GET
def order_items(request: SignedInRequest, code: str) -> HttpResponse:
    """Items to add to a request: those that ``?q=`` finds, or the line of the one that ``?item=`` names."""
    station = station_for(request.user, code, write=True)
    items = items_with_packs()
    if chosen := request.GET.get("item"):
        item = get_object_or_404(items, sku=chosen)
        return render(
            request, "orders/request_form.html#line", {"row": new_row(item), "station": station, "is_new": True}
        )
    words = request.GET.get("q", "").split()
    listed = ParLevel.objects.filter(
        item=OuterRef("pk"), location__station=station, location__kind__in=Location.SHELVES
    )
    for word in words:
        items = items.filter(Q(name__icontains=word) | Q(sku__icontains=word))
    found = list(items.annotate(is_listed=Exists(listed)).order_by("-is_listed", "name")[:FOUND]) if words else []
    context: dict[str, Any] = {"found": found, "words": " ".join(words), "station": station}
    return render(request, "orders/request_form.html#found", context)


def items_with_packs() -> "QuerySet[Item]":
    return Item.objects.filter(is_active=True).prefetch_related("packs")
