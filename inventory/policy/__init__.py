"""How much of each item each place should hold: pure functions over arrays, for the pages, the tasks and the command.

``demand`` (what may be used in so many days) → ``base_stock`` (the stock that meets a target) → ``outlook`` (what a par
and a minimum would cost and fill) → ``recommendation`` (the par that is worth keeping, and why) → ``caps`` (when money,
volume or shelves do not suffice for all) and ``change`` (whether it is worth telling anybody). ``estimates`` turns a
history into the demand that all of them take; ``cycles`` also says at which reviews a place is filled up. Nothing here
reads a database or a clock. docs/par-levels.md says it in words.
"""

from inventory.policy.base_stock import cycle_service_base_stock, expiry_cap, fill_rate_base_stock
from inventory.policy.caps import Limit
from inventory.policy.change import is_worth_proposing
from inventory.policy.checks import NO_CAP
from inventory.policy.estimates import Estimate, UseSums, activity_per_day, estimate, sum_history
from inventory.policy.evaluation import evaluate, short_below
from inventory.policy.outlook import Demand, Outlook, Terms
from inventory.policy.recommendation import Reason, Recommendation, recommend

__all__ = [
    "NO_CAP",
    "Demand",
    "Estimate",
    "Limit",
    "Outlook",
    "Reason",
    "Recommendation",
    "Terms",
    "UseSums",
    "activity_per_day",
    "cycle_service_base_stock",
    "estimate",
    "evaluate",
    "expiry_cap",
    "fill_rate_base_stock",
    "is_worth_proposing",
    "recommend",
    "short_below",
    "sum_history",
]
