"""Par levels of many stations at once: a grid that is typed or pasted into, looked at as changes, saved, taken back."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.htmx import redirect_to
from core.pagination import Page, cut, page_number
from inventory.actions.par_levels import ParLevelsChanged, ParLevelsRefused, set_par_levels
from inventory.actions.par_undo import undo_par_levels
from inventory.forms.par_grid import Cell, GridForm, remembered, shown
from inventory.models import Item, ParLevel
from inventory.queries.par_grid import ITEMS, STATIONS, Grid, grid_items, grid_of, grid_places
from inventory.views.choices import posted, searched
from stations.access import SignedInRequest, for_roles, visible_stations
from stations.models import Location, User

PAGE = "inventory/par_grid.html"
WRITERS = (User.Role.LOGISTICS, User.Role.CHIEF)


@for_roles(*WRITERS)
@require_http_methods(["GET", "POST"])
def par_grid(request: SignedInRequest) -> HttpResponse:
    """``?q=``, ``?kind=`` choose items, ``?shelf=`` the shelves, ``?page=`` and ``?items=`` turn the pages. POST shows
    what would change; with ``save`` it is saved, all or nothing."""
    form = GridForm(posted(request))
    if not form.is_bound or not form.is_valid():
        return show(request, form)
    if not form.cells:
        messages.info(request, _("All as it was."))
        return redirect_to(request, request.get_full_path())
    if "save" not in request.POST:
        return preview(request, form)
    try:
        saved = set_par_levels(changes=form.changes(_bins(form)), by=request.user, at=timezone.now(), **form.command)
    except (ParLevelsRefused, ParLevelsChanged) as refusal:
        form.refusal = refusal
        return show(request, form)
    return _saved(request, form.command["request_id"], len(saved))


@for_roles(*WRITERS)
@require_http_methods(["GET", "POST"])
def undo_grid(request: SignedInRequest, done: UUID) -> HttpResponse:
    """Take back what was saved last."""
    address = _grid_address(request.GET)
    if request.method == "POST" and (form := GridForm(request.POST)).is_valid():
        try:
            back = undo_par_levels(done=done, by=request.user, at=timezone.now(), **form.command)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            said = ngettext("%(count)d par level set back.", "%(count)d par levels set back.", len(back))
            messages.success(request, said % {"count": len(back)})
    return redirect_to(request, address)


def _saved_last(request: SignedInRequest) -> UUID | None:
    """What ``?saved=`` names as saved last."""
    try:
        return UUID(request.GET.get("saved", ""))
    except ValueError:
        return None


def _saved(request: SignedInRequest, done: UUID, count: int) -> HttpResponse:
    messages.success(request, saved_words(count))
    query = request.GET.copy()
    query["saved"] = f"{done}"
    return redirect_to(request, f"{request.path}?{query.urlencode()}")


def saved_words(count: int) -> str:
    return ngettext("Saved %(count)d par level.", "Saved %(count)d par levels.", count) % {"count": count}


def _grid_address(query: QueryDict) -> str:
    kept = query.copy()
    kept.pop("saved", None)
    return reverse("par_grid") + (f"?{kept.urlencode()}" if kept else "")


def _bins(form: GridForm) -> dict[tuple[int, int], str]:
    places, items = {pair[0] for pair in form.cells}, {pair[1] for pair in form.cells}
    rows = ParLevel.objects.filter(location__in=places, item__in=items).exclude(bin="")
    return {(place, item): name for place, item, name in rows.values_list("location_id", "item_id", "bin")}


@dataclass(frozen=True)
class Shown:
    """One cell of the page."""

    name: str
    text: str
    was: str
    label: str
    error: str = ""


def show(request: SignedInRequest, form: GridForm) -> HttpResponse:
    """The grid, with what was typed and what is wrong with it."""
    kind, shelf = request.GET.get("kind", ""), request.GET.get("shelf", Location.Kind.SUPPLY_ROOM)
    shelf = shelf if shelf in Location.SHELVES else Location.Kind.SUPPLY_ROOM
    text = searched(request)
    number = request.GET.get("items", "1")
    places: Page[Location] = cut(grid_places(visible_stations(request.user), shelf), page_number(request), STATIONS)
    turned = int(number) if number.isascii() and number.isdigit() and int(number[:6]) > 0 else 1
    items: Page[Item] = cut(grid_items(text, kind if kind in Item.Kind.values else ""), turned, ITEMS)
    grid = grid_of(places.rows, items.rows)
    fresh, words = isinstance(form.refusal, ParLevelsChanged), _("%(item)s at %(place)s")
    context = {
        "form": form,
        "places": places,
        "items": items,
        "rows": [
            (item, [_cell(form, grid, place, item, words, fresh=fresh) for place in places.rows]) for item in items.rows
        ],
        "elsewhere": sorted(set(form.wrong) - {(place.pk, item.pk) for place in places.rows for item in items.rows}),
        "text": text,
        "kind": kind,
        "kinds": Item.Kind.choices,
        "shelf": shelf,
        "saved": _saved_last(request),
    }
    return render(request, PAGE, context, status=form.http_status if form.is_bound else 200)


def _cell(form: GridForm, grid: Grid, place: Location, item: Item, words: str, *, fresh: bool) -> Shown:
    pair = (place.pk, item.pk)
    level = grid.levels.get(pair)
    return Shown(
        f"{place.pk}-{item.pk}",
        form.typed.get(pair, shown(level)),
        remembered(level) if fresh else form.was.get(pair, remembered(level)),
        words % {"item": item, "place": place.station},
        form.wrong.get(pair, ""),
    )


def preview(request: SignedInRequest, form: GridForm) -> HttpResponse:
    """What would change, cell by cell, and what that costs or saves of stock at par."""
    places = Location.objects.select_related("station").in_bulk({pair[0] for pair in form.cells})
    items = Item.objects.in_bulk({pair[1] for pair in form.cells})
    rows = [
        (places[place], items[item], cell, _cost(cell, items[item]))
        for (place, item), cell in form.cells.items()
        if place in places and item in items
    ]
    rows.sort(key=lambda row: (row[1].name, str(row[0])))
    context: dict[str, Any] = {"form": form, "changes": rows, "cents": sum(row[3] for row in rows)}
    return render(request, "inventory/par_grid_preview.html", context)


def _cost(cell: Cell, item: Item) -> int:
    return (cell.change.par - (cell.par or 0)) * item.unit_cost_cents
