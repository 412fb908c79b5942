"""A file of people, held against who works here: who would be new, changed or the same."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from core.errors import DomainError
from inventory.imports.one_table import TablePlan, read_into
from inventory.imports.sheets import Reader, Row
from inventory.imports.sources import Source
from inventory.imports.values import Suggestions
from inventory.queries.people_rows import AT, FIELDS, PEOPLE, PersonRow
from stations.actions.people import check_duty, check_email, check_username
from stations.models import Station, User


@dataclass(frozen=True, slots=True)
class PersonChange:
    """One person: as they are (None: new), and as the file has them."""

    username: str
    person: User | None
    before: PersonRow | None
    after: PersonRow

    @property
    def facts(self) -> tuple[str, PersonRow | None, PersonRow]:
        return self.username, self.before, self.after

    @property
    def differences(self) -> list[tuple[str, str, str]]:
        """(column, before, after) of what would change."""
        before = self.before or PersonRow()
        pairs = ((name, _shown(getattr(before, name)), _shown(getattr(self.after, name))) for name in FIELDS)
        return [(name, was, now) for name, was, now in pairs if was != now]


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


@dataclass
class PeoplePlan(TablePlan[PersonChange]):
    """What a file of people would change."""

    stations: dict[str, Station] = field(default_factory=dict)


def plan_people(source: Source, *, by: User, uploaded_rows: int | None = None) -> PeoplePlan:
    """Read a CSV or XLSX file with the columns of ``PEOPLE`` and compare it with who works here, for the chief who
    would load it. Writes nothing, and names every bad cell. Four queries; memory grows with the rows."""
    plan = PeoplePlan(stations={station.code: station for station in Station.objects.order_by("code")})
    read_into(plan, PEOPLE, source, uploaded_rows, lambda reader: _Check(reader, plan, by).read())
    return plan


class _Check:
    """Holds each row against who is known, by the rules of the People page."""

    def __init__(self, reader: Reader, plan: PeoplePlan, by: User) -> None:
        self.reader, self.plan, self.by = reader, plan, by
        people = User.objects.prefetch_related("memberships__station")
        self.known = {person.username.casefold(): person for person in people}
        self.suggest = Suggestions(plan.stations)

    def read(self) -> None:
        lines: dict[str, int] = {}
        for row in self.reader.rows():
            name = str(row.values.get("username", "")).casefold()
            if name in lines:
                said = _("is in line %(line)s already. Keep one of the two.")
                self._refuse(row, "username", said % {"line": lines[name]})
            elif name:
                lines[name] = row.line
                if not row.is_bad:
                    self._compare(row, self.known.get(name))

    def _compare(self, row: Row, person: User | None) -> None:
        username = str(row.values["username"])
        if person is not None and person.username != username:
            said = _("somebody is called %(name)s: write it so, or choose another.")
            self._refuse(row, "username", said % {"name": person.username})
            return
        before = PersonRow.of(person) if person else None
        after = (before or PersonRow()).read(row)
        if before == after:
            self.plan.same += 1
        elif self._is_allowed(row, person, before, after):
            self.plan.changes.append(PersonChange(username, person, before, after))

    def _is_allowed(self, row: Row, person: User | None, before: PersonRow | None, after: PersonRow) -> bool:
        found = list(self._problems(str(row.values["username"]), person, before, after))
        for column, reason in found:
            self._refuse(row, column, reason)
        return not found

    def _problems(
        self, username: str, person: User | None, before: PersonRow | None, after: PersonRow
    ) -> Iterator[tuple[str, str]]:
        if before is None and not after.role:
            yield "role", _("somebody new needs a role: add this column.")
            return
        if before and person == self.by and (after.role, after.active) != (before.role, before.active):
            yield "role", _("this is you: another chief must change your own role, or let you go.")
        for column, check in (("username", check_username), ("email", check_email)):
            try:
                check(username if column == "username" else after.email)
            except DomainError as refusal:
                yield column, str(refusal)
        unknown = [(column, at) for column in AT for at in getattr(after, column) if at not in self.plan.stations]
        for column, at in unknown:
            yield column, _("there is no station %(code)s.") % {"code": at} + self.suggest(at)
        if after.role != User.Role.OFFICER and (after.acts_at or after.looks_at):
            yield "role", _("only officers belong to stations: leave acts_at and looks_at empty.")
        elif not unknown:
            try:
                check_duty(after.duty(self.plan.stations))
            except DomainError as refusal:
                yield "acts_at", str(refusal)

    def _refuse(self, row: Row, column: str, reason: str) -> None:
        self.reader.refuse(row.line, column, reason)
