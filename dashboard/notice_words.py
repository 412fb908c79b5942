"""What a notice says, and what its button does, in the language of whoever reads it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy as _n
from django.utils.translation import pgettext_lazy as _p

from core.moments import calendar_day, clock
from core.sayings import again
from dashboard.models import Notice
from dashboard.models import NoticeKind as Kind
from orders.models import ApprovalStep


@dataclass(frozen=True)
class Wording:
    """A sentence with places for facts, the verb of the button that opens its page, and the chip beside it."""

    text: Any
    act: Any
    tone: str
    icon: str


# By kind and, where a kind says more than one thing, by the fact ``how``.
WORDS: Mapping[tuple[str, str], Wording] = {
    (Kind.APPROVED, "full"): Wording(
        _("%(order)s for %(station)s is approved in full."), _("See what comes"), "green", "thumb-up"
    ),
    (Kind.APPROVED, "less"): Wording(
        _n(
            "%(order)s for %(station)s is approved, with less than asked of %(count)d item.",
            "%(order)s for %(station)s is approved, with less than asked of %(count)d items.",
            "count",
        ),
        _("See what comes"),
        "amber",
        "thumb-up",
    ),
    (Kind.RETURNED, "sent back"): Wording(
        _("%(order)s for %(station)s came back: %(reason)s"), _("Change it and send it"), "amber", "arrow-back-up"
    ),
    (Kind.RETURNED, "rejected"): Wording(
        _("%(order)s for %(station)s is rejected: %(reason)s"), _("Open the request"), "red", "circle-x"
    ),
    (Kind.ASKED, ""): Wording(
        _("The chief asks that %(station)s requests %(item)s."), _("Ask for it"), "amber", "clipboard-list"
    ),
    (Kind.COMING, ""): Wording(
        _("%(shipment)s is on its way to %(station)s and comes %(at)s."), _("See what comes"), "blue", "truck-delivery"
    ),
    (Kind.TO_RECEIVE, ""): Wording(
        _("%(shipment)s was left at %(station)s and waits to be received."), _("Receive it"), "blue", "package-import"
    ),
    (Kind.OUT, ""): Wording(_("%(station)s is out of %(item)s."), _("Open the station"), "red", "circle-x"),
    (Kind.EXPIRING, ""): Wording(
        _n(
            "%(count)d lot at %(station)s expires by %(day)s.",
            "%(count)d lots at %(station)s expire by %(day)s.",
            "count",
        ),
        _("See what expires"),
        "amber",
        "hourglass",
    ),
    (Kind.COUNT_DUE, ""): Wording(
        _n(
            "%(count)d place at %(station)s was not counted within %(days)d days.",
            "%(count)d places at %(station)s were not counted within %(days)d days.",
            "count",
        ),
        _p("verb", "Count"),
        "amber",
        "clipboard-check",
    ),
    (Kind.VARIANCE, ""): Wording(
        _n(
            "%(count)d lot differed when %(place)s was counted.",
            "%(count)d lots differed when %(place)s was counted.",
            "count",
        ),
        _("Open the count"),
        "amber",
        "scale",
    ),
    (Kind.URGENT, "1"): Wording(_("%(station)s asks urgently: %(order)s."), _("Decide it"), "amber", "urgent"),
    (Kind.URGENT, "2"): Wording(_("%(station)s asks for stat: %(order)s."), _("Decide it"), "red", "flame"),
    (Kind.WAITING, ""): Wording(
        _("%(order)s of %(station)s waits for approval since %(at)s."), _("Open the request"), "amber", "clock"
    ),
    (Kind.DISCREPANCY, ""): Wording(
        _n(
            "%(station)s found %(count)d line of %(shipment)s damaged or missing.",
            "%(station)s found %(count)d lines of %(shipment)s damaged or missing.",
            "count",
        ),
        _("Settle it"),
        "amber",
        "alert-triangle",
    ),
    (Kind.UNPLANNED, ""): Wording(
        _("No run takes %(shipment)s to %(station)s: %(reason)s"), _("Plan it"), "red", "clock-exclamation"
    ),
    (Kind.BACKORDER, ""): Wording(
        _n(
            "%(station)s owes %(quantity)d each of %(item)s to %(count)d request.",
            "%(station)s owes %(quantity)d each of %(item)s to %(count)d requests.",
            "count",
        ),
        _("See short stock"),
        "amber",
        "hourglass",
    ),
    (Kind.RUN, "given"): Wording(_("Run %(run)s on %(day)s is yours."), _("Open the run"), "blue", "steering-wheel"),
    (Kind.RUN, "changed"): Wording(_("Run %(run)s on %(day)s was changed."), _("Open the run"), "amber", "route"),
    (Kind.RUN, "off"): Wording(
        _("Run %(run)s on %(day)s is called off: %(reason)s"), _("Open the run"), "grey", "circle-x"
    ),
    (Kind.CHIEF_APPROVAL, ""): Wording(
        _("%(order)s of %(station)s needs your approval: %(rule)s."), _("Decide it"), "amber", "clipboard-check"
    ),
    (Kind.HELD, ""): Wording(
        _n(
            "%(count)d lot at %(station)s may no longer be used: %(items)s. Put it aside.",
            "%(count)d lots at %(station)s may no longer be used: %(items)s. Put them aside.",
            "count",
        ),
        _("See what to pull"),
        "red",
        "hand-stop",
    ),
    (Kind.RECALLS, ""): Wording(
        _n("%(count)d recall waits to be read.", "%(count)d recalls wait to be read.", "count"),
        _("Read it"),
        "amber",
        "file-search",
    ),
    (Kind.LEDGER, "differs"): Wording(
        _n(
            "The ledger was added up: %(count)d number differs.",
            "The ledger was added up: %(count)d numbers differ.",
            "count",
        ),
        _("Open the ledger"),
        "red",
        "alert-circle",
    ),
    (Kind.LEDGER, "unfinished"): Wording(
        _("The ledger could not be added up to the end."), _("Open the ledger"), "red", "alert-circle"
    ),
}
SHOWN: Mapping[str, Callable[[str], str]] = {
    "at": lambda value: clock(datetime.fromisoformat(value)),
    "day": lambda value: calendar_day(date.fromisoformat(value)),
    "reason": again,
    "rule": lambda value: str(ApprovalStep.Rule(value).label).lower(),
}


def wording_of(notice: Notice) -> Wording:
    return WORDS[notice.kind, str(notice.facts.get("how", ""))]


def sentence(notice: Notice) -> str:
    """What the notice says, in the language that is spoken now."""
    facts = {name: SHOWN[name](value) if name in SHOWN else value for name, value in notice.facts.items()}
    return str(wording_of(notice).text % facts)
