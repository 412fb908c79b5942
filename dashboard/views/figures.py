"""A figure opened: what it means, and the very lines it is made of."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from core.errors import DomainError
from core.exports import MOST, exported
from core.htmx import redirect_to
from core.pagination import page_number, page_of
from dashboard import columns
from dashboard.actions.targets import set_target as act
from dashboard.forms import TargetForm
from dashboard.queries.counted import FRESH
from dashboard.queries.figure_lines import Lines, Scope, lines_of, placed
from dashboard.queries.figures import BY_SLUG, Figure
from dashboard.queries.kept import kept_division
from dashboard.queries.kept_lines import kept_page
from dashboard.queries.measures import Measures, measured
from dashboard.queries.targets import chosen_targets, tenths_of
from stations.access import SignedInRequest, for_roles, visible_stations
from stations.choice import choose_station
from stations.models import Station, User


@for_roles(User.Role.CHIEF, User.Role.AUDITOR, User.Role.LOGISTICS)
@require_GET
def figure(request: SignedInRequest, figure: str) -> HttpResponse:
    """One figure and its lines: of one station by ``?station=``; only what misses the target, or ``?show=all``."""
    return show_figure(request, figure)


@for_roles(User.Role.CHIEF)
@require_http_methods(["GET", "POST"])
def set_target(request: SignedInRequest, figure: str) -> HttpResponse:
    """Say what a figure should be; refused, the page again with what was typed."""
    if figure not in BY_SLUG:
        raise Http404
    if request.method == "GET":
        return redirect_to(request, "figure", figure)
    definition = BY_SLUG[figure]
    now = Figure(definition, definition.read(Measures()), chosen_targets().get(figure))
    form = TargetForm(request.POST, figure=now)
    if not form.is_valid():
        return show_figure(request, figure, form=form)
    try:
        act(
            figure=figure,
            tenths=form.tenths,
            seen=form.cleaned_data["seen"],
            by=request.user,
            at=timezone.now(),
            **form.command,
        )
    except DomainError as refusal:
        seen = tenths_of(definition, now.target)
        form.renew(seen="" if seen is None else seen)
        return show_figure(request, figure, form=form, refusal=refusal)
    messages.success(request, gettext("%(figure)s has a new target.") % {"figure": definition.title})
    return redirect_to(request, "figure", figure)


def show_figure(request: SignedInRequest, figure: str, **again: Any) -> HttpResponse:
    if figure not in BY_SLUG:
        raise Http404
    at = timezone.now()
    stations = visible_stations(request.user)
    if figure == "ready-stations":
        stations = stations.filter(kind=Station.Kind.STATION)
    choice = choose_station(request, stations)
    if refused := choice.refuse_unknown(request):
        return refused
    station = choice.chosen
    lines = lines_of(figure)
    definition, everything = BY_SLUG[figure], request.GET.get("show") == "all"
    scope = Scope(at, station, everything=everything)
    if file := exported(
        request, definition.title, columns.lines(lines.template, at - FRESH), lambda: shown_rows(lines, scope)
    ):
        return file
    kept = kept_division() if station is None else None
    page = kept_page(figure, everything=everything, number=page_number(request)) if kept else None
    page = page or page_of(request, lines.read(scope))
    found = Measures() if kept else measured(definition.needs, at=at, station=station)
    shown = next((one for one in kept.figures if one.definition == definition), None) if kept else None
    reading = shown.reading if shown else definition.read(found)
    now = Figure(definition, reading, chosen_targets().get(figure))
    context: dict[str, Any] = {
        "figure": now,
        "target_form": TargetForm(figure=now) if request.user.role == User.Role.CHIEF else None,
        "measures": found,
        "lines": lines,
        "page": page,
        "rows": placed(page.rows) if lines.template == "par_lines" else page.rows,
        "rows_template": f"dashboard/figures/{lines.template}.html",
        "station": station,
        "choice": choice,
        "fresh_since": at - FRESH,
        "kept_at": kept.at if kept else None,
    }
    if "form" in again:
        context["target_form"] = again["form"]
    return render(request, "dashboard/figure.html", context | again, status=422 if again else 200)


def shown_rows(lines: Lines, scope: Scope) -> Iterable[Any]:
    """The lines of a figure as the file gives them: one more than it may hold at the most."""
    rows: Any = lines.read(scope)[: MOST["csv"] + 1]
    return placed(rows) if lines.template == "par_lines" else rows
