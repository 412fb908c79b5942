"""Replay: any city's files, the same actions as the pages, a database of its own, and figures that add up."""

import json
import os
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from ems_supply.simulation.calls import local_time, read_calls, types_of
from ems_supply.simulation.expectation import expect, unknown_types
from ems_supply.simulation.geography import distances_km, nearest
from ems_supply.simulation.pars import par_levels
from ems_supply.simulation.places import Place, read_places
from ems_supply.simulation.tables import UnusableFile
from ems_supply.simulation.use import CLASSES, Care, care_for, use_table
from tests.conftest import ROOT, test_database_url

STATIONS = "station,longitude,latitude\nNorth,-122.30,47.70\nSouth,-122.30,47.50\n"
NORTH, SOUTH = Place("North", 47.70, -122.30), Place("South", 47.50, -122.30)


@pytest.fixture
def write(tmp_path):
    def write(text: str, name: str = "file.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def some_calls(*rows: str) -> str:
    return "\n".join(["incident_number,datetime_local,type,latitude,longitude", *rows]) + "\n"


# --- Stations ---------------------------------------------------------------------------------------------------------


def test_stations_of_another_city_need_only_the_name_of_their_column(shared):
    path = shared / "stations" / "fairfax_county_va_fire_rescue_stations.csv"

    with pytest.raises(UnusableFile, match=r"no column station.*facility_name.*--station-column NAME"):
        read_places(path)

    places, notes = read_places(path, "company")
    assert len(places) == 48
    assert len({place.name for place in places}) == 48
    assert any("18 (2)" in note for note in notes)


def test_equal_rows_count_once_and_a_second_place_of_a_name_is_numbered(write):
    path = write(STATIONS + "north ,-122.30,47.70\nNorth,-122.10,47.60\nNorth (2),-122.2,47.6\n")

    places, notes = read_places(path)

    assert [place.name for place in places] == ["North", "North (3)", "South", "North (2)"]
    assert len(notes) == 2


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("West,,47.6", "longitude", "missing"),
        ("West,east,47.6", "longitude", "not a number"),
        ("West,47.6,-122.3", "latitude", "swapped"),
        ("West,nan,47.6", "longitude", "not between"),
        ("West,0,0", "latitude", "unknown"),
        (",-122.3,47.6", "station", "missing"),
    ],
)
def test_a_bad_station_is_refused_by_line_and_column(write, row, column, reason):
    path = write(STATIONS + row + "\n")

    with pytest.raises(UnusableFile) as refused:
        read_places(path)

    [problem] = refused.value.problems
    assert problem.startswith(f"file.csv, line 4, {column}: ")
    assert reason in problem


@pytest.mark.parametrize("content", [b"", b"station,longitude,latitude\n", b"\xff\xfe\x00", b"PK\x03\x04\x00\x00"])
def test_a_file_that_holds_no_stations_is_refused(tmp_path, content):
    path = tmp_path / "odd.csv"
    path.write_bytes(content)

    with pytest.raises(UnusableFile):
        read_places(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(UnusableFile, match="cannot be read"):
        read_places(tmp_path / "none.csv")


# --- Calls ------------------------------------------------------------------------------------------------------------


def test_a_call_goes_to_the_nearest_station_and_a_repeated_incident_counts_once(write):
    path = write(
        some_calls(
            "F2,2017-05-02T10:00:00,Aid Response,47.51,-122.30",
            "F1,2017-05-01T10:00:00+0000,Medic Response,47.69,-122.30",
            "F1,2017-05-01T10:05:00,Aid Response,47.50,-122.30",
        )
    )

    calls = read_calls(path, [NORTH, SOUTH])

    assert [(call.incident, call.station) for call in calls.used] == [("F1", 0), ("F2", 1)]
    assert calls.used[0].happened_at == datetime(2017, 5, 1, 10)  # noqa: DTZ001 - local, whatever the stamp says
    assert (calls.rows, calls.repeated, calls.problems) == (3, 1, [])


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("F9,yesterday,Aid Response,47.6,-122.3", "datetime_local"),
        ("F9,,Aid Response,47.6,-122.3", "datetime_local"),
        ("F9,2017-05-01T10:00:00,,47.6,-122.3", "type"),
        ("F9,2017-05-01T10:00:00,Aid Response,,-122.3", "latitude"),
        ("F9,2017-05-01T10:00:00,Aid Response,40.0,-75.0", "latitude, longitude"),
        ("F9,2017-05-01T10:00:00,Aid Response", "latitude"),
    ],
)
def test_a_bad_call_is_left_out_and_reported(write, row, column):
    good = [f"F{number},2017-05-01T10:00:00,Aid Response,47.6,-122.3" for number in range(3)]

    calls = read_calls(write(some_calls(*good, row)), [NORTH, SOUTH])

    assert len(calls.used) == 3
    [problem] = calls.problems
    assert (problem.line, problem.column) == (5, column)


def test_a_file_of_mostly_bad_calls_is_refused(write):
    path = write(some_calls("F1,2017-05-01T10:00:00,Aid,47.6,-122.3", "F2,,Aid,1,1", "F3,,Aid,1,1"))

    with pytest.raises(UnusableFile, match="2 of 3 rows") as refused:
        read_calls(path, [NORTH, SOUTH])

    assert len(refused.value.problems) == 2


def test_hours_are_read_in_the_ways_that_cities_write_them():
    for text in ("2017-05-01T13:45:00", "2017-05-01 13:45", "2017-05-01T13:45:00-07:00", "05/01/2017 01:45:00 PM"):
        assert local_time(text).isoformat()[:16] == "2017-05-01T13:45"


def test_all_of_seattles_types_but_a_few_are_known(shared):
    places, _ = read_places(shared / "stations" / "seattle_fire_stations.csv")
    calls = read_calls(shared / "demand" / "seattle_fire911_2017-03_to_2017-09.csv", places)

    assert (len(calls.used), calls.repeated) == (61_401, 107)
    assert len(unknown_types(types_of(calls.used))) <= 4


@pytest.mark.parametrize(
    ("call_type", "care"),
    [
        ("Aid Response", Care("bls")),
        ("MEDIC RESPONSE", Care("als")),
        ("Medic Response- 7 per Rule", Care("arrest")),
        ("MVI - Motor Vehicle Incident", Care("mvi")),
        ("Automatic Fire Alarm False", Care("none", 0)),
        ("Trans to AMR", Care("none", 0)),
        ("Multiple Casualty Incident", Care("trauma", 6)),
        ("EMS: CARDIAC ARREST", Care("arrest")),
        ("Quidditch", None),
    ],
)
def test_a_type_gives_a_class_of_care(call_type, care):
    assert care_for(call_type) == care


# --- What is worked out -----------------------------------------------------------------------------------------------


def test_distances_are_great_circles():
    def one(*numbers):
        return np.array(numbers, dtype=float)

    table = distances_km(one(0, 90), one(0, 0), one(0, 0), one(90, 180))

    quarter = 6371.0088 * np.pi / 2
    assert table == pytest.approx(np.array([[quarter, 2 * quarter], [quarter, quarter]]))
    index, _ = nearest(one(10, -10), one(0, 0), one(-11, 11), one(0, 0))
    assert index.tolist() == [1, 0]


def test_draws_follow_the_table_and_the_seed():
    table = use_table()
    cares = [Care("bls")] * 2_000 + [Care("none", 0)]

    drawn = table.draw(cares, np.random.default_rng(5))

    gloves = table.skus.index("PPE-GLV-M")
    mean = sum(used.get(gloves, 0) for used in drawn) / 2_000
    assert mean == pytest.approx(table.means[CLASSES.index("bls"), gloves], rel=0.1)
    assert drawn[-1] == {}
    assert drawn == table.draw(cares, np.random.default_rng(5))
    assert drawn != table.draw(cares, np.random.default_rng(6))


def test_a_par_level_covers_review_and_lead_and_is_whole_packs():
    par, minimum = par_levels(np.array([0.0, 0.01, 4.0]), np.array([10, 10, 50]), review_days=3, lead_days=2)

    assert minimum.tolist() == [0, 2, 31]  # 20 + 2.33 √20
    assert par.tolist() == [0, 10, 50]


def test_expectation_never_looks_at_the_replayed_days(write):
    before = [f"A{day},2017-04-{day:02d}T10:00:00,Aid Response,47.70,-122.30" for day in range(1, 31)]
    after = [f"B{number},2017-05-01T10:00:00,Medic Response,47.50,-122.30" for number in range(9)]

    lean = expect(read_calls(write(some_calls(*before)), [NORTH, SOUTH]), stations=2, first=date(2017, 5, 1))
    full = expect(read_calls(write(some_calls(*before, *after)), [NORTH, SOUTH]), stations=2, first=date(2017, 5, 1))

    assert full.history_days == lean.history_days == 30
    assert (full.per_day == lean.per_day).all()
    assert (full.per_day[1] > 0).any()  # a quiet station is stocked for a little


def test_without_history_every_station_is_assumed_alike(write):
    calls = read_calls(write(some_calls("A,2017-05-01T10:00:00,Aid Response,47.7,-122.3")), [NORTH, SOUTH])

    expectation = expect(calls, stations=2, first=date(2017, 5, 1))

    assert expectation.history_days == 0
    assert (expectation.per_day[0] == expectation.per_day[1]).all()


# --- The command ------------------------------------------------------------------------------------------------------


def replay(stations: Path, calls: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command as people run it, in a process of its own, beside this suite's database."""
    command = [sys.executable, "manage.py", "replay", "--stations", str(stations), "--calls", str(calls), *arguments]
    environment = os.environ | {"DATABASE_URL": test_database_url(), "DJANGO_SETTINGS_MODULE": "ems_supply.settings"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.django_db
def test_a_week_of_seattle_replays_and_the_ledger_adds_up(shared, tmp_path):
    out = tmp_path / "out.json"

    done = replay(
        shared / "stations" / "seattle_fire_stations.csv",
        shared / "demand" / "seattle_fire911_2017-03_to_2017-09.csv",
        *("--from", "2017-05-01", "--days", "7", "--json", str(out)),
    )

    assert done.returncode == 0, done.stderr
    figures = json.loads(out.read_text())
    assert figures["ledger_differences"] == 0
    assert figures["inputs"]["calls"] == 2_100
    assert figures["inputs"]["stations"] == 36
    assert 0.9 < figures["line_fill_rate"] <= 1
    assert 0.9 < figures["unit_fill_rate"] <= 1
    assert figures["stockouts"] < figures["inputs"]["use_lines"] * 0.01
    assert figures["orders"] > 50
    assert figures["runs"] > 4
    assert figures["kilometres"] > 100
    assert figures["actions_per_second"] > 1
    for name in ("line_fill_rate", "stockouts", "ledger_differences"):
        assert name in done.stdout
    assert "Replaying" in done.stderr


@pytest.mark.embedded
@pytest.mark.django_db
def test_the_same_seed_gives_the_same_figures(write):
    stations = write(STATIONS, "stations.csv")
    rows = [f"A{n},2017-05-{1 + n // 20:02d}T{n % 20:02d}:30:00,Medic Response,47.6{n % 9},-122.3" for n in range(60)]
    calls = write(some_calls(*rows), "calls.csv")
    found = []
    for number, seed in enumerate(("3", "3")):
        out = stations.with_name(f"{number}.json")
        done = replay(stations, calls, "--from", "2017-05-01", "--days", "3", "--seed", seed, "--json", str(out))
        assert done.returncode == 0, done.stderr
        figures = json.loads(out.read_text())
        found.append((figures["stockouts"], figures["inputs"]["use_units"], figures["orders"], figures["kilometres"]))

    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--from", "2016-01-01", "--days", "7"), "covers 2017-05-01 to 2017-05-01"),
        (("--from", "tomorrow", "--days", "7"), "not a day"),
        (("--from", "2017-05-01", "--days", "0"), "number of days"),
        (("--from", "2017-05-01", "--days", "1", "--json", "/nowhere/out.json"), "no folder"),
        (("--from", "2017-05-01", "--days", "1", "--seed", "-1"), "whole number"),
    ],
)
def test_a_replay_that_cannot_be_is_refused_before_anything_is_made(write, arguments, said):
    stations = write(STATIONS, "stations.csv")
    calls = write(some_calls("A,2017-05-01T10:00:00,Aid Response,47.7,-122.3"), "calls.csv")

    with pytest.raises(CommandError, match=said):
        call_command("replay", "--stations", str(stations), "--calls", str(calls), *arguments)
