"""Words that several papers share."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from reportlab.platypus import Flowable

from core.moments import calendar_day
from core.paper.parts import named
from core.paper.sheets import moment
from inventory.models import Item, Lot
from orders.models import DeliveryRun, Shipment
from orders.queries.papers import item_marks


def item_cell(item: Item, *, order: object = None, whole: str = "") -> Flowable:
    """The item in bold; beneath it its SKU, the order it is for, how it must be handled, and how much of it in all."""
    orders = [] if order is None else [str(order)]
    return named(item.name, " · ".join([item.sku, *orders, *item_marks(item)]), whole)


def lot_cell(lot: Lot, reason: str = "") -> Flowable:
    """The lot to take, when it expires, and why it is not the one that expires first."""
    expires = _("expires %(day)s") % {"day": calendar_day(lot.expires_on)} if lot.expires_on else _("no expiry")
    return named(str(lot), expires, reason, size=8)


def run_words(shipment: Shipment) -> str:
    """The run, stop and van that take it, if it is planned."""
    if shipment.stop is None:
        return ""
    run = shipment.stop.run
    place = _("%(run)s, stop %(number)d") % {"run": run, "number": shipment.stop.position}
    return f"{place} · {run.van} · {leaves_words(run)}"


def leaves_words(run: DeliveryRun) -> str:
    """``leaves Tue 14:10``."""
    return _("leaves %(when)s") % {"when": moment(run.leaves_at)}


def from_and_to(shipment: Shipment) -> str:
    """``to North Station, from Central``."""
    return _("to %(station)s, from %(source)s") % {"station": shipment.destination, "source": shipment.source}


def lines_words(count: int) -> str:
    """``2 lines``."""
    return ngettext("%(number)s line", "%(number)s lines", count) % {"number": f"{count:,}"}


def totes_words(count: int) -> str:
    """``2 totes``."""
    return ngettext("%(number)s tote", "%(number)s totes", count) % {"number": f"{count:,}"}
