"""The first page of each role: what needs me now."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from dashboard.queries.event_log import Wanted, entries, events
from dashboard.queries.kept import division
from dashboard.queries.readiness import station_readiness
from dashboard.queries.verification import last_verification
from dashboard.views.stations import station_page
from stations.access import SignedInRequest, visible_stations
from stations.models import User

LATEST = 15


@require_GET
def home(request: SignedInRequest) -> HttpResponse:
    """By role: the officer's station, the work of logistics, the driver's run, the division, or the log."""
    match request.user.role:
        case User.Role.LOGISTICS:
            return redirect("queue")
        case User.Role.DRIVER:
            return redirect("driver_run")
        case User.Role.CHIEF:
            return chief_home(request)
        case User.Role.AUDITOR:
            return auditor_home(request)
        case _:
            return officer_home(request)


def officer_home(request: SignedInRequest) -> HttpResponse:
    """The officer's only station; of several, a choice with the state of each."""
    own = list(visible_stations(request.user))
    if len(own) == 1:
        return station_page(request, own[0])
    rows = station_readiness(at=timezone.now(), stations=own)
    return render(request, "dashboard/choose_station.html", {"rows": rows, "stations": own})


def chief_home(request: SignedInRequest) -> HttpResponse:
    """The day in a sentence, readiness, the figures against their targets, and what fails next."""
    now, is_kept = division(at=timezone.now())
    return render(request, "dashboard/chief.html", {"now": now, "is_kept": is_kept})


def auditor_home(request: SignedInRequest) -> HttpResponse:
    """Whether the ledger adds up, and what happened last."""
    context = {"verification": last_verification(), "entries": entries(events(Wanted())[:LATEST])}
    return render(request, "dashboard/auditor.html", context)
