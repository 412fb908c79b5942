"""Files of recall records: openFDA's answers and downloads, plain lists, and FDA's XML. Bounded, and never trusted."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError  # only names; defusedxml parses

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext as _

from core.errors import DomainError
from integrations.recalls.records import Record, read_record

MEGABYTE = 1_000_000
MOST_RECORDS = 20_000
DECLARATION = re.compile(r"\A\s*<\?xml\b[^>]{0,200}\?>")
ENCODING = re.compile(r"""encoding\s*=\s*["']([\w.-]+)""", re.IGNORECASE)
TAG = "recall-number"


class Unreadable(DomainError):
    """The file holds no recall records, or not so that they can be read."""


def read_file(name: str, content: bytes, *, most_mb: int, most: int = MOST_RECORDS) -> list[Record]:
    """Every record of a file, each number once (the last that the file has of it). Refuses what is none, and more than
    ``most``, in words."""
    if len(content) > most_mb * MEGABYTE:
        words = _("%(name)s has more than %(most)s MB. Ask for fewer records at once.")
        raise Unreadable(words % {"name": name, "most": most_mb})
    text = _decoded(name, content)
    begins = text.lstrip()[:1]
    if not begins:
        raise Unreadable(_("%(name)s is empty.") % {"name": name})
    rows = list(_xml_rows(name, text) if begins == "<" else _json_rows(name, text))
    if len(rows) > most:
        words = _("%(name)s has %(count)s records; %(most)s is the most here. Take it in parts.")
        raise Unreadable(words % {"name": name, "count": f"{len(rows):,}", "most": f"{most:,}"})
    try:
        return list({record.number: record for record in map(read_record, rows)}.values())
    except RecursionError as error:
        raise _no_records(name) from error


def _decoded(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        words = _("%(name)s is not UTF-8 text. Save it as UTF-8, or download it again.")
        raise Unreadable(words % {"name": name}) from error


def _json_rows(name: str, text: str) -> Iterator[Mapping[str, Any]]:
    """The records of an answer with ``results``, of a list, or the one that stands alone."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        words = _("%(name)s is neither JSON nor XML. Take the file as FDA gives it.")
        raise Unreadable(words % {"name": name}) from error
    rows = whole.get("results", [whole]) if isinstance(whole, dict) else whole
    if not isinstance(rows, list) or not all(isinstance(row, dict) and _is_record(row) for row in rows):
        raise _no_records(name)
    yield from rows


def _no_records(name: str) -> Unreadable:
    words = _("%(name)s holds something other than recall records: each has a product description.")
    return Unreadable(words % {"name": name})


def _is_record(row: Mapping[str, Any]) -> bool:
    names = {str(name).lower().replace("-", "_") for name in row}
    return "product_description" in names or "recall_number" in names


def _xml_rows(name: str, text: str) -> Iterator[Mapping[str, Any]]:
    """The records of FDA's XML, one or many, with a root or without. Inside ours no document type can be declared, so
    that there are no entities to grow and no files to fetch."""
    if declared := DECLARATION.match(text):
        encoding = ENCODING.search(declared[0])
        if encoding and encoding[1].lower() not in {"utf-8", "us-ascii"}:
            words = _("%(name)s says that it is %(encoding)s. Save it as UTF-8, and say so in its first line.")
            raise Unreadable(words % {"name": name, "encoding": encoding[1]})
        text = text[declared.end() :]
    try:
        root = fromstring(f"<file>{text}</file>", forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        words = _("%(name)s is no XML that can be read. Take the file as FDA gives it.")
        raise Unreadable(words % {"name": name}) from error
    found = list(root.iter(TAG))
    if not found:
        raise Unreadable(_("%(name)s holds no recall record (<%(tag)s>).") % {"name": name, "tag": TAG})
    for row in found:
        yield _fields(row)


def _fields(row: Element) -> dict[str, str]:
    fields = {part.tag: "".join(part.itertext()) for part in row}
    return {TAG: row.get("id", "")} | fields
