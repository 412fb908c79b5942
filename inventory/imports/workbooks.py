"""XLSX files to rows of text. The file is looked over before it is unpacked: it may be broken, or a trap."""

import struct
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import islice
from typing import Any, BinaryIO, TypeVar
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from openpyxl import load_workbook
from openpyxl.formula.tokenizer import TokenizerError
from openpyxl.formula.translate import TranslatorError
from openpyxl.utils.exceptions import InvalidFileException

from core.exports import guarded
from inventory.imports.csv_files import RawRow, csv_rows
from inventory.imports.problems import Unreadable
from inventory.imports.sources import Source

MOST_PARTS = 1_000
MOST_UNPACKED = 500_000_000
MOST_UNPACKED_SHARED = 64_000_000  # the parts that are read into memory whole
MOST_COLUMNS = 64
MOST_LINES = 1_048_576  # of a sheet, says Excel
LOOKED_AT = 1 << 16
BATCH = 500

# openpyxl trusts what it reads: a broken part surfaces as whatever its code happens to raise there.
BROKEN = (
    ArithmeticError, AssertionError, AttributeError, BadZipFile, EOFError, InvalidFileException, LookupError, OSError,
    RuntimeError, SyntaxError, TokenizerError, TranslatorError, TypeError, ValueError, struct.error, zlib.error,
)  # fmt: skip
_UNREADABLE = gettext_noop(
    "cannot be read as XLSX. Open it in the spreadsheet, remove any password, and save it again as .xlsx."
)
_TRAP = gettext_noop("does not look like a spreadsheet that was saved by a spreadsheet program, and was not opened.")

Result = TypeVar("Result")


class _Doctype(Exception):
    """The part declares a document type: what XML bombs need and spreadsheets never have."""


class _Root(Exception):
    """The first element begins: nothing can be declared any more."""


@contextmanager
def open_workbook(stream: BinaryIO) -> Iterator[dict[str, Callable[[], Iterator[RawRow]]]]:
    """The sheets of a workbook by title, each as a function that reads its rows."""
    _attempt(lambda: _look_over(stream))
    stream.seek(0)
    book: Any = _attempt(lambda: load_workbook(stream, read_only=True, keep_links=False))
    try:
        yield {sheet.title: partial(_rows, sheet) for sheet in book.worksheets}
    finally:
        book.close()


def _attempt(read: Callable[[], Result]) -> Result:
    """Run a piece of the reading: silent where openpyxl only wonders, and a refusal where the file is broken."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return read()
        except BROKEN as error:
            raise Unreadable(_(_UNREADABLE)) from error


def _look_over(stream: BinaryIO) -> None:
    with ZipFile(stream) as archive:
        parts = archive.infolist()
        shared = sum(part.file_size for part in parts if "/worksheets/" not in part.filename)
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise Unreadable(_(_TRAP))
        if shared > MOST_UNPACKED_SHARED:
            raise Unreadable(_("has too much text beside its cells. Save each sheet as CSV instead."))
        if any(part.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for part in parts):
            raise Unreadable(_(_TRAP))
        for part in parts:
            with archive.open(part) as content:
                _refuse_doctype(content.read(LOOKED_AT))


def _refuse_doctype(beginning: bytes) -> None:
    """A document type can only stand before the first element, so that the beginning of a part is enough to see."""

    def doctype(*_: object) -> None:
        raise _Doctype

    def root(*_: object) -> None:
        raise _Root

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = root
    try:
        parser.Parse(beginning, False)
    except (_Root, expat.ExpatError):
        return  # harmless; or a picture, which nobody here reads
    except _Doctype as error:
        raise Unreadable(_(_TRAP)) from error
    if len(beginning) == LOOKED_AT:
        raise Unreadable(_(_TRAP))


def _rows(sheet: Any) -> Iterator[RawRow]:
    sheet.reset_dimensions()  # what the file says of its size may be wrong
    cells = sheet.iter_rows(max_col=MOST_COLUMNS)
    line = 0
    while batch := _attempt(lambda: list(islice(cells, BATCH))):
        for row in batch:
            line += 1
            if line > MOST_LINES:
                raise Unreadable(_(_TRAP))
            yield line, _texts(row)


def _texts(row: Sequence[Any]) -> list[str]:
    """The cells of a row as text, without the empty ones that follow the last."""
    texts = [_text(cell.value, cell.data_type) for cell in row]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _text(value: object, data_type: str) -> str:
    """A cell as its CSV would have it. A formula begins with "=", as it does there."""
    if value is None:
        return ""
    if data_type == "f":
        return "=formula"
    if isinstance(value, str):
        return guarded(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime | date | time | timedelta):
        return _moment(value)
    return str(value)


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(round(value, 9))


def _moment(value: date | time | timedelta) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    return value.isoformat()


def raw_of(source: Source, open_files: ExitStack) -> Callable[[], Iterator[RawRow]]:
    """The rows of a file that holds one table, whatever it is called; of a workbook, of its first sheet."""
    if source.suffix == ".csv":
        return csv_rows(source)
    sheets = open_files.enter_context(open_workbook(open_files.enter_context(source.open())))
    return next(iter(sheets.values()))
