"""Receiving from a supplier, row by row."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from core.errors import DomainError
from core.htmx import redirect_to
from inventory.actions.receiving import receive_stock as receive
from inventory.forms.receiving import MOST_ROWS, ReceivedRow, ReceiveForm, checked, pack_names, rows_of
from inventory.models import Item
from inventory.views.choices import posted
from stations.access import SignedInRequest, station_for
from stations.models import Station

PAGE = "inventory/receive_stock.html"


@require_http_methods(["GET", "POST"])
def receive_stock(request: SignedInRequest, code: str) -> HttpResponse:
    """What came, lot by lot. Empty rows are not meant."""
    station = station_for(request.user, code, write=True)
    form = ReceiveForm(posted(request))
    packs = pack_names()
    rows = rows_of(posted(request), packs=packs)
    if "add" in request.POST:
        rows.append(ReceivedRow(number=len(rows) + 1, packs=packs))
    elif form.is_bound and checked(rows) and form.is_valid() and _receive(request, station, form, rows):
        return redirect_to(request, station)
    context = {
        "station": station,
        "form": form,
        "rows": rows,
        "next_row": len(rows) + 1,
        "catalogue": Item.objects.filter(is_active=True).values_list("sku", "name"),
        "is_wrong": any(row.is_wrong for row in rows),
    }
    status = 422 if context["is_wrong"] else form.http_status
    return render(request, PAGE, context, status=status)


def _receive(request: SignedInRequest, station: Station, form: ReceiveForm, rows: list[ReceivedRow]) -> bool:
    lines = [row.line() for row in rows if not row.is_blank]
    try:
        receive(
            station=station,
            lines=lines,
            reference=form.cleaned_data["reference"],
            by=request.user,
            at=timezone.now(),
            **form.command,
        )
    except DomainError as refusal:
        form.refusal = refusal
        return False
    said = ngettext(
        "%(count)d lot is on the shelves of %(station)s.",
        "%(count)d lots are on the shelves of %(station)s.",
        len(lines),
    )
    messages.success(request, said % {"count": len(lines), "station": station})
    return True


@require_GET
def received_row(request: SignedInRequest, code: str, number: int) -> HttpResponse:
    """One more empty row, and the button that asks for the next."""
    station = station_for(request.user, code, write=True)
    row = ReceivedRow(number=min(number, MOST_ROWS), packs=pack_names())
    context = {"station": station, "row": row, "next_row": number + 1, "is_last": number >= MOST_ROWS}
    return render(request, f"{PAGE}#added", context)
