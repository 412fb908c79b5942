"""A list as a file: exactly what the page shows under its filters, all of its pages, as CSV or as a spreadsheet.

A list page answers ``?format=csv`` and ``?format=xlsx`` beside its filters, so who may see the page may take the file,
and nobody else. The whole file is written before the first byte leaves: nobody gets half of one.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, TextIOWrapper
from itertools import chain, islice
from typing import IO, Any, BinaryIO, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from core.english import in_english

MOST = {"csv": 100_000, "xlsx": 50_000}  # as many as are written well within a minute
CHUNK = 2_000
LOOKED_AT = 200
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
# A text that begins so is run as a formula by spreadsheets, whatever it came from; a negative number is none.
FORMULA = re.compile(r"(?!-\d+(\.\d+)?\Z)'*\s*[=+\-@\t\r]")
GUARDED = re.compile(r"'+\s*[=+\-@]")
WIDEST = 60

Value = str | int | Decimal | date | datetime | bool | None


@dataclass(frozen=True)
class Column:
    """A column of the file. ``value`` gives a text, a whole number, a Decimal, a day, a moment or None for a row."""

    header: str
    value: Callable[[Any], Value]


def guarded(text: str) -> str:
    """A text that no spreadsheet runs: an apostrophe stands before what would be a formula, or looks guarded."""
    return f"'{text}" if FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """What ``guarded`` was given."""
    return text[1:] if GUARDED.match(text) else text


def cents(amount: int | None) -> Decimal | None:
    """Money as a spreadsheet adds it up."""
    return None if amount is None else Decimal(amount) / 100


def exported(
    request: HttpRequest,
    name: str | Promise,
    columns: Sequence[Column],
    rows: "QuerySet[Any, Any] | Callable[[], Iterable[Any]]",
    *,
    is_table: bool = False,
    too_long: str = "",
) -> HttpResponse | None:
    """The file that ``?format=`` asks for; None when a page is wanted. ``rows`` that take work are a function, which is
    called only for a file. More than ``MOST`` rows are refused: back to the page, which says so.

    A table's file has its name alone, by which it is known when it is imported. All files speak English, so that they
    are the same whoever takes them, and can be read in again.
    """
    kind = request.GET.get("format", "")
    if kind not in TYPES:
        return None
    most = MOST[kind]
    found = rows[: most + 1].iterator(chunk_size=CHUNK) if isinstance(rows, QuerySet) else rows()
    file, name = BytesIO(), in_english(name)
    try:
        with translation.override(None):
            WRITERS[kind](file, columns, _at_most(most, found), name if is_table else "")
    except TooMany:
        narrow = gettext("More than %(most)s lines. Narrow the list by its filters, and take it in parts.")
        messages.error(request, too_long or narrow % {"most": f"{most:,}"})
        query = request.GET.copy()
        del query["format"]
        return HttpResponseRedirect(f"{request.path}?{query.urlencode()}")
    title = f"{name}.{kind}" if is_table else f"{name} {timezone.localtime():%Y-%m-%d %H%M}.{kind}"
    answer = HttpResponse(file.getvalue(), content_type=TYPES[kind])
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=title)
    return answer


class TooMany(Exception):
    """More rows than a file holds."""


def _at_most(most: int, rows: Iterable[Any]) -> Iterator[Any]:
    for number, row in enumerate(rows, start=1):
        if number > most:
            raise TooMany
        yield row


def _write_csv(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Any], title: str) -> None:
    """With a byte order mark, without which spreadsheets take UTF-8 for something else."""
    text = TextIOWrapper(cast("BinaryIO", file), encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(column.header for column in columns)
    writer.writerows([_as_text(column.value(row)) for column in columns] for row in rows)
    text.detach()


def _as_text(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return timezone.localtime(value).isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case str():
            return guarded(value)
        case _:
            return str(value)


def _write_xlsx(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Any], title: str) -> None:
    """Numbers, days and moments as such; the headers stay in view. As wide as the first rows need."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title or None)
    sheet.freeze_panes = "A2"
    lines = ([_as_cell(column.value(row)) for column in columns] for row in rows)
    first = list(islice(lines, LOOKED_AT))
    for number, column in enumerate(columns):
        longest = max((len(str(line[number])) for line in first if line[number] is not None), default=0)
        width = min(max(longest, len(column.header)) + 2, WIDEST)
        sheet.column_dimensions[get_column_letter(number + 1)].width = width
    sheet.append([_bold(sheet, column.header) for column in columns])
    for line in chain(first, lines):
        sheet.append([_text_cell(sheet, value) if isinstance(value, str) else value for value in line])
    book.save(file)


def _as_cell(value: Value) -> Any:
    match value:
        case bool():
            return "yes" if value else "no"
        case datetime():
            return timezone.localtime(value).replace(tzinfo=None, microsecond=0)  # a spreadsheet knows no time zone
        case str():
            return ILLEGAL_CHARACTERS_RE.sub("", value)[:32_000]
        case _:
            return value


def _text_cell(sheet: Any, value: str) -> Any:
    """A text that stays one, also when it begins like a formula."""
    if not value.startswith("="):
        return value
    cell = WriteOnlyCell(sheet, value)
    cell.data_type = "s"
    return cell


def _bold(sheet: Any, header: str) -> Any:
    cell = WriteOnlyCell(sheet, header)
    cell.font = Font(bold=True)
    return cell


WRITERS = {"csv": _write_csv, "xlsx": _write_xlsx}
