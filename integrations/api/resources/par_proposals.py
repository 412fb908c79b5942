"""Proposals for par levels: read, accepted and declined."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django_filters.filters import ChoiceFilter
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.asked import ITSELF, by_code
from integrations.api.base import Reads
from integrations.api.fields import Ids, Text
from integrations.api.filters import AtStation, filters
from integrations.api.once import command_of
from integrations.api.serializers import Asked
from integrations.api.shown.par_proposals import REASONS, ParProposalShown, ProposalsDecided, WeekShown, shown_proposals
from integrations.api.verbs import command
from inventory.access import visible_proposals
from inventory.actions.deciding import accept_proposals, decline_proposals
from inventory.forms.proposals import LOWER, RAISE
from inventory.models import ParProposal
from inventory.queries.par_proposals import RAISES, use_by_week
from stations.access import require_role
from stations.models import User

ROWS = "proposals"
DECIDERS = (User.Role.LOGISTICS, User.Role.CHIEF)


class Direction(ChoiceFilter):
    """Those that ask for more than today, or for less."""

    def filter(self, qs: Any, value: Any) -> Any:
        return qs.filter(RAISES if value == RAISE else ~RAISES) if value else qs


@extend_schema_field({"type": "string", "enum": list(REASONS)})
class ByReason(ChoiceFilter):
    """Those that this rule decided."""

    def filter(self, qs: Any, value: Any) -> Any:
        return qs.filter(reason=REASONS[value]) if value else qs


class Accepted(Asked):
    proposals = Ids(min_length=1, help_text="By their ids.")


class Declined(Accepted):
    reason = Text(max_length=300, help_text="Why; it stays with each of them.")


class ParProposals(Reads):
    """Other par levels than today's, worked out from the ledger. Nothing changes until logistics or the chief accepts
    one; its numbers never change."""

    area = "par-levels"
    queryset = ParProposal.objects.all()
    serializer_class = ParProposalShown
    filterset_class = filters(
        ParProposal,
        *("state", "location"),
        item="item__sku",
        criticality="item__criticality",
        station=AtStation(field_name="location__station__code"),  # type: ignore[no-untyped-call]
        direction=Direction(choices=[(RAISE, RAISE), (LOWER, LOWER)]),  # type: ignore[no-untyped-call]
        reason=ByReason(choices=[(name, name) for name in REASONS]),  # type: ignore[no-untyped-call]
    )

    def seen_by(self, person: User) -> QuerySet[ParProposal]:
        return shown_proposals(person)

    @extend_schema(responses=WeekShown(many=True), operation_id="par_proposals_weeks_list", filters=False)
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def weeks(self, request: Request, pk: str) -> Response:
        """What left the place in the weeks that it was worked out from, oldest first."""
        return Response(WeekShown(use_by_week(self.get_object()), many=True).data)

    @command(Accepted, ProposalsDecided, makes=False)
    def accept(self, request: Request) -> Response:
        """Make them the par levels, all or none: refused if one was decided, edited or worked out anew since."""
        pks = self._named(self.body(Accepted).validated_data[ROWS])
        return self._decided(accept_proposals(proposals=pks, **command_of(request)))

    @command(Declined, ProposalsDecided, makes=False)
    def decline(self, request: Request) -> Response:
        """Decline them, all or none. The same is not proposed again until its numbers have moved."""
        asked = self.body(Declined).validated_data
        pks = self._named(asked[ROWS])
        return self._decided(decline_proposals(proposals=pks, reason=asked["reason"], **command_of(request)))

    def _named(self, pks: Sequence[int]) -> list[int]:
        require_role(self.person, *DECIDERS)
        says = "There is no proposal {}."
        by_code(visible_proposals(self.person), pks, field="pk", says=says, path=ROWS, key=ITSELF)
        return list(pks)

    def _decided(self, done: Sequence[ParProposal]) -> Response:
        rows = self.get_queryset().filter(pk__in=[one.pk for one in done]).order_by("pk")
        return Response({ROWS: ParProposalShown(rows, many=True, context=self.get_serializer_context()).data})
