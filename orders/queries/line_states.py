"""How the shelves that order lines are for stand right now."""

from collections.abc import Sequence
from datetime import date

from inventory.queries.stock_lines import StockLine, stock_lines
from orders.models import OrderLine
from stations.models import Location


def shelves_now(lines: Sequence[OrderLine], *, today: date) -> dict[int, StockLine]:
    """What lies where each line is for, by line id: the same numbers as on the stock page. Two queries at most, and one
    more where lines came without their ``location`` or it is not their station's own."""
    places = _places(lines)
    found = stock_lines(places.values(), today=today, items={line.item_id for line in lines})
    nothing = {line.pk: StockLine(places[line.location_id], line.item_id, "") for line in lines}
    return {line.pk: found.get((line.location_id, line.item_id), nothing[line.pk]) for line in lines}


def _places(lines: Sequence[OrderLine]) -> dict[int, Location]:
    """The places of these lines with their stations, by id; shelves of the station that asks are known with it."""
    known: dict[int, Location] = {}
    for line in lines:
        loaded = line._state.fields_cache  # noqa: SLF001  # nothing is to be read here
        if "location" not in loaded or "order" not in loaded or line.location.station_id != line.order.station_id:
            places = Location.objects.select_related("station", "unit__station")
            return places.in_bulk({line.location_id for line in lines})
        line.location.station = line.order.station
        known[line.location_id] = line.location
    return known
