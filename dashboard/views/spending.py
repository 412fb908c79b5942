"""The parts of the chief's screen opened: what was spent, movement by movement, and all that fails next."""

from collections.abc import Sequence
from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.errors import DomainError
from core.exports import Column, cents, exported
from core.htmx import redirect_to
from core.pagination import page_of
from dashboard.queries.asked import with_asked
from dashboard.queries.chief_page import failing_now
from dashboard.queries.kept import kept_division
from dashboard.queries.periods import Period, presets
from dashboard.queries.spending import OPENED, movements_of, priced, total_of
from inventory import columns
from inventory.models import StockMovement
from inventory.queries.movements import ledger
from stations.access import SignedInRequest, for_roles
from stations.models import User

READERS = (User.Role.CHIEF, User.Role.AUDITOR, User.Role.LOGISTICS)
COLUMNS: Sequence[Column] = (
    *columns.MOVEMENTS,
    Column("Unit cost", lambda one: cents(one.lot.item.unit_cost_cents)),
    Column("Value", lambda one: cents(one.cents)),
)


@for_roles(*READERS)
@require_GET
def spending_lines(request: SignedInRequest, kind: str) -> HttpResponse:
    """The movements of one kind between ``?from=`` and ``?to=``, the last twelve weeks without: they add up to it."""
    if kind not in OPENED:
        raise Http404
    today = timezone.localdate()
    usual = Period.until(today, 84)
    try:
        period = Period.named(request.GET.get("from", ""), request.GET.get("to", ""), today) or usual
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect_to(request, "spending_lines", kind)
    title, kinds = OPENED[kind]
    movements = movements_of(kinds, period)
    if file := exported(request, title, COLUMNS, ledger(movements)):
        return file
    total, lines = total_of(movements)
    # First which, then all about them: sorting whole lines of a large ledger takes seconds.
    page = page_of(request, movements.values_list("pk", flat=True))
    found = ledger(priced(StockMovement.objects.filter(pk__in=page.rows))).in_bulk()
    context = {
        "title": title,
        "period": period,
        "presets": presets(today),
        "today": today,
        "kinds": [(slug, name) for slug, (name, _) in OPENED.items()],
        "kind": kind,
        "total": total,
        "lines": lines,
        "page": replace(page, rows=[found[pk] for pk in page.rows]),
    }
    return render(request, "dashboard/spending.html", context)


@for_roles(*READERS)
@require_GET
def fails_next(request: SignedInRequest) -> HttpResponse:
    """The critical items that run out first, and for each what is being done, with the button for who may."""
    at = timezone.now()
    kept = kept_division()
    failing = with_asked(kept.fails_next if kept else failing_now(at=at), at=at)
    return render(request, "dashboard/fails_next.html", {"failing": failing, "kept_at": kept.at if kept else None})
