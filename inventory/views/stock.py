"""What a station has, and what expires."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core.exports import exported
from core.htmx import render_part
from core.pagination import page_of
from inventory import columns
from inventory.access import visible_levels
from inventory.models import Item
from inventory.queries import expiring as dated
from inventory.queries import stock as queries
from inventory.queries.kept import kept_sums
from inventory.queries.stock_lines import StockLine, counts_by_filter, shown, stock_lines, with_items
from inventory.views.choices import chosen_place, searched
from stations.access import SignedInRequest, can_write, visible_stations
from stations.choice import choose_station, typed
from stations.models import Location

STATIONS = 30


@require_GET
def stock(request: SignedInRequest) -> HttpResponse:
    """A station's stock, line by line: on its shelves, at one of its places (``?place=``), or at all (``all``).

    ``?item=`` shows one item alone: shelf labels open that.
    """
    choice = choose_station(request, visible_stations(request.user), needs_one=True)
    if refused := choice.refuse_unknown(request):
        return refused
    station = choice.chosen
    if station is None:
        return render(request, "inventory/no_station.html", {"title": _("Stock")})
    places = queries.places_of(station)
    place = chosen_place(request, places)
    shelves = [one for one in places if one.kind in Location.SHELVES]
    looked_at, text, show = _looked_at(request, places, place), searched(request), request.GET.get("show", "")
    sku = "" if text else typed(request, "item")
    lines = _lines(looked_at, text, sku)
    rows = shown(lines, show)
    if file := exported(request, f"Stock {station.code}", columns.STOCK, lambda: with_items(rows)):
        return file
    page = page_of(request, rows)
    with_items(page.rows)
    context = {
        "choice": choice,
        "station": station,
        "places": places,
        "shelves": shelves,
        "place": place,
        "page": page,
        "counts": counts_by_filter(lines),
        "looked_at": looked_at,
        "text": text,
        "show": show,
        "sku": sku,
        "only": Item.objects.filter(sku=sku).first() if sku else None,
        "at": next(iter(looked_at), None),
        "may_write": can_write(request.user, station),
    }
    return render_part(request, "inventory/stock.html", "rows", context)


def _looked_at(request: SignedInRequest, places: list[Location], place: Location | None) -> list[Location]:
    if place is not None:
        return [place]
    shelves = [one for one in places if one.kind in Location.SHELVES]
    return places if request.GET.get("place") == "all" or not shelves else shelves


def _lines(places: list[Location], text: str, sku: str) -> list[StockLine]:
    """What lies or should lie at these places; of the items that were looked for, if any, or of one alone."""
    items = Item.objects.order_by()
    found = queries.matching(items, text) if text else items.filter(sku=sku)
    chosen = list(found.values_list("pk", flat=True)) if text or sku else None
    return list(stock_lines(places, today=timezone.localdate(), items=chosen).values())


@require_GET
def expiring(request: SignedInRequest) -> HttpResponse:
    """What has expired and what will soon, the oldest first, with what it is worth at each station."""
    today = timezone.localdate()
    levels = dated.dated_levels(visible_levels(request.user), today=today)
    kept = kept_sums(request.user)
    worth = kept.worth if kept else dated.worth_by_station(levels, today=today)
    show, code = request.GET.get("show", ""), request.GET.get("station", "")
    if show == "expired":
        levels = levels.filter(lot__expires_on__lt=today)
    elif show == "expiring":
        levels = levels.filter(lot__expires_on__gte=today)
    if code:
        levels = levels.filter(owner_code=code)
    if file := exported(request, "Expiring", columns.expiring(today), levels):
        return file
    context = {
        "page": page_of(request, levels),
        "worth": worth if request.GET.get("by") == "all" else worth[:STATIONS],
        "stations": len(worth),
        "kept_at": kept.at if kept else None,
        "chosen": next((one for one in worth if one.code == code), None),
        "expired_lots": sum(one.expired_lots for one in worth),
        "expiring_lots": sum(one.expiring_lots for one in worth),
        "expired_cents": sum(one.expired_cents for one in worth),
        "expiring_cents": sum(one.expiring_cents for one in worth),
        "today": today,
        "writable": writable_codes(request, [one.code for one in worth]),
    }
    return render_part(request, "inventory/expiring.html", "rows", context)


def writable_codes(request: SignedInRequest, codes: list[str]) -> set[str]:
    """Of these stations, by code, those where the person may act."""
    user = request.user
    if user.role == user.Role.LOGISTICS:
        return set(codes)
    if user.role != user.Role.OFFICER:
        return set()
    own = user.memberships.filter(is_read_only=False, station__code__in=codes)
    return set(own.values_list("station__code", flat=True))
