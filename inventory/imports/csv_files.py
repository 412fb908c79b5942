"""CSV files to rows of text, as spreadsheets save them: UTF-8 with or without a mark, commas or semicolons."""

import csv
from collections.abc import Callable, Iterator
from itertools import chain
from typing import BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from inventory.imports.problems import Unreadable
from inventory.imports.sources import Source

RawRow = tuple[int, list[str]]

_NOT_UTF8 = gettext_noop("is not in UTF-8. In the spreadsheet, save it again as “CSV UTF-8”.")
_MARKS_OF_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def read_csv(stream: BinaryIO) -> Iterator[RawRow]:
    """Every row with the number of the line on which it begins, blank ones as ``[]`` or empty cells."""
    lines = _decoded(stream)
    first: list[str] = []
    for line in lines:
        first.append(line)
        if line.strip():
            break
    reader = csv.reader(chain(first, lines), delimiter=_delimiter(first[-1] if first else ""), strict=True)
    begins = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable(_why(str(error)), line=begins) from error
        yield begins, cells
        begins = reader.line_num + 1


def _decoded(stream: BinaryIO) -> Iterator[str]:
    for number, line in enumerate(stream, 1):
        if number == 1 and line.startswith(_MARKS_OF_UTF16):
            raise Unreadable(_(_NOT_UTF8))
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise Unreadable(_(_NOT_UTF8), line=number) from error


def _delimiter(heading: str) -> str:
    """Semicolon where the heading has more of them than commas: how spreadsheets save where the comma is decimal."""
    return ";" if heading.count(";") > heading.count(",") else ","


def _why(error: str) -> str:
    if "unexpected end" in error:
        return _("a quotation mark opens here and is never closed.")
    if "field larger" in error:
        return _("a cell is far too long; perhaps a quotation mark was never closed.")
    if "expected after" in error:
        return _("a quotation mark stands inside a cell: double it, or remove it.")
    return _("this is not a line of a CSV file. Save the table again as “CSV UTF-8”.")


def csv_rows(source: Source) -> Callable[[], Iterator[RawRow]]:
    """The rows of a CSV file, each time that they are asked for."""

    def rows() -> Iterator[RawRow]:
        with source.open() as stream:
            yield from read_csv(stream)

    return rows
