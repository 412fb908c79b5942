"""Published instances: read as their authors meant them, solved by rule, refused with the line where they are bad."""

import csv
import json

import pytest
from django.core.management import CommandError, call_command

from core.errors import DomainError
from orders.routing.checks import cost_of, faults
from orders.routing.instances import USUAL_ROUNDING, plan_from, problem_of, read_file, shown_cost, solve_instance
from orders.routing.vrplib import read_instance, read_solution

TINY = """NAME : tiny
TYPE : VRPTW
DIMENSION : 4
VEHICLES : 2
CAPACITY : 10
SERVICE_TIME : 1
EDGE_WEIGHT_TYPE : EUC_2D
NODE_COORD_SECTION
1 0 0
2 1 1
3 2 2
4 0 3
DEMAND_SECTION
1 0
2 4
3 4
4 4
TIME_WINDOW_SECTION
1 0 100
2 0 100
3 0 100
4 0 100
DEPOT_SECTION
1
-1
EOF
"""


@pytest.fixture
def tiny(tmp_path):
    file = tmp_path / "tiny.vrp"
    file.write_text(TINY)
    return file


@pytest.mark.parametrize(
    ("table", "folder", "column"),
    [
        ("solomon_bks", "solomon", "bks_distance_dimacs_1decimal"),
        ("gh200_bks", "gh200", "bks_distance_dimacs_1decimal"),
        ("cvrp_bks", "cvrp", "bks_distance_int"),
    ],
)
def test_the_best_known_solutions_are_feasible_and_cost_what_is_published(shared, table, folder, column):
    with (shared / "vrp" / f"{table}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    # The 3,000 stops of Leuven take longer to read than all others together.
    rows = [row for row in rows if row["instance"] != "Leuven1"]
    assert len(rows) >= 16
    for row in rows:
        cost, found = judged(shared / "vrp" / folder / row["instance"])
        assert (row["instance"], found, cost) == (row["instance"], [], pytest.approx(float(row[column])))


def judged(stem):
    """What the .sol beside a .vrp costs by our reckoning, and what it breaks."""
    instance = read_file(stem.with_suffix(".vrp"))
    rounding = USUAL_ROUNDING[instance.kind]
    problem = problem_of(instance, rounding)
    routes, claimed = read_solution(stem.with_suffix(".sol").read_text())
    plan = plan_from(instance, problem, routes)
    cost = shown_cost(cost_of(problem, plan), rounding)
    assert cost == pytest.approx(claimed)
    return cost, faults(problem, plan)


@pytest.mark.parametrize("number", [11, 12, 13, 14])
def test_so_are_those_of_several_depots(shared, number):
    _, found = judged(shared / "vrp" / "mdvrptw" / f"PR{number}A")

    assert found == []


def test_a_plan_is_found_that_keeps_every_rule_and_is_the_same_every_time(shared):
    stem = shared / "vrp" / "solomon" / "C101"

    first = solve_instance(stem.with_suffix(".vrp"), 0, seed=3, iterations=200)
    again = solve_instance(stem.with_suffix(".vrp"), 0, seed=3, iterations=200)

    assert (first.cost, first.routes) == (again.cost, again.routes)
    assert sorted(customer for route in first.routes for customer in route) == list(range(1, 101))
    assert first.cost == pytest.approx(827.3)


def test_several_depots_are_numbered_by_vehicle(shared):
    file = shared / "vrp" / "mdvrptw" / "PR11A.vrp"

    solved = solve_instance(file, 0, iterations=20)

    instance = read_file(file)
    problem = problem_of(instance, "exact")
    assert len(solved.routes) == 40
    assert cost_of(problem, plan_from(instance, problem, solved.routes)) == solved.cost


def test_the_command_prints_a_solution_that_can_be_read_back_and_writes_json(tiny, tmp_path, capsys):
    out = tmp_path / "out.json"

    call_command("solve_routes", tiny, "--seconds", "0.1", "--seed", "4", "--json", str(out))

    routes, cost = read_solution(capsys.readouterr().out)
    written = json.loads(out.read_text())
    # To (1, 1) and back, and over (2, 2) and (0, 3): 1.4 + 1.4 + 2.8 + 2.2 + 3, each cut to tenths.
    assert cost == written["cost"] == 10.8
    assert sorted(sorted(route) for route in routes) == [[1], [2, 3]]
    assert written["routes"] == routes
    assert (written["seed"], written["rounding"]) == (4, "dimacs")
    assert written["iterations"] > 0


def test_the_rounding_can_be_chosen(tiny):
    def cost(rounding):
        return solve_instance(tiny, 0, iterations=30, rounding=rounding).cost

    assert (cost("nearest"), cost("exact")) == (10, 10_892)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("TYPE : VRPTW", "TYPE : TSP", "TYPE is TSP"),
        ("DIMENSION : 4", "DIMENSION : five", "Line 3: 'five' is not a number"),
        ("DIMENSION : 4", "DIMENSION : 5", "has 4 nodes, and DIMENSION is 5"),
        ("DIMENSION : 4\n", "", "comes before DIMENSION"),
        ("DIMENSION : 4", "DIMENSION : 9999", "4000 nodes are the most"),
        ("CAPACITY : 10", "CAPACITY : nan", "Line 5: 'nan' is not a number"),
        ("CAPACITY : 10\n", "", "CAPACITY is missing"),
        ("CAPACITY : 10", "CAPACITY : 10\nCAPACITY : 11", "Line 6: CAPACITY is there twice"),
        ("SERVICE_TIME : 1", "BACKHAUL_RULE : 1", "Line 6: 'BACKHAUL_RULE' is not known"),
        ("3 2 2", "3 2", "Line 11: NODE_COORD_SECTION wants 3 numbers, here are 2"),
        ("3 2 2", "2 2 2", "Line 11: NODE_COORD_SECTION should go on with 3, here is 2"),
        ("3 2 2", "3 2 1e400", "Line 11: '1e400' is not a number"),
        ("DEPOT_SECTION\n1", "DEPOT_SECTION\n2", "must name the depots"),
        ("EUC_2D", "GEO", "Distances must be EUC_2D"),
        ("EUC_2D", "EXPLICIT\nEDGE_WEIGHT_FORMAT : FULL_MATRIX", "has 0 numbers, 16 are needed"),
        ("DEMAND_SECTION\n1 0\n2 4\n3 4\n4 4\n", "", "DEMAND_SECTION is missing"),
        ("TIME_WINDOW_SECTION\n1 0 100\n2 0 100\n3 0 100\n4 0 100\n", "", "TIME_WINDOW_SECTION is missing"),
        ("2 0 100", "2 50 10", "closes before it opens"),
        ("3 4\n", "3 400\n", "No plan was found"),
        ("NAME", "\x00\x01", "is not known"),
    ],
)
def test_a_bad_file_is_refused_with_what_is_wrong(tiny, old, new, said):
    tiny.write_text(TINY.replace(old, new, 1))

    with pytest.raises(DomainError, match=said):
        solve_instance(tiny, 0, iterations=5)


@pytest.mark.parametrize("arguments", [["--seconds", "0"], ["--seconds", "nan"], ["--seed", "-1"]])
def test_what_makes_no_sense_is_refused(tiny, arguments):
    with pytest.raises(CommandError):
        call_command("solve_routes", tiny, *arguments)


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("solve_routes", tmp_path / "none.vrp")
    (tmp_path / "bytes.vrp").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CommandError, match="is not a text file"):
        call_command("solve_routes", tmp_path / "bytes.vrp")


def test_a_matrix_may_be_given_instead_of_places():
    text = TINY.replace("EUC_2D", "EXPLICIT\nEDGE_WEIGHT_FORMAT : FULL_MATRIX")
    head, _, rest = text.partition("NODE_COORD_SECTION")
    matrix = "EDGE_WEIGHT_SECTION\n" + "\n".join("0 1 2 3" for _ in range(4)) + "\n"

    problem = problem_of(read_instance(head + matrix + rest[rest.index("DEMAND") :]), "nearest")

    assert problem.distances.tolist() == [[0, 1, 2, 3]] * 4
