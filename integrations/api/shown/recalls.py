"""How recalls are answered: what is called back, which lots of ours it names, where they lie, what became of them."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from integrations.access import visible_recalls
from integrations.api.serializers import Shown
from integrations.api.shown.stock import LevelShown
from integrations.models import Recall, RecalledLot
from integrations.queries.recall_places import left_of
from inventory.access import visible_levels
from inventory.models import Lot
from stations.models import User


class RecalledLotShown(serializers.ModelSerializer[RecalledLot]):
    """A lot of ours that a recall names."""

    item = serializers.CharField(source="lot.item.sku", read_only=True, help_text="SKU.")
    lot_number = serializers.CharField(source="lot.number", read_only=True)
    expires_on = serializers.DateField(source="lot.expires_on", read_only=True, allow_null=True)
    status = serializers.ChoiceField(source="lot.status", read_only=True, choices=Lot.Status.choices)

    class Meta:
        model = RecalledLot
        fields = ("lot", "item", "lot_number", "expires_on", "status", "how", "doubt", "found", "matched_at")


class RecallShown(Shown):
    problems = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="What a person must look at, a sentence each."
    )
    decided_by = serializers.CharField(source="decided_by.username", read_only=True, allow_null=True, default=None)
    left = serializers.IntegerField(read_only=True, help_text="Base units of its held lots where you may see them.")
    lots: Any = RecalledLotShown(many=True, read_only=True)

    class Meta:
        model = Recall
        fields = (
            *("id", "number", "classification", "firm", "product", "reason", "code_text", "initiated_on", "state"),
            *("problems", "decision", "decided_by", "decided_at", "received_at", "changed_at", "closed_at"),
            *("left", "version", "lots"),
        )


def shown_recalls(person: User) -> "QuerySet[Any, Any]":
    """What a person sees of recalls, as these show it: in three queries, however many."""
    seen = visible_recalls(person).defer("source", "codes", "lot_numbers").select_related("decided_by")
    return seen.annotate(left=left_of(visible_levels(person))).prefetch_related("lots__lot__item")


class RecalledLevelShown(LevelShown):
    """So much of a held lot lies there."""

    station = serializers.CharField(source="location.owner.code", read_only=True, help_text="Code.")
    unit = serializers.CharField(
        source="location.unit.code", read_only=True, allow_null=True, default=None, help_text="Null: at the station."
    )

    class Meta(LevelShown.Meta):
        fields = ("station", "unit", *LevelShown.Meta.fields)  # type: ignore[assignment]  # two more


class ReckoningShown(serializers.Serializer[Any]):
    """What became of every unit, in base units. What was found, and came since, is left, pulled, used since or gone
    otherwise."""

    found = serializers.IntegerField(help_text="On hand everywhere when the lots were matched.")
    came_since = serializers.IntegerField(help_text="Turned up since.")
    left = serializers.IntegerField(help_text="On shelves, units and vans now.")
    pulled = serializers.IntegerField(help_text="Pulled or discarded since.")
    used_since = serializers.IntegerField(help_text="Used on patients since.")
    otherwise = serializers.IntegerField(help_text="Gone by counts, losses and the like since.")
    used = serializers.IntegerField(help_text="Used on patients in all, before and since.")


class RecallsTaken(serializers.Serializer[Any]):
    """What came of a file: its records by how they were known, the lots that are held now, and what a person reads."""

    new = serializers.IntegerField(help_text="Records taken.")
    changed = serializers.IntegerField(help_text="Records that say something else now.")
    same = serializers.IntegerField(help_text="Records that were taken before: nothing was changed.")
    lots = serializers.IntegerField(help_text="Lots of ours that are held by it.")
    to_review = serializers.IntegerField(help_text="Records that wait for a person.")


class DismissedShown(serializers.Serializer[Any]):
    dismissed = serializers.IntegerField(help_text="How many are not ours now.")
