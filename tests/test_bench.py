"""The bench itself: that it measures what it says, and judges."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import DomainError
from ems_supply.bench import par_levels, routing
from ems_supply.bench.asked import Asked
from ems_supply.bench.division import Size
from ems_supply.bench.measuring import Timed, growth_exponent, in_turn
from ems_supply.bench.par_by_hand import recommend_by_hand
from ems_supply.bench.report import Bound, Figure, broken, read, table, write
from inventory.policy import recommend
from tests import make
from tests.conftest import ROOT, test_database_url


@pytest.mark.parametrize(
    ("bound", "value", "floor", "is_kept"),
    [
        (Bound(1.5), 3.0, 2.0, True),
        (Bound(1.5), 3.1, 2.0, False),
        (Bound(300, "value"), 300, None, True),
        (Bound(300, "value"), 301, None, False),
        (Bound(1.5), 3.0, None, False),
        (None, 3.0, 2.0, None),
    ],
)
def test_a_figure_is_held_to_its_bound(bound, value, floor, is_kept):
    figure = Figure("W1", "Sweep", "20 × 200", value, "s", floor=floor, bound=bound)

    assert figure.is_kept is is_kept
    assert broken([figure]) == ([figure] if is_kept is False else [])


def test_growth_is_the_exponent_of_the_size():
    sizes = [4_000, 50_000, 300_000]

    assert growth_exponent(sizes, [size * 3e-6 for size in sizes]) == pytest.approx(1)
    assert growth_exponent(sizes, [size**1.2 for size in sizes]) == pytest.approx(1.2)


def test_system_and_floor_are_run_in_turn_from_the_same_state():
    seen = []

    timed = in_turn(
        lambda: seen.append("system"), lambda: seen.append("floor"), reset=lambda: seen.append("reset"), runs=2
    )

    assert seen == [*(["reset", "floor", "reset", "system"] * 3), "reset"]
    assert (len(timed.system), len(timed.floor)) == (2, 2)


def test_medians_are_compared_not_means():
    assert Timed(system=[1, 2, 90], floor=[1, 1, 50]).ratio == 2


def test_the_report_can_be_read_again(tmp_path: Path):
    figures = [
        Figure("W1", "Sweep", "20 × 200", 0.25, "s", 0.2, Bound(1.5), {"runs": [0.25]}),
        Figure("W1", "Memory", "20 × 200", 120.5, "MiB", bound=Bound(100, "value")),
    ]

    write(figures, {"cores": 2}, make.AT, tmp_path / "out.json")

    assert read(tmp_path / "out.json") == figures
    assert read(tmp_path / "none.json") == []
    text = (tmp_path / "out.md").read_text()
    assert "| W1 | Sweep | 20 × 200 | 250.0 ms | 200.0 ms | 1.25 | 1.5 × | yes |" in text
    assert "| **no** |" in text
    assert table(figures) in text


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_command_measures_writes_and_judges(tmp_path: Path):
    """Tiny sizes in a database of its own: the times mean nothing here, the counts and the shape do."""
    out = tmp_path / "results" / "bench.json"
    command = [
        sys.executable,
        "manage.py",
        "bench",
        "W1",
        "W2",
        "W4",
        "A1",
        "--quick",
        "--runs",
        "1",
        "--json",
        str(out),
    ]
    environment = os.environ | {"DATABASE_URL": test_database_url(), "EMS_ENV": "test"}

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=240)

    found = json.loads(out.read_text()) if out.exists() else pytest.fail(done.stderr[-3000:])
    assert {figure["part"] for figure in found["figures"]} == {"W1", "W2", "W4", "A1"}
    assert done.returncode == (0 if found["all_bounds_kept"] else 1), done.stderr
    by_name = {figure["what"]: figure for figure in found["figures"]}
    assert by_name["Queries that grow with lines"]["value"] == 0
    assert by_name["Units lost or doubled, differences found"]["value"] == 0
    assert by_name["Sweep with drafts"]["floor"] > 0
    assert by_name["Memory of the sweep"]["is_kept"]
    assert by_name["Memory beside its arguments and answer"]["is_kept"]
    assert by_name["Par recommendation"]["floor"] > 0
    assert by_name["A call of 1,000 movements"]["details"]["per_second"] > 0
    assert len(re.findall(r"\n\| [WA]", out.with_suffix(".md").read_text())) == len(found["figures"])


def test_routing_is_held_against_the_best_known_of_the_chosen_instances(shared):
    asked = Asked(make.AT, runs=1, quick=True, instances=["C101"])

    gap, mean = routing.measure(asked, lambda doing: None)

    assert (gap.what, gap.unit) == ("Gap of C101", "%")
    assert gap.details["best_known"] == 827.3
    assert gap.size.endswith(", best known 827.3")
    assert -1e-6 < gap.value < 20
    assert mean.value == gap.value
    assert mean.bound == Bound(0.5, "value")
    assert mean.size == "1 of 29 instances, 0.2 s each"
    with pytest.raises(DomainError, match="no instance C999"):
        list(routing.measure(Asked(make.AT, runs=1, instances=["C999"]), lambda doing: None))


def test_routing_says_where_it_looked_for_its_instances(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("EMS_SHARED", str(tmp_path))

    with pytest.raises(DomainError, match=f"{tmp_path}.*is not there. Set EMS_SHARED"):
        list(routing.measure(Asked(make.AT, runs=1), lambda doing: None))


def test_par_levels_by_hand_are_those_of_the_policy():
    """In this process, so that a difference shows as one; every rule decides some pair."""
    demand, terms = par_levels.division(Size(3, 120))
    system = recommend(demand, terms)
    by_hand = recommend_by_hand({name: column for rows in (demand, terms) for name, column in vars(rows).items()})

    assert len(set(system.reason.tolist())) > 2
    par_levels.compare(system, by_hand)
    by_hand["par"][7] += 1
    with pytest.raises(AssertionError, match="par of 1 pairs"):
        par_levels.compare(system, by_hand)


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_database_that_is_not_its_own_is_left_alone(tmp_path: Path):
    from django.db import connection

    from ems_supply.bench.database import bench_database

    name = f"{connection.settings_dict['NAME']}_foreign"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    try:
        with pytest.raises(DomainError, match="not made by the bench"), bench_database("_foreign"):
            pytest.fail("it went on")
        with connection._nodb_cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM pg_database WHERE datname = %s", [name])
            assert cursor.fetchone() == (1,)
    finally:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}"')


@pytest.mark.parametrize("arguments", [["W9"], ["W1", "--sizes", "20"], ["W1", "--runs", "0"]])
def test_bad_arguments_are_refused_before_anything_is_made(arguments):
    from django.core.management import CommandError, call_command

    with pytest.raises(CommandError):
        call_command("bench", *arguments)
