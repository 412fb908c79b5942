"""Words that several papers share."""

from reportlab.platypus import Flowable

from core.paper.parts import named
from core.paper.sheets import moment
from core.templatetags.ui import calendar_day
from inventory.models import Item, Lot
from orders.models import Shipment
from orders.queries.papers import item_marks


def item_cell(item: Item, *, order: object = None, whole: str = "") -> Flowable:
    """The item in bold; beneath it its SKU, the order it is for, how it must be handled, and how much of it in all."""
    orders = [] if order is None else [str(order)]
    return named(item.name, " · ".join([item.sku, *orders, *item_marks(item)]), whole)


def lot_cell(lot: Lot, reason: str = "") -> Flowable:
    """The lot to take, when it expires, and why it is not the one that expires first."""
    expires = f"expires {calendar_day(lot.expires_on)}" if lot.expires_on else "no expiry"
    return named(str(lot), expires, reason, size=8)


def run_words(shipment: Shipment) -> str:
    """The run, stop and van that take it, if it is planned."""
    if shipment.stop is None:
        return ""
    run = shipment.stop.run
    return f"{run}, stop {shipment.stop.position} · {run.van} · leaves {moment(run.leaves_at)}"


def counted(count: int, word: str) -> str:
    """``2 totes``."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"
