"""What the division decides for each kind and each class of items."""

from typing import Any
from uuid import uuid4

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import DomainError
from integrations.api.asked import lines_field, refuse_twice
from integrations.api.base import Resource
from integrations.api.fields import One, Whole
from integrations.api.serializers import Asked
from integrations.api.shown.policies import PoliciesNow, PoliciesShown, policies_now
from integrations.api.versions import Facts, read, refuse_outdated, tagged
from inventory.actions.policies import (
    LEAST_FLOOR,
    MOST_CENTS,
    MOST_DAYS,
    MOST_FLOOR,
    set_policies,
)
from inventory.models import Item, KindPolicy
from stations.access import READS_ALL, require_role
from stations.models import User


class KindEdit(Asked):
    """What changes for one kind of item."""

    kind = One(choices=Item.Kind.choices)
    horizon_days = Whole(
        min_value=0,
        max_value=MOST_DAYS,
        required=False,
        allow_null=True,
        help_text="Usable stock lasts this long. Null: until the station's delivery after next.",
    )
    expiring_days = Whole(min_value=0, max_value=MOST_DAYS, required=False, help_text="Shown as expiring so early.")


class ClassEdit(Asked):
    """What changes for one class of items."""

    criticality = One(choices=Item.Criticality.choices)
    fill_floor_bp = Whole(
        min_value=LEAST_FLOOR,
        max_value=MOST_FLOOR,
        required=False,
        help_text="The least share of units there when asked for, in hundredths of a percent.",
    )
    lost_unit_cents = Whole(
        min_value=0, max_value=MOST_CENTS, required=False, help_text="What one unit that is not there costs."
    )


class PoliciesEdit(Asked):
    """What changes; the rest stays as it is."""

    kinds = lines_field(KindEdit, required=False)
    classes = lines_field(ClassEdit, required=False)


class Policies(Resource):
    """Stock pages, the sweep and proposals for par levels go by these. Logistics and the chief set them."""

    area = "par-levels"
    queryset = KindPolicy.objects.all()
    serializer_class = PoliciesShown
    parameters = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require_role(self.person, *READS_ALL)

    def seen_by(self, person: User) -> QuerySet[KindPolicy]:
        return KindPolicy.objects.all()

    @extend_schema(operation_id="policies_retrieve", responses=PoliciesShown)
    def retrieve(self, request: Request) -> Response:
        """With its version for If-Match."""
        now = policies_now()
        return read(request, _facts(now), lambda: PoliciesShown(now).data)

    @extend_schema(operation_id="policies_partial_update", request=PoliciesEdit, responses=PoliciesShown)
    def partial_update(self, request: Request) -> Response:
        """Set some, all or none. If-Match with the ETag that was read is needed."""
        asked = self.body(PoliciesEdit).validated_data
        now = policies_now()
        refuse_outdated(request, _facts(now))
        kinds, classes = asked.get("kinds", []), asked.get("classes", [])
        if not kinds and not classes:
            raise DomainError("Say what should change: kinds, classes, or both. Nothing was saved.")
        refuse_twice("kinds", "kind", [one["kind"] for one in kinds], "This kind is named twice.")
        refuse_twice("classes", "criticality", [one["criticality"] for one in classes], "This class is named twice.")
        set_policies(
            policies=now.with_kinds(kinds),
            classes=now.with_classes(classes),
            seen=now.seen,
            by=self.person,
            at=timezone.now(),
            request_id=uuid4(),
        )
        now = policies_now()
        return tagged(Response(PoliciesShown(now).data), _facts(now))

    partial_update.takes_version = True  # type: ignore[attr-defined]  # read by the schema


def _facts(now: PoliciesNow) -> Facts:
    kinds = [(one.kind, one.horizon_days, one.expiring_days) for one in now.kinds]
    return Facts((*kinds, *[(one.criticality, one.fill_floor_bp, one.lost_unit_cents) for one in now.classes]))
