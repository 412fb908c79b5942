"""A small division as files, for tests of loading: tables as lists of dicts, written as CSV or XLSX."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from inventory.imports.planning import Plan, plan_division
from inventory.imports.sources import Source, from_bytes
from stations.models import Event, User
from tests import make

Rows = Sequence[Mapping[str, Any]]
EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "division"

WAREHOUSE = {
    "code": "WH",
    "name": "Central",
    "kind": "warehouse",
    "supplied_by": "",
    "latitude": "47.58",
    "longitude": "-122.32",
}
STATION = {**WAREHOUSE, "code": "S1", "name": "Station 1", "kind": "station", "supplied_by": "WH"}
UNIT = {"code": "M1", "kind": "ambulance", "station": "S1"}
GLOVES = {"sku": "GLV-M", "name": "Gloves, medium", "unit_cost": "0.13"}
FENTANYL = {"sku": "FEN", "name": "Fentanyl", "kind": "medication", "schedule": "II"}
AED = {"sku": "AED", "name": "Defibrillator", "kind": "equipment"}


def division(**tables: Rows | str) -> dict[str, Any]:
    """A warehouse, a station, a unit and three items, with these tables in addition or instead."""
    usual: dict[str, Rows | str] = {
        "stations": [WAREHOUSE, STATION],
        "units": [UNIT],
        "items": [GLOVES, FENTANYL, AED],
    }
    return usual | tables


def csv_text(rows: Rows, *, delimiter: str = ",") -> str:
    heading = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, heading, delimiter=delimiter, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def sources(**tables: Rows | str | bytes) -> list[Source]:
    """One CSV file per table; text and bytes are taken as they are."""
    return [from_bytes(f"{name}.csv", as_bytes(rows)) for name, rows in tables.items()]


def as_bytes(rows: Rows | str | bytes) -> bytes:
    text = rows if isinstance(rows, str | bytes) else csv_text(rows)
    return text.encode() if isinstance(text, str) else text


def workbook(**sheets: Any) -> Source:
    """One XLSX file with these sheets, the first row being the heading."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return from_bytes("division.xlsx", stream.getvalue())


def plan(*files: Source, **tables: Rows | str | bytes) -> Plan:
    return plan_division([*files, *sources(**tables)], today=make.TODAY)


def problems(*files: Source, **tables: Rows | str | bytes) -> list[str]:
    return [str(problem) for problem in plan(*files, **tables).report.problems]


def load(*files: Source, by: User | None = None, **tables: Rows | str | bytes) -> Event:
    """Look, then load, as a person would."""
    from inventory.actions.division import load_division

    every = [*files, *sources(**tables)]
    seen = plan_division(every, today=make.TODAY)
    return load_division(sources=every, seen=seen.mark, by=by, at=make.AT, request_id=make.rid())
