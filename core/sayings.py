"""Sentences of ours that are kept in the database: written in English, said to each reader in their own language.

What a command writes down must be the same whoever gives it, so it is never translated there. A module says what it
writes as ``TAKEN_OFF = Saying(gettext_noop("Its run is called off."))``, writes ``TAKEN_OFF()``, and a page shows
``again(text)``: our own sentences translated, what people wrote as they wrote it.
"""

import re
from collections.abc import Callable
from functools import cached_property

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import get_language, gettext

_known: "dict[str, Saying]" = {}
_SENTENCES = re.compile(r"(?<=\.)( )")
_CLAUSES = re.compile(r"(; )")
_PLACE = re.compile(r"%\((\w+)\)s")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY = re.compile(rf"\b({'|'.join(_DAYS)})(?= \d\d:\d\d\b)")


class Saying:
    """One sentence, or one clause of it, with places for facts: no full stop within, as texts are read sentence by
    sentence. A place may hold another saying, or a weekday before a time. The first that fits a text is taken."""

    def __init__(self, english: str) -> None:
        self.english = english
        _known[english] = self

    def __call__(self, **facts: object) -> str:
        """What is written down, in English."""
        return self.english % facts

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        parts = _PLACE.split(self.english)
        places = [f"(?P<{part}>.+?)" if at % 2 else re.escape(part.replace("%%", "%")) for at, part in enumerate(parts)]
        return re.compile("".join(places), re.DOTALL)


def again(text: str) -> str:
    """A kept text in the language of whoever reads it now; what is no saying of ours stays as it is."""
    if not text or (get_language() or "en").startswith("en"):
        return text
    return _each(_SENTENCES, text, lambda sentence: _each(_CLAUSES, sentence, str))


def _each(between: re.Pattern[str], text: str, other: Callable[[str], str]) -> str:
    """Say a text part by part; ``other`` says a part that is no saying as a whole."""
    return "".join(part if between.fullmatch(part) else _one(part) or other(part) for part in between.split(text))


def _one(text: str) -> str:
    if text in _known:
        return gettext(text) % {}
    for saying in _known.values():
        if "%" in saying.english and (found := saying.pattern.fullmatch(text)):
            return gettext(saying.english) % {name: _fact(value) for name, value in found.groupdict().items()}
    return ""


def _fact(value: str) -> str:
    return _DAY.sub(lambda day: str(WEEKDAYS_ABBR[_DAYS.index(day[0])]), again(value))
