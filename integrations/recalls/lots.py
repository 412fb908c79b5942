"""The lots that a record names, and whether what it says about them was understood to the end.

Too many words are taken for lots rather than too few: a lot is recalled only where an item of ours is named by its
code and has a lot of exactly this number. What cannot be listed (a range, a condition) is said, for a person to read.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from integrations.recalls.codes import plain, read_codes
from integrations.recalls.dates import Month, read_months

LONGEST_TEXT = 50_000
LONGEST_LOT = 40
LABEL = re.compile(r"\b(?:lots?|batch(?:es)?|serials?|units?|control (?:no|number))\b", re.IGNORECASE)
WORD = re.compile(r"[A-Z0-9][A-Z0-9@/._-]*", re.IGNORECASE)
AMOUNT = re.compile(
    r"(?<![\w-])\d[\d,.]{0,20} ?-?(?:mg|mcg|g|kg|ml|l|oz|lbs?|iu|units?|counts?|ct|vials?|tablets?|bottles?|"
    r"cases?|box(?:es)?|cartons?|bags?|syringes?|packs?|pieces?|days?|hours?|inch(?:es)?|mm|cm|fr)(?!\w)"
    r"|(?<!\w)\d{1,6} ?%",
    re.IGNORECASE,
)
SHORT = re.compile(r"(?<![\w./@-])\d{1,2}(?![\w./@)-])")  # "1)" is not meant
RUN = re.compile(r"(?<![\w-])([A-Z]{0,9})(\d{3,20})-([A-Z]{0,9})(\d{3,20})(?![\w-])", re.IGNORECASE)  # A100-A200
EVERY = re.compile(r"\ball\b[^.;\n]{0,40}?\b(?:lots?|batches|serial numbers?|units|codes?)\b([^.;\n]*)", re.IGNORECASE)
NO_CONDITION = re.compile(
    r"(?:\W|\b(?:numbers?|codes?|of|the|this|product|remaining|current(?:ly)?|are|is|which|that|still|with|an?|"
    r"within|unexpired|their|its|exp(?:iry|iration)?|dates?|shelf|life|on|market|affected|recalled|being)\b)*",
    re.IGNORECASE,
)
# What says that more, or less, is meant than is listed.
UNCERTAIN: Mapping[str, str] = {
    "a range": r"\b(?:through|thru|from|between|ranging|range|inclusive)\b|\d[A-Z]{0,6} (?:to|-) [A-Z]{0,12}\d",
    "a condition": r"\b(?:(?<!best )before|after|prior|until|up to|later|earlier|higher|lower|greater|since)\b",
    "a part of a number": r"\b(?:begin|start|end)(?:s|ning|ing)? with\b|\bprefix",
    "an open list": r"\b(?:including but|not limited|etc|such as|e\.g|others?|various|multiple|several|see)\b",
    "an exception": r"\b(?:except|excluding|other than|not including)\b",
    "not known": r"\b(?:unknown|not available|none|n/a|unavailable)\b",
}
MADE = re.compile(r"\b(?:mfg|mfd|dom|made|packed|manufactur\w*|produc\w*)\W*(?:on|dates?)?\W*$", re.IGNORECASE)
GLUED = re.compile(r"(?<![\w(])[A-Z0-9]{4,}\d\)", re.IGNORECASE)  # "…02281 2)" that lost its blank


def normalized(number: str) -> str:
    """A lot number as it is compared: letters and digits only, in capitals. "TFRS 130-b" is TFRS130B."""
    return "".join(letter for letter in number.upper() if letter.isascii() and letter.isalnum())


@dataclass
class Lots:
    """Lots by their normalized number, each with the month in which it expires, or empty where that is not said."""

    expiries: dict[str, str] = field(default_factory=dict)
    is_every: bool = False
    unread: list[str] = field(default_factory=list)


def read_lots(text: str) -> Lots:
    """What a record's code text says about lots. Never raises, whatever it is given."""
    is_cut = len(text) > LONGEST_TEXT
    text = plain(text[:LONGEST_TEXT])
    lots = Lots(_listed(text), unread=[*_uncertain(text), *(["more text than is read"] if is_cut else [])])
    every = EVERY.search(text)
    lots.is_every = every is not None and NO_CONDITION.fullmatch(every[1]) is not None and not lots.expiries
    if every and not lots.is_every:
        lots.unread.append("all lots of a part, or under a condition")
    if not lots.is_every and not lots.expiries:
        lots.unread.append("no number")
    elif not LABEL.search(text) and not lots.is_every:
        lots.unread.append("numbers that are not called lots")
    lots.unread = list(dict.fromkeys(lots.unread))
    if lots.unread:  # then its dates may be anything
        lots.expiries = dict.fromkeys(lots.expiries, "")
    return lots


def _uncertain(text: str) -> Iterator[str]:
    """Each way in which a text says other lots than it lists."""
    bare = _blanked(text, [(one.start, one.end) for one in read_months(text)])
    yield from (what for what, pattern in UNCERTAIN.items() if re.search(pattern, bare, re.IGNORECASE))
    if GLUED.search(bare):
        yield "numbers that run into each other"
    if any(_is_run(*found.groups()) for found in RUN.finditer(bare)):
        yield "a range"
    amounts = [found.span() for found in AMOUNT.finditer(bare)]
    if SHORT.search(_blanked(bare, [*amounts, *read_codes(bare).places])):
        yield "a very short number"


def _is_run(prefix: str, first: str, other: str, last: str) -> bool:
    return prefix == other and len(first) == len(last) and first < last


def _listed(text: str) -> dict[str, str]:
    """Every word with a digit that is no date or code, with its expiry; and words that only blanks part, as one number.

    A date belongs to the lots before it; where the text begins with one, to those after it.
    """
    text = _blanked(text, read_codes(text).places, by=",")
    pieces = list(_pieces(text, list(read_months(text))))
    is_before = bool(pieces) and isinstance(pieces[0], Month)
    expiries: dict[str, str] = {}
    waiting: list[str] = []
    month = ""
    for piece in pieces:
        if isinstance(piece, Month):
            month = str(piece)
            if not is_before:
                expiries |= dict.fromkeys(waiting, month)
            waiting = []
        elif piece not in expiries:
            expiries[piece] = month if is_before else ""
            waiting.append(piece)
    return expiries


def _pieces(text: str, months: Sequence[Month]) -> Iterator[str | Month]:
    at = 0
    for month in months:
        before = text[at : month.start]
        yield from _numbers(before)
        if not MADE.search(before):
            yield month
        at = month.end
    yield from _numbers(text[at:])


def _numbers(text: str) -> Iterator[str]:
    for part in re.split(r"[,;:#()\n\r]|\b(?:and|or|lots?|batch(?:es)?|exp\w*|best|use)\b", text, flags=re.IGNORECASE):
        words = [word[0] for word in WORD.finditer(part)]
        told = [normalized(word) for word in words if any(letter.isdigit() for letter in word)]
        yield from (number for number in told if len(number) <= LONGEST_LOT and not SHORT.fullmatch(number))
        whole = normalized("".join(words))
        if 1 < len(words) <= 6 and told and len(whole) <= LONGEST_LOT:
            yield whole


def _blanked(text: str, places: Sequence[tuple[int, int]], *, by: str = " ") -> str:
    """The text with these places blanked, as long as it was."""
    letters = list(text)
    for start, end in places:
        letters[start:end] = by * (end - start)
    return "".join(letters)
