"""The chief's figures: as they are now, and day by day."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from dashboard.models import DailySnapshot
from dashboard.queries.figures import figures
from dashboard.queries.kept import division
from dashboard.queries.measures import measures
from dashboard.queries.readiness import station_readiness
from dashboard.queries.targets import chosen_targets, judged
from integrations.api.base import Lists, Resource
from integrations.api.filters import days, filters, is_none
from integrations.api.shown.metrics import DayShown, MetricsShown
from stations.access import require_role, station_for
from stations.models import Station, User

STATION = "station"


class Metrics(Resource):
    """Figures now. Of the whole division they are worked out at most ten minutes ago; `at` says when."""

    area = "metrics"
    queryset = Station.objects.all()
    serializer_class = MetricsShown
    parameters = (STATION,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require_role(self.person, User.Role.CHIEF, User.Role.AUDITOR, User.Role.LOGISTICS)

    @extend_schema(
        operation_id="metrics_retrieve",
        parameters=[OpenApiParameter(STATION, str, description="Only of this station, by its code.")],
        responses=MetricsShown,
    )
    def retrieve(self, request: Request) -> Response:
        """Each figure, what it means, what it should be, and whether it is."""
        at = timezone.now()
        code = request.query_params.get(STATION)
        if code is None:
            now, _ = division(at=at)
            return self._shown(now.at, now.figures)
        station = station_for(self.person, code)
        found = measures(at=at, readiness=station_readiness(at=at, stations=[station]), station=station)
        return self._shown(at, judged(figures(found), chosen_targets()))

    def _shown(self, at: Any, found: Any) -> Response:
        return Response(self.get_serializer({"at": at, "figures": found}).data)


class Days(Lists):
    """What the figures were made of at the end of each day: of the division, where no station is named, or of one."""

    area = "metrics"
    queryset = DailySnapshot.objects.all()
    serializer_class = DayShown
    filterset_class = filters(DailySnapshot, station="station__code", is_division=is_none("station"), **days("day"))

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require_role(self.person, User.Role.CHIEF, User.Role.AUDITOR, User.Role.LOGISTICS)

    def seen_by(self, person: User) -> QuerySet[DailySnapshot]:
        return DailySnapshot.objects.select_related("station")
