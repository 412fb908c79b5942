"""The planner: a delivery moved to another place in a depot's day, and the day planned again."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.background import Progress, progress_of, start
from core.errors import DomainError
from integrations.api.asked import Seen, lines_field, one_by_code, refuse_twice
from integrations.api.base import Resource
from integrations.api.fields import Day, Id, Text, Whole
from integrations.api.once import command_of
from integrations.api.serializers import Asked
from integrations.api.shown.orders import RunShown
from integrations.api.shown.planner import DONE, FAILED, REFUSED, RUNNING, WAITING, PlanningShown
from integrations.api.verbs import command, creates
from orders import tasks
from orders.access import visible_runs
from orders.actions.planner import move_stop
from orders.models import DeliveryRun
from orders.queries.runs import depots
from orders.queries.timetable import timetable_of
from orders.routing.moves import Move, moved, way_back
from stations.access import require_role, visible_stations
from stations.models import Station, Unit, User

PLANNING = "planning"
UUID_PATTERN = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


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


class Plans(Resource):
    """What logistics does in the planner."""

    area = "runs"
    queryset = DeliveryRun.objects.all()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require_role(self.person, User.Role.LOGISTICS)

    def depot(self, asked: dict[str, Any]) -> Station:
        says = "There is no station {} that runs leave from."
        depot: Station = one_by_code(depots(), asked["depot"], field="code", says=says, key="depot")
        return depot


class Planner(Plans):
    """A depot's day, changed by hand."""

    serializer_class = RunShown

    def seen_by(self, person: User) -> QuerySet[DeliveryRun]:
        runs = visible_runs(person).select_related("depot", "van", "driver")
        return runs.prefetch_related("stops__station")

    @command(DeliveryMove, DeliveryMoved, makes=False)
    def move(self, request: Request) -> Response:
        """Move what goes to a station along its run, to another run, to a van that has none, or to and from what waits.
        Both runs are timed anew; one that keeps no stop is called off."""
        asked = self.body(DeliveryMove).validated_data
        refuse_twice("seen", "id", [one["id"] for one in asked["seen"]], "This run is named twice.")
        depot, now = self.depot(asked), timezone.now()
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


class Plannings(Plans):
    """A depot's day, planned again by the schedule in the background."""

    serializer_class = PlanningShown
    parameters = ()
    lookup_field = PLANNING
    lookup_value_regex = UUID_PATTERN

    @creates(DayToPlan, PlanningShown)
    def create(self, request: Request) -> Response:
        """Start it: runs that were arranged by hand are given back to the schedule, those that are locked, loaded or
        out stay as they are. Ask for it by its id until it has ended."""
        asked = self.body(DayToPlan).validated_data
        depot, task_id = self.depot(asked), command_of(request)["request_id"]
        day = {"depot": depot.pk, "day": asked["day"].isoformat(), "by": self.person.pk}
        if problem := start(tasks.replan_day, task_id, request_id=str(task_id), **day):
            raise DomainError(problem)
        return Response(self._told(task_id, Progress("PENDING")), status=201)

    @extend_schema(
        operation_id="planner_plannings_retrieve", parameters=[OpenApiParameter(PLANNING, UUID, OpenApiParameter.PATH)]
    )
    def retrieve(self, request: Request, planning: str) -> Response:
        """How far it is, and what moved once it has ended."""
        task_id = UUID(planning)
        progress = progress_of(tasks.replan_day, task_id)
        if progress is None:
            raise Http404
        return Response(self._told(task_id, progress))

    def _told(self, task_id: UUID, progress: Progress) -> Any:
        """What the worker says of it. One that no worker has begun waits, and so does one that nobody started."""
        answer = progress.answer or {}
        state = WAITING if progress.state == "PENDING" else RUNNING if progress.is_running else FAILED
        if "refused" in answer:
            state = REFUSED
        elif "moves" in answer:
            state = DONE
        told = {"id": task_id, "state": state, "moves": answer.get("moves", []), "refusal": answer.get("refused", "")}
        return self.get_serializer(told).data
