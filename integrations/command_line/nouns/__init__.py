"""Every noun, by its name."""

from integrations.command_line.nouns.care_records import CALL_SIGNS, CARE_CODES, CARE_RECORDS
from integrations.command_line.nouns.catalogue import LOTS, PARS
from integrations.command_line.nouns.counts import COUNTS
from integrations.command_line.nouns.items import ITEMS
from integrations.command_line.nouns.orders import ORDERS
from integrations.command_line.nouns.planner import PLANNER
from integrations.command_line.nouns.planning import LIMITS, POLICIES, PROPOSALS, TARGETS
from integrations.command_line.nouns.recalls import RECALLS
from integrations.command_line.nouns.runs import RUNS
from integrations.command_line.nouns.shipments import SHIPMENTS
from integrations.command_line.nouns.shortages import SHORTAGES, SHORTFALLS
from integrations.command_line.nouns.stock import STOCK
from integrations.command_line.nouns.stops import STOPS
from integrations.command_line.nouns.transfers import DISCREPANCIES, TRANSFERS
from integrations.command_line.nouns.units import UNITS
from integrations.command_line.nouns.webhooks import WEBHOOK_DELIVERIES, WEBHOOKS

ALL = (
    *(ORDERS, SHORTFALLS, SHORTAGES, STOCK, ITEMS, LOTS, PARS, COUNTS),
    *(PROPOSALS, LIMITS, POLICIES, TARGETS),
    *(SHIPMENTS, DISCREPANCIES, RUNS, PLANNER, STOPS, TRANSFERS, RECALLS, UNITS),
    *(CARE_RECORDS, CARE_CODES, CALL_SIGNS, WEBHOOKS, WEBHOOK_DELIVERIES),
)
NOUNS = {noun.name: noun for noun in ALL}
__all__ = ["NOUNS"]
