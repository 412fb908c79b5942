"""How figures read: kept as facts, and said in the language of who reads them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from dashboard.queries.measures import Measures
from dashboard.queries.shares import Share


@dataclass(frozen=True)
class Reading(ABC):
    """A figure's number in its own unit (none where there is nothing to measure). It is kept without words: how it
    reads, and what it is made of, is said when it is shown, in the language of who reads it."""

    number: float | None

    @property
    def text(self) -> str:
        return "–"

    @property
    @abstractmethod
    def made_of(self) -> str: ...


@dataclass(frozen=True)
class ShareReading(Reading):
    """A share as "97.4 %", never rounded to a target it misses: down where more is better, else up. ``what``: a key of
    ``PARTS``."""

    share: Share
    what: str
    is_more_better: bool = True

    @property
    def text(self) -> str:
        share = self.share
        if not share.whole:
            return "–"
        tenths = share.hits * 1000 // share.whole if self.is_more_better else -(-share.hits * 1000 // share.whole)
        return f"{tenths / 10:.1f}".removesuffix(".0") + " %"

    @property
    def made_of(self) -> str:
        none, some = PARTS[self.what]
        hits, whole = self.share.hits, self.share.whole
        return str(some % {"hits": f"{hits:,}", "whole": f"{whole:,}", "count": whole}) if whole else str(none)


# What shares are of: where there is none, and of a number that decides between one and many.
PARTS: Mapping[str, tuple[Any, Any]] = {
    "lines": (_("no lines"), ngettext_lazy("%(hits)s of %(whole)s lines", "%(hits)s of %(whole)s lines", "count")),
    "par levels": (
        _("no par levels"),
        ngettext_lazy("%(hits)s of %(whole)s par levels", "%(hits)s of %(whole)s par levels", "count"),
    ),
    "places": (_("no places"), ngettext_lazy("%(hits)s of %(whole)s places", "%(hits)s of %(whole)s places", "count")),
}


def percent(share: Share, what: str, *, is_more_better: bool = True) -> Reading:
    return ShareReading(share.percent, share, what, is_more_better)


@dataclass(frozen=True)
class ReadyReading(Reading):
    """How many stations are ready, as "22 of 24"."""

    share: Share

    @property
    def text(self) -> str:
        facts = {"hits": self.share.hits, "whole": self.share.whole}
        return gettext("%(hits)s of %(whole)s") % facts if self.share.whole else "–"

    @property
    def made_of(self) -> str:
        whole = self.share.whole
        return ngettext("stations ready", "stations ready", whole) if whole else gettext("no stations")


def ready_stations(found: Measures) -> Reading:
    return ReadyReading(found.ready.percent, found.ready)


def hours(wait: timedelta) -> str:
    if wait < timedelta(days=3):
        return gettext("%(hours)s h") % {"hours": f"{wait.total_seconds() / 3600:.0f}"}
    return gettext("%(days)s days") % {"days": f"{wait / timedelta(days=1):.1f}"}


@dataclass(frozen=True)
class WaitReading(Reading):
    """The median of so many waits, and within what nine of ten ended: none where only the median was kept."""

    median: timedelta | None = None
    ninetieth: timedelta | None = None
    count: int = 0

    @property
    def text(self) -> str:
        return "–" if self.median is None else hours(self.median)

    @property
    def made_of(self) -> str:
        if self.median is None:
            return gettext("no request was received in full in 28 days")
        if self.ninetieth is None:
            return gettext("median of the requests closed in 28 days")
        words = ngettext(
            "median of %(count)s requests; nine of ten within %(wait)s",
            "median of %(count)s requests; nine of ten within %(wait)s",
            self.count,
        )
        return words % {"count": f"{self.count:,}", "wait": hours(self.ninetieth)}


def request_to_receipt(found: Measures) -> Reading:
    median, ninetieth = found.waits.median, found.waits.ninetieth
    if median is None or ninetieth is None:
        return WaitReading(None)
    return WaitReading(median / timedelta(hours=1), median, ninetieth, len(found.waits.sorted))


@dataclass(frozen=True)
class WorthReading(Reading):
    """Cents, in whole dollars. ``what``: a key of ``WORTHS``."""

    cents: int
    what: str

    @property
    def text(self) -> str:
        return f"${self.cents / 100:,.0f}"

    @property
    def made_of(self) -> str:
        return str(WORTHS[self.what])


WORTHS = {"expiring": _("to use or move in time"), "expired": _("still on shelves and units")}


def dollars(cents: int, what: str) -> Reading:
    return WorthReading(float(cents), cents, what)


@dataclass(frozen=True)
class OverdueReading(Reading):
    """So many lines that are still owed."""

    lines: int

    @property
    def text(self) -> str:
        return f"{self.lines:,}"

    @property
    def made_of(self) -> str:
        return ngettext("line still owed", "lines still owed", self.lines)


def overdue(found: Measures) -> Reading:
    return OverdueReading(float(found.overdue), found.overdue)
