"""Files that somebody mangled: loaded whole and rightly, or refused with a sentence, and never half.

``EMS_FUZZ`` says how many of each kind are tried: ``EMS_FUZZ=10000 pytest tests/test_import_fuzz.py``.
"""

import io
import os
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from functools import cache
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import DomainError
from core.exports import guarded
from integrations.actions.archives import export_division, import_archive
from integrations.archives.reading import ArchiveRefused
from inventory.actions.division import load_division
from inventory.imports.columns import TABLES
from inventory.imports.planning import plan_division
from inventory.imports.problems import Report
from inventory.imports.sources import Source, from_bytes
from orders.queries.travel_file import plan_travel_times
from orders.queries.verify import all_differences
from tests import make
from tests.divisions import AED, FENTANYL, GLOVES, STATION, UNIT, WAREHOUSE, csv_text, division, load, workbook
from tests.test_archive import counted
from tests.test_auditor import everything

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]  # reading files is the same everywhere
FUZZ = settings(
    max_examples=int(os.environ.get("EMS_FUZZ", "15")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
GOOD: dict[str, list[dict[str, Any]]] = {
    "stations": [WAREHOUSE, STATION, {**STATION, "code": "S2", "delivery_days": "Mon Thu", "window_start": "7:30"}],
    "units": [UNIT, {**UNIT, "code": "V1", "kind": "van", "max_weight_kg": "650.5", "shift_start": "6:00",
                     "shift_end": "15:00"}],
    "items": [GLOVES, FENTANYL, AED, {**GLOVES, "sku": "NAL", "gtin": "04006381333931", "ndc": "0409-1782-69"}],
    "packs": [{"sku": "GLV-M", "name": "box", "quantity": 100, "issue": "yes"}],
    "substitutes": [{"sku": "GLV-M", "substitute": "NAL", "quantity": 2, "note": "=another"}],
    "par_levels": [{"place": "S1", "sku": "GLV-M", "par": 40, "minimum": 20, "bin": "A1"},
                   {"place": "M1", "sku": "FEN", "par": 4, "minimum": 2, "short_below": 1}],
    "opening_stock": [{"place": "S1", "sku": "GLV-M", "lot": "A1", "expires_on": "2027-03-31", "on_hand": 30},
                      {"place": "S1", "sku": "AED", "serial": "X-1", "on_hand": 1}],
}  # fmt: skip
NAMES = sorted(GOOD)
ODD: tuple[Any, ...] = (
    *(None, "", " ", "0", "-1", "1e9", "2147483648", "9" * 400, "NaN", "=1+1", "'=1+1", "+x", "@x"),
    *("\x00", "\t", "\ufeff"),
    *("2027-02-30", "1999-01-01", "24:00", "7:5", "yes", "S1", "M1", "GLV-M", "safe", "Ünïcode", "a\nb", "#N/A", "𝟛"),
    *(0, -1, 3.5, 1e300, True, date(2027, 3, 31), datetime(2027, 3, 31, 7), time(7, 30)),  # noqa: DTZ001 - a cell
)  # fmt: skip


@pytest.fixture
def loaded() -> None:
    load(**division(par_levels=GOOD["par_levels"], opening_stock=GOOD["opening_stock"]))


def whole_or_nothing(*sources: Source) -> None:
    """The files are loaded, and then say what is there; or they are refused, and nothing has changed."""
    before = everything()
    with transaction.atomic():
        seen = plan_division(sources, today=make.TODAY)
        try:
            load_division(sources=sources, seen=seen.mark, by=None, at=make.AT, request_id=make.rid())
        except DomainError:
            assert everything() == before
        else:
            again = plan_division(sources, today=make.TODAY)
            assert again.report.problems == []
            assert again.is_nothing, again.previews
            assert all_differences() == []
        transaction.set_rollback(True)
    check_report(seen.report)


def check_report(report: Report) -> None:
    """Every problem is a sentence about a file."""
    assert all(problem.file and problem.reason.endswith((".", "?", "!")) for problem in report.problems)


@st.composite
def mangled(draw: Callable[..., Any], content: bytes) -> bytes:
    """A file that was cut, doubled, overwritten or shuffled in some places."""
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(content)))
        to = min(len(content), at + draw(st.integers(0, 40)))
        new = draw(st.sampled_from((b"", content[at:to] * 2, b'"', b",", b";", b"\n", b"\r", b"\xff", b"\x00", b"'=")))
        new = draw(st.one_of(st.just(new), st.binary(max_size=8)))
        content = content[:at] + new + content[to:]
    return content


@st.composite
def odd_rows(draw: Callable[..., Any], name: str) -> list[dict[str, Any]]:
    """The good rows of a table with odd cells, columns that come and go, and rows that come twice."""
    rows = [dict(row) for row in GOOD[name]]
    columns = [column.name for column in TABLES[name].columns]
    for _ in range(draw(st.integers(1, 5))):
        row = draw(st.sampled_from(rows))
        match draw(st.integers(0, 4)):
            case 0:
                rows.append(dict(row))
            case 1:
                row.pop(draw(st.sampled_from(sorted(row) or [""])), None)
            case _:
                row[draw(st.sampled_from(columns))] = draw(st.one_of(st.sampled_from(ODD), st.text(max_size=12)))
    return rows


@FUZZ
@given(data=st.data(), name=st.sampled_from(NAMES))
def test_a_csv_file_with_mangled_bytes(loaded, data, name):
    content = data.draw(mangled(csv_text(GOOD[name]).encode()))
    whole_or_nothing(from_bytes(f"{name}.csv", content))


@FUZZ
@given(data=st.data(), names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
def test_csv_files_with_odd_cells(loaded, data, names):
    tables = {name: csv_text(data.draw(odd_rows(name)), delimiter=data.draw(st.sampled_from(",;"))) for name in names}
    whole_or_nothing(*(from_bytes(f"{name}.csv", as_utf8(text)) for name, text in tables.items()))


def as_utf8(text: str) -> bytes:
    return text.encode(errors="replace")


@FUZZ
@given(data=st.data(), names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
def test_a_workbook_with_odd_cells(loaded, data, names):
    sheets = {}
    for name in names:
        rows = data.draw(odd_rows(name))
        heading = list(dict.fromkeys(column for row in rows for column in row))
        sheets[name] = [heading, *([writable(row.get(column)) for column in heading] for row in rows)]
    whole_or_nothing(workbook(**sheets))


def writable(value: Any) -> Any:
    """What openpyxl can write; a text that is no formula, half of the time."""
    if not isinstance(value, str):
        return value
    text = "".join(letter for letter in value if letter.isprintable() or letter in "\t\n")
    return guarded(text) if len(text) % 2 else text.encode(errors="replace").decode()


@cache
def good_workbook(name: str) -> bytes:
    """Made once: it says when it was made, and what is drawn from must not change."""
    heading = list(dict.fromkeys(column for row in GOOD[name] for column in row))
    with workbook(**{name: [heading, *([row.get(one) for one in heading] for row in GOOD[name])]}).open() as file:
        return file.read()


@FUZZ
@given(data=st.data(), name=st.sampled_from(NAMES))
def test_a_workbook_with_mangled_bytes(loaded, data, name):
    good = good_workbook(name)
    content = data.draw(mangled(good)) if data.draw(st.booleans()) else repacked(good, data)
    whole_or_nothing(from_bytes(f"{name}.xlsx", content))


def repacked(content: bytes, data: st.DataObject) -> bytes:
    """A workbook of which one part was mangled inside its ZIP."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        chosen = data.draw(st.sampled_from(old.namelist()))
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, data.draw(mangled(part)) if name == chosen else part)
    return out.getvalue()


@FUZZ
@given(data=st.data())
def test_travel_times_with_mangled_bytes(loaded, data):
    good = b"from,to,metres,seconds\nWH,S1,4200,540\nS1,WH,4300,560\n"
    check_report(plan_travel_times(from_bytes("travel_times.csv", data.draw(mangled(good)))).report)


@pytest.fixture
def good_archive(loaded: None) -> bytes:
    file = io.BytesIO()
    export_division(file, by=None, at=make.AT, request_id=make.rid())
    return file.getvalue()


@FUZZ
@given(data=st.data())
def test_an_archive_with_mangled_bytes(good_archive, data):
    """Into a system with rows: what is not refused for its bytes is refused for that."""
    content = data.draw(mangled(good_archive)) if data.draw(st.booleans()) else repacked(good_archive, data)
    before = counted()
    with pytest.raises((ArchiveRefused, DomainError)):
        import_archive(io.BytesIO(content))
    assert counted() == before
