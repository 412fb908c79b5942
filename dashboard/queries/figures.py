"""The chief's figures: what each is called, what it means, how it reads and what it should be.

docs/figures.md says the same at length; a test keeps the titles, meanings and targets of both alike.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from dashboard.queries.measures import Measures
from dashboard.queries.promises import PROMISED
from dashboard.queries.shares import Share

Reader = Callable[[Measures], "Reading"]


@dataclass(frozen=True)
class Reading:
    """A figure's number in its own unit (none where there is nothing to measure), as text, and what it is made of."""

    number: float | None
    text: str
    made_of: str


@dataclass(frozen=True)
class Target:
    """What a figure should be, in the unit of its number, and how that reads; of none, there is no target."""

    number: float | None = None
    text: str = ""


@dataclass(frozen=True)
class Definition:
    """A figure: how it is read off the measures, which of them it ``needs``, and whether more or less of it is better
    than its usual target, which a chief may change (``dashboard.queries.targets``)."""

    slug: str
    title: str
    meaning: str
    read: Reader
    needs: str
    target: float | None = None
    target_text: str = ""
    is_more_better: bool = True

    @property
    def usual(self) -> Target:
        return Target(self.target, self.target_text)

    def __reduce__(self) -> tuple[Callable[[str], "Definition"], tuple[str]]:
        """Kept in the cache by its name: what it is stands here."""
        return definition_of, (self.slug,)


@dataclass(frozen=True)
class Figure:
    """A figure as it is now. ``chosen``: the target that a chief has set for it."""

    definition: Definition
    reading: Reading
    chosen: Target | None = None

    @property
    def target(self) -> Target:
        return self.chosen or self.definition.usual

    @property
    def is_met(self) -> bool | None:
        """Whether the target is reached; none where there is no target or nothing to measure."""
        target, number = self.target.number, self.reading.number
        if target is None or number is None:
            return None
        return number >= target if self.definition.is_more_better else number <= target

    @property
    def tone(self) -> str:
        return {True: "ready", False: "out", None: "waiting"}[self.is_met]


def percent(share: Share, what: str, *, is_more_better: bool = True) -> Reading:
    """A share as "97.4 %", never rounded to a target it misses: down where more is better, else up."""
    if share.percent is None:
        return Reading(None, "–", f"no {what}")
    tenths = share.hits * 1000 // share.whole if is_more_better else -(-share.hits * 1000 // share.whole)
    text = f"{tenths / 10:.1f}".removesuffix(".0")
    return Reading(share.percent, f"{text} %", f"{share.hits:,} of {share.whole:,} {what}")


def ready_stations(found: Measures) -> Reading:
    if not found.ready.whole:
        return Reading(None, "–", "no stations")
    return Reading(found.ready.percent, f"{found.ready.hits} of {found.ready.whole}", "stations ready")


def hours(wait: timedelta) -> str:
    return (
        f"{wait.total_seconds() / 3600:.0f} h" if wait < timedelta(days=3) else f"{wait / timedelta(days=1):.1f} days"
    )


def request_to_receipt(found: Measures) -> Reading:
    median, ninetieth = found.waits.median, found.waits.ninetieth
    if median is None or ninetieth is None:
        return Reading(None, "–", "no request was received in full in 28 days")
    made_of = f"median of {len(found.waits.sorted):,} requests; nine of ten within {hours(ninetieth)}"
    return Reading(median / timedelta(hours=1), hours(median), made_of)


def dollars(cents: int, what: str) -> Reading:
    return Reading(float(cents), f"${cents / 100:,.0f}", what)


def overdue(found: Measures) -> Reading:
    return Reading(
        float(found.overdue), f"{found.overdue:,}", "line still owed" if found.overdue == 1 else "lines still owed"
    )


READY_STATIONS = Definition(
    "ready-stations", "Ready stations",
    "Stations with no life-saving item short and no life-saving or essential item out on their shelves.",
    ready_stations, "ready", 100, "all",
)  # fmt: skip
LINE_FILL = Definition(
    "line-fill", "Line fill rate",
    "Lines of approved requests, judged in the last 28 days, whose first shipment carried all that was asked.",
    lambda found: percent(found.fill, "lines"), "fill", 98, "98 % or more",
)  # fmt: skip
STOCK_OUTS = Definition(
    "stock-outs", "Stock-outs",
    "Par levels of shelves and units in service with nothing usable now.",
    lambda found: percent(found.stock_outs, "par levels", is_more_better=False), "stock_outs", 1, "1 % or less",
    is_more_better=False,
)  # fmt: skip
REQUEST_TO_RECEIPT = Definition(
    "request-to-receipt", "Request to receipt",
    "From sending a request to its last receipt: the median of the requests closed in the last 28 days.",
    request_to_receipt, "waits", PROMISED / timedelta(hours=1), "5 days or less", is_more_better=False,
)  # fmt: skip
OVERDUE_BACKORDERS = Definition(
    "overdue-backorders", "Overdue backorders",
    "Approved lines still owed past the time they were needed by, or five days after the request where none was named.",
    overdue, "overdue", 0, "none", is_more_better=False,
)  # fmt: skip
EXPIRING_VALUE = Definition(
    "expiring-value", "Expiring value",
    "Stock on hand that is still good and expires within the days set for its kind (90 unless changed), at unit cost.",
    lambda found: dollars(found.worth.expiring, "to use or move in time"), "worth", is_more_better=False,
)  # fmt: skip
EXPIRED_VALUE = Definition(
    "expired-value", "Expired value",
    "Stock still on hand past the last day on which it may be used, at unit cost.",
    lambda found: dollars(found.worth.expired, "still on shelves and units"), "worth", 0, "none", is_more_better=False,
)  # fmt: skip
COUNT_FRESHNESS = Definition(
    "count-freshness", "Count freshness",
    "Shelves and units in service whose last posted count is at most 30 days old.",
    lambda found: percent(found.counted, "places"), "counted", 90, "90 % or more",
)  # fmt: skip

DEFINITIONS = (
    READY_STATIONS, LINE_FILL, STOCK_OUTS, REQUEST_TO_RECEIPT, OVERDUE_BACKORDERS, EXPIRING_VALUE, EXPIRED_VALUE,
    COUNT_FRESHNESS,
)  # fmt: skip
BY_SLUG = {definition.slug: definition for definition in DEFINITIONS}


def definition_of(slug: str) -> Definition:
    return BY_SLUG[slug]


def figures(found: Measures) -> list[Figure]:
    """All figures, in the order in which the chief reads them."""
    return [Figure(definition, definition.read(found)) for definition in DEFINITIONS]
