"""Short stock: what no source can give everybody who asks, how it would be shared, and promising it so."""

from collections.abc import Iterable, Iterator
from functools import partial

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core.exports import exported
from core.htmx import redirect_to
from core.pagination import page_of
from inventory.models import Item
from inventory.queries.horizons import Horizons
from orders import columns
from orders.actions.shares import share_stock as share
from orders.forms.shares import ShareForm
from orders.queries.claims import weigh
from orders.queries.queue import warehouses
from orders.queries.shares import Proposal, StationShare, proposals
from orders.views.presses import press
from stations.access import SignedInRequest, for_roles, station_for
from stations.models import User

READERS = (User.Role.LOGISTICS, User.Role.CHIEF, User.Role.AUDITOR)
PAGE_SIZE = 10


@for_roles(*READERS)
@require_GET
def shortages(request: SignedInRequest) -> HttpResponse:
    """Every item that is short at its source, the worst first, with the proposal. ``?item=`` narrows it to one."""
    at = timezone.now()
    horizons = Horizons(timezone.localdate(at))
    found = weigh(horizons)
    sku = request.GET.get("item", "").replace("\0", "")
    item = Item.objects.filter(sku=sku).first() if sku else None
    shown = [shortage for shortage in found.short if item is None or shortage.item_id == item.pk]
    if file := exported(
        request,
        "Short stock",
        columns.SHORTAGES,
        lambda: shares_of(proposals(shown, at=at, horizons=horizons, free=found.free).values()),
    ):
        return file
    page = page_of(request, shown, size=PAGE_SIZE)
    context = {
        "page": page,
        "proposals": list(proposals(page.rows, at=at, horizons=horizons, free=found.free).values()),
        "total": len(found.short),
        "item": item,
        "can_share": request.user.role == User.Role.LOGISTICS,
        "warehouses": warehouses(),
    }
    return render(request, "orders/shortages.html", context)


def shares_of(found: Iterable[Proposal]) -> Iterator[tuple[Proposal, StationShare]]:
    """The lines of these proposals: each place's part."""
    return ((proposal, share) for proposal in found for share in proposal.shares)


@for_roles(User.Role.LOGISTICS)
@require_http_methods(["GET", "POST"])
def share_stock(request: SignedInRequest, code: str, sku: str) -> HttpResponse:
    """Promise what is short as it was proposed. Back to the page either way, which shows what is left."""
    source = station_for(request.user, code, write=True)
    item = get_object_or_404(Item, sku=sku.replace("\0", ""))
    if request.method == "POST":
        form = ShareForm(request.POST)
        act = partial(share, source=source, item=item, by=request.user, at=timezone.now())
        press(request, act, form, done=_("%(item)s is promised as proposed.") % {"item": item})
    return redirect_to(request, "shortages")
