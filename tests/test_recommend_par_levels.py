"""``manage.py recommend_par_levels``: what it writes, what it refuses, and that its pars are good."""

import csv
from datetime import date, timedelta

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from tests.scoring import Items, Stations, at_day, score, simulate

pytestmark = pytest.mark.embedded  # no database is asked; one run is enough
NAMES = ("stations", "items", "calls", "history")
REVIEW, OFFSET, LEAD = np.array([3, 7, 14]), np.array([1, 0, 5]), np.array([1, 2, 1])
CALLS = np.array([5.0, 3.0, 1.5])
LETTERS = np.array(list("AABBCCCA"))
COST = np.array([11.0, 2.0, 5.0, 1.5, 1.6, 15.0, 9.0, 3.0])
LIFE = np.array([0, 300, 0, 200, 280, 0, 0, 160])
LEAST = np.array([2, 2, 1, 1, 0, 0, 0, 2])
PER_CALL = np.array([0.45, 0.03, 0.2, 0.001, 1.8, 0.08, 0.0, 0.0004])
SIZE = np.array([1, 1, 2, 1, 3, 2, 1, 1])


def year(rng, days=364):
    """(calls, use) of a division whose use follows its calls, in uses of one size per item."""
    calls = rng.poisson(CALLS, (days, 3))
    return calls, rng.poisson(calls[..., None] * PER_CALL / SIZE) * SIZE


def tables(calls, use):
    first = date(2024, 1, 1)
    day = [(first + timedelta(days=n)).isoformat() for n in range(len(calls))]
    return {
        "stations": [
            ("station", "review_days", "review_offset", "lead_days", "protection_days"),
            *((f"S{n}", REVIEW[n], OFFSET[n], LEAD[n], REVIEW[n] + LEAD[n] - 1) for n in range(3)),
        ],
        "items": [
            ("item", "criticality", "unit_cost", "shelf_life_days", "min_par"),
            *((f"I{n}", LETTERS[n], COST[n], LIFE[n], LEAST[n]) for n in range(8)),
        ],
        "calls": [("date", "station", "calls"), *((day[t], f"S{s}", n) for (t, s), n in np.ndenumerate(calls))],
        "history": [
            ("date", "station", "item", "qty"),
            *((day[t], f"S{s}", f"I{i}", n) for (t, s, i), n in np.ndenumerate(use) if n),
        ],
    }


def recommended(folder, content, *options):
    for name in NAMES:
        with (folder / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows(content[name])
    files = [part for name in NAMES for part in (f"--{name}", str(folder / f"{name}.csv"))]
    call_command("recommend_par_levels", *files, "--out", str(folder / "par.csv"), *options)
    return (folder / "par.csv").read_text()


def rows_of(text):
    return [
        (
            int(row["from_day"]),
            int(row["station"][1:]),
            int(row["item"][1:]),
            int(row["par"]),
            int(row["reorder_point"]),
        )
        for row in csv.DictReader(text.splitlines())
    ]


@pytest.fixture(scope="module")
def content():
    return tables(*year(np.random.default_rng(1)))


@pytest.fixture(scope="module")
def answer(content, tmp_path_factory):
    """The file that the command writes for a year of this division."""
    return recommended(tmp_path_factory.mktemp("par"), content)


def scored(rows, use):
    return score(
        simulate(use, at_day(rows, len(use), (3, 8)), Stations(REVIEW, OFFSET, LEAD), Items(LETTERS, COST, LIFE)),
        Items(LETTERS, COST, LIFE),
    )


def textbook(content, use, target):
    """One par per pair from its own mean and variance, ordered up to at every review: the usual advice."""
    from scipy import stats

    mean, ratio = use.mean(axis=0), np.maximum(use.var(axis=0) / np.maximum(use.mean(axis=0), 1e-9), 1.001)
    days = (REVIEW + LEAD - 1)[:, None]
    par = stats.nbinom.ppf(target, np.maximum(mean, 1e-4) * days / (ratio - 1), 1 / ratio)
    par = np.maximum(par, LEAST).astype(int)
    return [(0, s, i, int(n), int(n) - 1) for (s, i), n in np.ndenumerate(par)]


def test_the_year_after_costs_far_less_than_by_the_textbook_and_life_saving_items_are_there(tmp_path, content, answer):
    rng = np.random.default_rng(1)
    _, seen = year(rng)
    following = np.stack([year(rng)[1] for _ in range(6)], axis=1)
    rows = rows_of(answer)
    steady = rows_of(recommended(tmp_path, content, "--every-review"))

    ours, plain = scored(rows, following), scored(steady, following)
    others = [scored(textbook(content, seen, target), following) for target in (0.99, 0.999)]

    assert len(steady) == 24
    assert ours.cost < plain.cost < min(other.cost for other in others)
    assert ours.cost < 0.7 * min(other.cost for other in others)
    assert ours.fill["A"] > 0.9985
    assert plain.fill["A"] > 0.9985
    assert ours.fill["B"] > 0.985
    assert ours.fill["C"] > 0.96


def test_the_file_holds_every_pair_from_day_0_and_is_the_same_each_time(tmp_path, content, answer):
    text, rows = answer, rows_of(answer)
    assert text.splitlines()[0] == "station,item,par,reorder_point,from_day"
    assert sorted((s, i) for day, s, i, *_ in rows if day == 0) == [(s, i) for s in range(3) for i in range(8)]
    assert len({row[:3] for row in rows}) == len(rows)
    assert all(-1 <= point < max(par, 1) for *_, par, point in rows)
    assert all(par >= LEAST[i] for _, _, i, par, _ in rows)
    assert text == recommended(tmp_path, content)
    assert not list(tmp_path.glob("tmp*"))


def test_each_window_of_a_cycle_holds_one_review_wherever_it_falls(answer):
    for day, station, *_ in rows_of(answer):
        assert day % REVIEW[station] == 0


def changed(content, name, change):
    rows = [list(row) for row in content[name]]
    change(rows)
    return content | {name: rows}


def put(row, column, value):
    def change(rows):
        rows[row][column] = value

    return change


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("stations", put(2, 0, "S0"), "stations.csv, line 3, station: S0 is in line 2 already"),
        ("stations", put(1, 1, 0), "stations.csv, line 2, review_days: 0 must be from 1"),
        (
            "stations",
            lambda rows: rows[0].remove("lead_days"),
            "stations.csv, line 1, lead_days: this column is missing",
        ),
        ("items", put(1, 1, "D"), "items.csv, line 2, criticality: 'D' is not one of: A, B, C"),
        ("items", put(1, 2, "-3"), "items.csv, line 2, unit_cost: -3 must be from 0"),
        ("items", put(1, 2, ""), "items.csv, line 2, unit_cost: is empty"),
        ("calls", put(1, 0, "01/02/2024"), "calls.csv, line 2, date: '01/02/2024' is not a date"),
        ("calls", put(5, 1, "S9"), "calls.csv, line 6, station: There is no station S9 in the file of stations"),
        ("calls", lambda rows: rows.append(rows[1]), "the same date, station is in line 2 already"),
        ("calls", lambda rows: rows.clear(), "calls.csv, line 1: is empty: its first line must name the columns"),
        ("history", put(1, 2, "X"), "history.csv, line 2, item: There is no item X in the file of items"),
        ("history", put(1, 3, -1), "history.csv, line 2, qty: -1 must be from 0"),
        ("history", put(1, 3, "1.5"), "history.csv, line 2, qty: 1.5 is not whole"),
        ("history", lambda rows: rows.append(rows[1]), "the same date, station, item is in line 2 already"),
        ("history", lambda rows: rows.__delitem__(slice(1, None)), "history.csv: has no rows below its heading"),
        ("items", lambda rows: rows.__delitem__(slice(1, None)), "items.csv: has no rows below its heading"),
    ],
)
def test_bad_files_are_refused_by_file_line_column_and_reason(tmp_path, capsys, content, name, change, says):
    small = content | {"calls": content["calls"][:40], "history": content["history"][:40]}
    with pytest.raises(CommandError, match="Nothing was written"):
        recommended(tmp_path, changed(small, name, change))
    assert says in capsys.readouterr().err
    assert not (tmp_path / "par.csv").exists()


def test_files_and_folders_that_are_not_there_are_named(tmp_path):
    for name in NAMES:
        (tmp_path / f"{name}.csv").write_text("nothing yet")
    files = {name: str(tmp_path / f"{name}.csv") for name in NAMES}

    def run(**files):
        call_command("recommend_par_levels", *(part for name, at in files.items() for part in (f"--{name}", str(at))))

    with pytest.raises(CommandError, match="--calls: there is no file"):
        run(**files | {"calls": tmp_path / "none.csv"}, out=tmp_path / "par.csv")
    with pytest.raises(CommandError, match="--out: there is no folder"):
        run(**files, out=tmp_path / "none" / "par.csv")


def test_a_station_that_counted_no_calls_is_judged_by_its_use(tmp_path, content):
    silent = content | {"calls": [row for row in content["calls"] if row[1] != "S0"]}
    rows = rows_of(recommended(tmp_path, silent, "--every-review"))
    usual = rows_of(recommended(tmp_path, content, "--every-review"))
    pars, before = ({(s, i): par for _, s, i, par, _ in found} for found in (rows, usual))
    for item in (0, 2, 4):
        assert pars[0, item] == pytest.approx(before[0, item], rel=0.15)
    assert pars[0, 6] <= 1  # what nobody ever used


def by_hand(use, par, point, *, review=2, lead=1, life=0):
    places, goods = (
        Stations(*np.array([[review], [0], [lead]])),
        Items(np.array(["A"]), np.array([10.0]), np.array([life])),
    )
    ran = simulate(np.array(use)[:, None, None], {0: (np.array([[par]]), np.array([[point]]))}, places, goods)
    return ran, score(ran, goods)


def test_the_calendar_by_hand():
    # Full with 3. Evenings of days 0, 2, 4 are reviewed; an order arrives before the next day's use.
    ran, result = by_hand([1, 1, 2, 0, 0], par=3, point=1)
    # Day 0: 2 left, above the point. Day 1: 1. Day 2: 2 asked, 1 there; 0 left, order 3. Day 3: 3 come. Day 4: above.
    assert ran.lost[0, 0] == 1
    assert ran.lines[0, 0] == ran.deliveries[0] == 1
    assert ran.stock_days[0, 0] == 2 + 1 + 0 + 3 + 3
    assert result.lost == 200
    assert result.lines == 1.5
    assert result.deliveries == 12
    assert result.holding == pytest.approx(9 / 5 * 10 * 0.2)
    assert result.fill["A"] == pytest.approx(3 / 4)


def test_units_expire_before_the_use_of_their_last_day_oldest_first():
    # Two units of 3 days: one used on day 0, the other gone before day 3's use; ordered again on the evening of day 4.
    ran, result = by_hand([1, 0, 0, 1, 0, 1], par=2, point=0, life=3)
    assert ran.expired[0, 0] == 1
    assert ran.lost[0, 0] == 1
    assert ran.lines[0, 0] == 1
    assert result.expired == 10
    # Ordered at every review: what came on day 1 outlives what was there on day 0, and is there on day 3.
    ran, _ = by_hand([1, 0, 0, 1, 0, 0], par=2, point=1, life=3)
    assert ran.expired[0, 0] == 1
    assert ran.lost[0, 0] == 0
