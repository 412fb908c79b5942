"""The columns of the files that the inventory's lists give: as on the page, with the codes that join one file to
another, and quantities in base units beside their word."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from core.exports import Column, cents
from inventory.models import CycleCount, StockLevel
from stations.models import Location

UNIT = "Unit"


STOCK: Sequence[Column] = (
    Column("Item", lambda line: line.item.name),
    Column("SKU", lambda line: line.item.sku),
    Column("Station", lambda line: line.location.owner.code),
    Column("Place", lambda line: line.location.name),
    Column("State", lambda line: line.state),
    Column("Bin", lambda line: line.bin),
    Column("Usable", lambda line: line.usable),
    Column("On hand", lambda line: line.on_hand),
    Column("Allocated", lambda line: line.allocated),
    Column("Par", lambda line: line.par or None),
    Column("Minimum", lambda line: line.minimum if line.par else None),
    Column(UNIT, lambda line: line.item.unit_of_measure),
    Column("Expiring", lambda line: line.expiring),
    Column("Held or expired", lambda line: line.held),
    Column("First expiry", lambda line: line.first_expiry),
)

# Rows are (item, on hand).
ITEMS: Sequence[Column] = (
    Column("Item", lambda row: row[0].name),
    Column("SKU", lambda row: row[0].sku),
    Column("GTIN", lambda row: row[0].gtin),
    Column("NDC", lambda row: row[0].ndc),
    Column("In use", lambda row: row[0].is_active),
    Column("Kind", lambda row: row[0].get_kind_display()),
    Column("Schedule", lambda row: row[0].get_schedule_display() if row[0].schedule else None),
    Column("Criticality", lambda row: row[0].get_criticality_display()),
    Column("Packs", lambda row: ", ".join(map(str, row[0].packs.all()))),
    Column("On hand", lambda row: row[1]),
    Column(UNIT, lambda row: row[0].unit_of_measure),
    Column("Unit cost", lambda row: cents(row[0].unit_cost_cents)),
)

LOTS: Sequence[Column] = (
    Column("Lot", str),
    Column("Item", lambda lot: lot.item.name),
    Column("SKU", lambda lot: lot.item.sku),
    Column("Expires", lambda lot: lot.expires_on),
    Column("Status", lambda lot: lot.get_status_display()),
    Column("On hand", lambda lot: lot.on_hand),
    Column(UNIT, lambda lot: lot.item.unit_of_measure),
)


def expiring(today: date) -> Sequence[Column]:
    """With what counts as expired on this day."""

    def state(level: StockLevel) -> str:
        expires_on = level.lot.expires_on
        return _("Expired") if expires_on and expires_on < today else _("Expiring")

    return (
        Column("Item", lambda level: level.lot.item.name),
        Column("SKU", lambda level: level.lot.item.sku),
        Column("State", state),
        Column("Expires", lambda level: level.lot.expires_on),
        Column("Lot", lambda level: str(level.lot)),
        Column("Station", lambda level: level.owner_code),
        Column("Place", lambda level: str(level.location)),
        Column("On hand", lambda level: level.on_hand),
        Column(UNIT, lambda level: level.lot.item.unit_of_measure),
        Column("Value", lambda level: cents(level.cents)),
    )


MOVEMENTS: Sequence[Column] = (
    Column("Number", lambda one: one.pk),
    Column("Item", lambda one: one.lot.item.name),
    Column("SKU", lambda one: one.lot.item.sku),
    Column("What", lambda one: one.get_reason_display()),
    Column("Reference", lambda one: one.reference),
    Column("Undone", lambda one: hasattr(one, "reversed_by")),
    Column("Lot", lambda one: str(one.lot)),
    Column("Quantity", lambda one: one.quantity),
    Column(UNIT, lambda one: one.lot.item.unit_of_measure),
    Column("From", lambda one: str(one.source)),
    Column("To", lambda one: str(one.destination)),
    Column("Who", lambda one: str(one.moved_by or _("The system"))),
    Column("Witness", lambda one: str(one.witness or "")),
    Column("When", lambda one: one.moved_at),
)


COUNTS: Sequence[Column] = (
    Column("Count", lambda count: count.pk),
    Column("Station", lambda count: count.location.owner.code),
    Column("Place", lambda count: count.location.name),
    Column("State", lambda count: count.get_state_display()),
    Column("Lines", lambda count: count.line_count),
    Column("Left", lambda count: count.left if count.state == CycleCount.State.OPEN else None),
    # Who counts blind must not learn how far off the count is.
    Column("Differing", lambda count: None if count.hides_expected else count.variances),
    Column("Opened by", lambda count: str(count.opened_by)),
    Column("Opened", lambda count: count.opened_at),
    Column("Posted", lambda count: count.posted_at),
)


def count_lines(count: CycleCount) -> Sequence[Column]:
    """The lines of a count, with their bins: rows are (bin, line)."""
    shown = not count.hides_expected
    return (
        Column("Bin", lambda row: row[0]),
        Column("Item", lambda row: row[1].lot.item.name),
        Column("SKU", lambda row: row[1].lot.item.sku),
        Column("Lot", lambda row: str(row[1].lot)),
        Column("Expires", lambda row: row[1].lot.expires_on),
        Column("Expected", lambda row: row[1].expected if shown else None),
        Column("Counted", lambda row: row[1].counted),
        Column("Difference", lambda row: row[1].variance if shown else None),
        Column(UNIT, lambda row: row[1].lot.item.unit_of_measure),
        Column("Reason", lambda row: row[1].reason),
        Column("Counted at", lambda row: row[1].counted_at),
    )


# Rows are (station, how many par levels it holds or None, how many changes are proposed or None).
PAR_STATIONS: Sequence[Column] = (
    Column("Station", lambda row: row[0].code),
    Column("Station name", lambda row: row[0].name),
    Column("Supplied by", lambda row: row[0].supplied_by.code if row[0].supplied_by else None),
    Column("Places with par levels", lambda row: row[1]["places"] if row[1] else 0),
    Column("Proposed changes", lambda row: row[2] or 0),
    Column("Par levels", lambda row: row[1]["levels"] if row[1] else 0),
)


def par_levels(place: Location) -> Sequence[Column]:
    """The par levels of a place."""
    return (
        Column("Item", lambda level: level.item.name),
        Column("SKU", lambda level: level.item.sku),
        Column("Station", lambda level: place.owner.code),
        Column("Place", lambda level: place.name),
        Column("Par", lambda level: level.par),
        Column("Minimum", lambda level: level.minimum),
        Column("Short below", lambda level: level.minimum if level.short_below is None else level.short_below),
        Column("Mandated minimum", lambda level: level.mandated_minimum),
        Column(UNIT, lambda level: level.item.unit_of_measure),
        Column("Bin", lambda level: level.bin),
    )
