"""Items together with their packs."""

from django.db.models import QuerySet

from core.joined import joined
from inventory.models import Item


def with_packs(items: "QuerySet[Item]") -> list[Item]:
    """Items, each with its packs, the smallest first. For few items: each is read again for each pack. One query."""
    return joined(items, "packs", order="quantity")
