"""The par levels of some stations beside those that their use would ask for. Reads; decides and writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.db.models import Max, Q

from inventory import policy
from inventory.models import Item
from inventory.queries.calls import Place, Sort, places
from inventory.queries.peers import Key, Peers, life_of, lives, peers
from inventory.queries.policies import criticality_weights
from inventory.queries.rest import Rest, rest_of
from inventory.queries.use_history import Floats, Usage, Whole, Window, usage
from stations.models import Location, Station

# What a proposal must save a year, in cents, to be worth reading where nothing is unsafe.
LEAST_SAVING_CENTS = 100.0
_VITAL = (Item.Criticality.LIFE_SAVING, Item.Criticality.ESSENTIAL)


@dataclass(frozen=True)
class Items:
    """The catalogue by columns, sorted by id.

    ``is_vital``: life-saving or essential. ``is_used_up``: in use and not equipment, which is kept, not used up.
    """

    pk: Whole
    cost: Floats
    volume: Floats
    pack: Whole
    floor_bp: Whole
    lost: Floats
    is_vital: npt.NDArray[np.bool_]
    is_used_up: npt.NDArray[np.bool_]

    @classmethod
    def read(cls) -> Self:
        """Two queries."""
        weights = criticality_weights()
        pack = Max("packs__quantity", filter=Q(packs__is_issue_pack=True))
        rows = Item.objects.order_by("pk").annotate(pack=pack)
        columns = (
            list(
                zip(
                    *rows.values_list("pk", "unit_cost_cents", "volume_ml", "pack", "criticality", "kind", "is_active"),
                    strict=True,
                )
            )
            or [()] * 7
        )
        pks, costs, volumes, packs, classes, kinds, active = columns
        return cls(
            np.array(pks, dtype=np.int64),
            np.array(costs, dtype=np.float64),
            np.array(volumes, dtype=np.float64),
            np.array([size or 1 for size in packs], dtype=np.int64),
            np.array([weights[word].fill_floor_bp for word in classes], dtype=np.int64),
            np.array([weights[word].lost_unit_cents for word in classes], dtype=np.float64),
            np.array([word in _VITAL for word in classes], dtype=np.bool_),
            np.array(
                [on and kind != Item.Kind.EQUIPMENT for kind, on in zip(kinds, active, strict=True)], dtype=np.bool_
            ),
        )


@dataclass(frozen=True)
class Site:
    """What a place adds to its calls: when it is filled, and what it may hold."""

    review_days: float
    lead_days: float
    volume_ml: float
    budget_cents: float


@dataclass(frozen=True)
class DivisionUse:
    """What every chunk is held against: all places with their calls, use per call, lives, the catalogue."""

    window: Window
    places: dict[int, Place]
    peers: dict[Key, Peers]
    lives: dict[Key, float | None]
    items: Items

    @classmethod
    def read(cls, at: datetime) -> Self:
        """Ten queries, whatever the size of the division."""
        window = Window.before(at)
        found = places(window)
        every = found.values()
        return cls(window, found, peers(window, every), lives(window, every), Items.read())


@dataclass(frozen=True)
class Review:
    """The par levels of some stations, one row each: their use, what it was taken for, today's and the recommended."""

    usage: Usage
    places: list[Place]
    place: Whole
    unit_cost: Floats
    estimate: policy.Estimate
    terms: policy.Terms
    par: Whole
    minimum: Whole
    short_below: Whole
    reason: npt.NDArray[np.int8]
    todays: policy.Outlook
    expected: policy.Outlook
    is_worth: npt.NDArray[np.bool_]


def review(division: DivisionUse, stations: Sequence[int]) -> Review | None:
    """Work out the par levels of these stations and their units; None where there are none to speak of. Two queries."""
    found = usage(division.window, stations)
    items = division.items
    # What was added since the division was read waits for the next review.
    found = found.taken(
        np.flatnonzero(np.isin(found.item, items.pk) & np.isin(found.location, np.array([*division.places, 0])))
    )
    found = found.taken(np.flatnonzero(items.is_used_up[np.searchsorted(items.pk, found.item)]))
    return _Chunk(division, stations, found).review() if len(found.item) else None


class _Chunk:
    """The work on the par levels of one chunk of stations, by columns of one row per par level."""

    def __init__(self, division: DivisionUse, stations: Sequence[int], found: Usage) -> None:
        self.division, self.usage = division, found
        ids, self.place = np.unique(found.location, return_inverse=True)
        self.places = [division.places[pk] for pk in ids.tolist()]
        self.sites = _sites(ids.tolist(), stations)
        self.item = np.searchsorted(division.items.pk, found.item)
        sort = self.of_place([int(one.sort) for one in self.places]).astype(np.int64)
        self.is_unit = sort == Sort.UNIT
        self.keys, self.key = np.unique(np.stack([sort, found.item]), axis=1, return_inverse=True)

    def of_place(self, values: Sequence[float]) -> Floats:
        return np.asarray(values, dtype=np.float64)[self.place]

    def review(self) -> Review:
        estimate, terms = self._estimate(), self._terms()
        items, found = self.division.items, self.usage
        pack = np.where(self.is_unit, 1, items.pack[self.item])
        answer = policy.recommend(estimate.demand, terms, limits=self._limits(), pack=pack)
        par, minimum = answer.par, self._minimum(answer)
        expected = self._expected(answer, minimum, estimate, terms)
        todays = self._todays(answer, expected, estimate, terms)
        is_worth = policy.is_worth_proposing(
            par,
            found.par,
            expected,
            todays,
            fill_floor=terms.fill_floor,
            least_par=terms.least_par,
            least_saving=LEAST_SAVING_CENTS,
        )
        # What is aboard is a list that somebody inspects: it is only made shorter where it says what is mandated.
        is_lower = par < found.par
        is_worth &= ~(self.is_unit & (found.mandated == 0) & is_lower)
        # What saves lives or is essential is not cut below its floor to save money.
        is_worth &= ~(items.is_vital[self.item] & is_lower & (expected.fill < terms.fill_floor))
        return Review(
            found,
            self.places,
            self.place,
            items.cost[self.item],
            estimate,
            terms,
            par,
            minimum,
            self._short_below(minimum, estimate, terms),
            answer.reason,
            todays,
            expected,
            is_worth,
        )

    def _minimum(self, answer: policy.Recommendation) -> Whole:
        """When to act. A crew fills a unit up whenever it can, so what is aboard keeps its minimum where it fits."""
        mandated, par = self.usage.mandated, answer.par
        shelf = answer.minimum - 1 if settings.EMS_SHORT_AT_OR_BELOW_MINIMUM else answer.minimum
        wanted = np.where(self.is_unit, self.usage.minimum, shelf)
        return np.clip(wanted, np.minimum(mandated, par), par)

    def _short_below(self, minimum: Whole, estimate: policy.Estimate, terms: policy.Terms) -> Whole:
        """What a shelf must have to last until an order sent now arrives. Aboard, Short follows the minimum."""
        level = policy.short_below(minimum, estimate.demand, terms)
        if settings.EMS_SHORT_AT_OR_BELOW_MINIMUM:
            level = np.maximum(level - 1, 0)
        return np.where(self.is_unit, minimum, level)

    def _acts_below(self, par: Whole, minimum: Whole) -> Whole:
        """The minimum as the policy means it: a unit is filled up at any chance, a shelf when it is short."""
        act_below = minimum + 1 if settings.EMS_SHORT_AT_OR_BELOW_MINIMUM else minimum
        return np.minimum(np.where(self.is_unit, par, act_below), par)

    def _expected(
        self, answer: policy.Recommendation, minimum: Whole, estimate: policy.Estimate, terms: policy.Terms
    ) -> policy.Outlook:
        """What the recommendation leads to, judged anew where its minimum was moved."""
        acts_below = self._acts_below(answer.par, minimum)
        moved = np.flatnonzero(acts_below != answer.minimum)
        if len(moved):
            anew = policy.evaluate(
                answer.par[moved], acts_below[moved], estimate.demand.taken(moved), terms.taken(moved)
            )
            answer.expected.put(moved, anew)
        return answer.expected

    def _todays(
        self,
        answer: policy.Recommendation,
        expected: policy.Outlook,
        estimate: policy.Estimate,
        terms: policy.Terms,
    ) -> policy.Outlook:
        """What today's par levels lead to, where they would change; elsewhere nobody asks."""
        found, outlook = self.usage, expected.taken(np.arange(len(self.item)))
        rows = np.flatnonzero(answer.par != found.par)
        if len(rows):
            acts_below = self._acts_below(found.par, found.minimum)[rows]
            outlook.put(
                rows, policy.evaluate(found.par[rows], acts_below, estimate.demand.taken(rows), terms.taken(rows))
            )
        return outlook

    def _estimate(self) -> policy.Estimate:
        """Each pair's demand, shrunk to what its like use per call anywhere in the division.

        The rest of the division stands beside the chunk as a few more places per item, watched together for as long
        as all of its places were, and as different from each other: so a chunk is judged as if it had been the whole.
        """
        found, rest = self.usage, self._rest()
        others = rest.as_places()
        size = len(self.places)
        sums = policy.UseSums(
            np.concatenate([self.place, size + np.arange(len(others.item))]),
            np.concatenate([self.key, others.item]),
            np.concatenate([found.weighted_used, others.used]),
            np.concatenate([found.weighted_days, others.days]),
            np.concatenate([found.squares, others.squares]),
        )
        every = policy.estimate(sums, np.concatenate([self._calls(), others.calls_per_day]))
        rows = np.arange(len(found.item))
        return policy.Estimate(
            every.demand.taken(rows), every.own_per_day[rows], every.own_share[rows], every.per_call[self.key]
        )

    def _rest(self) -> Rest:
        """What the like of each sort and item in all other chunks used: the whole division less this chunk."""
        opened = self.of_place([one.open_weight for one in self.places])
        busy = opened * self.of_place([one.calls_per_day for one in self.places])
        used = self.usage.weighted_used
        return rest_of(
            self._known(),
            self.key,
            days=opened,
            calls=busy,
            calls_calls=busy**2,
            used=used,
            squares=self.usage.squares,
            used_used=used**2,
            used_calls=used * busy,
        )

    def _known(self) -> list[Peers]:
        return [self.division.peers.get((int(sort), int(item)), Peers()) for sort, item in self.keys.T]

    def _calls(self) -> Floats:
        """Calls a day of each place. Where none are reported but stock goes, its use against its like's stands in."""
        calls = np.array([one.calls_per_day for one in self.places], dtype=np.float64)
        silent = calls <= 0
        if silent.any():
            like = self._known()
            per_call = np.array([one.used / one.calls if one.calls > 0 else 0.0 for one in like])[self.key]
            used = np.bincount(self.place, self.usage.weighted_used, len(calls))
            expected = np.bincount(self.place, self.usage.weighted_days * per_call, len(calls))
            stand_in = np.divide(used, expected, out=np.where(used > 0, 1.0, 0.0), where=expected > 0)
            calls = np.where(silent, stand_in, calls)
        return calls

    def _terms(self) -> policy.Terms:
        items, cost = self.division.items, self.division.items.cost[self.item]
        known = [life_of(self.division.lives, (int(sort), int(item))) for sort, item in self.keys.T]
        life = np.array([np.inf if days is None else days for days in known], dtype=np.float64)
        # A line aboard costs no order; nor does one of an item whose cost nobody knows, which would be hoarded.
        line = np.where(self.is_unit | (cost <= 0), 0.0, float(settings.EMS_ORDER_LINE_CENTS))
        return policy.Terms(
            review_days=self.of_place([site.review_days for site in self.sites]),
            lead_days=self.of_place([site.lead_days for site in self.sites]),
            life_days=life[self.key],
            unit_cost=np.maximum(cost, 1.0),
            lost_unit_cost=items.lost[self.item],
            fill_floor=items.floor_bp[self.item] / 10_000,
            least_par=self.usage.mandated,
            most_par=np.full(len(cost), policy.NO_CAP),
            holding_rate=np.full(len(cost), settings.EMS_HOLDING_RATE),
            line_cost=line,
        )

    def _limits(self) -> tuple[policy.Limit, ...]:
        """The volume of each place and the budget of each station, where somebody has set one."""
        items, limits = self.division.items, []
        volumes = np.array([site.volume_ml for site in self.sites])
        if np.isfinite(volumes).any():
            limits.append(policy.Limit(self.place, items.volume[self.item], volumes, is_money=False))
        stations, group = np.unique([one.station_id for one in self.places], return_inverse=True)
        budgets = np.full(len(stations), np.inf)
        budgets[group] = [site.budget_cents for site in self.sites]
        if np.isfinite(budgets).any():
            limits.append(policy.Limit(group[self.place], items.cost[self.item], budgets, is_money=True))
        return tuple(limits)


def _sites(ids: Sequence[int], stations: Sequence[int]) -> list[Site]:
    """The sites of these places, in their order. One query."""
    rows = Location.objects.of(stations).select_related("station", "unit__station").in_bulk(ids)
    return [_site(rows[pk], rows[pk].owner) for pk in ids]


def _site(place: Location, owner: Station) -> Site:
    volume = np.inf if place.volume_ml is None else float(place.volume_ml)
    budget = np.inf if owner.stock_budget_cents is None else float(owner.stock_budget_cents)
    if place.kind == Location.Kind.UNIT:
        return Site(settings.EMS_RESTOCK_DAYS, 0.0, volume, budget)
    return Site(float(owner.review_days), float(owner.lead_days), volume, budget)
