"""How proposals for par levels are answered."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from integrations.api.serializers import Shown
from inventory.access import visible_proposals
from inventory.models import ParProposal
from inventory.policy import Reason
from stations.access import require_role
from stations.models import User

READERS = (User.Role.OFFICER, User.Role.LOGISTICS, User.Role.CHIEF, User.Role.AUDITOR)
REASONS = {one.name.lower(): one for one in Reason}


class ReasonShown(serializers.ChoiceField):
    """What decided a par, by its name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=list(REASONS), **kwargs)

    def to_representation(self, value: Any) -> str:
        return Reason(value).name.lower()


class ParProposalShown(Shown):
    """What should be, what is, and all that it was worked out from. Shares are 0 to 1, money is in cents."""

    item = serializers.CharField(source="item.sku", read_only=True, help_text="SKU.")
    reason = ReasonShown(read_only=True, help_text="Which rule decided it.")
    decided_by = serializers.CharField(source="decided_by.username", read_only=True, allow_null=True, default=None)

    class Meta:
        model = ParProposal
        fields = (
            *("id", "location", "item", "state", "reason", "par", "minimum", "short_below"),
            *("was_par", "was_minimum", "was_short_below", "was_version"),
            *("history_days", "used", "exposure_days", "own_per_day", "own_share", "calls", "calls_per_day"),
            *("use_per_call", "mean_per_day", "vmr", "review_days", "lead_days", "life_days", "mandated_minimum"),
            *("fill_floor_bp", "lost_unit_cents", "unit_cost_cents"),
            *("was_fill", "fill", "was_stock_cents", "stock_cents", "was_waste_cents", "waste_cents"),
            *("computed_at", "closed_at", "decided_by", "decline_reason"),
        )


def shown_proposals(person: User) -> QuerySet[ParProposal]:
    """Those of the places that the person sees; drivers read none."""
    require_role(person, *READERS)
    return visible_proposals(person).select_related("item", "decided_by")


class ProposalsDecided(serializers.Serializer[Any]):
    """The proposals as they are now."""

    proposals = ParProposalShown(many=True)


class WeekShown(serializers.Serializer[Any]):
    """Seven days of use."""

    day = serializers.DateField(help_text="The first of them.")
    units = serializers.IntegerField(help_text="Base units that left.")
