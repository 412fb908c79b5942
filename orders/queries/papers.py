"""What the papers of a shipment and a run tell beyond their pages: what is owed, and how things must be handled."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.models import Item
from orders.models import OrderLine, ShipmentLine

CONTROLLED, TWO_PEOPLE = "controlled", "two people"
# What is said of each kind of care, in the order in which papers say it.
MARKS: Mapping[str, Any] = {
    Item.Storage.COLD: gettext_lazy("Keep refrigerated"),
    Item.Storage.FROZEN: gettext_lazy("Keep frozen"),
    CONTROLLED: gettext_lazy("Controlled"),
    TWO_PEOPLE: gettext_lazy("Two people"),
}


def item_marks(item: Item) -> tuple[str, ...]:
    """How an item must be handled on its way, in words; none for most."""
    schedule = _("Controlled: %(schedule)s") % {"schedule": item.get_schedule_display()} if item.schedule else ""
    words = (MARKS.get(item.storage, ""), schedule, MARKS[TWO_PEOPLE] if item.needs_two_people else "")
    return tuple(str(word) for word in words if word)


def shipment_marks(shipments: Collection[int]) -> Mapping[int, Sequence[str]]:
    """How each of these shipments, by id, must be handled on its way. One query."""
    lines = ShipmentLine.objects.filter(shipment__in=shipments).order_by()
    found: dict[int, set[str]] = defaultdict(set)
    columns = ["shipment", *(f"order_line__item__{name}" for name in ("storage", "schedule", "needs_two_people"))]
    for shipment, storage, schedule, needs_two in lines.values_list(*columns).distinct():
        kinds = (storage, CONTROLLED if schedule else None, TWO_PEOPLE if needs_two else None)
        found[shipment].update(kind for kind in kinds if kind)
    return {shipment: [str(said) for kind, said in MARKS.items() if kind in kinds] for shipment, kinds in found.items()}


def owed_lines(orders: Collection[int]) -> list[OrderLine]:
    """What these orders, by id, are owed: approved, and neither promised nor sent. By item. Two queries."""
    lines = OrderLine.objects.owed().filter(order__in=orders).select_related("item", "order__station")
    return list(lines.prefetch_related("item__packs").order_by("item__name", "order", "pk"))


def lines_elsewhere(orders: Collection[int], carried: Collection[int]) -> list[OrderLine]:
    """Lines of these orders that bring more and are none of the ``carried`` ones, with ``to_come``. Two queries."""
    lines = OrderLine.objects.filter(order__in=orders).exclude(pk__in=carried).select_related("item", "order")
    waiting = lines.annotate(to_come=F("approved") - F("cancelled") - F("shipped")).filter(to_come__gt=0)
    return list(waiting.prefetch_related("item__packs").order_by("item__name", "pk"))
