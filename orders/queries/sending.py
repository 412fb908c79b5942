"""Runs that have not left, as the logistics home shows them: where they go, and how much of it is packed."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from orders.models import DeliveryRun, Shipment
from orders.queries.board import Column, cards
from orders.queries.piles import TO_PICK


@dataclass
class ToSend:
    """A run that has not left: the stations where it stops, in order, and the states of the shipments that it brings
    them, with their totes."""

    run: DeliveryRun
    stops: dict[int, str] = field(default_factory=dict)
    shipments: list[str] = field(default_factory=list)
    totes: int = 0

    @property
    def packed_words(self) -> str:
        return _("%(packed)s of %(count)s packed") % {"packed": self.packed, "count": len(self.shipments)}

    @property
    def packed(self) -> int:
        return self.shipments.count(Shipment.State.PACKED)

    @property
    def to_pick(self) -> int:
        return sum(state in TO_PICK for state in self.shipments)

    @property
    def is_ready(self) -> bool:
        return bool(self.shipments) and self.packed == len(self.shipments)


def runs_to_send() -> QuerySet[DeliveryRun]:
    return DeliveryRun.objects.filter(state__in=[DeliveryRun.State.PLANNED, DeliveryRun.State.LOADING])


def to_send(start: int = 0, *, total: int | None = None) -> Column:
    """Runs that have not left, the next to leave first. One query, and one for the total where it is not known."""
    waiting = runs_to_send()
    found: dict[int, ToSend] = {}
    for row in _rows(waiting, start):
        card = found.setdefault(row.pk, ToSend(row))
        if row.halt:
            card.stops[row.halt] = row.halts_at
        if row.brings and row.brings != Shipment.State.TO_COLLECT:
            card.shipments.append(row.brings)
            card.totes += row.brings_totes
    return Column(list(found.values()), waiting.count() if total is None else total, start)


def _rows(waiting: QuerySet[DeliveryRun], start: int) -> QuerySet[Any]:
    """The runs that are shown, each again for every stop and every shipment that it brings."""
    shown = waiting.order_by("leaves_at", "pk").values("pk")[cards(start)]
    return (
        DeliveryRun.objects.filter(pk__in=shown)
        .select_related("van", "driver")
        .annotate(
            halt=F("stops"),
            halts_at=F("stops__station__name"),
            brings=F("stops__shipments__state"),
            brings_totes=F("stops__shipments__totes"),
        )
        .order_by("leaves_at", "pk", "stops__position")
    )
