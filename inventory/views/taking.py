"""Taking stock: for a patient, for a unit, to another place."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from core.camera import with_camera
from core.errors import DomainError
from core.htmx import redirect_to
from inventory.access import location_for, visible_locations
from inventory.actions import stock as actions
from inventory.forms.taking import MoveForm, RestockForm, UseForm
from inventory.queries.restock import RestockRow, restock_rows
from inventory.queries.stock import items_to_take, lots_to_put_away
from inventory.views.choices import address_of, posted
from inventory.views.undoing import said_of
from stations.access import READS_ALL, SignedInRequest, unit_for
from stations.choice import typed
from stations.models import Location, User


@with_camera
@require_http_methods(["GET", "POST"])
def use_stock(request: SignedInRequest, location: int) -> HttpResponse:
    """What was used on patients, from a shelf or a unit; ``?item=`` finds one of them at once."""
    place = location_for(request.user, location, write=True)
    form = UseForm(posted(request))
    if form.is_valid():
        try:
            first = actions.use_stock(
                location=place,
                lines=form.lines(),
                reference=form.cleaned_data["reference"],
                by=request.user,
                at=timezone.now(),
                **form.command,
            )
        except DomainError as refusal:
            form.refusal = refusal
        else:
            said = {"items": counted(form.quantities), "place": place}
            said_of(request, _("%(items)s taken from %(place)s.") % said, first)
            return redirect_to(request, address_of(place))
    rows = form.fill_lots(items_to_take(place, today=timezone.localdate()))
    find = typed(request, "item")
    context = {"place": place, "form": form, "rows": rows, "back": address_of(place), "find": find}
    return render(request, "inventory/use_stock.html", context, status=form.http_status)


@require_http_methods(["GET", "POST"])
def restock_unit(request: SignedInRequest, code: str) -> HttpResponse:
    """Fill a unit to its list from the shelves of its station."""
    unit = unit_for(request.user, code, write=True)
    form = RestockForm(posted(request))
    if form.is_valid():
        try:
            first = actions.restock_unit(
                unit=unit, lines=form.lines(), by=request.user, at=timezone.now(), **form.command
            )
        except DomainError as refusal:
            form.refusal = refusal
        else:
            said = {"items": counted(form.quantities), "unit": unit}
            said_of(request, _("%(items)s put on %(unit)s.") % said, first)
            return redirect_to(request, unit)
    rows = form.fill(restock_rows(unit, today=timezone.localdate()))
    if not form.is_bound:
        for row in rows:
            row.typed = str(row.suggested or "")
    context = {"unit": unit, "form": form, **_lacking(rows)}
    return render(request, "inventory/restock_unit.html", context, status=form.http_status)


def _lacking(rows: list[RestockRow]) -> dict[str, Any]:
    lacking = [row for row in rows if row.lacks or row.typed]
    return {
        "lacking": lacking,
        "full": [row for row in rows if row not in lacking],
        "suggested": sum(1 for row in rows if row.suggested),
        "uncovered": sum(1 for row in rows if row.lacks > row.on_shelves),
    }


@require_http_methods(["GET", "POST"])
def move_stock(request: SignedInRequest, location: int) -> HttpResponse:
    """Lots that go to another place: off a unit and back to the shelf, from room to safe, from station to station."""
    place = location_for(request.user, location, write=True)
    form = MoveForm(posted(request), places=_destinations(request.user, place))
    if form.is_valid():
        try:
            first = actions.transfer_stock(
                source=place,
                destination=form.cleaned_data["destination"],
                lines=form.lines(),
                by=request.user,
                at=timezone.now(),
                **form.command,
            )
        except DomainError as refusal:
            form.refusal = refusal
        else:
            said = {"items": counted(form.quantities), "place": form.cleaned_data["destination"]}
            said_of(request, _("%(items)s moved to %(place)s.") % said, first)
            return redirect_to(request, address_of(place))
    rows = form.fill(lots_to_put_away(place, today=timezone.localdate()))
    context = {"place": place, "form": form, "rows": rows, "back": address_of(place)}
    return render(request, "inventory/move_stock.html", context, status=form.http_status)


def _destinations(user: User, place: Location) -> Any:
    places = visible_locations(user).exclude(pk=place.pk).exclude(kind=Location.Kind.VAN)
    if user.role not in READS_ALL:
        places = places.exclude(station__memberships__in=user.memberships.filter(is_read_only=True))
    return places.select_related("station", "unit__station").order_by("station__name", "name")


def counted(quantities: dict[int, int]) -> str:
    """How many items a command was about."""
    return ngettext("%(count)d item", "%(count)d items", len(quantities)) % {"count": len(quantities)}
