"""Par levels: the stations, and the grid of one station's places."""

from collections.abc import Iterable, Sequence

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from core.errors import DomainError
from core.exports import Column, exported
from core.htmx import redirect_to, render_part
from core.pagination import Page, page_of
from inventory import columns
from inventory.access import visible_proposals
from inventory.actions.limits import Limits
from inventory.actions.par_levels import ParLevelsChanged, ParLevelsRefused, set_par_levels
from inventory.forms.par_levels import ParGridForm, ParRow
from inventory.forms.proposals import LimitsForm
from inventory.models import Item, ParLevel
from inventory.queries.par_levels import Held, held_by, items_to_add, last_change, levels_at, places_of
from inventory.queries.par_proposals import open_by_station
from inventory.views.choices import chosen_place, posted, searched
from stations.access import SignedInRequest, for_roles, require_role, station_for, visible_stations
from stations.models import Location, Station, User

READERS = ("officer", "logistics", "chief", "auditor")
WRITERS = (User.Role.LOGISTICS, User.Role.CHIEF)
ROWS = 100
GRID = "inventory/station_par_levels.html"


@for_roles(*READERS)
@require_GET
def par_levels(request: SignedInRequest) -> HttpResponse:
    """The stations that the person may see, and how many par levels each has."""
    words = searched(request)
    stations = visible_stations(request.user).select_related("supplied_by").order_by("code")
    if words:
        stations = stations.filter(name__icontains=words) | stations.filter(code__iexact=words)
    if file := exported(request, "Par levels", columns.PAR_STATIONS, lambda: with_levels(stations)):
        return file
    page = page_of(request, stations)
    context = {
        "page": page,
        "rows": with_levels(page.rows),
        "proposed": visible_proposals(request.user).open().count(),
        "words": words,
        "may_write": request.user.role in WRITERS,
    }
    return render_part(request, "inventory/par_levels.html", "rows", context)


def with_levels(stations: Iterable[Station]) -> list[tuple[Station, Held | None, int | None]]:
    """Stations with how many par levels each has, and how many changes of them are proposed."""
    rows = list(stations)
    held, proposed = held_by(rows), open_by_station(rows)
    return [(station, held.get(station.pk), proposed.get(station.pk)) for station in rows]


@for_roles(*READERS)
@require_http_methods(["GET", "POST"])
def station_par_levels(request: SignedInRequest, code: str) -> HttpResponse:
    """The par levels of one place of a station: a grid to edit for logistics and the chief, a list for others."""
    station = station_for(request.user, code)
    places = places_of(station)
    place = chosen_place(request, places) or (places[0] if places else None)
    if place and (file := exported(request, *file_of(request, place))):
        return file
    form = ParGridForm(posted(request))
    if request.method == "POST":
        require_role(request.user, *WRITERS)
        if place is None:
            raise Http404
        if form.is_valid() and save(request, form, place):
            return redirect_to(request, request.get_full_path())
    return show(request, form, station, places, place)


def file_of(request: SignedInRequest, place: Location) -> "tuple[str, Sequence[Column], QuerySet[ParLevel]]":
    """The par levels of a place as a file: its name, columns and rows, under what is looked for."""
    return f"Par levels {place}", columns.par_levels(place), levels_at(place, searched(request))


def save(request: SignedInRequest, form: ParGridForm, place: Location) -> bool:
    """Whether the changes were saved; otherwise the form says why not."""
    try:
        saved = set_par_levels(changes=form.changes(place.pk), by=request.user, at=timezone.now(), **form.command)
    except ParLevelsRefused as refusal:
        form.refusal = DomainError(str(refusal))
        form.refuse(refusal.fields)
    except ParLevelsChanged as refusal:
        form.refusal = refusal
        form.warn(refusal.rows)
    except DomainError as refusal:
        form.refusal = refusal
    else:
        count = len(saved)
        said = ngettext("Saved %(count)d par level.", "Saved %(count)d par levels.", count) % {"count": count}
        messages.success(request, said if count else _("All as it was."))
        return True
    return False


def show(
    request: SignedInRequest,
    form: ParGridForm,
    station: Station,
    places: list[Location],
    place: Location | None,
    *,
    limits: LimitsForm | None = None,
) -> HttpResponse:
    words = searched(request)
    page = page_of(request, levels_at(place, words), size=ROWS) if place else None
    context = {
        "station": station,
        "places": places,
        "place": place,
        "page": page,
        "rows": rows_of(form, place, page),
        "last": last_change(place) if place else None,
        "form": form,
        "words": words,
        "limits": limits or (LimitsForm.of(Limits.of(place)) if place else None),
        "limits_now": Limits.of(place) if place else None,
        "proposals": open_by_station([station]).get(station.pk, 0),
        "may_write": request.user.role in WRITERS,
    }
    status = max(one.http_status if one and one.is_bound else 200 for one in (form, limits))
    return render(request, GRID, context, status=status)


def rows_of(form: ParGridForm, place: Location | None, page: Page[ParLevel] | None) -> list[ParRow]:
    """The rows of the page, and those that were typed beside them, new ones last, as they were typed."""
    if place is None or page is None:
        return []
    rows = {level.item_id: ParRow.of(level) for level in page.rows}
    if others := [key for key in form.typed if key not in rows]:
        rows |= {level.item_id: ParRow.of(level) for level in levels_at(place, "").filter(item__in=others)}
        added = Item.objects.prefetch_related("packs").in_bulk([key for key in others if key not in rows])
        rows |= {key: ParRow(item) for key, item in added.items()}
    form.fill(rows.values())
    return list(rows.values())


@for_roles("logistics", "chief")
@require_GET
def par_level_items(request: SignedInRequest, code: str) -> HttpResponse:
    """Items to add to a place that match ``?q=``, or the line of the one that ``?item=`` names."""
    station = station_for(request.user, code)
    place = chosen_place(request, places_of(station))
    if place is None:
        raise Http404
    context = {"station": station, "place": place, "may_write": True}
    if sku := request.GET.get("item", "").replace("\0", ""):
        item = get_object_or_404(Item.objects.prefetch_related("packs"), sku=sku)
        return render(request, f"{GRID}#row", context | {"row": ParRow(item)})
    words = searched(request)
    return render(request, f"{GRID}#found", context | {"found": items_to_add(place, words), "words": words})
