"""Sharing short stock, held against every allocation that there is."""

from itertools import product
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.policy.demand import lost
from inventory.policy.lost_table import lost_table
from orders.sharing import Bound, Claim, fair_share

TIERS = 3


def shortfall(claim, units):
    return float(lost(np.array([claim.held + units], float), np.array([claim.mean]), np.array([claim.vmr]))[0])


def value(claims, units):
    """(largest weighted shortfall, sum of them): what is minimised, in that order."""
    short = [claim.weight * shortfall(claim, given) for claim, given in zip(claims, units, strict=True)]
    return max(short), sum(short)


def is_allowed(claims, units, supply):
    return all(
        sum(n for claim, n in zip(claims, units, strict=True) if claim.reach >= tier) <= sum(supply[tier:])
        for tier in range(len(supply))
    )


def every_allocation(claims, supply, pack):
    choices = [range(-(-claim.floor // pack) * pack, claim.cap + 1, pack) for claim in claims]
    return [units for units in product(*choices) if is_allowed(claims, units, supply)]


@st.composite
def cases(draw):
    pack = draw(st.sampled_from([1, 1, 2, 3, 5]))
    count = draw(st.integers(1, 4))
    claims = []
    for number in range(count):
        cap = draw(st.integers(0, 5 * pack))
        claims.append(
            Claim(
                f"Station {number}",
                mean=draw(st.sampled_from([0.0, 0.1, 0.7, 2.0, 5.0, 12.0])),
                vmr=draw(st.sampled_from([1.0, 1.5, 4.0])),
                held=draw(st.integers(0, 8)),
                cap=cap,
                floor=draw(st.sampled_from([0, 0, 0, pack])) if cap >= pack else 0,
                weight=draw(st.sampled_from([1.0, 1.0, 2.0, 40.0])),
                days=draw(st.sampled_from([7.0, 9.0])),
                reach=draw(st.integers(0, TIERS - 1)),
            )
        )
    return claims, draw(st.lists(st.integers(0, 9), min_size=TIERS, max_size=TIERS)), pack


@settings(max_examples=150, deadline=None)
@given(cases())
def test_no_allocation_is_better(case):
    claims, supply, pack = case
    possible = every_allocation(claims, supply, pack)
    if not possible:
        with pytest.raises(ValueError, match="floors need"):
            fair_share(claims, supply, pack=pack)
        return

    shares = fair_share(claims, supply, pack=pack)

    units = tuple(share.quantity for share in shares)
    assert units in possible
    worst, total = value(claims, units)
    values = [value(claims, other) for other in possible]
    least = min(each for each, _ in values)
    assert worst == pytest.approx(least, abs=1e-8)
    assert total <= min(each for most, each in values if most <= least + 1e-9) + 1e-8


@settings(max_examples=60, deadline=None)
@given(cases())
def test_nothing_useful_is_left_and_sharing_again_changes_nothing(case):
    claims, supply, pack = case
    if not every_allocation(claims, supply, pack):
        return
    shares = fair_share(claims, supply, pack=pack)
    units = [share.quantity for share in shares]

    for number, claim in enumerate(claims):
        more = [n + pack * (other == number) for other, n in enumerate(units)]
        if more[number] <= claim.cap:
            assert not is_allowed(claims, more, supply), "a whole pack was left that somebody may have"
        else:
            assert shares[number].bound is Bound.CAP
    # The first half of the claims takes its share and comes back for more; the others ask for the same as before.
    half = len(claims) // 2
    floors = [claim.floor if n >= half else units[n] for n, claim in enumerate(claims)]
    fixed = [
        Claim(**{name: getattr(claim, name) for name in Claim.__slots__} | {"floor": floor})
        for claim, floor in zip(claims, floors, strict=True)
    ]
    assert [share.quantity for share in fair_share(fixed, supply, pack=pack)] == units


@settings(max_examples=60, deadline=None)
@given(cases())
def test_each_share_says_what_it_does(case):
    claims, supply, pack = case
    if not every_allocation(claims, supply, pack):
        return
    shares = fair_share(claims, supply, pack=pack)

    worst, _ = value(claims, [share.quantity for share in shares])
    for claim, share in zip(claims, shares, strict=True):
        assert share.before == pytest.approx(shortfall(claim, 0))
        assert share.after == pytest.approx(shortfall(claim, share.quantity))
        assert share.cover_days == pytest.approx(
            (claim.held + share.quantity) / (claim.mean / claim.days) if claim.mean else np.inf
        )
        assert not share.is_worst or claim.weight * share.after == pytest.approx(worst)


def test_the_station_that_is_out_comes_first_and_equals_get_alike():
    out = Claim("Station 7", mean=6, held=0, cap=40)
    stocked = [Claim(f"Station {n}", mean=6, held=8, cap=40) for n in (8, 9)]

    shares = fair_share([*stocked, out], 10)

    assert [share.quantity for share in shares] == [1, 1, 8]
    assert shares[2].bound is Bound.SUPPLY


def test_equal_needs_are_served_in_the_given_order():
    claims = [Claim(name, mean=4, held=0, cap=9) for name in "abc"]

    assert [share.quantity for share in fair_share(claims, 5)] == [2, 2, 1]


def test_what_is_less_than_a_pack_stays():
    shares = fair_share([Claim("a", mean=30, held=0, cap=25), Claim("b", mean=9, held=0, cap=20)], 29, pack=10)

    assert [share.quantity for share in shares] == [20, 0]
    assert [share.bound for share in shares] == [Bound.CAP, Bound.SUPPLY]


def test_a_weight_is_what_a_unit_short_costs():
    plain = [Claim("a", mean=10, held=0, cap=10), Claim("b", mean=10, held=0, cap=10)]
    urgent = [plain[0], Claim("b", mean=10, held=0, cap=10, weight=2)]

    assert [share.quantity for share in fair_share(plain, 10)] == [5, 5]
    given = [share.quantity for share in fair_share(urgent, 10)]
    assert given[1] > given[0]


def test_stock_that_expires_soon_goes_to_those_who_may_use_it():
    soon, late = Claim("a", mean=8, held=0, cap=10, reach=0), Claim("b", mean=8, held=0, cap=10, reach=1)

    assert [share.quantity for share in fair_share([soon, late], [6, 2])] == [6, 2]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"mean": -1}, "Station 1: mean, held"),
        ({"mean": float("nan")}, "Station 1: mean, held"),
        ({"cap": -1}, "Station 1: mean, held"),
        ({"weight": 0}, "Station 1: weight"),
        ({"vmr": 0.5}, "Station 1: weight"),
        ({"reach": 1}, "Station 1: there is no tier 1"),
        ({"floor": 11}, "Station 1: a floor of 11 does not fit under a cap of 10"),
        ({"floor": 8}, r"The floors need 8 and 5 can be given: Station 1 \(8\)."),
    ],
)
def test_what_cannot_be_is_refused_by_name(changed, words):
    usual = {"mean": 1, "held": 0, "cap": 10}

    with pytest.raises(ValueError, match=words):
        fair_share([Claim("Station 1", **usual | changed)], 5)


def test_a_floor_that_is_no_whole_pack_is_refused_where_the_cap_leaves_no_room():
    with pytest.raises(ValueError, match="in packs of 10"):
        fair_share([Claim("Station 1", mean=1, held=0, cap=9, floor=5)], 50, pack=10)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 900),
            st.integers(0, 60),
            st.floats(0, 800),
            st.one_of(st.just(1.0), st.floats(1, 1.001), st.floats(1, 30)),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_the_table_of_losses_is_the_losses(rows):
    first, width, mean, vmr = (np.array(column) for column in zip(*rows, strict=True))
    expected = [
        lost(np.arange(low, low + more + 1.0), np.full(more + 1, mu), np.full(more + 1, v)) for low, more, mu, v in rows
    ]

    table = lost_table(first, first + width, mean, vmr)

    assert np.allclose(table, np.concatenate(expected), rtol=1e-7, atol=1e-9)


def test_a_state_of_a_thousand_stations_is_shared_at_once():
    generator = np.random.default_rng(5)
    claims = [
        Claim(str(n), mean=float(mean), held=int(held), cap=int(cap), vmr=1.6, weight=float(weight))
        for n, (mean, held, cap, weight) in enumerate(
            zip(
                generator.gamma(2, 6, 1_000),
                generator.integers(0, 12, 1_000),
                generator.integers(5, 40, 1_000),
                generator.choice([1.0, 2.0], 1_000),
                strict=True,
            )
        )
    ]
    began = perf_counter()

    shares = fair_share(claims, 6_000)

    assert perf_counter() - began < 0.5
    assert sum(share.quantity for share in shares) == 6_000
