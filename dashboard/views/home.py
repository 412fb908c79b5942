"""The first page of each role: what needs me now."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.errors import DomainError
from dashboard.queries.asked import with_asked
from dashboard.queries.event_log import Wanted, entries, events
from dashboard.queries.kept import division
from dashboard.queries.money import compared_money, money_charts, usual_money, weekly_money
from dashboard.queries.periods import Period, presets
from dashboard.queries.readiness import station_readiness
from dashboard.queries.verification import last_verification
from dashboard.views.stations import station_page
from stations.access import SignedInRequest, visible_stations
from stations.models import User

LATEST, FAILING = 15, 8


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
    """The day in a sentence, readiness, the figures against their targets, what fails next, and the money.

    ``?from=`` and ``?to=`` compare a period with the one before it.
    """
    today = timezone.localdate()
    period, refusal = period_asked(request, today)
    now, is_kept = division(at=timezone.now(), period=period)
    compared = now.compared
    context = {
        "now": now,
        "is_kept": is_kept,
        "period": period,
        "refusal": refusal,
        "presets": presets(today),
        "today": today,
        "compared": compared,
        "tiles": [(one, compared.of(one.definition) if compared else None) for one in now.figures],
        "failing": with_asked(now.fails_next[:FAILING], at=timezone.now()),
        "money": compared_money(period, now.spent) if period and now.spent else usual_money(now.spending, today),
        "weekly": weekly_money(now.spending, today),
        "charts": money_charts(now.spending),
    }
    return render(request, "dashboard/chief.html", context, status=422 if refusal else 200)


def period_asked(request: SignedInRequest, today: date) -> tuple[Period | None, DomainError | None]:
    """The period of the address, or why it is none."""
    try:
        return Period.named(request.GET.get("from", ""), request.GET.get("to", ""), today), None
    except DomainError as refusal:
        return None, refusal


def auditor_home(request: SignedInRequest) -> HttpResponse:
    """Whether the ledger adds up, and what happened last."""
    context = {"verification": last_verification(), "entries": entries(events(Wanted())[:LATEST])}
    return render(request, "dashboard/auditor.html", context)
