"""The rows of a bulk of movements, and what each of them names, read once for all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.utils.translation import gettext as _

from core.errors import DomainError
from inventory.actions.lines import MOST, OfLot, Used, check_place
from inventory.actions.receiving import ReceivedLot
from inventory.models import Item, Lot
from stations.models import Location

Fault = tuple[int, str]  # the row's number from 0, its field


@dataclass(frozen=True, slots=True)
class Receive:
    """A supplier brought it to this station."""

    station_id: int
    line: ReceivedLot
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Shift:
    """It went from one place to another."""

    source_id: int
    destination_id: int
    line: OfLot
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """It was used on a patient, out of this place."""

    location_id: int
    line: Used
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Discard:
    """It left this place without having helped anybody: wasted, or discarded."""

    location_id: int
    line: OfLot
    reason: str
    is_waste: bool = False


Row = Receive | Shift | Use | Discard
R = TypeVar("R", bound=Row)


class RowsRefused(DomainError):
    """Some rows cannot be. ``rows`` has the reason by the number of the row, from 0, and its field."""

    def __init__(self, rows: Mapping[Fault, str]) -> None:
        super().__init__(
            _("Some of these movements cannot be. Nothing was moved; mend what is named and send all again."),
            problems=[
                _("Row %(row)s, %(field)s: %(reason)s") % {"row": number + 1, "field": field, "reason": reason}
                for (number, field), reason in rows.items()
            ],
        )
        self.rows = dict(rows)


def of_kind(rows: Sequence[Row], kind: type[R]) -> dict[int, R]:
    """The rows of a kind by their number."""
    return {number: row for number, row in enumerate(rows) if isinstance(row, kind)}


def ends_of(row: Row) -> dict[str, int]:
    """The places that a row names, by its field."""
    if isinstance(row, Shift):
        return {"source": row.source_id, "destination": row.destination_id}
    return {} if isinstance(row, Receive) else {"location": row.location_id}


class Named:
    """What the rows name: places, shelves by station, items, and lots that are on the books. Four queries."""

    def __init__(self, rows: Sequence[Row]) -> None:
        ends = {place for row in rows for place in ends_of(row).values()}
        self.places = Location.objects.select_related("station", "unit__station").in_bulk(ends)
        lots = {row.line.lot_id for row in rows if not isinstance(row, Receive) and row.line.lot_id is not None}
        self.lots: dict[int, Lot] = Lot.objects.select_related("item").in_bulk(lots)
        items = {row.line.item_id for row in rows if isinstance(row, Receive | Use)}
        self.items: dict[int, Item] = Item.objects.in_bulk(items)
        self.shelves: dict[int, dict[str, Location]] = {}
        stations = {row.station_id for row in rows if isinstance(row, Receive)}
        for shelf in Location.objects.shelves().filter(station__in=stations).select_related("station"):
            self.shelves.setdefault(shelf.station_id or 0, {})[shelf.kind] = shelf

    def faults(self, rows: Sequence[Row]) -> dict[Fault, str]:
        """What is wrong with each row by itself."""
        found = ((number, field, said) for number, row in enumerate(rows) for field, said in self._faults_of(row))
        return {(number, field): said for number, field, said in found}

    def _faults_of(self, row: Row) -> Iterator[tuple[str, str]]:
        for field, pk in ends_of(row).items():
            if said := _no_place(self.places.get(pk)):
                yield field, said
        if isinstance(row, Receive) and Location.Kind.SUPPLY_ROOM not in self.shelves.get(row.station_id, {}):
            yield "station", _("This station has no supply room: import its locations first.")
        if isinstance(row, Shift) and row.source_id == row.destination_id:
            yield "destination", _("That is where the stock is already: choose another place to move it to.")
        if not 1 <= row.line.quantity <= MOST:
            yield "quantity", _("Write a quantity from 1 to %(most)s.") % {"most": f"{MOST:,}"}
        if not isinstance(row, Receive) and row.line.lot_id is not None and row.line.lot_id not in self.lots:
            yield "lot", _("Lot %(lot)s is not on the books.") % {"lot": row.line.lot_id}
        if isinstance(row, Use) and row.line.item_id not in self.items:
            yield "item", _("Item %(item)s is not in the catalogue.") % {"item": row.line.item_id}
        name, text, most = ("reason", row.reason, 300) if isinstance(row, Discard) else ("reference", row.reference, 60)
        if len(text.strip()) > most:
            yield name, _("Write at most %(most)s letters.") % {"most": most}
        elif name == "reason" and not text.strip():
            yield name, _("Say why this leaves the books.")


def _no_place(place: Location | None) -> str:
    """Why stock cannot be taken from or put there; empty if it can."""
    if place is None:
        return _("There is no such place.")
    try:
        check_place(place)
    except DomainError as refusal:
        return str(refusal)
    return ""
