"""The planner: a delivery moved to another place in a depot's day, and the day planned again."""

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.background import Progress
from integrations.api.asked import Seen, lines_field, one_by_code, refuse_twice
from integrations.api.base import Resource
from integrations.api.fields import Day, Id, Text, Whole
from integrations.api.once import command_of
from integrations.api.resources.work import PATH, Work
from integrations.api.serializers import Asked
from integrations.api.shown.orders import RunShown
from integrations.api.shown.planner import REFUSED, PlanningShown
from integrations.api.verbs import command, creates
from orders.access import visible_runs
from orders.actions.planner import move_stop
from orders.models import DeliveryRun
from orders.queries.runs import depots
from orders.queries.timetable import timetable_of
from orders.routing.moves import Move, moved, way_back
from orders.tasks import replan_day
from stations.access import require_role, visible_stations
from stations.models import Station, Unit, User


class DayToPlan(Asked):
    depot = Text(max_length=20, help_text="Code of a station that runs leave from.")
    day = Day(help_text="The day of its runs.")


class DeliveryMove(DayToPlan):
    """Which delivery goes where. Neither ``run`` nor ``van``: it is taken off its run, to wait."""

    station = Text(max_length=20, help_text="Code of the station that it goes to.")
    from_run = Id(required=False, help_text="The run that it is on; without it, the delivery waits for one.")
    run = Id(required=False, help_text="The run that takes it; its own, to put it at another place.")
    van = Text(max_length=20, required=False, help_text="Call sign of a van that has no run yet and begins one.")
    position = Whole(min_value=1, max_value=10_000, required=False, help_text="Its place among the stops, else last.")
    seen = lines_field(Seen, default=list, help_text="Runs as they were read: refused if one has changed since.")

    def validate(self, attrs: Any) -> Any:
        if "run" in attrs and "van" in attrs:
            said = serializers.ErrorDetail("Give either the run or the van.", code="unknown")
            raise serializers.ValidationError({"van": [said]})
        return attrs


class DeliveryMoved(serializers.Serializer[Any]):
    run = RunShown(help_text="The run that it is on now, or that it was taken off.")
    undo = DeliveryMove(allow_null=True, help_text="The move that takes this one back; null if there is none.")


class Planner(Resource):
    """A depot's day, changed by hand by logistics."""

    area = "runs"
    queryset = DeliveryRun.objects.all()
    serializer_class = RunShown

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require_role(self.person, User.Role.LOGISTICS)

    def seen_by(self, person: User) -> QuerySet[DeliveryRun]:
        runs = visible_runs(person).select_related("depot", "van", "driver")
        return runs.prefetch_related("stops__station")

    @command(DeliveryMove, DeliveryMoved, makes=False)
    def move(self, request: Request) -> Response:
        """Move what goes to a station along its run, to another run, to a van that has none, or to and from what waits.
        Both runs are timed anew; one that keeps no stop is called off."""
        asked = self.body(DeliveryMove).validated_data
        refuse_twice("seen", "id", [one["id"] for one in asked["seen"]], "This run is named twice.")
        depot, now = _depot(asked), timezone.now()
        move = self._move(asked, depot)
        before = timetable_of(depot, asked["day"], at=now, and_for=[move.station_id])
        back = way_back(move, before, moved(before, move))
        versions = {one["id"]: one["version"] for one in asked["seen"]}
        run = move_stop(depot=depot, day=asked["day"], move=move, versions=versions, **command_of(request))
        undo = back and _undo(asked, run, replace(back, source=None if move.is_off else run.pk))
        answer = {"run": self.get_queryset().get(pk=run.pk), "undo": undo}
        return Response(DeliveryMoved(answer, context=self.get_serializer_context()).data)

    def _move(self, asked: dict[str, Any], depot: Station) -> Move:
        says = "There is no station {} that you may see."
        stations = visible_stations(self.person)
        station = one_by_code(stations, asked["station"], field="code", says=says, key="station")
        vans, says = Unit.objects.filter(station=depot, kind=Unit.Kind.VAN), f"There is no van {{}} at {depot}."
        van = one_by_code(vans, asked["van"], field="code", says=says, key="van") if "van" in asked else None
        return Move(station.pk, asked.get("from_run"), asked.get("run"), van and van.pk, asked.get("position"))


def _undo(asked: dict[str, Any], run: DeliveryRun, back: Move) -> dict[str, Any]:
    """The body that takes a move back, and is refused if the run has changed since."""
    van = back.van and Unit.objects.values_list("code", flat=True).get(pk=back.van)
    aim = {"from_run": back.source, "run": back.run, "van": van, "position": back.position}
    place = {name: asked[name] for name in ("depot", "day", "station")}
    return place | {name: one for name, one in aim.items() if one} | {"seen": [{"id": run.pk, "version": run.version}]}


@extend_schema_view(retrieve=extend_schema(parameters=[PATH]))
class Plannings(Work):
    """A depot's day, planned again by the schedule in the background."""

    area = "runs"
    serializer_class = PlanningShown
    task = replan_day
    roles = (User.Role.LOGISTICS,)

    @creates(DayToPlan, PlanningShown)
    def create(self, request: Request) -> Response:
        """Start it: runs that were arranged by hand are given back to the schedule, those that are locked, loaded or
        out stay as they are. Ask for it by its id until it has ended."""
        asked = self.body(DayToPlan).validated_data
        day = {"depot": _depot(asked).pk, "day": asked["day"].isoformat(), "by": self.person.pk}
        return self.started(request_id=str(command_of(request)["request_id"]), **day)

    def told(self, progress: Progress) -> dict[str, Any]:
        """What moved, or why nothing was planned."""
        answer = progress.answer or {}
        state = REFUSED if "refused" in answer else super().told(progress)["state"]
        return {"state": state, "moves": answer.get("moves", []), "refusal": answer.get("refused", "")}


def _depot(asked: dict[str, Any]) -> Station:
    says = "There is no station {} that runs leave from."
    depot: Station = one_by_code(depots(), asked["depot"], field="code", says=says, key="depot")
    return depot
