"""The planner's page put together: the day as it is, as a move would make it, or as a command has left it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import DomainError
from core.htmx import is_htmx, render_part
from orders.forms.planner import DayForm, MoveForm, PreviewForm
from orders.models import DeliveryRun
from orders.queries.plan_changes import Changes, changes, day_figures
from orders.queries.planner import board, places_to_go
from orders.queries.runs import depots_and_runs
from orders.queries.timetable import last_change, other_stations, timetable_of
from orders.routing.moves import Move, moved, way_back
from orders.routing.timetable import Timetable
from stations.access import SignedInRequest
from stations.actions.versions import check_version
from stations.models import Station, User

PAGE = "orders/planner.html"
WAITING_SHOWN = 15


@dataclass(frozen=True)
class Place:
    """Which page is open: whose runs, on which day, and what else could be opened. ``is_whole``: with every delivery
    that waits, where there are many."""

    depots: list[Station]
    depot: Station
    day: date
    is_whole: bool = False

    @property
    def address(self) -> str:
        return f"{reverse('planner')}?{self.query}"

    @property
    def query(self) -> str:
        whole = {"waiting": "all"} if self.is_whole else {}
        return urlencode({"depot": self.depot.code, "day": self.day.isoformat(), **whole})

    @property
    def context(self) -> dict[str, Any]:
        one = timedelta(days=1)
        near = {"day_before": self.day - one, "day_after": self.day + one}
        return {"depots": self.depots, "depot": self.depot, "day": self.day, "place": self, **near}


def place_of(asked: QueryDict) -> Place | None:
    """The depot and the day of the address, else the depot with the most before it and its next day with a run; None
    without depots. One query."""
    form = DayForm(asked)
    today = timezone.localdate()
    places = list(depots_and_runs(today))
    if not places:
        return None
    named = next((one for one in places if one.code == asked.get("depot")), None)
    depot = named or max(places, key=lambda one: one.open_runs)
    day = form.chosen_day() or depot.next_run_on or today
    return Place(places, depot, day, is_whole=asked.get("waiting") == "all")


def show(
    request: SignedInRequest,
    place: Place,
    *,
    chosen: str = "",
    preview: PreviewForm | None = None,
    done: dict[str, Any] | None = None,
    refusal: DomainError | None = None,
) -> HttpResponse:
    """The page, or only its board or panel for htmx. ``chosen`` is the delivery whose aims are listed; ``preview`` the
    move that is shown as if it were made; ``done`` what ``kept`` says of one that was; ``refusal`` why one was not."""
    most = None if place.is_whole else WAITING_SHOWN
    move, difference, panel = None, None, dict(done or {})
    named = [preview.planned.station_id] if preview else [int(chosen.partition("-")[0])] if chosen else []
    named += [panel["moved_station"]] if "moved_station" in panel else []
    plan = shown = timetable_of(place.depot, place.day, at=timezone.now(), most_waiting=most, and_for=named)
    if preview is not None:
        try:
            _check_versions(preview.versions)
            shown, move = moved(plan, preview.planned), preview.planned
        except DomainError as refused:
            refusal = refused
        else:
            difference = changes(plan, shown)
            panel = _keep(preview, plan, shown) | {"changes": difference}
    others = other_stations(place.depot, plan)
    page = board(shown, was=plan if move else None, move=move, others=others)
    if chosen:
        panel = {"chosen": chosen, "aims": places_to_go(page, chosen), "name": name_of(plan, chosen)}
    context = (
        place.context
        | panel
        | {
            "board": page,
            "plan": shown,
            "figures": _figures(place, shown, difference),
            "refusal": refusal,
            "can_plan": request.user.role == User.Role.LOGISTICS,
            "is_part": is_htmx(request),
        }
    )
    part = "panel" if request.GET.get("part") == "panel" else "board"
    return render_part(request, PAGE, part, context, status=422 if refusal else 200)


def kept(form: MoveForm, run: DeliveryRun, place: Place) -> dict[str, Any]:
    """What the panel says of a move that was made, and how it is undone; ``run`` is what the action answered."""
    move = form.planned
    name = Station.objects.values_list("name", flat=True).get(pk=move.station_id)
    words = _("%(station)s is on the run of %(van)s now.") % {"station": name, "van": run.van.code}
    if move.is_off:
        words = _("%(station)s waits for a run again.") % {"station": name}
    undo = None
    if back := form.cleaned_data["back"]:
        source = 0 if move.is_off else run.pk
        undo = {"move": f"{move.station_id}-{source}", "to": back, "seen": f"{run.pk}.{run.version}"}
    return {"done": words, "undo": undo, "moved_station": move.station_id}


def replanned(moves: Sequence[str]) -> dict[str, Any]:
    """What the panel says after a day was planned again."""
    if not moves:
        return {"done": _("Planned again: no planned stop has a better place.")}
    words = ngettext("Planned again: %(count)d stop moved.", "Planned again: %(count)d stops moved.", len(moves))
    return {"done": words % {"count": len(moves)}, "moves": moves}


def name_of(plan: Timetable, move: str) -> str:
    """The station of a delivery that a page names."""
    station = move.partition("-")[0]
    deliveries = [*(one for run in plan.runs for one in run.deliveries), *plan.waiting]
    return next((one.name for one in deliveries if str(one.station_id) == station), _("This delivery"))


def _figures(place: Place, plan: Timetable, difference: Changes | None) -> dict[str, Any]:
    """The day in three numbers: beside a move, before and after it; else since the last move, and whose that was."""
    if difference is not None:
        return {"rows": difference.day}
    last = last_change(place.depot, place.day)
    return {"rows": day_figures(plan, last.details["before"] if last else None), "last": last}


def _check_versions(seen: dict[int, int]) -> None:
    for run in DeliveryRun.objects.filter(pk__in=seen).order_by("pk"):
        check_version(run, seen[run.pk])


def _keep(form: PreviewForm, before: Timetable, after: Timetable) -> dict[str, Any]:
    """What the button that keeps a move sends: the move, the runs as they are seen here, and the way back."""
    move = form.planned
    seen = [run for run in before.runs if run.pk in (move.source, move.run)]
    return {
        "name": name_of(before, form.cleaned_data["move"]),
        "where": _where(move, after),
        "keep": {
            "move": form.cleaned_data["move"],
            "to": form.cleaned_data["to"],
            "seen": ",".join(f"{run.pk}.{run.version}" for run in seen),
            "back": _back(move, before, after),
        },
    }


def _where(move: Move, after: Timetable) -> str:
    run = next((run for run in after.runs if move.aims_at(run) and move.station_id in run.stations), None)
    if run is None or move.is_off:
        return _("off its run, to wait")
    facts = {"number": run.stations.index(move.station_id) + 1, "stops": len(run.stations), "van": run.van.name}
    return _("stop %(number)d of %(stops)d on %(van)s") % facts


def _back(move: Move, before: Timetable, after: Timetable) -> str:
    """Where the delivery comes from, as a move back names it; "" if there is no way back."""
    back = way_back(move, before, after)
    if back is None:
        return ""
    if back.is_off:
        return "waiting"
    return f"van-{back.van}" if back.run is None else f"run-{back.run}@{back.position}"
