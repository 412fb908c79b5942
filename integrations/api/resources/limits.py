"""What a place can hold and what its station's stock may be worth."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.base import Reads
from integrations.api.fields import Whole
from integrations.api.filters import AtStation, filters
from integrations.api.serializers import Asked
from integrations.api.shown.limits import LimitsShown, limited_places
from integrations.api.versions import Facts, read, refuse_outdated, tagged
from inventory.actions.limits import MOST_CENTS, MOST_ML, Limits, set_limits
from stations.access import READS_ALL, require_role
from stations.models import Location, User


class LimitsEdit(Asked):
    """What changes; the rest stays as it is. Null: no limit."""

    volume_ml = Whole(
        min_value=1, max_value=MOST_ML, required=False, allow_null=True, help_text="What this place holds."
    )
    stock_budget_cents = Whole(
        min_value=1, max_value=MOST_CENTS, required=False, allow_null=True, help_text="For the whole station."
    )


class LimitsOfPlaces(Reads):
    """The limits that proposals for par levels keep, of each place by its id. Logistics and the chief set them."""

    area = "par-levels"
    queryset = Location.objects.all()
    serializer_class = LimitsShown
    filterset_class = filters(
        Location,
        "kind",
        unit="unit__code",
        station=AtStation(field_name="station__code"),  # type: ignore[no-untyped-call]
    )

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require_role(self.person, *READS_ALL)

    def seen_by(self, person: User) -> QuerySet[Location]:
        return limited_places(person)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """With its version for If-Match."""
        place = self.get_object()
        return read(request, _facts(Limits.of(place)), lambda: self.get_serializer(place).data)

    @extend_schema(request=LimitsEdit, responses=LimitsShown)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Set them. If-Match with the ETag that was read is needed."""
        place = self.get_object()
        asked = self.body(LimitsEdit).validated_data
        now = Limits.of(place)
        refuse_outdated(request, _facts(now))
        wanted = replace(now, **asked)
        set_limits(place=place, limits=wanted, seen=now, by=self.person, at=timezone.now(), request_id=uuid4())
        return tagged(Response(self.get_serializer(self.get_queryset().get(pk=place.pk)).data), _facts(wanted))

    partial_update.takes_version = True  # type: ignore[attr-defined]  # read by the schema


def _facts(limits: Limits) -> Facts:
    return Facts((limits.volume_ml, limits.stock_budget_cents))
