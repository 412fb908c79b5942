"""How the division's policies are answered."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rest_framework import serializers

from inventory.actions.policies import ClassPolicy, Policy
from inventory.models import CriticalityPolicy, KindPolicy
from inventory.queries.policies import criticality_weights, last_change, policies
from stations.models import Event


class KindPolicyShown(serializers.ModelSerializer[KindPolicy]):
    class Meta:
        model = KindPolicy
        fields = ("kind", "horizon_days", "expiring_days")


class ClassPolicyShown(serializers.ModelSerializer[CriticalityPolicy]):
    class Meta:
        model = CriticalityPolicy
        fields = ("criticality", "fill_floor_bp", "lost_unit_cents")


class PoliciesShown(serializers.Serializer[Any]):
    """For each kind of item how far ahead stock must last (null: until the delivery after next) and what is shown as
    expiring; for each class what must be there when it is asked for."""

    kinds: Any = KindPolicyShown(many=True)
    classes: Any = ClassPolicyShown(many=True)
    changed_at = serializers.DateTimeField(source="last.command.at", allow_null=True, default=None)
    changed_by = serializers.CharField(source="last.command.by.username", allow_null=True, default=None)


class PoliciesNow(NamedTuple):
    """The policies, and the change that made them so; read before them, so that a change in between is noticed."""

    last: Event | None
    kinds: list[KindPolicy]
    classes: list[CriticalityPolicy]

    @property
    def seen(self) -> int:
        return self.last.pk if self.last else 0

    def with_kinds(self, said: Sequence[Mapping[str, Any]]) -> list[Policy]:
        """What these say of kinds; what they do not say is as it is."""
        now = {one.kind: one for one in self.kinds}
        return [
            Policy(
                one["kind"],
                one.get("horizon_days", now[one["kind"]].horizon_days),
                one.get("expiring_days", now[one["kind"]].expiring_days),
            )
            for one in said
        ]

    def with_classes(self, said: Sequence[Mapping[str, Any]]) -> list[ClassPolicy]:
        """The same of classes."""
        now = {one.criticality: one for one in self.classes}
        return [
            ClassPolicy(
                one["criticality"],
                one.get("fill_floor_bp", now[one["criticality"]].fill_floor_bp),
                one.get("lost_unit_cents", now[one["criticality"]].lost_unit_cents),
            )
            for one in said
        ]


def policies_now() -> PoliciesNow:
    return PoliciesNow(last_change(), policies(), list(criticality_weights().values()))
