"""What pickers take, of one shipment or of many: checked, given back where it is short, and said in the log."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.moments import calendar_day
from core.rows import write_rows
from inventory.actions.unfound import set_aside
from inventory.models import Lot
from orders.actions.allocation import release
from orders.errors import WrongState
from orders.models import ResupplyOrder, Shipment, ShipmentLine
from stations.models import Command, Event


def take(
    command: Command,
    shipments: Sequence[Shipment],
    orders: Sequence[ResupplyOrder],
    picked: Mapping[int, int],
    *,
    reason: str,
    at: datetime,
) -> None:
    """Mark so much of each line, by id, of these locked shipments of these locked orders as being in its tote. What is
    less than promised is owed again, and what its shelf should still hold of the lot is set aside."""
    for shipment in shipments:
        require_picking(shipment)
    lines = {line.pk: line for line in lines_with_lots(shipments)}
    _check(lines, picked, reason, at)
    short = {pk: lines[pk].quantity - taken for pk, taken in picked.items() if taken < lines[pk].quantity}
    for shipment in shipments:
        shipment.version += 1
    write_rows(shipments, ["version"])
    ShipmentLine.objects.filter(pk__in=picked).update(is_picked=True)
    _log(command, shipments, orders, lines, picked, short, reason)
    if short:
        levels = {lines[pk].level_id for pk in short}
        release([lines[pk] for pk in short], short)
        set_aside(command, levels, reason=reason, at=at)
        states = dict(Shipment.objects.filter(pk__in=[one.pk for one in shipments]).values_list("pk", "state"))
        for shipment in shipments:
            shipment.state = states[shipment.pk]  # one that is left empty is cancelled


def require_picking(shipment: Shipment) -> None:
    if shipment.state != Shipment.State.PICKING:
        raise WrongState(shipment, shipment.get_state_display(), _("begin to pick it first, or open it again."))


def lines_with_lots(shipments: Sequence[Shipment]) -> QuerySet[ShipmentLine]:
    """The lines of these with item and lot."""
    return ShipmentLine.objects.filter(shipment__in=shipments).select_related("order_line__item", "level__lot")


def unusable(name: str, lot: Lot, at: datetime) -> str:
    """Why a lot, by the name that the sentence gives it, must not go to a station: a clause without a full stop; empty
    if it may."""
    if lot.status != Lot.Status.USABLE:
        return _("%(what)s is %(status)s") % {"what": name, "status": lot.get_status_display().lower()}
    if lot.expires_on and lot.expires_on < timezone.localdate(at):
        return _("%(what)s expired on %(day)s") % {"what": name, "day": calendar_day(lot.expires_on)}
    return ""


def item_and_lot(line: ShipmentLine) -> str:
    """What a refusal calls a line."""
    return _("%(item)s, lot %(lot)s") % {"item": line.order_line.item, "lot": line.level.lot}


def _check(lines: Mapping[int, ShipmentLine], picked: Mapping[int, int], reason: str, at: datetime) -> None:
    problems = [_("Line %(line)s is no longer on this shipment.") % {"line": pk} for pk in picked.keys() - lines.keys()]
    for pk, taken in picked.items():
        if (line := lines.get(pk)) is None:
            continue
        if not 0 <= taken <= line.quantity:
            problems.append(
                _("%(what)s: take from 0 to %(quantity)s.") % {"what": item_and_lot(line), "quantity": line.quantity}
            )
        elif taken < line.quantity and not reason.strip():
            problems.append(_("%(what)s: say why it is picked short.") % {"what": item_and_lot(line)})
        if taken and (why := unusable(item_and_lot(line), line.level.lot, at)):
            problems.append(_("%(why)s: take another lot, or none.") % {"why": why})
    if problems:
        raise DomainError(_("These lines cannot be picked like this. Nothing was changed."), problems=problems)


def _log(
    command: Command,
    shipments: Sequence[Shipment],
    orders: Sequence[ResupplyOrder],
    lines: Mapping[int, ShipmentLine],
    picked: Mapping[int, int],
    short: Mapping[int, int],
    reason: str,
) -> None:
    taken: defaultdict[int, Counter[str]] = defaultdict(Counter)
    lacking: Counter[int] = Counter()
    for pk, quantity in picked.items():
        taken[lines[pk].shipment_id][lines[pk].order_line.item.sku] += quantity
        lacking[lines[pk].shipment_id] += short.get(pk, 0)
    owed = {lines[pk].order_line.order_id for pk in short}
    Event.objects.bulk_create(
        [
            *(
                command.event("picked", one, comment=reason, taken=dict(taken[one.pk]), short=lacking[one.pk])
                for one in shipments
            ),
            *(command.event("picked short", order, comment=reason) for order in orders if order.pk in owed),
        ]
    )
