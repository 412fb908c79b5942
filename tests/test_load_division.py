"""Loading a division from files: what is read, what is refused, all or nothing, and nothing the second time."""

from datetime import date, time
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from core.errors import DomainError
from inventory.actions import division as actions
from inventory.actions.ledger import Move, post_movements
from inventory.actions.proposals import propose_par_levels
from inventory.imports.lines import OUTSIDE_A_SAFE
from inventory.imports.opening_stock import COUNT_IT
from inventory.imports.sources import check_sizes, from_folder
from inventory.models import Item, ItemCode, Lot, Pack, ParLevel, ParProposal, StockLevel, StockMovement
from stations.models import Command, Event, Location, Station, Unit
from tests import make
from tests.divisions import (
    AED,
    EXAMPLE,
    FENTANYL,
    GLOVES,
    STATION,
    UNIT,
    WAREHOUSE,
    division,
    load,
    plan,
    problems,
    sources,
)

pytestmark = pytest.mark.django_db
EVERYTHING = (Station, Unit, Location, Item, Pack, ParLevel, Lot, StockLevel, StockMovement, Command, Event)


def counts():
    return {model.__name__: model.objects.count() for model in EVERYTHING}


def rows_of(*models):
    return [list(model.objects.order_by("pk").values()) for model in models]


def shelf(code, kind="supply_room"):
    return Location.objects.get(station__code=code, kind=kind)


# --- What is read ----------------------------------------------------------------------------------------------------


def test_the_example_loads_and_the_second_time_changes_nothing():
    files, others = from_folder(EXAMPLE)
    assert others == []
    load(*files)
    before = rows_of(*EVERYTHING)

    again = plan(*files)

    assert again.report.problems == []
    assert again.is_nothing
    with pytest.raises(actions.NothingToLoad):
        load(*files)
    assert rows_of(*EVERYTHING) == before
    assert Station.objects.get(code="ST02").supplied_by == Station.objects.get(code="BL1")
    assert Unit.objects.get(code="VAN2").max_weight_g == 650_500
    assert Item.objects.get(sku="AIR-BVM-A").unit_cost_cents == 1485
    assert Location.objects.get(unit__code="VAN1").kind == Location.Kind.VAN
    assert ParLevel.objects.filter(item__sku="CS-FENT-2", location__kind="safe").exists()
    assert not ParLevel.objects.filter(item__sku="CS-FENT-2", location__kind="supply_room").exists()


def test_every_column_of_a_station_is_read():
    load(
        stations=[
            WAREHOUSE,
            {
                **STATION,
                "address": "1 Main St",
                "window_start": "7:30",
                "window_end": "16:00",
                "delivery_days": "Mon, wednesday FRI",
                "review_days": "3.0",
                "lead_days": "0",
            },
        ]
    )
    station = Station.objects.get(code="S1")
    assert (station.window_start, station.window_end) == (time(7, 30), time(16))
    assert (station.delivery_days, station.review_days, station.lead_days) == (0b10101, 3, 0)
    assert (station.address, station.latitude) == ("1 Main St", 47.58)


def test_a_file_changes_only_the_columns_it_has_and_an_empty_cell_means_the_default():
    load(**division(items=[{**GLOVES, "criticality": "A", "storage": "cold"}, FENTANYL, AED]))

    found = plan(items="sku,unit_cost,storage\nGLV-M,0.20,\n").previews[0]
    load(items="sku,unit_cost,storage\nGLV-M,0.20,\n")

    assert [(d.column, d.before, d.after) for d in found.first_changed[0].differences] == [
        ("storage", "cold", "room"),
        ("unit_cost", "0.13", "0.20"),
    ]
    item = Item.objects.get(sku="GLV-M")
    assert (item.unit_cost_cents, item.criticality, item.storage) == (20, "A", "room")
    assert Event.objects.get(subject_kind="item", verb="changed").details == {
        "unit_cost": ["0.13", "0.20"],
        "storage": ["cold", "room"],
    }


@pytest.mark.parametrize(
    "text", ["\ufeffsku,name\nA,Æther\n", "\n\nSKU; Name \n\nA;Æther\n;\n", 'sku,name\r\n"A","Æther"\r\n']
)
def test_csv_comes_with_marks_semicolons_blank_lines_and_quotes(text):
    load(items=text)
    assert Item.objects.get(sku="A").name == "Æther"


def test_scheduled_drugs_go_to_the_safe_and_units_to_themselves():
    load(
        **division(
            par_levels=[
                {"place": "S1", "sku": "FEN", "par": 4, "minimum": 2, "bin": "top"},
                {"place": "S1", "sku": "GLV-M", "par": 40, "minimum": 20},
                {"place": "M1", "sku": "GLV-M", "par": 4, "minimum": 4},
            ]
        )
    )
    kinds = dict(ParLevel.objects.values_list("location__kind", "item__sku"))
    assert kinds == {"safe": "FEN", "supply_room": "GLV-M", "unit": "GLV-M"}
    assert Location.objects.filter(station__code="WH").values_list("kind", flat=True).get() == "supply_room"


def test_a_code_of_a_station_and_a_unit_must_say_which():
    tables = division(units=[{**UNIT, "code": "S1"}])
    row = {"place": "S1", "sku": "GLV-M", "par": 4, "minimum": 4}
    assert problems(**tables, par_levels=[row]) == [
        "par_levels.csv, line 2, location: S1 is a station and a unit: write supply_room, safe or unit."
    ]
    assert problems(**tables, par_levels=[{**row, "location": "Unit"}]) == []


def test_tiers_are_made_in_order_and_units_may_become_vans():
    deep = [{**STATION, "code": f"T{n}", "supplied_by": f"T{n - 1}" if n else "WH"} for n in range(5)]
    load(**division(stations=[*reversed(deep), STATION, WAREHOUSE]))
    assert Station.objects.get(code="T4").supplied_by == Station.objects.get(code="T3")

    location = Location.objects.get(unit__code="M1")
    load(units=[{**UNIT, "kind": "Delivery van"}])
    assert Location.objects.get(unit__code="M1").pk == location.pk
    assert Location.objects.get(unit__code="M1").kind == Location.Kind.VAN


def test_rows_may_swap_their_gtins_and_issue_packs():
    one, two = "00204710000378", "00204710000743"
    packs = [
        {"sku": "GLV-M", "name": "box", "quantity": 50, "issue": "yes", "gtin": "10204710000375"},
        {"sku": "GLV-M", "name": "case", "quantity": 500, "issue": "no", "gtin": "10204710000740"},
    ]
    load(**division(items=[{**GLOVES, "gtin": one}, {**AED, "gtin": two}], packs=packs))
    swapped = [
        {**packs[0], "issue": "no", "gtin": packs[1]["gtin"]},
        {**packs[1], "issue": "yes", "gtin": packs[0]["gtin"]},
    ]

    load(items=[{**GLOVES, "gtin": two}, {**AED, "gtin": one}], packs=swapped)

    assert Item.objects.get(sku="AED").gtin == one
    assert Pack.objects.get(is_issue_pack=True).name == "case"
    assert Pack.objects.get(name="box").gtin == "10204710000740"


# --- Opening stock ---------------------------------------------------------------------------------------------------

ALONE = "which alone has serial numbers. Write it as the lot."
PAR = {"place": "S1", "sku": "GLV-M", "par": 1, "minimum": 1}
OPENING = {"place": "S1", "sku": "GLV-M", "lot": "A1", "expires_on": "2027-03-31", "on_hand": 40}


def test_opening_stock_is_in_the_ledger_once():
    load(
        **division(
            opening_stock=[OPENING, {**OPENING, "place": "M1", "on_hand": 5}, {**OPENING, "lot": "B", "on_hand": 0}]
        )
    )

    assert Lot.objects.get().expires_on == date(2027, 3, 31)
    assert dict(StockLevel.objects.values_list("location__kind", "on_hand")) == {"supply_room": 40, "unit": 5}
    assert set(StockMovement.objects.values_list("reason", flat=True)) == {"opening"}
    assert plan(opening_stock=[OPENING]).is_nothing


@pytest.mark.parametrize("on_hand", [45, 12, 0])
def test_another_opening_is_put_right_while_nothing_has_moved(on_hand):
    load(**division(opening_stock=[OPENING]))

    load(opening_stock=[{**OPENING, "on_hand": on_hand}])

    assert StockLevel.objects.get().on_hand == on_hand
    assert plan(opening_stock=[{**OPENING, "on_hand": on_hand}]).is_nothing
    load(opening_stock=[OPENING])
    assert StockLevel.objects.get().on_hand == 40


def test_another_opening_is_refused_once_the_lot_has_moved():
    load(**division(opening_stock=[OPENING]))
    level = StockLevel.objects.get()
    used = Location.objects.virtual(Location.Kind.CONSUMED)
    command = Command.objects.begin("use", by=None, at=make.AT)
    post_movements(command, [Move(level.lot_id, level.location_id, used.pk, 3, "used")], by=None, at=make.AT)

    assert plan(opening_stock=[OPENING]).is_nothing
    assert problems(opening_stock=[{**OPENING, "on_hand": 41}]) == [
        "opening_stock.csv, line 2, on_hand: this lot opened here with 40, and has moved since. " + COUNT_IT
    ]


def test_less_than_what_is_promised_is_refused():
    load(**division(opening_stock=[OPENING]))
    StockLevel.objects.update(allocated=10)

    assert problems(opening_stock=[{**OPENING, "on_hand": 10}]) == []
    assert "10 of this lot are promised to orders" in problems(opening_stock=[{**OPENING, "on_hand": 9}])[0]


def test_stock_received_otherwise_is_not_opened_again():
    load(**division())
    gloves = Item.objects.get(sku="GLV-M")
    lot = make.lot(gloves, number="A1", expires_on=date(2027, 3, 31))
    supplier = Location.objects.virtual(Location.Kind.SUPPLIER)
    command = Command.objects.begin("receive", by=None, at=make.AT)
    post_movements(command, [Move(lot.pk, supplier.pk, shelf("S1").pk, 9, "received")], by=None, at=make.AT)

    assert "opened here with 0, and has moved since" in problems(opening_stock=[OPENING])[0]


def test_serial_numbers_stand_for_one_thing_in_one_place():
    row = {"place": "S1", "sku": "AED", "serial": "X1", "on_hand": 1}
    assert problems(**division(opening_stock=[{**row, "on_hand": 2}, row, {**row, "sku": "GLV-M"}])) == [
        "opening_stock.csv, line 2, on_hand: a serial number stands for one thing: write 1.",
        "opening_stock.csv, line 4, serial: Gloves, medium is not equipment, " + ALONE,
    ]
    twice = problems(**division(opening_stock=[row, {**row, "place": "WH"}]))
    assert twice == ["opening_stock.csv, line 3, serial: X1 is on line 2 already."]

    load(**division(opening_stock=[row]))
    assert problems(opening_stock=[{**row, "place": "WH"}]) == [
        "opening_stock.csv, line 2, serial: X1 is at Station 1 · Supply room already. Transfer it instead."
    ]
    assert "is known with the lot left empty" in problems(opening_stock=[{**row, "lot": "L"}])[0]


def test_a_lot_has_one_expiry_date_everywhere():
    other = {**OPENING, "place": "WH", "expires_on": "2027-04-30"}
    assert problems(**division(opening_stock=[OPENING, other])) == [
        "opening_stock.csv, line 3, expires_on: the same lot expires 2027-03-31 on line 2."
    ]
    load(**division(opening_stock=[OPENING]))
    assert "known with 2027-03-31" in problems(opening_stock=[other])[0]
    no_lot = {**OPENING, "lot": ""}
    assert "needs its lot number" in problems(opening_stock=[no_lot])[0]


def test_expired_stock_and_drugs_outside_a_safe_are_loaded_with_a_warning():
    rows = [
        {**OPENING, "expires_on": "2026-11-01"},
        {"place": "S1", "location": "supply_room", "sku": "FEN", "lot": "F", "expires_on": "2026-11-02", "on_hand": 1},
    ]
    found = plan(**division(opening_stock=rows))
    assert [str(warning) for warning in found.report.warnings] == [
        "opening_stock.csv, line 2, expires_on: expired on 2026-11-01: it will be on hand, but never usable.",
        "opening_stock.csv, line 3, location: " + OUTSIDE_A_SAFE.format(name="Fentanyl"),
    ]
    load(**division(opening_stock=rows))
    assert StockLevel.objects.count() == 2


# --- What is refused -------------------------------------------------------------------------------------------------


def test_every_problem_is_told_at_once_in_order():
    found = problems(
        stations="code,name,kind,supplied_by,latitude,longitude\nS1,,station,S9,95,x\nS1,B,statoin,S1,1,1\n",
        items="sku,nmae\nA,B\n",
        par_levels="place,sku,par,minimum\nS1,A,1,2\nS8,,3.5,-1\n",
    )
    assert found == [
        "stations.csv, line 2, name: is empty.",
        "stations.csv, line 2, latitude: 95 must be from −90 to 90 degrees.",
        "stations.csv, line 2, longitude: 'x' is not a coordinate: write degrees with a point, as 47.601016.",
        "stations.csv, line 3, kind: 'statoin' is not one of: station, locker, warehouse. Did you mean station?",
        "stations.csv, line 3, code: S1 is on line 2 already.",
        "items.csv, line 1, nmae: is not a column of items. Did you mean name?",
        "par_levels.csv, line 2, minimum: 2 is above the par, 1.",
        "par_levels.csv, line 3, sku: is empty.",
        "par_levels.csv, line 3, par: 3.5 is not whole: quantities are counted in single units.",
        "par_levels.csv, line 3, minimum: -1 must be from 0 to 2147483647.",
    ]


@pytest.mark.parametrize(
    ("table", "row", "column", "reason"),
    [
        ("items", {**GLOVES, "gtin": "1.02047E+13"}, "gtin", "was shortened by the spreadsheet"),
        ("items", {**GLOVES, "gtin": "00204710000379"}, "gtin", "its last digit should be 8"),
        ("items", {**GLOVES, "gtin": "12345"}, "gtin", "8, 12, 13 or 14 digits"),
        ("items", {**GLOVES, "ndc": "04099094"}, "ndc", "4-4-2, 5-3-2 or 5-4-1"),
        ("units", {**UNIT, "shift_start": "07:00"}, "shift_end", "both its start and its end"),
        ("units", {**UNIT, "shift_start": "19:00", "shift_end": "07:00"}, "shift_end", "later than shift_start"),
        ("units", {**UNIT, "crew": "3"}, "crew", "2"),
        ("units", {**UNIT, "carries_cold": "some"}, "carries_cold", "neither yes nor no"),
        ("items", {**GLOVES, "two_people": "heavy"}, "two_people", "neither yes nor no"),
        ("items", {**GLOVES, "schedule": "II"}, "schedule", "only an item of kind medication"),
        ("items", {**GLOVES, "unit_cost": "0,13"}, "unit_cost", "write a point"),
        ("items", {**GLOVES, "unit_cost": "0.135"}, "unit_cost", "more than 2 decimal places"),
        ("items", {**GLOVES, "unit_cost": "99999999999"}, "unit_cost", "must be from 0 to 21474836.47"),
        ("items", {**GLOVES, "weight_g": "1,000"}, "weight_g", "has a comma: write 1000"),
        ("items", {**GLOVES, "weight_g": "1E+3"}, "weight_g", "not a whole number"),
        ("items", {**GLOVES, "weight_g": "9" * 5000}, "weight_g", "not a whole number"),
        ("items", {**GLOVES, "name": "=A1"}, "name", "is a formula"),
        ("items", {**GLOVES, "name": "#REF!"}, "name", "an error of the spreadsheet"),
        ("items", {**GLOVES, "name": "a\nb"}, "name", "a line break or a character that cannot be shown"),
        ("items", {**GLOVES, "name": "a\x00b"}, "name", "a character that cannot be shown"),
        ("items", {**GLOVES, "name": "x" * 121}, "name", "has 121 characters; 120 is the most"),
        ("items", {**GLOVES, "active": "maybe"}, "active", "neither yes nor no"),
        ("items", {**GLOVES, "sku": "?x"}, "sku", "cannot be a code"),
        ("stations", {**STATION, "supplied_by": ""}, "supplied_by", "only a warehouse has nobody"),
        ("stations", {**STATION, "supplied_by": "HW"}, "supplied_by", "There is no station HW, neither here"),
        ("stations", {**STATION, "window_start": "18:00"}, "window_end", "must open before it closes"),
        ("stations", {**STATION, "window_start": "8 am"}, "window_start", "write it as 07:00"),
        ("stations", {**STATION, "window_start": "24:00"}, "window_start", "write it as 07:00"),
        ("stations", {**STATION, "delivery_days": "Mon Wen"}, "delivery_days", "'Wen' is not a day"),
        ("stations", {**STATION, "review_days": "0"}, "review_days", "must be from 1 to 365"),
        ("stations", {**STATION, "code": "a/b"}, "code", "cannot be a code"),
        ("units", {**UNIT, "station": "S2"}, "station", "There is no station S2"),
        ("units", {**UNIT, "max_weight_kg": "0.0001"}, "max_weight_kg", "more than 3 decimal places"),
        ("packs", {"sku": "GLV-M", "name": "box", "quantity": 1}, "quantity", "must be from 2"),
        ("packs", {"sku": "GLV", "name": "box", "quantity": 5}, "sku", "There is no item GLV"),
        ("packs", {"sku": "GLV-M", "name": "box"}, "quantity", "is new and needs this"),
        ("par_levels", {**PAR, "place": "S9"}, "place", "no station or unit S9"),
        ("par_levels", {**PAR, "place": "M1", "location": "safe"}, "place", "M1 is a unit"),
        ("par_levels", {**PAR, "location": "van"}, "location", "not a van"),
        ("opening_stock", {**OPENING, "expires_on": "3/31/2027"}, "expires_on", "write year-month-day"),
        ("opening_stock", {**OPENING, "expires_on": "20270331"}, "expires_on", "write year-month-day"),
        ("opening_stock", {**OPENING, "expires_on": "0207-03-31"}, "expires_on", "year must be from 2000"),
        ("opening_stock", {**OPENING, "on_hand": ""}, "on_hand", "is empty"),
    ],
)  # fmt: skip
def test_a_bad_cell_is_refused_with_what_to_write(table, row, column, reason):
    rows = [WAREHOUSE, row] if table == "stations" else [row]
    tables = division() | ({"items": [row]} if table == "items" else {table: rows})
    found = plan(**tables).report.problems
    mine = [problem for problem in found if problem.file == f"{table}.csv"]
    assert [(problem.column, reason in problem.reason) for problem in mine] == [(column, True)], mine
    with pytest.raises(actions.DivisionRefused):
        load(**tables)
    assert counts() == dict.fromkeys(counts(), 0)


def test_suppliers_in_a_circle_are_named():
    circle = [
        {**STATION, "code": code, "supplied_by": by} for code, by in (("A", "B"), ("B", "C"), ("C", "A"), ("D", "A"))
    ]
    assert problems(stations=circle) == [
        "stations.csv, line 2, supplied_by: stations supply each other in a circle: A ← B ← C ← A."
    ]
    load(**division(stations=[WAREHOUSE, STATION, {**STATION, "code": "S2", "supplied_by": "S1"}]))
    assert "S1 ← S2 ← S1" in problems(stations=[{**STATION, "supplied_by": "S2"}])[0]


def test_a_code_on_the_box_stands_for_one_thing():
    gtin = "00204710000378"
    rows = [{**GLOVES, "gtin": gtin}, {**AED, "gtin": "0204710000378"}]
    assert problems(items=rows) == [f"items.csv, line 3, gtin: {gtin} is the GTIN of item GLV-M already."]
    pack = {"sku": "AED", "name": "case", "quantity": 4, "gtin": gtin}
    assert problems(items=[rows[0], AED], packs=[pack]) == [
        f"packs.csv, line 2, gtin: {gtin} is the GTIN of item GLV-M already."
    ]
    issue = [{"sku": "AED", "name": name, "quantity": 4, "issue": "yes"} for name in ("case", "crate")]
    assert problems(items=[AED], packs=issue) == [
        "packs.csv, line 3, issue: AED is issued by the case already: say no for one of the two."
    ]


def test_a_gtin_that_a_person_linked_stays_with_its_item():
    gtin = "00204710000378"
    load(**division())
    item = Item.objects.get(sku="AED")
    ItemCode.objects.create(item=item, system="gtin", code=gtin)

    assert problems(items=[{**GLOVES, "gtin": gtin}]) == [
        f"items.csv, line 2, gtin: {gtin} is the GTIN of item AED already."
    ]
    load(items=[{**AED, "gtin": gtin}])
    assert list(item.codes.values_list("code", "is_own")) == [(gtin, True)]


def test_a_gtin_may_move_from_a_pack_to_its_item():
    one, two = "10204710000375", "10204710000740"
    pack = {"sku": "GLV-M", "name": "box", "quantity": 50, "issue": "yes", "gtin": one}
    load(**division(packs=[pack]))

    load(items=[{**GLOVES, "gtin": one}], packs=[{**pack, "gtin": two}])

    codes = ItemCode.objects.order_by("code").values_list("code", "pack__name")
    assert list(codes) == [(one, None), (two, "box")]


def test_repeated_rows_name_both_lines():
    par = {"place": "S1", "sku": "GLV-M", "par": 4, "minimum": 4}
    tables = division(
        items=[GLOVES, GLOVES],
        packs=[{"sku": "GLV-M", "name": "box", "quantity": 4}] * 2,
        par_levels=[par, {**par, "sku": "GLV-M", "location": "supply_room"}, par],
        opening_stock=[OPENING, OPENING],
    )
    assert problems(**tables) == [
        "items.csv, line 3, sku: GLV-M is on line 2 already.",
        "packs.csv, line 3, sku: GLV-M box is on line 2 already.",
        "par_levels.csv, line 3, sku: this place and item are on line 2 already.",
        "par_levels.csv, line 4, sku: this place and item are on line 2 already.",
        "opening_stock.csv, line 3, lot: this lot at this place is on line 2 already.",
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("sku,name\nA,Ætna\n".encode("cp1252"), "line 2: is not in UTF-8"),
        ("sku,name\nA,B\n".encode("utf-16"), "items.csv: is not in UTF-8"),
        (b'sku,name\nA,"B\nC,D\n', "a quotation mark opens here and is never closed"),
        (b'sku,name\nA,"B"x\n', "a quotation mark stands inside a cell"),
        (b"sku,name\nA,B,C\n", "has 3 cells, and the heading 2"),
        (b"sku,name\nA," + b"x" * 200_000, "a cell is far too long"),
        (b"sku,name,sku\nA,B,A\n", "sku: is there twice"),
        (b"sku,,name\nA,B,C\n", "column 2 has no heading"),
        (b"name\nA\n", "sku: this column is missing"),
        (b"\n\n", "its first line must name the columns"),
        (b"a\rb\rc", "this is not a line of a CSV file"),
    ],
)
def test_a_file_that_is_no_table_is_refused(content, reason):
    found = problems(items=content)
    assert any(reason in problem for problem in found), found


def test_a_broken_file_is_not_blamed_on_the_rows_that_refer_to_it():
    par = {"place": "S1", "sku": "GLV-M", "par": 4, "minimum": 4}
    assert problems(stations="nonsense", items="nonsense", par_levels=[par], packs=[]) == [
        *problems(stations="nonsense"),
        *problems(items="nonsense"),
        *problems(packs=[]),
    ]


def test_tables_that_nobody_knows_or_that_come_twice_are_refused():
    assert problems(par_level="place\n")[0].startswith("par_level.csv: its name is not one of the tables:")
    assert "Did you mean par_levels?" in problems(par_level="place\n")[0]
    files = sources(items=[GLOVES]), sources(**{"Items (1)": [GLOVES]})
    assert problems(*files[0], *files[1]) == ["Items (1).csv: Items are in items.csv already. Keep one of the two."]


def test_sizes_are_bounded(settings, monkeypatch):
    with pytest.raises(DomainError) as refusal:
        check_sizes([("a.csv", 21_000_000), ("b.xls", 5), ("c.csv", 0), ("A.csv", 1)], most=20)
    assert refusal.value.problems == (
        "a.csv: it has 21 MB; 20 MB is the most.",
        "b.xls: only CSV and XLSX files can be read. Save it as .xlsx first.",
        "c.csv: it is empty.",
        "a.csv: there are two files of this name.",
    )
    from inventory.imports import columns

    object.__setattr__(columns.ITEMS, "most_rows", 2)
    try:
        assert problems(items=[{"sku": f"A{n}", "name": "x"} for n in range(4)]) == [
            "items.csv, line 4: has more than 2 rows. Load it in parts."
        ]
    finally:
        object.__setattr__(columns.ITEMS, "most_rows", 100_000)


# --- All or nothing --------------------------------------------------------------------------------------------------


def test_a_failure_in_the_last_step_leaves_nothing(monkeypatch):
    def fail(*args, **kwargs):
        raise IntegrityError("made up")

    monkeypatch.setattr("inventory.imports.posting.post_movements", fail)
    with pytest.raises(DomainError, match="Somebody added the same things"):
        load(**division(opening_stock=[OPENING]))
    assert counts() == dict.fromkeys(counts(), 0)


def test_a_repeated_request_gives_the_first_answer_and_loads_once():
    files = sources(**division())
    request: dict[str, Any] = {
        "sources": files,
        "seen": plan(*files).mark,
        "by": make.logistics(),
        "at": make.AT,
        "request_id": make.rid(),
    }
    first = actions.load_division(**request)
    before = rows_of(*EVERYTHING)
    assert actions.load_division(**request) == first
    assert rows_of(*EVERYTHING) == before


def test_what_was_seen_is_what_is_loaded():
    load(**division())
    files = sources(items=[{**GLOVES, "unit_cost": "0.50"}])
    seen = plan(*files).mark
    Item.objects.filter(sku="GLV-M").update(unit_cost_cents=40)

    with pytest.raises(actions.PlanChanged):
        actions.load_division(sources=files, seen=seen, by=None, at=make.AT, request_id=make.rid())
    assert Item.objects.get(sku="GLV-M").unit_cost_cents == 40


def test_a_changed_par_level_counts_its_versions_and_tells_the_log():
    par = {"place": "S1", "sku": "GLV-M", "par": 4, "minimum": 4, "bin": "A1"}
    load(**division(par_levels=[par]))
    load(par_levels="place,sku,par,minimum\nS1,GLV-M,6,4\n")

    level = ParLevel.objects.get()
    assert (level.par, level.minimum, level.bin, level.version) == (6, 4, "A1", 2)
    assert Event.objects.about(level).get().details == {"par": [4, 6]}
    assert Event.objects.about(level.location).get().details == {"count": 1}


def test_when_it_is_short_is_loaded_kept_where_unsaid_and_held_between():
    par = {"place": "S1", "sku": "GLV-M", "par": 9, "minimum": 6, "short_below": 3, "mandated_minimum": 2}
    assert problems(**division(par_levels=[par | {"short_below": 7}])) == [
        "par_levels.csv, line 2, short_below: 7 is above the minimum, 6."
    ]
    assert problems(**division(par_levels=[par | {"short_below": 1}])) == [
        "par_levels.csv, line 2, short_below: 2 are mandated: what is below that is Short."
    ]
    load(**division(par_levels=[par]))
    load(par_levels="place,sku,par,minimum\nS1,GLV-M,12,6\n")

    level = ParLevel.objects.get()
    assert (level.par, level.short_below, level.version) == (12, 3, 2)
    load(par_levels="place,sku,par,minimum,short_below\nS1,GLV-M,12,6,\n")
    level.refresh_from_db()
    assert (level.short_below, level.version) == (None, 3)
    assert Event.objects.about(level).latest("pk").details == {"short_below": [3, None]}


def test_what_is_mandated_is_loaded_kept_where_unsaid_and_never_undercut():
    par = {"place": "S1", "sku": "GLV-M", "par": 9, "minimum": 6, "mandated_minimum": 5}
    assert problems(**division(par_levels=[par | {"mandated_minimum": 7}])) == [
        "par_levels.csv, line 2, mandated_minimum: 7 is above the minimum, 6."
    ]
    load(**division(par_levels=[par]))
    load(par_levels="place,sku,par,minimum\nS1,GLV-M,12,6\n")

    level = ParLevel.objects.get()
    assert (level.par, level.mandated_minimum, level.version) == (12, 5, 2)
    assert problems(par_levels="place,sku,par,minimum\nS1,GLV-M,12,4\n") == [
        "par_levels.csv, line 2, minimum: 5 are mandated here: write no less."
    ]
    load(par_levels="place,sku,par,minimum,mandated_minimum\nS1,GLV-M,12,4,\n")
    level.refresh_from_db()
    assert (level.minimum, level.mandated_minimum) == (4, 0)


def test_loading_another_par_level_closes_its_proposal():
    load(**division(par_levels=[{"place": "S1", "sku": "GLV-M", "par": 400, "minimum": 300}]))
    propose_par_levels(at=make.AT)
    proposal = ParProposal.objects.open().get()

    load(par_levels="place,sku,par,minimum,bin\nS1,GLV-M,400,300,B7\n")
    proposal.refresh_from_db()
    assert (proposal.state, proposal.was_version) == ("open", 2)

    load(par_levels="place,sku,par,minimum\nS1,GLV-M,390,300\n")
    proposal.refresh_from_db()
    assert proposal.state == "outdated"


@pytest.mark.parametrize("who", ["officer", "chief", "driver", "auditor"])
def test_only_logistics_loads(who):
    with pytest.raises(PermissionDenied):
        load(**division(), by=make.person(who))
    assert Station.objects.count() == 0


@pytest.mark.parametrize("rows", [3, 300])
def test_queries_do_not_grow_with_rows(rows, django_assert_num_queries):
    items = [{"sku": f"A{n}", "name": f"Item {n}"} for n in range(rows)]
    tables = division(
        items=items,
        par_levels=[{"place": "S1", "sku": item["sku"], "par": 4, "minimum": 4} for item in items],
        opening_stock=[{"place": "S1", "sku": item["sku"], "on_hand": 4} for item in items],
    )
    files = sources(**tables)
    with django_assert_num_queries(7):
        plan(*files)


# --- The command -----------------------------------------------------------------------------------------------------


def test_the_command_shows_asks_and_loads(capsys):
    call_command("load_division", EXAMPLE, "--check")
    assert Station.objects.count() == 0
    out = capsys.readouterr().out
    assert "Stations (stations.csv): 8 new, 0 changed, 0 the same" in out
    assert "+ WH · Supply room · Bag valve mask, adult: par 80, minimum 32, bin A-01" in out

    with pytest.raises(CommandError, match="Nobody is here to ask"):
        call_command("load_division", EXAMPLE)
    person = make.logistics()
    call_command("load_division", EXAMPLE, "--yes", "--by", person.username)
    assert Command.objects.get().by == person
    capsys.readouterr()
    call_command("load_division", EXAMPLE, "--yes")
    assert "There is nothing to change" in capsys.readouterr().out


def test_the_command_lists_every_problem_and_fails(tmp_path, capsys):
    (tmp_path / "items.csv").write_text("sku,name\nA,\nB,\n", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    with pytest.raises(CommandError, match=r"2 problems\. Nothing was loaded\."):
        call_command("load_division", tmp_path, "--yes")
    caught = capsys.readouterr()
    assert "items.csv, line 2, name: is empty.\nitems.csv, line 3, name: is empty." in caught.err
    assert "Not read: notes.txt" in caught.out


def test_the_command_refuses_who_and_what_is_not_there(tmp_path):
    with pytest.raises(CommandError, match="There is nobody named nobody"):
        call_command("load_division", EXAMPLE, "--by", "nobody")
    with pytest.raises(CommandError, match="is not of logistics"):
        call_command("load_division", EXAMPLE, "--yes", "--by", make.chief().username)
    with pytest.raises(CommandError, match="does not exist"):
        call_command("load_division", tmp_path / "none")
    with pytest.raises(CommandError, match="There is no CSV or XLSX file here"):
        call_command("load_division", tmp_path)


@pytest.mark.django_db
def test_vans_say_when_they_work_what_they_keep_cold_and_who_is_on_board():
    van = {"code": "V1", "kind": "van", "station": "WH"}
    able = {"shift_start": "07:00", "shift_end": "16:00", "carries_cold": "yes", "crew": "2"}
    load(**division(units=[{**van, **able}], items=[{**AED, "two_people": "yes"}]))

    unit = Unit.objects.get(code="V1")
    assert (unit.shift_start, unit.shift_end, unit.carries_cold, unit.crew) == (time(7), time(16), True, 2)
    assert Item.objects.get(sku="AED").needs_two_people

    load(units=[{**van, "max_weight_kg": "900"}])
    unit.refresh_from_db()
    assert (unit.shift_start, unit.carries_cold, unit.crew, unit.max_weight_g) == (time(7), True, 2, 900_000)
