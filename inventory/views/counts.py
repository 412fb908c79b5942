"""Counts, beginning one, and the page on which it is counted."""

from typing import Any

from django.contrib import messages
from django.db.models import Max, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.camera import with_camera
from core.errors import DomainError
from core.exports import exported
from core.forms import CommandForm
from core.htmx import redirect_to, render_part
from core.pagination import page_of
from inventory import columns
from inventory.access import count_for, location_for, visible_counts, visible_levels
from inventory.actions import counts as actions
from inventory.actions.unfound import count_unfound as begin_to_count
from inventory.forms.counts import CancelCountForm, CountLinesForm, FoundLotForm, OpenCountForm, PostCountForm
from inventory.models import CountLine, CycleCount, Item
from inventory.queries import counts as queries
from inventory.views.choices import posted
from inventory.views.stock import writable_codes
from stations.access import SignedInRequest, can_write, visible_stations
from stations.choice import choose_station
from stations.models import Event, Location

PAGE = "inventory/count.html"
State = CycleCount.State


@require_GET
def counts(request: SignedInRequest) -> HttpResponse:
    """The counts of a person's stations, newest first, and the places that may be counted."""
    choice = choose_station(request, visible_stations(request.user), needs_one=True)
    if refused := choice.refuse_unknown(request):
        return refused
    station = choice.chosen
    rows = queries.listed(visible_counts(request.user))
    if request.GET.get("state") in State.values:
        rows = rows.filter(state=request.GET["state"])
    if file := exported(request, "Counts", columns.COUNTS, rows):
        return file
    to_count = queries.to_count(visible_levels(request.user))
    context = {
        "page": page_of(request, rows),
        "choice": choice,
        "places": [],
        "states": State.choices,
        "to_count": to_count,
        "may_write": station is not None and can_write(request.user, station),
        "writable": writable_codes(request, [row.place.owner.code for row in to_count]),
    }
    if station is not None:
        places = Location.objects.at(station).exclude(kind=Location.Kind.VAN).select_related("station", "unit")
        last = Max("cycle_counts__posted_at", filter=Q(cycle_counts__is_spot=False))
        context["places"] = places.annotate(last_counted=last).order_by("last_counted", "pk")
    return render_part(request, "inventory/counts.html", "rows", context)


@require_POST
def count_unfound(request: SignedInRequest, location: int) -> HttpResponse:
    """Count the lots of a place that a picker did not find: one tap from the task to the list."""
    place = location_for(request.user, location, write=True)
    form = CommandForm(request.POST)
    try:
        if not form.is_valid():
            raise DomainError(_("The form was incomplete, so nothing was begun. Please try again."))
        count = begin_to_count(location=place, by=request.user, at=timezone.now(), **form.command)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect_to(request, "counts")
    return redirect_to(request, count)


@require_http_methods(["GET", "POST"])
def open_count(request: SignedInRequest, location: int) -> HttpResponse:
    """Begin to count a place; or join the count that is under way."""
    place = location_for(request.user, location, write=True)
    under_way = CycleCount.objects.filter(location=place, state__in=(State.OPEN, State.COUNTED)).first()
    form = OpenCountForm(posted(request))
    if form.is_valid():
        try:
            count = actions.open_count(
                location=place,
                is_blind=form.cleaned_data["is_blind"],
                by=request.user,
                at=timezone.now(),
                **form.command,
            )
        except DomainError as refusal:
            form.refusal = refusal
        else:
            return redirect_to(request, count)
    context = {"place": place, "form": form, "under_way": under_way, "expected": len(queries.lots_to_count(place))}
    return render(request, "inventory/open_count.html", context, status=form.http_status)


@require_GET
def count(request: SignedInRequest, pk: int) -> HttpResponse:
    """One count: its lines in the order of the bins while it is open, its variances once it is counted."""
    found = count_for(request.user, pk)
    if file := exported(request, f"Count {found.pk}", columns.count_lines(found), lambda: lines_of(found)):
        return file
    return show(request, found)


def lines_of(count: CycleCount) -> list[tuple[str, CountLine]]:
    """The lines of a count as the page lists them, each with its bin."""
    return [(shelf.name, line) for shelf in queries.lines_by_bin(count) for line in shelf.lines]


@with_camera
def show(request: SignedInRequest, count: CycleCount, *, status: int = 200, **forms: Any) -> HttpResponse:
    """The page of a count, with a form that was refused in place of a fresh one."""
    return render(request, PAGE, context_of(request, count) | forms, status=status)


def context_of(request: SignedInRequest, count: CycleCount) -> dict[str, Any]:
    bins = queries.lines_by_bin(count)
    lines = [line for shelf in bins for line in shelf.lines]
    left = sum(line.counted is None for line in lines)
    may_write = can_write(request.user, count.location.owner)
    is_counting = count.state == State.OPEN
    version = {"version": count.version}
    return {
        "count": count,
        "bins": bins,
        "total": len(lines),
        "left": left,
        "done": len(lines) - left,
        "progress": _progress(len(lines), left),
        "varying": [line for line in lines if line.variance],
        "may_write": may_write,
        "hides_expected": count.hides_expected,
        "unlisted": queries.unlisted_items(count) if is_counting else (),
        "catalogue": Item.objects.filter(is_active=True).values_list("sku", "name") if may_write else (),
        "lines_form": CountLinesForm(),
        "found_form": FoundLotForm(auto_id="found-%s"),
        "post_form": PostCountForm(initial=version),
        "cancel_form": CancelCountForm(initial=version, auto_id="cancel-%s"),
        "typed_reasons": {},
        "events": Event.objects.about(count),
    }


def _progress(total: int, left: int) -> str:
    said = _("%(done)d of %(total)d counted") % {"done": total - left, "total": total}
    rest = _("%(number)d left") % {"number": left}
    return f"{said} · {rest}" if left else said


def gone_on(request: SignedInRequest, pk: int, message: str) -> HttpResponse:
    """Back to the count, saying what was done."""
    messages.success(request, message)
    return redirect_to(request, "count", pk)
