"""A record that came again and says other uses: shown to a person, never booked twice."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError, StaleEdit
from core.rows import write_rows
from integrations.actions.booking import Booker, settle
from integrations.models import CallSign, CareCode, CareRecord, CareUse
from integrations.records.values import Entry, ReadRecord
from stations.access import require_role
from stations.models import Command, Event, User

State, Why = CareUse.State, CareUse.Why
SAID = (Why.NOT_GIVEN, Why.BEFORE, Why.ANOTHER_UNIT)  # by the record itself, and not by what we did with it


@dataclass(frozen=True)
class Known:
    """The codes and call signs of a file, as rows."""

    codes: Mapping[tuple[str, str], CareCode]
    signs: Mapping[str, CallSign]

    def use(self, record: CareRecord, entry: Entry, *, waits_as: str) -> CareUse:
        """The row of an entry, not yet saved; in this state if it counts."""
        return CareUse(
            record=record,
            code=self.codes[entry.system, entry.code],
            kind=entry.kind,
            times=entry.times,
            state=State.NOT_COUNTED if entry.why else waits_as,
            why=entry.why,
        )


def compare(read: Iterable[ReadRecord], known: Known, command: Command) -> int:
    """Mark those of these records that now say other uses than when they were taken; how many they are.

    What is new in them waits to be added; what they no longer say is withdrawn: off the list if it was not booked, and
    to be undone by a person if it was.
    """
    by_key = {record.key: record for record in read}
    records = _differing(by_key)
    uses = _uses_of(records)
    added: list[CareUse] = []
    gone: list[CareUse] = []
    events: list[Event] = []
    for record in records:
        again = by_key[record.agency, record.number]
        less, more = _differences(record, uses[record.pk], again, known)
        added += more
        gone += less
        record.call_sign = known.signs[again.call_sign]
        record.unit_id = record.call_sign.unit_id
        record.digest, record.is_corrected = again.digest, True
        said = {"added": len(more), "withdrawn": len(less)}
        events.append(command.event("came corrected", record, comment=str(record), **said))
    write_rows(gone, ["state", "why", "quantity", "is_withdrawn"])
    write_rows(records, ["call_sign", "unit", "digest", "is_corrected"])
    CareUse.objects.bulk_create(added)
    Event.objects.bulk_create(events)
    return len(records)


def _differing(by_key: Mapping[tuple[str, str], ReadRecord]) -> list[CareRecord]:
    """The records that were kept with other uses than these say, locked."""

    def differs(agency: str, number: str, digest: str) -> bool:
        again = by_key.get((agency, number))
        return again is not None and again.digest != digest

    kept = CareRecord.objects.filter(number__in={number for _, number in by_key})
    found = [pk for pk, *said in kept.values_list("pk", "agency", "number", "digest") if differs(*said)]
    if not found:
        return []
    locked = CareRecord.objects.locked().select_related("call_sign").filter(pk__in=found)
    return [record for record in locked if differs(record.agency, record.number, record.digest)]


def _uses_of(records: Sequence[CareRecord]) -> dict[int, list[CareUse]]:
    """What these records said so far, by record."""
    said = CareUse.objects.filter(record__in=records, is_withdrawn=False).exclude(why=Why.WITHDRAWN)
    uses: dict[int, list[CareUse]] = defaultdict(list)
    for use in said.select_related("code"):
        uses[use.record_id].append(use)
    return uses


def _differences(
    record: CareRecord, uses: Sequence[CareUse], again: ReadRecord, known: Known
) -> tuple[list[CareUse], list[CareUse]]:
    """(the uses that are said no more, now withdrawn; rows for what is said in addition). Another unit: all of them."""
    wanted = Counter(again.entries)
    is_other_unit = record.call_sign.text != again.call_sign
    less = []
    for use in uses:
        entry = Entry(use.kind, use.code.system, use.code.code, use.times, use.why if use.why in SAID else "")
        if wanted[entry] and not is_other_unit:
            wanted[entry] -= 1
        else:
            _withdraw(use)
            less.append(use)
    return less, [known.use(record, entry, waits_as=State.ADDED) for entry in wanted.elements()]


def _withdraw(use: CareUse) -> None:
    """What was booked stays booked until a person undoes it; of the rest nothing will be."""
    if use.booked:
        use.state, use.why, use.quantity, use.is_withdrawn = State.USED, "", use.booked, True
    else:
        use.state, use.why = State.NOT_COUNTED, Why.WITHDRAWN


@transaction.atomic
def settle_correction(
    *, record: CareRecord, takes_added: bool, seen: str, by: User, at: datetime, request_id: UUID
) -> CareRecord:
    """A person has looked at a corrected record: what was added is booked like any other use, or left out.

    ``seen`` is the digest that they saw. What was withdrawn they have undone by its movement, or left as it is.
    """
    facts = {"record": record.pk, "takes_added": takes_added, "seen": seen}
    command, is_new = Command.objects.claim(request_id, "settle_correction", by=by, at=at, facts=facts)
    if not is_new:
        return CareRecord.objects.get(pk=record.pk)
    require_role(by, User.Role.LOGISTICS)
    record = CareRecord.objects.locked().get(pk=record.pk)
    if not record.is_corrected:
        raise DomainError(_("Somebody has settled this record already. Reload the page to see how."))
    if record.digest != seen:
        raise StaleEdit(
            _("The record has come once more since you opened it. Nothing was changed; reload and look again.")
        )
    added = list(record.uses.filter(state=State.ADDED).select_related("code__item", "record__unit"))
    if takes_added:
        settle(added, Booker(command, by, at))
    else:
        for use in added:
            use.state, use.why = State.NOT_COUNTED, Why.LEFT_OUT
        write_rows(added, ["state", "why"])
    record.is_corrected = False
    record.save(update_fields=["is_corrected"])
    command.log("settled", record, comment=str(record), added=len(added), is_booked=takes_added)
    return record
