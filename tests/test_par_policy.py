"""Par levels: base stocks against enumeration, outlooks against the calendar itself, caps against trying everything."""

from itertools import product
from math import exp, fsum, lgamma, log, log1p

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.policy import (
    NO_CAP,
    Demand,
    Limit,
    Reason,
    Terms,
    cycle_service_base_stock,
    evaluate,
    expiry_cap,
    fill_rate_base_stock,
    is_worth_proposing,
    recommend,
    short_below,
)
from inventory.policy.demand import above, at_most, exactly, lost
from inventory.policy.tables import Table, renewals
from tests.scoring import Items, Stations, simulate

pytestmark = pytest.mark.embedded  # no database is asked; one run is enough
QUICK = settings(max_examples=60, deadline=None)
means = st.floats(0.001, 3, allow_nan=False)
ratios = st.one_of(st.just(1.0), st.floats(1.01, 20))
targets = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999])


def log_chance(k, mean, vmr):
    """log P(D = k), from its definition."""
    if vmr == 1:
        return k * log(mean) - mean - lgamma(k + 1)
    size = mean / (vmr - 1)
    return lgamma(k + size) - lgamma(size) - lgamma(k + 1) - size * log(vmr) + k * log1p(-1 / vmr)


def enumerated(mean, vmr):
    """P(D = k) for every k that matters, by enumeration around the mean."""
    if mean == 0:
        return [1.0]
    most = int(mean + 40 * (mean * vmr) ** 0.5 + 60 * vmr + 20)
    return [exp(log_chance(k, mean, vmr)) for k in range(most)]


def tail(chances, stock):
    return fsum(chances[stock + 1 :])


def loss(chances, stock):
    return fsum((k - stock) * chance for k, chance in enumerate(chances) if k > stock)


def least(is_met):
    stock = 0
    while not is_met(stock):
        stock += 1
    return stock


@QUICK
@given(mean=means, vmr=ratios, review=st.integers(1, 14), lead=st.integers(0, 5), target=targets)
def test_base_stocks_are_those_of_enumeration(mean, vmr, review, lead, target):
    whole, part = enumerated(mean * (review + lead), vmr), enumerated(mean * lead, vmr)
    allowed = (1 - target) * (1 + 1e-9)

    in_cycle = least(lambda stock: tail(whole, stock) <= allowed)
    in_units = least(lambda stock: loss(whole, stock) - loss(part, stock) <= allowed * mean * review)

    assert cycle_service_base_stock(mean, vmr, review, lead, target) == in_cycle
    assert fill_rate_base_stock(mean, vmr, review, lead, target) == in_units


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(2, 120))
def test_a_pair_is_recommended_the_same_whichever_pairs_are_worked_out_beside_it(seed, count):
    random = np.random.default_rng(seed)
    columns = {
        "mean_per_day": np.exp(random.normal(-2, 2, count)),
        "vmr": 1 + random.exponential(1, count) * (random.random(count) < 0.8),
        "doubt": random.uniform(0, 0.3, count),
    }
    deal = {
        "review_days": random.choice([7.0, 14.0], count),
        "lead_days": random.integers(0, 8, count),
        "life_days": random.choice([np.inf, 180.0, 730.0], count),
        "unit_cost": np.exp(random.normal(1.5, 1.4, count)) + 0.01,
        "line_cost": random.choice([0.5, 1.5, 20.0], count),
        "lost_unit_cost": random.choice([3.0, 30.0, 300.0], count),
        "fill_floor": random.choice([0.0, 0.95, 0.999], count),
        "least_par": random.integers(0, 4, count),
        "most_par": random.choice([NO_CAP, 5, 30], count),
        "holding_rate": np.full(count, 0.2),
    }

    def answers(rows):
        found = recommend(
            Demand(**{name: column[rows] for name, column in columns.items()}),
            Terms(**{name: column[rows] for name, column in deal.items()}),
        )
        return list(zip(found.par.tolist(), found.minimum.tolist(), found.reason.tolist(), strict=True))

    together = answers(np.arange(count))
    mixed, cut = random.permutation(count), int(random.integers(1, count))

    assert answers(mixed) == [together[one] for one in mixed]
    assert answers(np.arange(cut)) + answers(np.arange(cut, count)) == together
    assert [answers(np.array([one]))[0] for one in range(min(count, 10))] == together[:10]


@QUICK
@given(mean=means, vmr=ratios, life=st.integers(0, 60), epsilon=st.sampled_from([0.001, 0.05, 0.3, 0.9]))
def test_the_cap_is_the_largest_stock_that_is_used_in_time(mean, vmr, life, epsilon):
    chances = enumerated(mean * life, vmr)

    def outlives(stock):  # P(D ≤ stock − 1)
        return fsum(chances[:stock])

    cap = int(expiry_cap(mean, vmr, life, epsilon))

    assert outlives(cap) <= epsilon * (1 + 1e-9) < outlives(cap + 1)


@pytest.mark.parametrize("vmr", [1.0, 1.5, 20.0])
@pytest.mark.parametrize("mean", [0.001, 7.0, 500.0])
def test_the_edges_hold_where_no_use_at_all_has_no_chance_that_a_float_can_hold(mean, vmr):
    """P(D ≤ S) and P(D ≤ S − 1) stand on either side of the target, as summed from logarithms near the answer."""
    days, target = 60, 0.999
    stock = int(cycle_service_base_stock(mean, vmr, days - 2, 2, target))
    reach = int(60 * (mean * days * vmr) ** 0.5 + 100 * vmr + 40)
    beyond = fsum(exp(log_chance(k, mean * days, vmr)) for k in range(stock + 1, stock + reach))
    at_it = exp(log_chance(stock, mean * days, vmr))

    assert beyond <= 1 - target
    assert stock == 0 or beyond + at_it > 1 - target

    def missed(level):
        return sum(
            sign * fsum((k - level) * exp(log_chance(k, mean * of, vmr)) for k in range(level + 1, level + reach))
            for sign, of in ((1, days), (-1, 2))
        ) / (mean * (days - 2))

    level = int(fill_rate_base_stock(mean, vmr, days - 2, 2, target))
    assert missed(level) <= (1 - target) * (1 + 1e-6)
    assert level == 0 or missed(level - 1) > (1 - target) * (1 - 1e-6)


def test_a_target_that_is_met_exactly_is_met():
    # P(D ≤ S) = 1 − 2^−(S + 1) for mean 1 and ratio 2: each target is hit by a whole stock.
    targets = 1 - 0.5 ** np.arange(1, 21)
    assert cycle_service_base_stock(1, 2, 1, 0, targets).tolist() == list(range(20))
    # E(D − S)⁺ = 2^−S there.
    assert fill_rate_base_stock(1, 2, 1, 0, targets).tolist() == list(range(1, 21))
    # P(D ≤ S − 1) = 1 − 2^−S.
    assert expiry_cap(1, 2, 1, targets).tolist() == list(range(1, 21))


def test_targets_next_to_nothing_and_to_certainty_have_answers():
    # Mean 1 and ratio 2 again: P(D > S) = 2^−(S + 1), E(D − S)⁺ = 2^−S.
    rare, sure = 1e-9, 1 - 2.0**-40
    assert cycle_service_base_stock(1, 2, 1, 0, [rare, sure]).tolist() == [0, 39]
    assert fill_rate_base_stock(1, 2, 1, 0, [rare, sure]).tolist() == [1, 40]
    assert expiry_cap(1, 2, 1, [rare, sure]).tolist() == [0, 40]
    # Where no use at all has no chance, hardly any target needs hardly any stock less.
    stock = int(cycle_service_base_stock(500, 20, 58, 2, rare))
    below = np.array([stock - 1.0, stock])
    chance = at_most(below, np.array(30_000.0), np.array(20.0))
    assert chance[0] < rare <= chance[1]


def test_arrays_broadcast_scalars_stay_scalars_and_nothing_is_kept_for_no_use():
    grid = cycle_service_base_stock(np.array([[0.0], [0.5], [40.0]]), [1.0, 3.0], 7, 1, 0.95)
    assert grid.shape == (3, 2)
    assert grid.dtype == np.int64
    assert grid[0].tolist() == [0, 0]
    assert int(grid[1, 1]) == cycle_service_base_stock(0.5, 3.0, 7, 1, 0.95)
    assert np.ndim(fill_rate_base_stock(0.5, 1, 7, 1, 0.95)) == 0
    assert fill_rate_base_stock(0, 2, 7, 1, 0.99) == 0
    assert expiry_cap([0, 1], 2, [30, np.inf], 0.05).tolist() == [0, NO_CAP]
    assert cycle_service_base_stock([], [], [], [], []).shape == (0,)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"mean_per_day": np.nan}, "mean_per_day holds NaN"),
        ({"mean_per_day": -1}, "mean_per_day must be at least 0"),
        ({"mean_per_day": np.inf}, "mean_per_day must be finite"),
        ({"vmr": 0.9}, "vmr must be at least 1"),
        ({"review_days": 0}, "review_days must be above 0"),
        ({"lead_days": -1}, "lead_days must be at least 0"),
        ({"target": 0}, "target must be above 0"),
        ({"target": 1}, "target must be below 1"),
        ({"mean_per_day": [1, 2], "vmr": [1, 1, 1]}, "do not go together"),
    ],
)
def test_what_has_no_meaning_is_refused(wrong, says):
    arguments = {"mean_per_day": 1, "vmr": 1, "review_days": 7, "lead_days": 1, "target": 0.9}
    with pytest.raises(ValueError, match=says):
        fill_rate_base_stock(**arguments | wrong)


@QUICK
@given(mean=st.floats(0.001, 40), vmr=ratios, top=st.integers(1, 60))
def test_tables_say_what_the_functions_say(mean, vmr, top):
    table = Table.of(np.array([mean]), np.array([vmr]), top)
    stock = np.arange(top + 1.0)
    for rows, function in ((table.chance, exactly), (table.at_most, at_most), (table.lost, lost)):
        np.testing.assert_allclose(rows[:, 0], function(stock, np.array(mean), np.array(vmr)), rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(table.left[:, 0] - table.lost[:, 0], stock - mean, atol=1e-9)
    np.testing.assert_allclose(above(stock, mean, vmr) + at_most(stock, mean, vmr), 1)


def test_tables_hold_where_no_use_at_all_underflows():
    table = Table.of(np.array([3000.0]), np.array([2.0]), 3400)
    assert table.chance[0, 0] == 0
    assert table.at_most[-1, 0] == pytest.approx(1)
    assert table.lost[0, 0] == pytest.approx(3000)


def test_visits_are_those_of_walking_down():
    chance = Table.of(np.array([1.3]), np.array([1.8]), 12).chance
    rng = np.random.default_rng(1)
    seen, walks = np.zeros(6), 40_000
    position = np.zeros(walks, dtype=int)
    for _ in range(60):
        seen += np.bincount(position[position < 6], minlength=6)
        position = position + rng.choice(13, size=walks, p=chance[:, 0] / chance.sum())
    np.testing.assert_allclose(renewals(chance, 6)[:, 0], seen / walks, rtol=0.03)


def terms(**changes):
    usual = {
        "review_days": 7.0,
        "lead_days": 0.0,
        "life_days": np.inf,
        "unit_cost": 4.0,
        "lost_unit_cost": 40.0,
        "fill_floor": 0.0,
        "least_par": 0,
        "most_par": NO_CAP,
        "holding_rate": 0.2,
        "line_cost": 1.5,
    }
    return Terms(**{name: np.asarray(value) for name, value in (usual | changes).items()})


def demand(mean, vmr=1.5, doubt=0.0):
    return Demand(*np.broadcast_arrays(np.asarray(mean, float), vmr, doubt))


CASES = [  # units a day, ratio, par, reorder point, review, lead, life
    (0.4, 1.5, 6, 5, 7, 1, 0),
    (0.4, 1.0, 9, 4, 3, 2, 0),
    (0.05, 2.0, 3, 1, 14, 1, 0),
    (3.0, 2.5, 50, 22, 7, 1, 0),
    (0.02, 1.0, 3, 2, 3, 1, 200),
    (0.02, 1.5, 4, 1, 3, 1, 200),
    (0.08, 1.0, 8, 0, 3, 1, 100),
]


def test_an_outlook_is_what_the_calendar_brings_about():
    """Many places over many years, day by day, beside the formulas."""
    rng = np.random.default_rng(7)
    mean, vmr, par, point, review, lead, life = (np.array(column) for column in zip(*CASES, strict=True))
    copies, days = 60, 2200
    size = mean / np.maximum(vmr - 1, 1e-9)
    use = np.where(
        vmr > 1,
        rng.negative_binomial(np.where(vmr > 1, size, 1), 1 / vmr, (days, copies, len(CASES))),
        rng.poisson(mean, (days, copies, len(CASES))),
    )[..., None]
    places = Stations(review, review * 0, lead)
    ran = simulate(use, {0: (par[:, None], point[:, None])}, places, Items(np.array(["B"]), np.ones(1), life[:, None]))
    years = days / 365
    found = evaluate(
        par,
        point + 1,
        demand(mean, vmr),
        terms(review_days=review, lead_days=lead - 1, life_days=np.where(life > 0, life, np.inf)),
    )

    def average(per_pair):
        return per_pair[..., 0].mean(axis=0)

    np.testing.assert_allclose(found.stock_units, average(ran.stock_days) / days + mean / 2, rtol=0.1, atol=0.08)
    np.testing.assert_allclose(found.lines, average(ran.lines) / years, rtol=0.12, atol=0.1)
    np.testing.assert_allclose(found.fill, 1 - average(ran.lost) / average(ran.used), atol=0.02)
    # The batch of a shelf that is neither refilled at once nor when empty is an interpolation: it errs upward.
    np.testing.assert_allclose(found.waste_units, average(ran.expired) / years, rtol=0.3, atol=0.1)


@pytest.mark.parametrize("life", [np.inf, 150.0])
@pytest.mark.parametrize("mean", [0.003, 0.07, 0.6])
def test_the_recommendation_is_the_cheapest_of_all_pars_and_minimums(mean, life):
    deal = terms(life_days=life)
    found = recommend(demand([mean]), deal)
    tried = [(par, minimum) for par in range(1, 45) for minimum in range(1, par + 1)]
    pars, minimums = np.array(tried).T
    costs = evaluate(pars, minimums, demand([mean]), deal).cost
    nothing = mean * 365 * 40.0

    assert found.expected.cost[0] == pytest.approx(min(costs.min(), nothing), rel=1e-3)
    if found.par[0]:
        assert found.expected.cost[0] == pytest.approx(
            costs[tried.index((int(found.par[0]), int(found.minimum[0])))], rel=1e-9
        )


def test_each_rule_says_when_it_decided():
    cases: dict[Reason, tuple[float, dict[str, float]]] = {
        Reason.PENALTY: (0.5, {}),
        Reason.FILL_FLOOR: (0.5, {"lost_unit_cost": 0.4, "fill_floor": 0.99, "line_cost": 0.01}),
        Reason.MANDATED: (0.001, {"least_par": 6}),
        Reason.EXPIRY_CAP: (0.02, {"life_days": 60.0, "lost_unit_cost": 200.0, "unit_cost": 20.0}),
        Reason.SHELF_CAP: (0.5, {"most_par": 3}),
        Reason.NOT_WORTH_KEEPING: (0.0001, {"lost_unit_cost": 5.0, "unit_cost": 30.0}),
    }
    for reason, (mean, changes) in cases.items():
        found = recommend(demand([mean]), terms(**changes))
        assert Reason(int(found.reason[0])) is reason, reason
    floored = recommend(demand([0.5]), terms(lost_unit_cost=0.4, fill_floor=0.99, line_cost=0.01))
    assert floored.expected.fill[0] >= 0.99
    assert recommend(demand([0.001]), terms(least_par=6)).par[0] == 6
    assert recommend(demand([0.5]), terms(most_par=3)).par[0] == 3


def test_more_penalty_more_doubt_and_cheaper_lines_move_the_par_as_they_should():
    pars = recommend(demand([0.3] * 4), terms(lost_unit_cost=np.array([1, 5, 40, 200.0]))).par
    assert (np.diff(pars) >= 0).all()
    assert pars[-1] > pars[0]
    known, doubted = recommend(demand([0.3, 0.3], doubt=np.array([0, 0.5])), terms()).par
    assert doubted > known
    dear, cheap = recommend(demand([0.3, 0.3]), terms(line_cost=np.array([10.0, 0.01]))).expected.lines
    assert dear < cheap


def test_a_pair_is_answered_alike_alone_and_among_others():
    rng = np.random.default_rng(3)
    many = demand(10 ** rng.uniform(-4, 1, 200), 1 + rng.exponential(1, 200), rng.uniform(0, 0.3, 200))
    life = np.where(rng.random(200) < 0.5, 200.0, np.inf)
    together = recommend(many, terms(life_days=life, fill_floor=0.97))
    for pair in (0, 57, 199):
        row = np.array([pair])
        alone = recommend(many.taken(row), terms(life_days=life[row], fill_floor=0.97))
        assert (alone.par[0], alone.minimum[0]) == (together.par[pair], together.minimum[pair])
    again = evaluate(together.par, together.minimum, many, terms(life_days=life))
    np.testing.assert_allclose(again.cost, together.expected.cost)


def test_a_budget_takes_first_what_is_missed_least_as_trying_everything_would():
    of, deal = demand([0.05, 0.2, 0.4]), terms(unit_cost=np.array([2.0, 8.0, 5.0]), line_cost=0.0)
    free = recommend(of, deal)
    cost = deal.unit_cost
    budget = float(free.par @ cost) * 0.6
    limit = Limit(np.zeros(3, np.int64), cost, np.array([budget]), is_money=True)
    held = recommend(of, deal, limits=(limit,))

    assert held.par @ cost <= budget
    assert (held.par <= free.par).all()
    assert Reason.BUDGET_CAP in held.reason
    best = min(
        evaluate(pars, pars, of, deal).cost.sum()
        for pars in map(np.array, product(*(range(par + 1) for par in free.par)))
        if pars @ cost <= budget
    )
    # What greed takes in whole units may miss the best by the worth of one unit.
    one_unit = max(
        evaluate(np.maximum(held.par - row, 0), np.maximum(held.par - row, 0), of, deal).cost.sum()
        - held.expected.cost.sum()
        for row in np.eye(3, dtype=int)
    )
    assert held.expected.cost.sum() - best <= one_unit


def test_a_volume_binds_its_own_station_only_and_never_what_is_mandated():
    of, deal = demand([0.4, 0.4, 0.4, 0.4]), terms(least_par=np.array([0, 5, 0, 5]))
    free = recommend(of, deal)
    limit = Limit(np.array([0, 0, 1, 1]), np.full(4, 10.0), np.array([60.0, 1e6]), is_money=False)
    held = recommend(of, deal, limits=(limit,))
    assert held.par[:2].sum() <= 6
    assert held.par[1] >= 5
    assert held.par[2:].tolist() == free.par[2:].tolist()
    assert held.reason[0] == Reason.VOLUME_CAP
    assert (held.minimum <= held.par).all()


def test_whole_packs_are_the_cheaper_of_both_neighbours():
    of, deal = demand([0.5, 0.001]), terms(least_par=np.array([0, 2]))
    plain, packed = recommend(of, deal), recommend(of, deal, pack=np.array([10, 1]))
    assert packed.par[0] % 10 == 0
    assert abs(packed.par[0] - plain.par[0]) < 10
    assert packed.par[1] == plain.par[1]
    if packed.par[0] != plain.par[0]:
        assert packed.reason[0] == Reason.PACK


def test_a_par_is_proposed_when_it_matters_and_not_again_when_it_hardly_does():
    of, deal = demand([0.4]), terms()
    best = recommend(of, deal)
    level = int(best.par[0])

    def is_asked(new, old, **rules):
        todays, expected = (evaluate([par], [min(par, int(best.minimum[0]))], of, deal) for par in (old, new))
        return bool(is_worth_proposing([new], [old], expected, todays, **{"fill_floor": [0.0]} | rules)[0])

    assert not is_asked(level, level)
    assert is_asked(level, level * 4)  # saves holding
    assert is_asked(level, 1)  # saves lost units
    assert not is_asked(level, level + 1)  # hardly saves anything
    assert not is_asked(level * 4, level)  # costs more
    assert is_asked(level + 1, level, least_par=[level + 1])  # somebody prescribed it
    assert is_asked(level * 2, level, fill_floor=[0.999999])  # fills better what is below its floor


def test_nothing_kept_loses_all_and_what_nobody_uses_only_expires():
    empty = evaluate([0], [0], demand([0.5]), terms())
    assert empty.fill[0] == pytest.approx(0)
    assert empty.cost[0] == pytest.approx(0.5 * 365 * 40)
    idle = evaluate([4], [2], demand([0.0]), terms(life_days=100.0))
    assert idle.fill[0] == 1
    assert idle.stock_units[0] == pytest.approx(4)
    assert idle.waste_units[0] == pytest.approx(4 / 100 * 365, rel=0.01)
    assert idle.lines[0] == pytest.approx(3.65 * 4 / 3, rel=0.01)
    nowhere = recommend(Demand(*(np.zeros(0) for _ in range(3))), terms())
    assert nowhere.par.shape == (0,)
    with pytest.raises(ValueError, match="Columns of 2 and 3 rows do not go together"):
        recommend(demand([0.5, 0.1]), terms(unit_cost=np.ones(3)))


def test_a_minimum_above_its_par_is_refused():
    with pytest.raises(ValueError, match="minimum must not be above par"):
        evaluate([1], [2], demand([1.0]), terms())


# --- Short -----------------------------------------------------------------------------------------------------------


@QUICK
@given(
    mean=means, vmr=ratios, lead=st.floats(0, 6), floor=targets, mandated=st.integers(0, 4), minimum=st.integers(0, 40)
)
def test_short_is_what_may_not_last_until_an_order_arrives(mean, vmr, lead, floor, mandated, minimum):
    deal = terms(lead_days=lead, fill_floor=floor, least_par=mandated)
    chances = enumerated(mean * lead, vmr)
    lasts = least(lambda stock: tail(chances, stock) <= (1 - floor) * (1 + 1e-9))
    assert short_below([minimum], demand(mean, vmr), deal).tolist() == [min(max(lasts, 1, mandated), minimum)]
