"""Cells to values. Every reader takes the trimmed text of a cell that is not empty, and refuses with how to mend it."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from difflib import get_close_matches

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core.exports import unguarded

Value = str | int | float | bool | date | time | None
BIGGEST = 2_147_483_647
MOST_SUGGESTIONS = 30

_WHOLE = re.compile(r"([+-]?\d{1,15})(\.0*)?", re.ASCII)
DECIMAL = re.compile(r"[+-]?\d{1,12}(\.\d{1,20})?", re.ASCII)
_SCIENTIFIC = re.compile(r"[+-]?\d+([.,]\d+)?[eE][+-]?\d+", re.ASCII)
_CODE = re.compile(r"\w[\w .-]*")
_SKU = re.compile(r"\w[\w ./+-]*")
_SPREADSHEET_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!")


class BadValue(Exception):
    """What is wrong with a cell, as a sentence that says what to write instead."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of column: how its text is read, and how a value of it is shown again."""

    read: Callable[[str], Value]
    show: Callable[[Value], str] = lambda value: "" if value is None else str(value)


def clean(text: str) -> str:
    """A cell as it is meant: trimmed, without the odd spaces of spreadsheets, nor the apostrophe that keeps a text from
    being a formula. Formulas and errors are refused."""
    text = text.replace("\u00a0", " ").strip()
    if text.isalnum() or not text:
        return text
    if (plain := unguarded(text)) != text:
        text = plain
    elif text.startswith("="):
        raise BadValue(_("is a formula. Copy the column and paste it as values; for leading zeros, format it as text."))
    if text in _SPREADSHEET_ERRORS:
        raise BadValue(
            _("is %(error)s, an error of the spreadsheet. Mend the cell it was computed from.") % {"error": text}
        )
    if not text.isprintable():
        raise BadValue(_("has a line break or a character that cannot be shown. Type it again."))
    return text


def shortened(text: str) -> str:
    """A cell as a sentence about it may quote it."""
    return text if len(text) <= 40 else f"{text[:39]}…"


def nearest(text: str, known: Iterable[str]) -> str:
    """ " Did you mean …?" with the most similar known word, or nothing."""
    folded = {word.casefold(): word for word in known}
    found = get_close_matches(text.casefold()[:80], folded, n=1, cutoff=0.6)
    return " " + _("Did you mean %(word)s?") % {"word": folded[found[0]]} if found else ""


class Suggestions:
    """``nearest`` for many words: found once per word, and for the first few only, as comparing with all is slow."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = known
        self._found: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        if text not in self._found and len(self._found) < MOST_SUGGESTIONS:
            self._known = self._known if isinstance(self._known, list) else list(self._known)
            self._found[text] = nearest(text, self._known)
        return self._found.get(text, "")


def no_item(sku: str, suggest: Suggestions) -> str:
    """That no item has this SKU, and the one that may be meant."""
    return _("There is no item %(sku)s, neither here nor in the files.") % {"sku": sku} + suggest(sku)


def text(most: int) -> Kind:
    """Any words, at most so many characters."""

    def read(cell: str) -> str:
        if len(cell) > most:
            raise BadValue(_("has %(count)s characters; %(most)s is the most.") % {"count": len(cell), "most": most})
        return cell

    return Kind(read)


def _matching(pattern: re.Pattern[str], refusal: str, most: int) -> Kind:
    words = text(most)

    def read(cell: str) -> Value:
        if not pattern.fullmatch(cell):
            raise BadValue(_(refusal) % {"cell": shortened(cell)})
        return words.read(cell)

    return Kind(read)


def code(most: int = 20) -> Kind:
    """What names a station or a unit, also in addresses."""
    refusal = gettext_noop(
        "%(cell)r cannot be a code: use letters, digits, spaces, dots and dashes, beginning with a letter or digit."
    )
    return _matching(_CODE, refusal, most)


def sku(most: int = 40) -> Kind:
    """What names an item."""
    refusal = gettext_noop(
        "%(cell)r cannot be a code: use letters, digits, spaces, dots, dashes, slashes and plus signs, "
        "beginning with a letter or digit."
    )
    return _matching(_SKU, refusal, most)


def whole(least: int = 0, most: int = BIGGEST) -> Kind:
    """A whole number. ``3.0`` is 3, as spreadsheets write it; 3.5, 1,000 and 1E+3 are refused."""

    def read(cell: str) -> int:
        found = _WHOLE.fullmatch(cell)
        if not found:
            raise BadValue(_not_whole(cell))
        number = int(found[1])
        if not least <= number <= most:
            raise BadValue(
                _("%(number)s must be from %(least)s to %(most)s.") % {"number": number, "least": least, "most": most}
            )
        return number

    return Kind(read)


def _not_whole(cell: str) -> str:
    if "," in cell and cell.replace(",", "").isdigit():
        said = _("%(cell)r has a comma: write %(number)s.")
        return said % {"cell": shortened(cell), "number": shortened(cell.replace(",", ""))}
    if DECIMAL.fullmatch(cell):
        return _("%(cell)s is not whole: quantities are counted in single units.") % {"cell": cell}
    return _("%(cell)r is not a whole number.") % {"cell": shortened(cell)}


def choice(words: Mapping[str, str]) -> Kind:
    """One of these words (word → value), in any case."""
    folded = {word.casefold(): value for word, value in words.items()}

    def read(cell: str) -> str:
        if (value := folded.get(cell.casefold())) is None:
            listed = ", ".join(dict.fromkeys(value for value in words.values() if value))
            said = _("%(cell)r is not one of: %(words)s.") % {"cell": shortened(cell), "words": listed}
            raise BadValue(said + nearest(cell, dict.fromkeys(words.values())))
        return value

    return Kind(read)


def yes_no() -> Kind:
    """Yes or no."""
    words = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}

    def read(cell: str) -> bool:
        if cell.casefold() not in words:
            raise BadValue(_("%(cell)r is neither yes nor no.") % {"cell": shortened(cell)})
        return words[cell.casefold()]

    return Kind(read, lambda value: "yes" if value else "no")


def is_scientific(cell: str) -> bool:
    """Whether a spreadsheet has shortened a long number, as 1.23E+13, and so lost its digits."""
    return bool(_SCIENTIFIC.fullmatch(cell))
