"""The catalogue, and an item with where every unit of it is."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.errors import DomainError
from core.exports import exported
from core.htmx import render_part
from core.pagination import page_number, page_of
from inventory import columns
from inventory.access import visible_levels, visible_locations, visible_movements
from inventory.forms.substitutes import SubstituteForm
from inventory.models import Item, StockLevel
from inventory.queries import items as queries
from inventory.queries.item_use import item_use
from inventory.queries.kept import kept_sums
from inventory.queries.packed import with_packs
from inventory.views.choices import searched
from stations.access import READS_ALL, SignedInRequest
from stations.models import User

LAST = 10


@require_GET
def items(request: SignedInRequest) -> HttpResponse:
    """Everything that the division keeps."""
    text, kind = searched(request), request.GET.get("kind", "")
    found, kept = queries.catalogue(text=text, kind=kind), kept_sums(request.user)
    visible = visible_levels(request.user)

    def with_on_hand(shown: Iterable[Item], levels: QuerySet[StockLevel]) -> list[tuple[Item, int]]:
        on_hand = kept.on_hand if kept else queries.on_hand_by_item(levels)
        return [(one, on_hand.get(one.pk, 0)) for one in shown]

    if file := exported(request, "Items", columns.ITEMS, lambda: with_on_hand(found, visible)):
        return file
    page = page_of(request, found)
    context = {
        "page": page,
        "rows": with_on_hand(page.rows, visible.filter(lot__item__in=[one.pk for one in page.rows])),
        "kept_at": kept.at if kept else None,
        "text": text,
        "kind": kind,
        "kinds": Item.Kind.choices,
    }
    return render_part(request, "inventory/items.html", "rows", context)


@require_GET
def item(request: SignedInRequest, sku: str) -> HttpResponse:
    """One item: where it is, its lots by expiry, its packs, its par levels, and what moved last."""
    found = with_packs(Item.objects.filter(sku=sku.replace("\0", "")))
    if not found:
        raise Http404
    return show_item(request, found[0])


def show_item(
    request: SignedInRequest, found: Item, *, form: SubstituteForm | None = None, refusal: DomainError | None = None
) -> HttpResponse:
    """The page; a form that was refused keeps what was typed."""
    may_edit, reads_all = request.user.role == User.Role.LOGISTICS, request.user.role in READS_ALL
    context = {
        "item": found,
        "substitutes": found.substitutes.select_related("substitute"),
        "codes": found.codes.select_related("pack"),
        "may_edit": may_edit,
        "form": form or (SubstituteForm(item=found) if may_edit else None),
        "refusal": refusal,
        "stock": queries.item_stock(
            found,
            visible_levels(request.user),
            visible_locations(request.user),
            today=timezone.localdate(),
            number=page_number(request),
        ),
        "use": item_use(found, None if reads_all else visible_locations(request.user), today=timezone.localdate()),
        "movements": queries.last_movements(found, visible_movements(request.user), LAST),
    }
    return render(request, "inventory/item.html", context, status=422 if form else 200)
