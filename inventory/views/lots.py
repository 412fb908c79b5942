"""Lots, and holding one back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core.errors import DomainError, StaleEdit
from core.exports import exported
from core.htmx import redirect_to, render_part
from core.pagination import page_of
from inventory import columns
from inventory.access import visible_levels, visible_lots, visible_movements
from inventory.actions.lots import set_lot_status
from inventory.forms.lots import LotStatusForm
from inventory.models import Lot
from inventory.queries import lots as queries
from inventory.queries.movements import ledger
from inventory.views.choices import posted, searched
from stations.access import SignedInRequest, require_role
from stations.models import Event, User

LAST = 20


@require_GET
def lots(request: SignedInRequest) -> HttpResponse:
    """Lots with stock, first expired first; or those that are held, or gone."""
    text, show = searched(request), request.GET.get("show", "")
    today = timezone.localdate()
    rows = queries.lot_rows(visible_lots(request.user), visible_levels(request.user), text=text, show=show, today=today)
    if file := exported(request, "Lots", columns.LOTS, rows):
        return file
    context = {"page": page_of(request, rows), "text": text, "show": show, "today": today}
    return render_part(request, "inventory/lots.html", "rows", context)


@require_http_methods(["GET", "POST"])
def lot(request: SignedInRequest, pk: int) -> HttpResponse:
    """One lot: its status, where it is, what moved. Logistics holds and releases it here."""
    shown = get_object_or_404(visible_lots(request.user).select_related("item").prefetch_related("item__packs"), pk=pk)
    form = LotStatusForm(posted(request), initial={"was": shown.status})
    if form.is_bound:
        require_role(request.user, User.Role.LOGISTICS)
    if form.is_valid() and _set_status(request, shown, form):
        return redirect_to(request, "lot", pk)
    return render(request, "inventory/lot.html", _context(request, shown, form), status=form.http_status)


def _set_status(request: SignedInRequest, shown: Lot, form: LotStatusForm) -> bool:
    data = form.cleaned_data
    try:
        changed = set_lot_status(
            lot=shown,
            status=data["status"],
            reason=data["reason"],
            was=data["was"] or None,
            by=request.user,
            at=timezone.now(),
            **form.command,
        )
    except StaleEdit as refusal:
        form.refusal = refusal
        shown.refresh_from_db(fields=["status"])
        form.renew(was=shown.status)
    except DomainError as refusal:
        form.refusal = refusal
    else:
        said = {"status": changed.get_status_display().lower()}
        messages.success(request, _("The lot is %(status)s now, everywhere.") % said)
    return form.refusal is None


def _context(request: SignedInRequest, shown: Lot, form: LotStatusForm) -> dict[str, object]:
    today = timezone.localdate()
    levels = list(queries.levels_of(shown, visible_levels(request.user)))
    return {
        "lot": shown,
        "form": form,
        "levels": levels,
        "on_hand": sum(level.on_hand for level in levels),
        "allocated": sum(level.allocated for level in levels),
        "is_expired": shown.expires_on is not None and shown.expires_on < today,
        "movements": ledger(visible_movements(request.user).filter(lot=shown))[:LAST],
        "events": Event.objects.about(shown),
        "may_hold": request.user.role == User.Role.LOGISTICS,
    }
