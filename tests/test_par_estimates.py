"""What is known of demand: pooled where little was seen, its own where much was, and blind to empty shelves."""

import numpy as np
import pytest

from inventory.policy import UseSums, activity_per_day, estimate, sum_history

pytestmark = pytest.mark.embedded  # no database is asked; one run is enough
DAYS = 364


def history(rates, *, seed=1, batch=1, days=DAYS):
    """Days × pairs of a Poisson number of uses of ``batch`` units, from rates stations × items."""
    return np.random.default_rng(seed).poisson(np.ravel(rates) / batch, (days, np.size(rates))) * batch


def pairs(stations, items):
    return {"station": np.repeat(np.arange(stations), items), "item": np.tile(np.arange(items), stations)}


def test_decayed_sums_weigh_the_last_day_most():
    sums = sum_history([[4, 0], [2, 1]], [0, 0], [0, 1], half_life_days=1)
    assert sums.used.tolist() == [4.0, 1.0]
    assert sums.days.tolist() == [1.5, 1.5]
    assert sums.squares.tolist() == [12.0, 1.0]


def test_an_empty_shelf_shows_no_demand():
    used = history([[0.8]])
    in_stock = np.ones_like(used, dtype=bool)
    in_stock[100:250] = False
    used[100:250] = 0
    blind = estimate(sum_history(used, [0], [0], half_life_days=1e9), [1.0]).demand
    seeing = estimate(sum_history(used, [0], [0], in_stock, half_life_days=1e9), [1.0]).demand
    assert seeing.mean_per_day[0] == pytest.approx(0.8, rel=0.15)
    assert blind.mean_per_day[0] == pytest.approx(0.8 * 214 / 364, rel=0.15)


def test_much_history_speaks_for_itself_and_little_for_its_like():
    calls = np.array([2.0, 4.0, 6.0, 8.0])
    rates = np.outer(calls, [0.2, 0.0005])
    rates[0, 0] *= 3  # the first station uses three times as much of the common item, which is seen often enough
    found = estimate(sum_history(history(rates), **pairs(4, 2), half_life_days=1e9), calls)
    mean, share = found.demand.mean_per_day.reshape(4, 2), found.own_share.reshape(4, 2)
    assert mean[0, 0] == pytest.approx(1.2, rel=0.1)
    assert (share[:, 0] > 0.9).all()
    assert (share[:, 1] < 0.6).all()
    assert (np.diff(mean[1:, 1]) > 0).all()  # hardly used: by calls
    doubt = found.demand.doubt.reshape(4, 2)
    assert (doubt[:, 1] > 10 * doubt[:, 0]).all()


def test_a_new_station_gets_use_per_call_times_its_calls_and_a_new_item_a_little():
    calls = np.array([3.0, 3.0, 5.0])
    used = history(np.outer(calls, [0.3, 0.02, 0.0]))
    in_stock = np.ones(used.shape, dtype=bool)
    in_stock[:, 6:] = False  # the third station has no history at all
    found = estimate(sum_history(used, in_stock=in_stock, **pairs(3, 3)), calls)
    mean = found.demand.mean_per_day.reshape(3, 3)
    assert mean[2, 0] == pytest.approx(5 * 0.3, rel=0.15)
    assert found.own_share.reshape(3, 3)[2].tolist() == [0, 0, 0]
    assert 0 < mean[2, 2] < mean[2, 1] < mean[2, 0]


@pytest.mark.parametrize("batch", [1, 3])
def test_the_ratio_is_the_size_of_a_use(batch):
    found = estimate(sum_history(history(np.full((6, 1), 0.3), batch=batch), **pairs(6, 1)), np.ones(6))
    np.testing.assert_allclose(found.demand.vmr, batch, rtol=0.25)
    assert (found.demand.vmr >= 1).all()


def test_pooling_forecasts_better_than_each_pair_by_itself_and_than_one_rate_for_all():
    rng = np.random.default_rng(5)
    calls = rng.uniform(1, 7, 12)
    truth = np.outer(calls, np.exp(rng.normal(-5, 1.5, 40))) * rng.gamma(6, 1 / 6, (12, 40))
    found = estimate(sum_history(history(truth, seed=6), **pairs(12, 40), half_life_days=1e9), calls)
    mean = found.demand.mean_per_day.reshape(12, 40)
    own, pooled = found.own_per_day.reshape(12, 40), np.outer(calls, found.per_call)

    def error(guess):  # Poisson deviance
        guess = np.maximum(guess, 1e-6)
        return float((guess - truth + truth * np.log(truth / guess)).sum())

    assert error(mean) < error(own)
    assert error(mean) < error(pooled)
    # Its doubt is honest: the truth lies as far off as it says.
    off = (truth / mean - 1) ** 2 / found.demand.doubt.reshape(12, 40)
    assert 0.5 < off.mean() < 1.6


def test_places_that_count_no_calls_are_told_apart_by_their_use():
    busy = np.array([1.0, 2.0, 4.0])
    sums = sum_history(history(np.outer(busy, [0.5, 0.2, 0.05])), **pairs(3, 3))
    activity = activity_per_day(sums)
    np.testing.assert_allclose(activity / activity[0], busy, rtol=0.15)


def test_without_any_history_there_is_still_an_answer():
    nothing = np.zeros(4)
    found = estimate(UseSums(**pairs(2, 2), used=nothing, days=nothing, squares=nothing), [2.0, 2.0])
    assert (found.demand.mean_per_day > 0).all()
    assert np.isfinite(found.demand.vmr).all()
    assert (found.own_share == 0).all()
