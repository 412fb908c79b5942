"""How the shelves that order lines are for stand right now."""

from collections.abc import Sequence
from datetime import date

from inventory.queries.stock_lines import StockLine, stock_lines
from orders.models import OrderLine
from stations.models import Location


def shelves_now(lines: Sequence[OrderLine], *, today: date) -> dict[int, StockLine]:
    """What lies where each line is for, by line id: the same numbers as on the stock page. Three queries at most."""
    places = Location.objects.select_related("station", "unit__station").in_bulk({line.location_id for line in lines})
    found = stock_lines(places.values(), today=today, items={line.item_id for line in lines})
    nothing = {line.pk: StockLine(places[line.location_id], line.item_id, "") for line in lines}
    return {line.pk: found.get((line.location_id, line.item_id), nothing[line.pk]) for line in lines}
