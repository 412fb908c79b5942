"""Requests that wait for an approver, as the logistics home shows them: what makes them matter, and whether stock is
there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.joined import joined
from inventory.models import Item
from inventory.queries.horizons import Horizons
from inventory.queries.states import State
from orders.models import ApprovalStep, OrderLine, ResupplyOrder
from orders.queries.board import Column, cards
from orders.queries.claims import Shortage, Weighed, weigh
from orders.queries.cover import free_for
from orders.queries.line_states import shelves_now
from orders.queries.substitutes import Named, keys_of, substitutes_for, substitutes_of
from stations.models import User

LIFE_SAVING = Item.Criticality.LIFE_SAVING


@dataclass
class ToApprove:
    """A request that waits for an approver."""

    order: ResupplyOrder
    waits_for: str
    lines: int = 0
    uncovered: int = 0
    replaceable: int = 0
    out: list[str] = field(default_factory=list)
    short: list[str] = field(default_factory=list)

    @property
    def is_for_chief(self) -> bool:
        return self.waits_for == User.Role.CHIEF

    @property
    def out_words(self) -> str:
        """The life-saving items that the station is out of, by the first one's name."""
        more = len(self.out) - 1
        if more > 0:
            said = ngettext("%(item)s and %(count)d more out", "%(item)s and %(count)d more out", more)
            return said % {"item": self.out[0], "count": more}
        return _("%(item)s out") % {"item": self.out[0]} if self.out else ""

    @property
    def short_words(self) -> str:
        more = len(self.short) - 1
        if more > 0:
            said = ngettext("%(item)s and %(count)d more short", "%(item)s and %(count)d more short", more)
            return said % {"item": self.short[0], "count": more}
        return _("%(item)s short") % {"item": self.short[0]} if self.short else ""


def to_approve(at: datetime, start: int = 0, *, total: int | None = None) -> tuple[Column, Sequence[Shortage]]:
    """Requests that wait, stat first and the oldest first, and all that is short at its source: that does not cover a
    line, also where it would if nobody else asked. Seven queries, and one for the total where it is not known."""
    waiting = ResupplyOrder.objects.awaiting_approval()
    found = [ToApprove(order, order.waits_for or "") for order in _orders(waiting, start)]
    lines = [line for card in found for line in card.order.lines.all() if line.asked > 0]
    today = timezone.localdate(at)
    named = substitutes_of({line.item_id for line in lines})
    keys = {(line.order.source_id, line.item_id) for line in lines}
    weighed = weigh(Horizons(today), more=keys | keys_of(lines, named))
    _judge({card.order.pk: card for card in found}, lines, at, weighed, named)
    return Column(found, waiting.count() if total is None else total, start), weighed.short


def _orders(waiting: QuerySet[ResupplyOrder], start: int) -> list[Any]:
    """With their lines by name, each with item and place, and the role that each ``waits_for``. One query."""
    ranks = ("-priority", "submitted_at", "pk")
    steps = ApprovalStep.objects.filter(order=OuterRef("pk"), decided_at=None).order_by("position")
    shown = ResupplyOrder.objects.filter(pk__in=waiting.order_by(*ranks).values("pk")[cards(start)])
    orders: QuerySet[Any] = shown.select_related("station", "source").order_by(*ranks)
    waits_for = Subquery(steps.values("role")[:1])
    return joined(orders.annotate(waits_for=waits_for), "lines", "item", "location", order="item__name")


def _judge(
    by_order: Mapping[int, ToApprove], lines: Sequence[OrderLine], at: datetime, weighed: Weighed, named: Named
) -> None:
    today, scarce = timezone.localdate(at), {shortage.key for shortage in weighed.short}
    free = free_for(lines, today=today, free=weighed.free)
    missing = {line.pk: line.asked - free[line.pk] for line in lines if free[line.pk] < line.asked}
    instead = substitutes_for(lines, missing, today=today, named=named, free=weighed.free)
    now = shelves_now([line for line in lines if line.item.criticality == LIFE_SAVING], today=today)
    for line in lines:
        card = by_order[line.order_id]
        card.lines += 1
        card.uncovered += line.pk in missing or (line.order.source_id, line.item_id) in scarce
        card.replaceable += bool(instead.get(line.pk))
        if line.item.criticality == LIFE_SAVING and now[line.pk].is_lacking:
            (card.out if now[line.pk].state == State.OUT else card.short).append(line.item.name)
