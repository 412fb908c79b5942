"""How items are answered: with their packs, the codes that name them, and what may be sent instead."""

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers

from integrations.api.serializers import Shown
from inventory.models import Item, ItemCode, Pack, Substitute


class PackShown(serializers.ModelSerializer[Pack]):
    class Meta:
        model = Pack
        fields = ("name", "quantity", "gtin", "is_issue_pack")


class ItemCodeShown(serializers.ModelSerializer[ItemCode]):
    """A code that names the item."""

    pack = serializers.SlugRelatedField[Pack](
        slug_field="name", read_only=True, allow_null=True, help_text="Name of the pack; null: one base unit."
    )

    class Meta:
        model = ItemCode
        fields = ("system", "code", "pack", "is_own")


class SubstituteShown(serializers.ModelSerializer[Substitute]):
    """What may be sent when the item is lacking."""

    substitute = serializers.SlugRelatedField[Item](slug_field="sku", read_only=True, help_text="SKU.")

    class Meta:
        model = Substitute
        fields = ("substitute", "quantity", "per", "preference", "note")


class ItemShown(Shown):
    packs = PackShown(many=True, read_only=True)
    codes = ItemCodeShown(many=True, read_only=True)
    substitutes = SubstituteShown(many=True, read_only=True)

    class Meta:
        model = Item
        fields = (
            *("id", "sku", "name", "kind", "unit_of_measure", "gtin", "ndc", "schedule", "criticality", "storage"),
            *("weight_g", "volume_ml", "unit_cost_cents", "needs_two_people", "is_active", "packs"),
            *("codes", "substitutes"),
        )


def shown_items() -> QuerySet[Item]:
    """Items, as these show them: in four queries, however many."""
    codes = Prefetch("codes", ItemCode.objects.select_related("pack"))
    return Item.objects.prefetch_related(
        "packs", codes, Prefetch("substitutes", Substitute.objects.select_related("substitute"))
    )
