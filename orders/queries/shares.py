"""Proposals: what each station would get of an item that is short, why, and what it would be left with."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.fingerprints import fingerprint
from core.sayings import again
from inventory.models import Item
from inventory.policy.demand import lost
from inventory.queries.horizons import Horizons
from orders.models import OrderLine, ResupplyOrder
from orders.queries.claims import Shortage, claims_on, weigh
from orders.queries.cover import Expiries, Key
from orders.queries.dividing import Division
from orders.queries.needs import Need, needs
from orders.sayings import ALONE, NONE_HERE, ONE_HERE, ONE_TOO_SOON, SHORT_OF_IT, SOME_HERE, SOME_TOO_SOON, TOGETHER
from stations.models import Location, Station

Priority = ResupplyOrder.Priority
# What the event says on an order of which something short is kept for others; its reasons are in ``details``.
HELD_BACK = "held back"


@dataclass(frozen=True, slots=True)
class StationShare:
    """One place's part of a proposal, in base units. ``before`` and ``after``: expected units short until the delivery
    after this one, without and with its share."""

    station: Station
    location: Location
    lines: Sequence[OrderLine]
    need: Need
    quantity: int
    before: float
    after: float

    @property
    def wanted(self) -> int:
        return sum(line.wanted for line in self.lines)

    @property
    def is_out(self) -> bool:
        return self.need.usable == 0

    @property
    def priority(self) -> int:
        """That of its most urgent request."""
        return max(line.order.priority for line in self.lines)

    @property
    def is_stat(self) -> bool:
        return self.priority == Priority.STAT

    @property
    def days_before(self) -> float:
        return self.need.cover_days()

    @property
    def days_after(self) -> float:
        return self.need.cover_days(self.quantity)


@dataclass(frozen=True)
class Proposal:
    """How a short item would be shared: ``shares`` by place, what is worst first, and ``by_line`` the units of every
    line that wants it. Lines that wait for approval are counted, and get theirs when they are approved."""

    source: Station
    item: Item
    free: int
    shares: Sequence[StationShare]
    by_line: Mapping[int, int]

    @property
    def lines(self) -> list[OrderLine]:
        return [line for share in self.shares for line in share.lines]

    @property
    def wanted(self) -> int:
        return sum(share.wanted for share in self.shares)

    @property
    def now(self) -> dict[int, int]:
        """What can be promised at once: the units of approved lines, by line id."""
        return {
            line.pk: self.by_line[line.pk]
            for line in self.lines
            if line.approved is not None and self.by_line[line.pk] and line.order.state != ResupplyOrder.State.SUBMITTED
        }

    @property
    def promised_now(self) -> int:
        return sum(self.now.values())

    @property
    def kept(self) -> int:
        """What stays free for requests that wait for approval."""
        return sum(self.by_line.values()) - self.promised_now

    @property
    def left(self) -> int:
        """What nobody who asks may have: it expires before their delivery after next."""
        return self.free - sum(self.by_line.values())

    @property
    def mark(self) -> str:
        """What a person saw, so that a page can say what it was about to promise."""
        return fingerprint({"free": self.free, "shares": sorted(self.by_line.items()), "now": sorted(self.now.items())})

    @property
    def sentence(self) -> str:
        """Who asks for how much, what is here, and who comes first: for those who may see all stations."""
        count = len(self.shares)
        asked = ngettext("%(count)d station needs %(wanted)s", "%(count)d stations need %(wanted)s", count)
        facts = {"asked": asked % {"count": count, "wanted": f"{self.wanted:,}"}, "here": again(self._here)}
        if why := self._why:
            return _("%(asked)s, %(here)s: %(why)s.") % {**facts, "why": why}
        return _("%(asked)s, %(here)s.") % facts

    @property
    def _here(self) -> str:
        """In English, as it is kept too."""
        here = NONE_HERE() if not self.free else ONE_HERE() if self.free == 1 else SOME_HERE(free=f"{self.free:,}")
        if not self.left:
            return here
        return ONE_TOO_SOON(here=here) if self.left == 1 else SOME_TOO_SOON(here=here, left=f"{self.left:,}")

    @property
    def _why(self) -> str:
        if not any(self.by_line.values()) or len(self.shares) == 1:
            return ""
        stat = [share.station.name for share in self.shares if share.is_stat]
        out = [share.station.name for share in self.shares if share.is_out]
        if stat:
            said = ngettext("%(names)s asked stat and comes first", "%(names)s asked stat and come first", len(stat))
            return said % {"names": _names(stat)}
        if out and len(out) < len(self.shares):
            return self._out_first(len(out)) % {"names": _names(out)}
        urgent = [share.station.name for share in self.shares if share.priority == Priority.URGENT]
        if urgent and len(urgent) < len(self.shares):
            said = _("%(names)s asked urgently, and what is short there counts double")
            return said % {"names": _names(urgent)}
        return _("it goes where the most would be short before the next delivery")

    def _out_first(self, count: int) -> str:
        if self.item.criticality == Item.Criticality.LIFE_SAVING:
            return ngettext(
                "%(names)s is out of a life-saving item and comes first",
                "%(names)s are out of a life-saving item and come first",
                count,
            )
        return ngettext("%(names)s is out and comes first", "%(names)s are out and come first", count)

    def explain(self) -> str:
        """Why a line is not promised in full, for the station that asked: nobody else's state is in it. In English, as
        it is kept with the order."""
        count, wanted = len(self.shares), f"{self.wanted:,}"
        asked = ALONE(wanted=wanted) if count == 1 else TOGETHER(count=count, wanted=wanted)
        return SHORT_OF_IT(source=self.source, asked=asked, here=self._here)


def proposals(
    found: Collection[Shortage],
    *,
    at: datetime,
    horizons: Horizons,
    free: Mapping[Key, Expiries],
    items: Mapping[int, Item] | None = None,
) -> dict[Key, Proposal]:
    """A proposal for each of these shortages, by (source id, item id), of what is ``free``. Four queries, however many,
    or three when the caller knows the ``items`` with their packs."""
    keys = [shortage.key for shortage in found]
    if not keys:
        return {}
    claims = claims_on(keys, items)
    needed = needs([line for lines in claims.values() for line in lines], at=at, horizons=horizons)
    return {
        key: _proposal(
            lines,
            {line.location_id: needed[line.location_id, line.item_id] for line in lines},
            free.get(key, {}),
            horizons,
        )
        for key, lines in claims.items()
        if lines
    }


def _proposal(lines: Sequence[Any], needed: Mapping[int, Need], free: Expiries, horizons: Horizons) -> Proposal:
    division = Division(lines, needed, free, horizons, max(lines[0].lost_unit_cents, 1))
    division.run()
    by_location: dict[int, list[OrderLine]] = {}
    for line in lines:
        by_location.setdefault(line.location_id, []).append(line)
    quantities = [division.by_location[location] for location in by_location]
    before, after = _short([needed[location] for location in by_location], quantities)
    shares = [
        StationShare(group[0].order.station, group[0].location, group, needed[location], quantity, was, will)
        for (location, group), quantity, was, will in zip(by_location.items(), quantities, before, after, strict=True)
    ]
    shares.sort(key=lambda share: (not share.is_stat, -share.before, share.station.code, share.location.pk))
    by_line = {line.pk: division.by_line[line.pk] for line in lines}
    return Proposal(lines[0].order.source, lines[0].item, sum(free.values()), shares, by_line)


def _short(needed: Sequence[Need], given: Sequence[int]) -> tuple[list[float], list[float]]:
    """Expected units short without and with what is given."""
    stock = np.array([need.stock for need in needed], dtype=np.float64)
    mean, spread = np.array([need.mean for need in needed]), np.array([need.spread for need in needed])
    before, after = lost(stock, mean, spread), lost(stock + np.array(given), mean, spread)
    return before.tolist(), after.tolist()


def proposals_for(
    keys: Collection[Key], *, at: datetime, horizons: Horizons, free: Mapping[Key, Expiries] | None = None
) -> dict[Key, Proposal]:
    """Proposals for those of these (source id, item id) that are short; for none of them, one query."""
    weighed = weigh(horizons, keys, free=free)
    return proposals(weighed.short, at=at, horizons=horizons, free=weighed.free)


def _names(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    if len(names) == 2:
        return _("%(one)s and %(other)s") % {"one": names[0], "other": names[1]}
    return _("%(name)s and %(count)d others") % {"name": names[0], "count": len(names) - 1}
