"""Writing off lots that are expired, damaged, recalled or wasted."""

from collections.abc import Iterable

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.htmx import redirect_to
from inventory.access import location_for
from inventory.actions.disposal import discard_stock as discard
from inventory.actions.disposal import waste_stock as waste
from inventory.forms.disposal import DiscardForm
from inventory.queries.stock import LotRow, lots_to_put_away
from inventory.views.choices import address_of, posted
from inventory.views.taking import counted
from inventory.views.undoing import said_of
from stations.access import SignedInRequest
from stations.signatures import WrongPassword, sign


@sensitive_post_parameters("witness_password")
@require_http_methods(["GET", "POST"])
def discard_stock(request: SignedInRequest, location: int) -> HttpResponse:
    """Choose lots, say what happened, name a witness if needed. ``?lot=`` fills in one lot, else all that expired."""
    place = location_for(request.user, location, write=True)
    form = DiscardForm(posted(request), station=place.owner, by=request.user, initial={"why": "expired"})
    if form.is_valid():
        act = waste if form.is_waste else discard
        try:
            witness = form.cleaned_data["witness"]
            first = act(
                location=place,
                lines=form.lines(),
                reason=form.reason,
                witness=sign(request, witness, form.cleaned_data["witness_password"]) if witness else None,
                by=request.user,
                at=timezone.now(),
                **form.command,
            )
        except WrongPassword as refusal:
            form.add_error("witness_password", str(refusal))
        except DomainError as refusal:
            form.refusal = refusal
        else:
            said = {"items": counted(form.quantities), "place": place}
            said_of(request, _("%(items)s written off at %(place)s.") % said, first)
            return redirect_to(request, address_of(place))
    rows = lots_to_put_away(place, today=timezone.localdate())
    if not form.is_bound:
        _suggest(rows, request.GET.get("lot", ""))
    context = {"place": place, "form": form, "rows": form.fill(rows), "back": address_of(place)}
    return render(request, "inventory/discard_stock.html", context, status=form.http_status)


def _suggest(rows: Iterable[LotRow], lot: str) -> None:
    for row in rows:
        if str(row.key) == lot if lot else row.is_expired:
            row.typed = str(row.level.available)
