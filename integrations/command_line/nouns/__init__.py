"""Every noun, by its name."""

from integrations.command_line.nouns.catalogue import ITEMS, LOTS, PARS
from integrations.command_line.nouns.counts import COUNTS
from integrations.command_line.nouns.orders import ORDERS, SHORTFALLS
from integrations.command_line.nouns.planner import PLANNER
from integrations.command_line.nouns.recalls import RECALLS
from integrations.command_line.nouns.runs import RUNS
from integrations.command_line.nouns.shipments import SHIPMENTS
from integrations.command_line.nouns.stock import STOCK
from integrations.command_line.nouns.stops import STOPS
from integrations.command_line.nouns.transfers import DISCREPANCIES, TRANSFERS
from integrations.command_line.nouns.units import UNITS

ALL = (
    *(ORDERS, SHORTFALLS, STOCK, ITEMS, LOTS, PARS, COUNTS),
    *(SHIPMENTS, DISCREPANCIES, RUNS, PLANNER, STOPS, TRANSFERS, RECALLS, UNITS),
)
NOUNS = {noun.name: noun for noun in ALL}
__all__ = ["NOUNS"]
