"""What a verb of the command line is: its fields, from which the arguments are made, and the action that it calls."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.timezone import is_naive, make_aware

from core.errors import DomainError
from stations.models import User

MOST_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Field:
    """One argument, or one word of a line: ``read`` takes its text and raises ValueError for what it cannot be."""

    name: str
    help: str
    read: Callable[[str], Any] = str
    needed: bool = False
    default: Any = None
    choices: Sequence[str] = ()
    is_flag: bool = False

    @property
    def option(self) -> str:
        return f"--{self.name.replace('_', '-')}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed: by whom, and the values of the verb's fields."""

    by: User
    at: datetime
    request_id: UUID
    values: dict[str, Any]
    lines: Sequence[dict[str, Any]] = ()

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    @property
    def command(self) -> dict[str, Any]:
        """Who, when and the request id, as every action takes them."""
        return {"by": self.by, "at": self.at, "request_id": self.request_id}


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb. ``subject`` comes first and without a name; ``line`` are the words of each ``--line``."""

    name: str
    help: str
    act: Callable[[Asked], Any]
    subject: Field | None = None
    fields: Sequence[Field] = ()
    line: Sequence[Field] = ()
    needs_lines: bool = False


@dataclass(frozen=True, slots=True)
class Noun:
    name: str
    help: str
    verbs: Sequence[Verb] = field(default_factory=tuple)


class BadLine(DomainError):
    """The words of a line do not fit its verb."""


def whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 15:
        raise ValueError("write a whole number from 0")
    return int(text)


def day(text: str) -> date:
    return date.fromisoformat(text)


def moment(text: str) -> datetime:
    """A day and a time; where it names no zone, as the clocks of the division show it."""
    read = datetime.fromisoformat(text)
    return make_aware(read) if is_naive(read) else read


def line_of(words: Sequence[str], fields: Sequence[Field]) -> dict[str, Any]:
    """``item=GLV-M quantity=10`` by its fields, each once; what is not said is the field's default."""
    known = {one.name: one for one in fields}
    said: dict[str, Any] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or name not in known:
            raise BadLine(f"{word!r}: write {' '.join(f'{one}=…' for one in known)}. Nothing was changed.")
        if name in said:
            raise BadLine(f"{name} is there twice in one line. Nothing was changed.")
        try:
            said[name] = known[name].read(text)
        except ValueError as error:
            raise BadLine(f"{word!r} cannot be read: {error}. Nothing was changed.") from error
    if missing := [one.name for one in fields if one.needed and one.name not in said]:
        raise BadLine(f"A line lacks {', '.join(missing)}. Nothing was changed.")
    return {one.name: said.get(one.name, one.default) for one in fields}


ID = Field("id", "its number, as `list` gives it", whole, needed=True)
VERSION = Field("version", "refuse if it is no longer this version", whole)
REASON = Field("reason", "why; those concerned read it", needed=True)
AFTER = Field("after", "rows after this id", whole, default=0)
LIMIT = Field("limit", f"how many rows, at most {MOST_ROWS:,}", whole, default=100)
STATION = Field("station", "code of a station")
ITEM = Field("item", "SKU")


def listing(name: str, help: str, rows: Callable[[Asked], QuerySet[Any]], show: Any, *fields: Field) -> Verb:  # noqa: A002
    """A verb that lists what the person may see: ``rows`` in the order of their ids, shown as the API shows them."""

    def act(asked: Asked) -> dict[str, Any]:
        most = max(1, min(asked["limit"], MOST_ROWS))
        found = list(rows(asked).filter(pk__gt=asked["after"]).order_by("pk")[: most + 1])
        shown = show(found[:most])
        return {"rows": shown, "next": found[most - 1].pk if len(found) > most else None}

    return Verb(name, help, act, fields=(*fields, AFTER, LIMIT))
