"""Every noun, by its name."""

from integrations.command_line.nouns.counts import COUNTS
from integrations.command_line.nouns.deliveries import RUNS, SHIPMENTS
from integrations.command_line.nouns.orders import ORDERS, SHORTFALLS
from integrations.command_line.nouns.stock import ITEMS, LOTS, PARS, STOCK

NOUNS = {noun.name: noun for noun in (ORDERS, SHORTFALLS, STOCK, ITEMS, LOTS, PARS, COUNTS, SHIPMENTS, RUNS)}
__all__ = ["NOUNS"]
