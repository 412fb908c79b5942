"""The lots that a file of opening stock names, beside those of the database."""

from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from inventory.imports.places import Catalogue
from inventory.imports.sheets import Reader, Row
from inventory.models import Lot, StockLevel

LotKey = tuple[int, str, str]  # number of the item, lot number, serial number
Thing = TypeVar("Thing", bound=Model)
MOST_NAMED = 5_000  # items by which lots are looked for, rather than among all


@dataclass(slots=True)
class FileLot:
    """A lot of the file: where it was first named, and its id once known."""

    item: int
    number: str
    serial: str
    expires_on: date | None
    line: int
    pk: int | None = None


class Lots:
    """Every lot of the file once, by number, in the order of the file."""

    def __init__(self, reader: Reader, catalogue: Catalogue, today: date) -> None:
        self.reader = reader
        self.catalogue = catalogue
        self.today = today
        self.lots: list[FileLot] = []
        self.numbers: dict[LotKey, int] = {}
        self.serials: dict[tuple[int, str], int] = {}
        self.by_pk: dict[int, int] = {}
        # Lots with a serial number that stand somewhere already, and where.
        self.somewhere: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self.lots)

    def number(self, row: Row, item: int, on_hand: int) -> int | None:
        """The number of the row's lot; None where the row says what cannot be, which is then said."""
        number, serial = str(row.values.get("lot", "")), str(row.values.get("serial", ""))
        expires_on = row.values.get("expires_on")
        lot = FileLot(item, number, serial, expires_on if isinstance(expires_on, date) else None, row.line)
        if problem := self._problem(lot, on_hand):
            self.reader.refuse(row.line, *problem)
            return None
        if lot.expires_on is not None and lot.expires_on < self.today and on_hand:
            said = _("expired on %(day)s: it will be on hand, but never usable.")
            self.reader.warn(row.line, "expires_on", said % {"day": lot.expires_on})
        place = self.numbers.setdefault((item, number, serial), len(self.lots))
        if place == len(self.lots):
            self.lots.append(lot)
        return place

    def _problem(self, lot: FileLot, on_hand: int) -> tuple[str, str] | None:
        """(column, reason) when a lot is impossible in itself or beside an earlier row."""
        if lot.serial:
            return self._serial_problem(lot, on_hand)
        if lot.expires_on and not lot.number:
            return "lot", _("is empty: stock with an expiry date needs its lot number.")
        known = self.numbers.get((lot.item, lot.number, lot.serial))
        if known is not None and self.lots[known].expires_on != lot.expires_on:
            first = self.lots[known]
            said = _("the same lot never expires on line %(line)s.")
            if first.expires_on:
                said = _("the same lot expires %(day)s on line %(line)s.")
            return "expires_on", said % {"day": first.expires_on, "line": first.line}
        return None

    def _serial_problem(self, lot: FileLot, on_hand: int) -> tuple[str, str] | None:
        item = self.catalogue.items[lot.item]
        if not item.is_equipment:
            said = _("%(item)s is not equipment, which alone has serial numbers. Write it as the lot.")
            return "serial", said % {"item": item.name}
        if on_hand > 1:
            return "on_hand", _("a serial number stands for one thing: write 1.")
        first = self.serials.setdefault((lot.item, lot.serial), lot.line)
        if first != lot.line:
            return "serial", _("%(name)s is on line %(line)s already.") % {"name": lot.serial, "line": first}
        return None

    def find(self) -> None:
        """Find these lots in the database, in one query or two, and refuse those that it knows otherwise."""
        items = self.catalogue.numbers_by_pk()
        lots = self.only_named(Lot.objects.all(), "item")
        for pk, item, number, serial, expires_on in lots.values_list(
            "pk", "item_id", "number", "serial_number", "expires_on"
        ).iterator(chunk_size=5_000):
            key = (items[item], number, serial)
            if key in self.numbers:
                self._found(self.lots[self.numbers[key]], pk, expires_on)
            elif serial and (items[item], serial) in self.serials:
                line = self.serials[items[item], serial]
                said = _("%(serial)s is known with the lot left empty: write that one.")
                if number:
                    said = _("%(serial)s is known with the lot %(number)s: write that one.")
                self.reader.refuse(line, "lot", said % {"serial": serial, "number": number})
        if self.serials:
            levels = StockLevel.objects.filter(on_hand__gt=0).exclude(lot__serial_number="")
            for level in (
                self.only_named(levels, "lot__item").select_related("location__station").iterator(chunk_size=5_000)
            ):
                self.somewhere[level.lot_id] = str(level.location)

    def only_named(self, rows: QuerySet[Thing], item: str) -> QuerySet[Thing]:
        """Only rows about items that the file names, unless it names very many."""
        named = {self.catalogue.pks.get(self.catalogue.items[lot.item].sku) for lot in self.lots} - {None}
        return rows.filter(**{f"{item}__in": named}) if len(named) <= MOST_NAMED else rows

    def _found(self, lot: FileLot, pk: int, expires_on: date | None) -> None:
        lot.pk = pk
        self.by_pk[pk] = self.numbers[lot.item, lot.number, lot.serial]
        if "expires_on" in self.reader.names and lot.expires_on != expires_on:
            if not expires_on:
                said = _("is %(written)s, but this lot is known without an expiry date. Look at the label again.")
            elif not lot.expires_on:
                said = _("is empty, but this lot is known with %(known)s. Look at the label again.")
            else:
                said = _("is %(written)s, but this lot is known with %(known)s. Look at the label again.")
            self.reader.refuse(lot.line, "expires_on", said % {"written": lot.expires_on, "known": expires_on})
