"""People as a table: its columns, everybody as its rows, and what a row says of a person."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_noop

from inventory.imports.columns import Column, Table, words
from inventory.imports.sheets import Row
from inventory.imports.values import Kind, code, text, yes_no
from stations.actions.people import Duty
from stations.models import Station, User

CHUNK = 2_000
WORDS = ("first_name", "last_name", "email", "role")
AT = ("acts_at", "looks_at")
FIELDS = (*WORDS, *AT, "active")


def codes() -> Kind:
    """Codes of stations with commas between them, as a code may hold blanks; each once, in order."""
    one = code()

    def read(cell: str) -> str:
        return ", ".join(sorted({str(one.read(part.strip())) for part in cell.split(",") if part.strip()}))

    return Kind(read)


PEOPLE = Table(
    "people",
    gettext_noop("People"),
    User,
    ("username",),
    5_000,
    (
        Column("username", text(150), needed=True),
        Column("first_name", text(150)),
        Column("last_name", text(150)),
        Column("email", text(254)),
        Column("role", words(User.Role), needed=True),
        Column("acts_at", codes()),
        Column("looks_at", codes()),
        Column("active", yes_no(), default=True, path="is_active"),
    ),
    required=("username",),
)


def people_rows() -> Iterator[tuple[Any, ...]]:
    """Everybody in the columns of the table, by user name; in pieces."""
    rows = User.objects.order_by("username").prefetch_related("memberships__station")
    for person in rows.iterator(chunk_size=CHUNK):
        known = PersonRow.of(person)
        yield (
            person.username,
            *(getattr(known, name) for name in WORDS),
            *(", ".join(getattr(known, name)) for name in AT),
            known.active,
        )


@dataclass(frozen=True, slots=True)
class PersonRow:
    """What a file may say of a person."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    role: str = ""
    acts_at: tuple[str, ...] = ()
    looks_at: tuple[str, ...] = ()
    active: bool = True

    @classmethod
    def of(cls, person: User) -> "PersonRow":
        told = [(one.station.code, one.is_read_only) for one in person.memberships.all()]
        acts_at, looks_at = (tuple(sorted(at for at, only in told if only is which)) for which in (False, True))
        names = (person.first_name, person.last_name, person.email)
        return cls(*names, person.role, acts_at, looks_at, person.is_active)

    def read(self, row: Row) -> "PersonRow":
        """With what the row says; a column that the file does not have stays as it is."""
        said: dict[str, Any] = {name: value for name, value in row.values.items() if name in FIELDS}
        at = {name: tuple(filter(None, str(said[name]).split(", "))) for name in AT if name in said}
        return replace(self, **(said | at))

    def duty(self, stations: Mapping[str, Station]) -> Duty:
        return Duty(self.role, [stations[at] for at in self.acts_at], [stations[at] for at in self.looks_at])
