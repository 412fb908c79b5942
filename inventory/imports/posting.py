"""Opening stock into the ledger: one movement per row that is new or different."""

from datetime import datetime

import numpy as np
from django.utils.translation import gettext as _

from core.errors import DomainError
from inventory.actions.ledger import Move, post_movements
from inventory.imports.arrays import look_up
from inventory.imports.batches import batches
from inventory.imports.history import HISTORY_KEY, OPENED, OTHERS, opening_history
from inventory.imports.lots import FileLot
from inventory.imports.opening_stock import LOT, ON_HAND, PLACE, Change, OpeningPlan
from inventory.imports.progress import Progress
from inventory.models import Lot, StockMovement
from stations.models import Command, Location, User

REFERENCE = "Opening stock"


def post_opening_stock(
    plan: OpeningPlan, command: Command, progress: Progress, *, by: User | None, at: datetime
) -> None:
    """Make the missing lots, then move the stock from the supplier to its places, or back where it was less."""
    _make_lots(plan)
    supplier = Location.objects.virtual(Location.Kind.SUPPLIER).pk
    for batch in batches(plan.changes()):
        post_movements(command, [_move(plan, change, supplier) for change in batch], by=by, at=at)
        progress.add(len(batch))
    _check_nothing_else_moved(plan)


def _make_lots(plan: OpeningPlan) -> None:
    used = {change.lot for change in plan.changes()}
    missing = [number for number in sorted(used) if plan.lots.lots[number].pk is None]
    for batch in batches(missing):
        made = Lot.objects.bulk_create(_lot(plan, plan.lots.lots[number]) for number in batch)
        for number, lot in zip(batch, made, strict=True):
            plan.lots.lots[number].pk = lot.pk
            plan.lots.by_pk[lot.pk] = number


def _lot(plan: OpeningPlan, lot: FileLot) -> Lot:
    item = plan.catalogue.pks[plan.catalogue.items[lot.item].sku]
    return Lot(item_id=item, number=lot.number, serial_number=lot.serial, expires_on=lot.expires_on)


def _move(plan: OpeningPlan, change: Change, supplier: int) -> Move:
    place = plan.places.pks[plan.places.keys[change.place]]
    lot = plan.lots.lots[change.lot].pk
    if lot is None:
        raise AssertionError("every lot that moves was made above")
    ends = (supplier, place) if change.quantity > 0 else (place, supplier)
    return Move(lot, *ends, abs(change.quantity), StockMovement.Reason.OPENING, reference=REFERENCE)


def _check_nothing_else_moved(plan: OpeningPlan) -> None:
    """Under the locks that the movements took: the ledger now says of each written row what the file says."""
    written = np.flatnonzero(plan.new | plan.changed)
    if not len(written):
        return
    keys = plan.rows[PLACE][written] * len(plan.lots) + plan.rows[LOT][written]
    history = opening_history(plan.places, plan.lots)
    found, at = look_up(keys, history[HISTORY_KEY])
    opened, others = history[OPENED][at], history[OTHERS][at]
    if not (found & (opened == plan.rows[ON_HAND][written]) & (others == 0)).all():
        raise DomainError(
            _("Stock moved at these places while this was being loaded. Nothing was loaded; look at it again.")
        )
