"""Taking a file of patient-care records: each record once, whatever is sent again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Lower

from core.rows import write_rows
from integrations.actions.booking import AT_ONCE, Booker, settle
from integrations.actions.corrections import Known, compare
from integrations.models import CallSign, CareCode, CareRecord, CareUse
from integrations.records.values import CareFile, ReadRecord
from stations.access import require_role
from stations.models import Command, Location, Unit, User

Key = tuple[str, str]
TOOK = "took records"


@dataclass(frozen=True)
class Taken:
    """What came of a file: records by how they were known, and the uses of the new ones by what became of them."""

    new: int
    same: int
    corrected: int
    used: int
    waiting: int
    not_counted: int


@transaction.atomic
def take_records(*, file: CareFile, by: User | None, at: datetime, request_id: UUID) -> Taken:
    """Keep the records of a file that are new, and book what they used. ``by`` is of logistics; None: the system.

    A record that is known already, by its agency and number, changes nothing; one that now says other uses is marked
    for a person and books nothing. All or nothing.
    """
    facts = {"file": file.digest}
    command, is_new = Command.objects.claim(request_id, "take_records", by=by, at=at, facts=facts)
    if not is_new:
        return Taken(**command.events.get(verb=TOOK).details)
    if by is not None:
        require_role(by, User.Role.LOGISTICS)
    known = Known(_codes(file.records), _call_signs(file.records))
    mine = _insert(file.records, known, command, at)
    corrected = compare([record for record in file.records if record.key not in mine], known, command)
    uses = _uses(mine, {record.key: record for record in file.records}, known)
    first = {record.pk for record in islice(mine.values(), AT_ONCE)}
    settle([use for use in uses if not use.why and use.record_id in first], Booker(command, by, at))
    taken = Taken(
        new=len(mine),
        same=len(file.records) - len(mine) - corrected,
        corrected=corrected,
        used=sum(use.state == CareUse.State.USED for use in uses),
        waiting=sum(use.waits for use in uses),
        not_counted=sum(use.state == CareUse.State.NOT_COUNTED for use in uses),
    )
    command.log(TOOK, command, **asdict(taken))
    return taken


def _codes(records: Iterable[ReadRecord]) -> dict[Key, CareCode]:
    """The codes of these records, locked, so that whoever maps one sees all that waits for it. New ones are kept."""
    keys = {(entry.system, entry.code) for record in records for entry in record.entries}
    found = CareCode.objects.filter(code__in={code for _, code in keys})
    missing = keys - set(found.values_list("system", "code"))
    CareCode.objects.bulk_create(
        [CareCode(system=system, code=code) for system, code in sorted(missing)], ignore_conflicts=True
    )
    locked = found.locked().select_related("item")
    return {(code.system, code.code): code for code in locked}


def _call_signs(records: Iterable[ReadRecord]) -> dict[str, CallSign]:
    """The call signs of these records, locked. One that is written like a unit's own is that unit."""
    texts = {record.call_sign for record in records}
    found = CallSign.objects.filter(text__in=texts)
    missing = texts - set(found.values_list("text", flat=True))
    CallSign.objects.bulk_create([CallSign(text=text) for text in sorted(missing)], ignore_conflicts=True)
    signs = {sign.text: sign for sign in found.locked().select_related("unit")}
    unknown = {sign.text.lower(): sign for sign in signs.values() if sign.unit_id is None}
    crewed = Unit.objects.filter(location__kind=Location.Kind.UNIT)
    units = crewed.annotate(folded=Lower("code")).filter(folded__in=unknown)
    matched = []
    for unit in units:
        sign = unknown[unit.code.lower()]
        sign.unit = unit
        matched.append(sign)
    write_rows(matched, ["unit"])
    return signs


def _insert(records: Sequence[ReadRecord], known: Known, command: Command, at: datetime) -> dict[Key, CareRecord]:
    """Those that nobody has taken yet, by key. A twin that takes the same file waits here, then finds them taken."""
    rows = [
        CareRecord(
            agency=record.agency,
            number=record.number,
            call_sign=known.signs[record.call_sign],
            unit_id=known.signs[record.call_sign].unit_id,
            at=record.at or at,
            digest=record.digest,
            command=command,
        )
        for record in sorted(records, key=lambda one: one.key)
    ]
    CareRecord.objects.bulk_create(rows, ignore_conflicts=True)
    mine = CareRecord.objects.filter(command=command).select_related("unit")
    return {(record.agency, record.number): record for record in mine}


def _uses(mine: Mapping[Key, CareRecord], read: Mapping[Key, ReadRecord], known: Known) -> list[CareUse]:
    """A row for each medication and procedure of the new records."""
    rows = [
        known.use(record, entry, waits_as=CareUse.State.UNMAPPED)
        for key, record in mine.items()
        for entry in read[key].entries
    ]
    return CareUse.objects.bulk_create(rows)
