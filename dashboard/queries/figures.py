"""The chief's figures: what each is called, what it means, how it reads and what it should be.

docs/figures.md says the same at length; a test keeps the titles, meanings and targets of both alike.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dashboard.queries.measures import Measures
from dashboard.queries.promises import PROMISED
from dashboard.queries.readings import Reading, dollars, overdue, percent, ready_stations, request_to_receipt

Reader = Callable[[Measures], Reading]


@dataclass(frozen=True)
class Target:
    """What a figure should be, in the unit of its number, and how that reads; of none, there is no target."""

    number: float | None = None
    text: str | Promise = ""


@dataclass(frozen=True)
class Definition:
    """A figure: how it is read off the measures, which of them it ``needs``, and whether more or less of it is better
    than its usual target, which a chief may change (``dashboard.queries.targets``)."""

    slug: str
    title: str | Promise
    meaning: str | Promise
    read: Reader
    needs: str
    target: float | None = None
    target_text: str | Promise = ""
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


READY_STATIONS = Definition(
    "ready-stations", _("Ready stations"),
    _("Stations with no life-saving item short and no life-saving or essential item out on their shelves."),
    ready_stations, "ready", 100, pgettext_lazy("target: all stations", "all"),
)  # fmt: skip
LINE_FILL = Definition(
    "line-fill", _("Line fill rate"),
    _("Lines of approved requests, judged in the last 28 days, whose first shipment carried all that was asked."),
    lambda found: percent(found.fill, "lines"), "fill", 98, _("98 % or more"),
)  # fmt: skip
STOCK_OUTS = Definition(
    "stock-outs", _("Stock-outs"),
    _("Par levels of shelves and units in service with nothing usable now."),
    lambda found: percent(found.stock_outs, "par levels", is_more_better=False), "stock_outs", 1, _("1 % or less"),
    is_more_better=False,
)  # fmt: skip
REQUEST_TO_RECEIPT = Definition(
    "request-to-receipt", _("Request to receipt"),
    _("From sending a request to its last receipt: the median of the requests closed in the last 28 days."),
    request_to_receipt, "waits", PROMISED / timedelta(hours=1), _("5 days or less"), is_more_better=False,
)  # fmt: skip
OVERDUE_BACKORDERS = Definition(
    "overdue-backorders", _("Overdue backorders"),
    _("Approved lines still owed past the time they were needed by, or five days after the request where none was "
      "named."),
    overdue, "overdue", 0, pgettext_lazy("target", "none"), is_more_better=False,
)  # fmt: skip
EXPIRING_VALUE = Definition(
    "expiring-value", _("Expiring value"),
    _("Stock on hand that is still good and expires within the days set for its kind (90 unless changed), at unit "
      "cost."),
    lambda found: dollars(found.worth.expiring, "expiring"), "worth", is_more_better=False,
)  # fmt: skip
EXPIRED_VALUE = Definition(
    "expired-value", _("Expired value"),
    _("Stock still on hand past the last day on which it may be used, at unit cost."),
    lambda found: dollars(found.worth.expired, "expired"), "worth", 0, pgettext_lazy("target", "none"),
    is_more_better=False,
)  # fmt: skip
COUNT_FRESHNESS = Definition(
    "count-freshness", _("Count freshness"),
    _("Shelves and units in service whose last posted count is at most 30 days old."),
    lambda found: percent(found.counted, "places"), "counted", 90, _("90 % or more"),
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
