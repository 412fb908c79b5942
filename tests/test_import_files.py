"""Workbooks, and files that nobody could have meant: spreadsheets' habits, traps, and whatever a fuzzer makes up."""

import io
import os
import zipfile
from datetime import datetime, time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from inventory.codes.check_digits import gs1_check_digit
from inventory.imports import workbooks
from inventory.imports.columns import TABLES
from inventory.imports.csv_files import read_csv
from inventory.imports.problems import Unreadable
from inventory.imports.sources import from_bytes
from inventory.imports.values import BadValue, clean
from inventory.models import Item, ParLevel
from stations.models import Station
from tests.divisions import EXAMPLE, division, load, plan, problems, workbook

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]  # reading files is the same everywhere
FUZZ = settings(
    max_examples=int(os.environ.get("EMS_FUZZ", "40")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
STATIONS = [
    "code",
    "name",
    "kind",
    "supplied_by",
    "latitude",
    "longitude",
    "window_start",
    "delivery_days",
    "review_days",
]
WINDOW = "division.xlsx, sheet Stations, line 3, window_start: "
MOMENT = datetime(2026, 1, 1, 7)  # noqa: DTZ001 - a cell has no time zone
UNREADABLE = "cannot be read as XLSX"


def repacked(source, **parts):
    """A workbook with some of its parts put in or replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(source.open()) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return from_bytes("division.xlsx", out.getvalue())


def test_a_workbook_holds_all_tables_as_sheets_with_real_numbers_and_times():
    book = workbook(
        Stations=[
            STATIONS,
            ["WH", "Central", "Warehouse", None, 47.5, -122, time(7), "daily", 7.0],
            [7, "Station 7", "station", "WH", 47.61, -122.3, MOMENT, "Mon Fri", 3],
        ],
        items=[["sku", "name", "gtin", "unit_cost", "active"], [1001.0, "Gloves", 204710000378, 12.5, True]],
        **{"Par Levels": [["place", "sku", "par", "minimum"], [7, 1001, 4, 2.0]]},
        empty=[],
    )
    assert problems(book) == [WINDOW + "'2026-01-01 07:00:00' is not a time of day: write it as 07:00."]


def test_numbers_of_a_workbook_are_read_exactly():
    load(
        workbook(
            Stations=[STATIONS, ["WH", "Central", "Warehouse", None, 47.5, -122, time(7), "daily", 7.0]],
            items=[["sku", "name", "gtin", "unit_cost", "active"], [1001.0, "Gloves", 204710000378, 0.1 + 0.2, True]],
            **{"Par Levels": [["place", "sku", "par", "minimum"], ["WH", 1001, 4, 2.0]]},
        )
    )
    item = Item.objects.get()
    assert (item.sku, item.gtin, item.unit_cost_cents) == ("1001", "00204710000378", 30)
    assert Station.objects.get().window_start == time(7)
    assert ParLevel.objects.get().minimum == 2


def test_formulas_errors_and_lost_digits_are_refused():
    heading = ["sku", "name", "gtin", "weight_g"]
    book = workbook(items=[heading, ["A", "=B1", None, 1], ["B", "#N/A", "2.0471E+11", 1], ["C", "x", 2.0471e20, 1.5]])
    assert [problem.split(": ")[0] for problem in problems(book)] == [
        "division.xlsx, sheet items, line 2, name",
        "division.xlsx, sheet items, line 3, name",
        "division.xlsx, sheet items, line 3, gtin",
        "division.xlsx, sheet items, line 4, gtin",
        "division.xlsx, sheet items, line 4, weight_g",
    ]


def test_a_single_sheet_may_take_the_name_of_its_file_and_others_are_refused():
    book = workbook(Sheet1=[["sku", "name"], ["A", "B"]])
    with book.open() as stream:
        alone = from_bytes("items.xlsx", stream.read())
    assert problems(alone) == []
    assert problems(book)[0].startswith("division.xlsx, sheet Sheet1: the name of the sheet is not one of the tables")
    assert "items are in" in problems(alone, items="sku,name\n").pop().lower()


@pytest.mark.parametrize(
    "declaration",
    [
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "a">]><x>&a;</x>'.encode("utf-16"),
        b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
        b'<?xml version="1.0"?><!--' + b"x" * 70_000 + b'--><!DOCTYPE x [<!ENTITY a "a">]><x>&a;</x>',
    ],
)
@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml", "any.bin"])
def test_declared_entities_are_never_read(declaration, part):
    book = repacked(workbook(items=[["sku", "name"], ["A", "B"]]), **{part: declaration})
    assert problems(book) == [f"division.xlsx: {workbooks._TRAP}"]


def test_what_unpacks_to_too_much_is_not_unpacked(monkeypatch):
    book = workbook(items=[["sku", "name"], ["A", "B"]])
    bomb = repacked(book, **{"xl/media/zeros.bin": b"\0" * 70_000_000})
    assert "too much text beside its cells" in problems(bomb)[0]
    monkeypatch.setattr(workbooks, "MOST_UNPACKED", 1_000)
    assert problems(book) == [f"division.xlsx: {workbooks._TRAP}"]


def test_a_row_at_the_end_of_the_world_is_refused():
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>sku</t></is></c></row>'
        b'<row r="99999999999"><c t="b"><v>1</v></c></row>'
        b"</sheetData></worksheet>"
    )
    book = repacked(workbook(items=[["sku"]]), **{"xl/worksheets/sheet1.xml": sheet})
    assert problems(book) == [f"division.xlsx, sheet items: {workbooks._TRAP}"]


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/workbook.xml", b"<workbook/>"),
        ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row r='x'>"),
        ("xl/worksheets/sheet1.xml", b"not xml"),
        ("xl/_rels/workbook.xml.rels", b"<Relationships/>"),
        ("xl/styles.xml", b"<styleSheet><cellXfs>"),
        ("[Content_Types].xml", b"<Types/>"),
    ],
)
def test_a_broken_workbook_is_refused(part, content):
    book = repacked(workbook(items=[["sku", "name"], ["A", "B"]]), **{part: content})
    found = " ".join(problems(book))
    assert UNREADABLE in found or "holds no table" in found


SHARED = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@pytest.mark.parametrize(("place", "name"), [(1, "Gloves"), (7, None), ("x", None)])
def test_texts_that_cells_share_are_read(place, name):
    book = workbook(items=[["sku", "name"], ["A", "B"]])
    with zipfile.ZipFile(book.open()) as archive:
        types, sheet = archive.read("[Content_Types].xml"), archive.read("xl/worksheets/sheet1.xml")
    override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{SHARED}"/></Types>'.encode()
    cell = f'<c r="B2" t="s"><v>{place}</v></c>'.encode()
    parts = {
        "[Content_Types].xml": types.replace(b"</Types>", override),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>x</t></si><si><t>Gloves</t></si></sst>'.encode(),
        "xl/worksheets/sheet1.xml": sheet.replace(b'<c r="B2" t="inlineStr"><is><t>B</t></is></c>', cell),
    }
    found = plan(repacked(book, **parts))
    assert [row.after["name"] for row in found.items.entries.values()] == ([name] if name else [])
    assert found.is_refused == (name is None)


@pytest.mark.parametrize("content", [b"PK\3\4", b"\xd0\xcf\x11\xe0", b"sku,name\n", b"PK\5\6" + b"\0" * 18])
def test_a_file_of_another_kind_is_refused(content):
    assert "cannot be read as XLSX" in problems(from_bytes("items.xlsx", content))[0]


# --- Made up ---------------------------------------------------------------------------------------------------------

PLACE = st.integers(1, 9_999)
CELL = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", "A", "WH", "1", "3.0", "-1", "1e5", "=1", "Mon", "07:00", "2027-03-31", "yes", "II", "12.50"]),
    st.from_regex(r"[0-9]{1,15}", fullmatch=True),
)


@FUZZ
@given(content=st.binary(max_size=400))
@example(content=b'"')
@example(content=b"\xef\xbb\xbf")
@example(content=b"a;b\n\x00")
def test_any_bytes_are_rows_or_a_refusal(content):
    try:
        rows = list(read_csv(io.BytesIO(content)))
    except Unreadable:
        return
    assert [line for line, _ in rows] == sorted(line for line, _ in rows)


@FUZZ
@given(data=st.data(), name=st.sampled_from(sorted(TABLES)))
def test_any_cells_are_a_plan_or_problems_with_a_place(data, name):
    columns = [column.name for column in TABLES[name].columns]
    heading = data.draw(st.lists(st.sampled_from(columns), min_size=1, unique=True))
    rows = data.draw(st.lists(st.lists(CELL, min_size=1, max_size=len(heading)), max_size=6))
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [heading, *rows]]
    content = "\n".join(quoted).encode("utf-8", "replace")
    found = plan(**{name: content})
    for problem in found.report.problems:
        assert problem.file == f"{name}.csv"
        assert problem.reason[-1] in ".?"
    if not found.is_refused:
        assert found.previews[0].new + found.previews[0].same == len([row for row in rows if any(map(str.strip, row))])


@FUZZ
@given(
    damage=st.lists(st.tuples(st.integers(0, 9_999), st.integers(0, 255)), min_size=1, max_size=6),
    keep=st.integers(1, 9_999),
)
def test_a_damaged_workbook_is_a_plan_or_problems(damage, keep):
    with workbook(items=[["sku", "name", "weight_g"], ["A", "B", 3]], units=[["code", "station"]]).open() as stream:
        content = bytearray(stream.read())
    for place, byte in damage:
        content[place % len(content)] = byte
    plan(from_bytes("division.xlsx", bytes(content[:keep])))


@FUZZ
@given(data=st.data())
def test_a_workbook_with_damaged_parts_is_a_plan_or_problems(data):
    book = workbook(items=[["sku", "name", "weight_g"], ["A", "B", 3], ["C", "D", MOMENT]])
    with zipfile.ZipFile(book.open()) as archive:
        part = data.draw(st.sampled_from(sorted(archive.namelist())))
        content = bytearray(archive.read(part))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, 9_999)) % len(content)
        content[place] = data.draw(st.sampled_from(b'0129aZ<>"/=& \x00\xff'))
    plan(repacked(book, **{part: bytes(content)}))


@FUZZ
@given(text=st.text(max_size=30), table=st.sampled_from(sorted(TABLES)), data=st.data())
def test_any_text_is_a_value_that_shows_as_itself_or_a_sentence(text, table, data):
    column = data.draw(st.sampled_from(TABLES[table].columns))
    try:
        cleaned = clean(text)
        value = column.kind.read(cleaned) if cleaned else None
    except BadValue:
        return
    assert value is None or column.kind.read(column.kind.show(value)) == value


@given(digits=st.from_regex(r"[0-9]{7,13}", fullmatch=True))
def test_padding_keeps_a_gs1_check_digit(digits):
    assert gs1_check_digit(digits) == gs1_check_digit(digits.zfill(13))


def test_the_real_gtins_and_ndcs_of_the_field_are_read(shared):
    import csv

    columns = TABLES["items"]
    with (shared / "catalog" / "gudid_ems_devices_2016.csv").open(encoding="utf-8") as file:
        codes = [row["primary_di"] for row in csv.DictReader(file) if row["issuing_agency"] == "GS1"]
    assert len(codes) > 100
    assert all(columns.column("gtin").kind.read(code) == code.zfill(14) for code in codes)
    with (shared / "catalog" / "ndc_ems_drugs_openfda_2026.csv").open(encoding="utf-8") as file:
        ndcs = [row["package_ndc"] for row in csv.DictReader(file)]
    assert {columns.column("ndc").kind.read(code) for code in ndcs} == set(ndcs)


def test_the_example_may_be_one_workbook():
    import csv

    sheets = {}
    for path in EXAMPLE.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            sheets[path.stem] = list(csv.reader(file))
    load(workbook(**sheets))
    assert plan(*[from_bytes(path.name, path.read_bytes()) for path in EXAMPLE.glob("*.csv")]).is_nothing


def test_a_plan_reads_and_never_writes(django_assert_num_queries):
    plan(**division())
    assert Station.objects.count() == 0
