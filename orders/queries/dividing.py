"""Dividing what is free of one short item among the lines that want it, in three steps. Nothing here asks a database.

1. Stat orders get what their station will use until the delivery after this one, at least a pack on the first promise,
   from any lot that has not expired. Where even that is too much, they share it.
2. All stations share the rest, each with all that it wants, from lots that last until its horizon.
3. What nobody else may have, because it expires too soon, goes to the rest of the stat orders.

Each step gives whole issue packs first, and then what is left of broken ones, by the same rule: in a shortage no unit
stays on a shelf because its box is open.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import ceil

from inventory.quantities import issue_pack
from inventory.queries.horizons import Horizons
from orders.models import OrderLine, ResupplyOrder
from orders.queries.cover import Expiries
from orders.queries.needs import Need
from orders.sharing import Claim, fair_share

# A person who marks a request urgent knows more than four weeks of use do: a unit short there weighs twice.
URGENT_WEIGHT = 2.0
Priority = ResupplyOrder.Priority


@dataclass
class Division:
    """``lines`` of one item at one source, in the order in which equals are served; ``needs`` by location; ``free`` by
    day of expiry; ``lost_unit`` what a unit short costs. Gives ``by_line`` and ``by_location``."""

    lines: Sequence[OrderLine]
    needs: Mapping[int, Need]
    free: Expiries
    horizons: Horizons
    lost_unit: float = 1.0
    by_line: Counter[int] = field(default_factory=Counter)
    by_location: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.untils = {line.location_id: self._until(line) for line in self.lines}
        self.days = sorted({self.horizons.today, *self.untils.values()})
        self.tiers = [0] * len(self.days)
        for expires_on, units in self.free.items():
            if expires_on is None or expires_on >= self.days[0]:
                self.tiers[self._tier(expires_on)] += units

    def _until(self, line: OrderLine) -> date:
        return self.horizons.until(line.order.station, line.item.kind)

    def _tier(self, expires_on: date | None) -> int:
        """The last tier that a lot of this day belongs to."""
        return max(n for n, day in enumerate(self.days) if expires_on is None or day <= expires_on)

    def run(self) -> None:
        pack = issue_pack(self.lines[0].item)
        size = pack.quantity if pack else 1
        stat = [line for line in self.lines if line.order.priority == Priority.STAT]
        at_once = self._at_once(stat, size)
        steps = sorted({size, 1}, reverse=True)
        for step in steps:
            self._serve(stat, lambda location, wants: min(wants, at_once[location]), step, reach=0)
        # Again where stat orders took what expires too soon for others, and left them what does not.
        while any(self._serve(self.lines, lambda _, wants: wants, step) for step in steps):
            pass
        self._serve(stat, lambda _, wants: wants, 1, reach=0)

    def _at_once(self, stat: Sequence[OrderLine], size: int) -> dict[int, int]:
        """What stat orders get before everybody else, by location, in whole packs."""
        needed: dict[int, int] = {}
        for line in stat:
            need = self.needs[line.location_id]
            least = 0 if line.allocated or line.shipped else 1
            short = max(ceil(need.mean) - need.stock, least, needed.get(line.location_id, 0))
            needed[line.location_id] = ceil(short / size) * size
        return needed

    def _serve(
        self, lines: Sequence[OrderLine], cap: Callable[[int, int], int], pack: int, *, reach: int | None = None
    ) -> int:
        """Share what is left among these lines, by location, up to ``cap(location, all that it wants)``; how much."""
        groups: dict[int, list[OrderLine]] = {}
        for line in lines:
            groups.setdefault(line.location_id, []).append(line)
        claims = []
        for location, group in groups.items():
            wants = cap(location, sum(self._rest(line) for line in group) + self._given(group)) - self._given(group)
            tier = self.days.index(self.untils[location]) if reach is None else reach
            claims.append(self._claim(location, group, max(wants, 0), tier))
        shares = fair_share(claims, self.tiers, pack=pack)
        for claim, (location, group), share in zip(claims, groups.items(), shares, strict=True):
            self._give(location, group, share.quantity, claim.reach)
        return sum(share.quantity for share in shares)

    def _rest(self, line: OrderLine) -> int:
        return line.wanted - self.by_line[line.pk]

    def _given(self, group: Sequence[OrderLine]) -> int:
        return sum(self.by_line[line.pk] for line in group)

    def _claim(self, location: int, group: Sequence[OrderLine], wants: int, reach: int) -> Claim:
        need = self.needs[location]
        is_urgent = max(line.order.priority for line in group) >= Priority.URGENT
        return Claim(
            name=group[0].order.station.name,
            mean=need.mean,
            held=need.stock + self.by_location[location],
            cap=wants,
            weight=self.lost_unit * (URGENT_WEIGHT if is_urgent else 1.0),
            vmr=need.spread,
            days=max(need.days, 1),
            reach=reach,
        )

    def _give(self, location: int, group: Sequence[OrderLine], units: int, reach: int) -> None:
        """Hand it to the lines in their order, from the lots that expire first: a stat line may take any."""
        self.by_location[location] += units
        for line in group:
            part = min(units, self._rest(line))
            self.by_line[line.pk] += part
            units -= part
            self._take(part, 0 if line.order.priority == Priority.STAT else reach)

    def _take(self, units: int, reach: int) -> None:
        for tier in range(reach, len(self.tiers)):
            taken = min(units, self.tiers[tier])
            self.tiers[tier] -= taken
            units -= taken
