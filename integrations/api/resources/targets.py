"""What each of the chief's figures should be."""

from typing import Any
from uuid import uuid4

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import DomainError
from dashboard.actions.targets import set_target
from dashboard.models import FigureTarget
from dashboard.queries.figures import BY_SLUG, Definition, Target
from dashboard.queries.targets import tenths_of
from integrations.api.base import CODE, Resource
from integrations.api.fields import LARGEST, Whole
from integrations.api.serializers import Asked
from integrations.api.shown.targets import TargetShown, shown_target, shown_targets, target_now
from integrations.api.versions import Facts, read, refuse_outdated, tagged
from stations.access import READS_ALL, require_role
from stations.models import User


class TargetEdit(Asked):
    """What the figure should be."""

    tenths = Whole(
        min_value=0, max_value=LARGEST, required=False, allow_null=True, help_text="Of its unit. Null: no target."
    )


PATH = OpenApiParameter("figure", str, OpenApiParameter.PATH, enum=list(BY_SLUG), description="Its slug.")


@extend_schema_view(retrieve=extend_schema(parameters=[PATH], responses=TargetShown))
class Targets(Resource):
    """What figures are judged by. Chiefs set it."""

    area = "metrics"
    queryset = FigureTarget.objects.all()
    serializer_class = TargetShown
    parameters = ()
    pagination_class = None
    lookup_field = "figure"
    lookup_value_regex = CODE

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require_role(self.person, *READS_ALL)

    def seen_by(self, person: User) -> QuerySet[FigureTarget]:
        return FigureTarget.objects.all()

    def list(self, request: Request) -> Response:
        """Of every figure."""
        return Response(shown_targets())

    def retrieve(self, request: Request, figure: str) -> Response:
        """With its version for If-Match."""
        definition, target = target_now(figure)
        return read(request, _facts(definition, target), lambda: shown_target(definition, target))

    @extend_schema(parameters=[PATH], request=TargetEdit, responses=TargetShown)
    def partial_update(self, request: Request, figure: str) -> Response:
        """Set it. If-Match with the ETag that was read is needed. Chiefs only."""
        definition, target = target_now(figure)
        asked = self.body(TargetEdit).validated_data
        refuse_outdated(request, _facts(definition, target))
        if "tenths" not in asked:
            raise DomainError("Say the target in tenths, or null for none. Nothing was saved.")
        seen = tenths_of(definition, target)
        set_target(figure=figure, seen=seen, by=self.person, at=timezone.now(), request_id=uuid4(), **asked)
        definition, target = target_now(figure)
        return tagged(Response(shown_target(definition, target)), _facts(definition, target))

    partial_update.takes_version = True  # type: ignore[attr-defined]  # read by the schema


def _facts(definition: Definition, target: Target) -> Facts:
    return Facts((definition.slug, tenths_of(definition, target)))
