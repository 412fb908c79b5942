"""Long work that a worker does: a POST starts it, once, and its address says how far it is."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import Http404
from django_celery_results.models import TaskResult
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.background import Progress, progress_of, start
from core.errors import DomainError
from dashboard.queries.verification import last_verification
from integrations.api.asked import Nothing
from integrations.api.base import Resource
from integrations.api.fields import Text
from integrations.api.once import command_of
from integrations.api.serializers import Asked
from integrations.api.verbs import creates
from inventory.tasks import propose_par_levels
from orders.queries.verify import all_differences
from orders.tasks import sweep_par_levels, verify_ledger
from stations.access import require_role, station_for, visible_stations
from stations.models import User

STATES = ["waiting", "running", "done", "failed"]
HEX = r"[0-9a-fA-F]"


class WorkShown(serializers.Serializer[Any]):
    """How far it is. Work that failed left nothing half done, and may be started again with a new key."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=STATES)
    answer = serializers.DictField(
        child=serializers.IntegerField(), allow_null=True, help_text="Numbers by name: so far, or what came of it."
    )


class DifferenceShown(serializers.Serializer[Any]):
    """Two numbers that must be equal and are not."""

    what = serializers.CharField()
    written = serializers.IntegerField()
    added_up = serializers.IntegerField()


class LedgerShown(serializers.Serializer[Any]):
    """How the ledger was when it was last added up."""

    ended_at = serializers.DateTimeField(allow_null=True, help_text="Null: it never was.")
    differences = serializers.IntegerField(allow_null=True, help_text="Null: it did not come to an end.")
    lines: Any = DifferenceShown(many=True, help_text="The differences as they are now, if there were any.")


class Review(Asked):
    station = Text(max_length=20, required=False, help_text="Code. Without it, every station.")


PATH = OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="As the POST answered it.")


class Work(Resource):
    """Work of one kind, for ``roles`` alone. Whose id nobody has started is told as waiting."""

    queryset = TaskResult.objects.all()
    serializer_class: type[serializers.Serializer[Any]] = WorkShown
    parameters = ()
    pagination_class = None
    lookup_field = "task_id"
    lookup_url_kwarg = "id"
    lookup_value_regex = f"{HEX}{{8}}-{HEX}{{4}}-{HEX}{{4}}-{HEX}{{4}}-{HEX}{{12}}"
    task: ClassVar[Any]
    roles: ClassVar[tuple[str, ...]]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require_role(self.person, *self.roles)

    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002  # named as the answer names it
        """How far it is, kept for three days."""
        return self._told(UUID(id))

    def started(self, **arguments: object) -> Response:
        """It is sent to a worker under the id of this call; refused if no worker can be reached."""
        work = command_of(self.request)["request_id"]
        if problem := start(self.task, work, **arguments):
            raise DomainError(problem)
        return self._told(work, status=201)

    def told(self, progress: Progress) -> dict[str, Any]:
        """What is shown of it beside its id."""
        state = {"PENDING": "waiting", "SUCCESS": "done"}.get(
            progress.state, "running" if progress.is_running else "failed"
        )
        return {"state": state, "answer": progress.answer}

    def _told(self, work: UUID, *, status: int = 200) -> Response:
        progress = progress_of(self.task, work)
        if progress is None:
            raise Http404
        return Response(self.get_serializer({"id": work, **self.told(progress)}).data, status=status)


@extend_schema_view(retrieve=extend_schema(parameters=[PATH]))
class ParReviews(Work):
    """Par levels worked out from the ledger now, instead of when they are due. `answer` has `levels` of `whole` while
    it runs; then `stations`, `levels`, open `proposals`, and the stations `left` to another task."""

    area = "par-levels"
    task = propose_par_levels
    roles = (User.Role.LOGISTICS, User.Role.CHIEF)

    @creates(Review, WorkShown)
    def create(self, request: Request) -> Response:
        """Start it, for one station or all."""
        code = self.body(Review).validated_data.get("station")
        chosen = visible_stations(self.person) if code is None else [station_for(self.person, code)]
        return self.started(stations=[station.pk for station in chosen], by=self.person.pk)


@extend_schema_view(retrieve=extend_schema(parameters=[PATH]))
class Sweeps(Work):
    """What is short is found everywhere now, and suggested requests are brought up to date. `answer` has `stations`,
    `shortfalls`, `drafts` and `transfers`."""

    area = "orders"
    task = sweep_par_levels
    roles = (User.Role.LOGISTICS,)

    @creates(Nothing, WorkShown)
    def create(self, request: Request) -> Response:
        """Start it."""
        self.body(Nothing)
        return self.started()


@extend_schema_view(retrieve=extend_schema(parameters=[PATH]))
class LedgerChecks(Work):
    """The whole ledger added up again. `answer` has `differences`."""

    area = "metrics"
    task = verify_ledger
    roles = (User.Role.AUDITOR, User.Role.CHIEF)

    @extend_schema(operation_id="ledger_checks_last", responses=forced_singular_serializer(LedgerShown))
    def list(self, request: Request) -> Response:
        """How the last one ended, by the schedule or on demand."""
        last = last_verification()
        lines = all_differences() if last and last.differences else []
        shown = {
            "ended_at": last and last.ended_at,
            "differences": last and last.differences,
            "lines": lines,
        }
        return Response(LedgerShown(shown).data)

    @creates(Nothing, WorkShown)
    def create(self, request: Request) -> Response:
        """Start it."""
        self.body(Nothing)
        return self.started()
