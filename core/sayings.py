"""Sentences of ours that are kept in the database: written in English, said to each reader in their own language.

What a command writes down must be the same whoever gives it, so it is never translated there. A module says what it
writes as ``TAKEN_OFF = Saying(gettext_noop("Its run is called off."))``, writes ``TAKEN_OFF()``, and a page shows
``again(text)``: our own sentences translated, what people wrote as they wrote it.
"""

import re
from collections.abc import Callable, Iterable
from functools import cached_property

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import get_language, gettext, override

_known: "dict[str, Saying]" = {}
_SENTENCES = re.compile(r"(?<=\.)( )")
_CLAUSES = re.compile(r"(; )")
_PLACE = re.compile(r"%\((\w+)\)s")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY = re.compile(rf"\b({'|'.join(_DAYS)})(?= \d\d:\d\d\b)")


class Saying:
    """A sentence or two, or a clause of one, with places for facts. A place may hold another saying, or a weekday
    before a time. Of two that fit a text, the one whose own words begin first is taken, then the one with more."""

    def __init__(self, english: str) -> None:
        self.english = english
        _known[english] = self

    def __call__(self, **facts: object) -> str:
        """What is written down, in English."""
        with override(None):
            return self.english % facts

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        parts = _PLACE.split(self.english)
        places = [f"(?P<{part}>.+?)" if at % 2 else re.escape(part.replace("%%", "%")) for at, part in enumerate(parts)]
        return re.compile("".join(places), re.DOTALL)

    def own_words(self, found: re.Match[str]) -> tuple[int, int]:
        """How near to the beginning of a text that fits its own words stand, and how many letters they are."""
        first = found.end(1) if found.re.groups and found.start(1) == 0 else 0
        return -first, len(found[0]) - sum(map(len, found.groups()))


def again(text: str) -> str:
    """A kept text in the language of whoever reads it now; what is no saying of ours stays as it is."""
    if not text or (get_language() or "en").startswith("en"):
        return text
    longer = [one for one in _known.values() if _SENTENCES.search(one.english)]
    return _one(text, longer) or _each(_SENTENCES, text, lambda sentence: _each(_CLAUSES, sentence, str))


def _each(between: re.Pattern[str], text: str, other: Callable[[str], str]) -> str:
    """Say a text part by part; ``other`` says a part that is no saying as a whole."""
    parts = between.split(text)
    return "".join(part if between.fullmatch(part) else _one(part, _known.values()) or other(part) for part in parts)


def _one(text: str, among: Iterable[Saying]) -> str:
    fitting = [(one, found) for one in among if (found := one.pattern.fullmatch(text))]
    if not fitting:
        return ""
    saying, found = max(fitting, key=lambda pair: pair[0].own_words(pair[1]))
    return gettext(saying.english) % {name: _fact(value) for name, value in found.groupdict().items()}


def _fact(value: str) -> str:
    return _DAY.sub(lambda day: str(WEEKDAYS_ABBR[_DAYS.index(day[0])]), again(value))
