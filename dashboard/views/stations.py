"""Stations and units: the state of each, and what one holds, lacks and waits for."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.exports import exported
from core.pagination import page_of
from dashboard import columns
from dashboard.queries.kept_stations import AllStations, all_stations
from dashboard.queries.readiness import ready_share, station_readiness
from dashboard.queries.station_page import station_now
from dashboard.queries.unit_page import unit_now
from stations.access import READS_ALL, SignedInRequest, can_write, for_roles, station_for, unit_for, visible_stations
from stations.models import Station, User

ROLES = (User.Role.OFFICER, User.Role.LOGISTICS, User.Role.CHIEF, User.Role.AUDITOR)
STATES = ("out", "short", "ready")


@for_roles(*ROLES)
@require_GET
def stations(request: SignedInRequest) -> HttpResponse:
    """All stations that the person may see, the worst first; ``?state=`` shows those in one state."""
    at = timezone.now()
    if request.user.role in READS_ALL:
        found = all_stations(at=at)
    else:
        found = AllStations(at, station_readiness(at=at, stations=visible_stations(request.user)))
    rows = found.rows
    counts = [(state, sum(row.state == state for row in rows)) for state in STATES]
    wanted = request.GET.get("state", "")
    shown = [row for row in rows if row.state == wanted] if wanted in STATES else rows
    if file := exported(request, "Stations", columns.STATIONS, lambda: shown):
        return file
    page = page_of(request, shown)
    context = {
        "page": page,
        "rows": page.rows,
        "all": len(rows),
        "counts": counts,
        "ready": ready_share(rows),
        "found": found,
    }
    return render(request, "dashboard/stations.html", context)


@for_roles(*ROLES)
@require_GET
def station(request: SignedInRequest, code: str) -> HttpResponse:
    """One station now: the officer's home, and the same page for whoever may look."""
    return station_page(request, station_for(request.user, code))


def station_page(request: SignedInRequest, station: Station) -> HttpResponse:
    context = {"now": station_now(station, at=timezone.now()), "can_write": can_write(request.user, station)}
    return render(request, "dashboard/station.html", context)


@for_roles(*ROLES)
@require_GET
def unit(request: SignedInRequest, code: str) -> HttpResponse:
    """One unit now: what it holds against its par levels, and its lots."""
    found = unit_for(request.user, code)
    context = {"now": unit_now(found, at=timezone.now()), "can_write": can_write(request.user, found.station)}
    return render(request, "dashboard/unit.html", context)
