"""Which levels give what to each row of a bulk, judged against the stock as it was before all of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db.models import Q

from inventory.actions.bulk_rows import Discard, Fault, Named, Receive, Row, Shift, Use, ends_of, of_kind
from inventory.actions.fefo import is_usable, why_short
from inventory.actions.ledger import Move, by_pair, told_short
from inventory.actions.lines import shelf_for
from inventory.actions.receiving import LotKey
from inventory.models import Lot, StockLevel, StockMovement
from stations.models import Location

Reason, Kind = StockMovement.Reason, Location.Kind


def lock_levels_for(rows: Sequence[Row], named: Named, received: Mapping[LotKey, Lot]) -> list[StockLevel]:
    """Lock every level that these rows may take from or put onto, in one order and one query."""
    ends = {place for row in rows for place in ends_of(row).values()}
    ends |= {shelf.pk for shelves in named.shelves.values() for shelf in shelves.values()}
    lots = named.lots.keys() | {lot.pk for lot in received.values()}
    anywhere = {row.line.item_id for row in of_kind(rows, Use).values() if row.line.lot_id is None}
    wanted = Q(lot__in=lots) | Q(lot__item__in=anywhere)
    return list(StockLevel.objects.locked().select_related("lot").filter(wanted, location__in=ends))


class Plan:
    """The movements of all rows: ``moves`` by the row's number. ``short`` are the rows that ask for too much."""

    def __init__(self, named: Named, levels: Iterable[StockLevel], lots: Mapping[LotKey, Lot], today: date) -> None:
        self.named, self.received, self.today = named, lots, today
        self.levels = by_pair(levels)
        self.left = {pair: level.available for pair, level in self.levels.items()}
        self.moves: dict[int, list[Move]] = {}
        self.short: dict[Fault, str] = {}
        self.ends = {kind: Location.objects.virtual(kind).pk for kind in _VIRTUAL}
        self.usable: dict[tuple[int, int], list[StockLevel]] = defaultdict(list)
        for level in sorted(self.levels.values(), key=lambda one: (one.lot.expires_on or date.max, one.lot_id)):
            if is_usable(level.lot, today):
                self.usable[level.location_id, level.lot.item_id].append(level)

    def make(self, rows: Sequence[Row]) -> None:
        """Rows that name a lot come first: what expires first is taken of what they leave."""
        for number, row in sorted(enumerate(rows), key=lambda one: isinstance(one[1], Use) and not one[1].line.lot_id):
            if isinstance(row, Receive):
                self._receive(number, row)
            elif isinstance(row, Use):
                self._use(number, row)
            else:
                self._take_lot(number, row)

    def _receive(self, number: int, row: Receive) -> None:
        lot = self.received[row.line.key]
        is_scheduled = bool(self.named.items[row.line.item_id].schedule)
        shelf = shelf_for(self.named.shelves[row.station_id], is_scheduled=is_scheduled)
        move = Move(lot.pk, self.ends[Kind.SUPPLIER], shelf.pk, row.line.quantity, Reason.RECEIVED, row.reference)
        self.moves[number] = [move]

    def _take_lot(self, number: int, row: Shift | Discard) -> None:
        lot, quantity, source = row.line.lot_id, row.line.quantity, next(iter(ends_of(row).values()))
        free = self.left.get((source, lot), 0)
        if quantity > free:
            self.short[number, "quantity"] = told_short(
                self.named.lots[lot], self.named.places[source], asked=quantity, free=free
            )
            return
        self.left[source, lot] -= quantity
        if isinstance(row, Shift):
            onto, why, text = row.destination_id, Reason.TRANSFERRED, row.reference
        else:
            kinds = (Kind.WASTED, Reason.WASTED) if row.is_waste else (Kind.DISCARDED, Reason.DISCARDED)
            onto, why, text = self.ends[kinds[0]], kinds[1], row.reason.strip()[:60]
        self.moves[number] = [Move(lot, source, onto, quantity, why, text)]

    def _use(self, number: int, row: Use) -> None:
        line, owed, taken = row.line, row.line.quantity, []
        for level in self.usable.get((row.location_id, line.item_id), ()):
            pair = level.location_id, level.lot_id
            if part := min(owed, self.left[pair]) if line.lot_id in (None, level.lot_id) else 0:
                taken.append((pair, part))
                owed -= part
        if owed:
            said = why_short(line, line.quantity - owed, self.named.items, self.named.lots, self.today)
            self.short[number, "quantity"] = said
            return
        for pair, part in taken:
            self.left[pair] -= part
        onto = self.ends[Kind.CONSUMED]
        self.moves[number] = [
            Move(lot, source, onto, part, Reason.USED, row.reference.strip()) for (source, lot), part in taken
        ]


_VIRTUAL = (Kind.SUPPLIER, Kind.CONSUMED, Kind.WASTED, Kind.DISCARDED)
