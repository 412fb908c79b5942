"""Items together with their packs."""

from typing import Any

from django.db.models import FilteredRelation, QuerySet

from inventory.models import Item, Pack


def with_packs(items: "QuerySet[Item]") -> list[Item]:
    """Items, each with its packs, the smallest first. For few items: each is read again for each pack. One query."""
    rows: QuerySet[Any] = items.annotate(each=FilteredRelation("packs"))
    found: dict[int, Any] = {}
    packs: dict[int, list[Pack]] = {}
    for row in rows.select_related("each"):
        found.setdefault(row.pk, row)
        packs.setdefault(row.pk, [])
        if pack := getattr(row, "each", None):
            packs[row.pk].append(pack)
    for pk, item in found.items():
        for pack in packs[pk]:
            pack.item = item
        known: Any = item.packs.all()
        # As Django keeps what it has prefetched.
        known._result_cache = sorted(packs[pk], key=lambda pack: pack.quantity)  # noqa: SLF001
        item._prefetched_objects_cache = {"packs": known}  # noqa: SLF001
    return list(found.values())
