"""Uses that wait for a person: booked again, before a witness, or left out."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.rows import write_rows
from integrations.actions.booking import AT_ONCE, Booker, settle
from integrations.models import CallSign, CareRecord, CareUse
from inventory.actions.lines import needed_reason
from stations.access import require_role
from stations.models import Command, Location, Station, User
from stations.signatures import Signature

State, Why = CareUse.State, CareUse.Why


def waiting_uses(records: Sequence[int], states: Sequence[str]) -> "QuerySet[CareUse]":
    """The uses of these records in these states, with all that booking them needs."""
    return CareUse.objects.filter(record__in=records, state__in=states).select_related(
        "code__item", "item", "record__unit"
    )


def lock_records(uses: "QuerySet[CareUse]") -> list[int]:
    """Lock the first records of these uses, and know their units by now; their ids."""
    wanted = uses.order_by("record").values_list("record", flat=True).distinct()[:AT_ONCE]
    records = list(CareRecord.objects.locked().filter(pk__in=list(wanted)))
    unknown = {record.call_sign_id for record in records if record.unit_id is None}
    signs = dict(CallSign.objects.filter(pk__in=unknown, unit__isnull=False).values_list("pk", "unit"))
    found = [record for record in records if record.unit_id is None and record.call_sign_id in signs]
    for record in found:
        record.unit_id = signs[record.call_sign_id]
    write_rows(found, ["unit"])
    return [record.pk for record in records]


@transaction.atomic
def book_due(*, at: datetime) -> int:
    """Book what waits although its code and unit are known by now; how many uses were looked at. Safe to run twice."""
    kind = Location.Kind.UNIT  # a unit without a place for stock is none yet
    due = CareUse.objects.filter(
        Q(state=State.UNMAPPED) & (Q(code__item__isnull=False) | Q(code__uses_nothing=True))
        | Q(state=State.NO_UNIT, record__unit__location__kind=kind)
        | Q(state=State.NO_UNIT, record__unit=None, record__call_sign__unit__location__kind=kind)
    )
    if not due.exists():
        return 0
    command = Command.objects.begin("book_records", by=None, at=at)
    uses = list(waiting_uses(lock_records(due), (State.UNMAPPED, State.NO_UNIT)))
    settle(uses, Booker(command, None, at))
    return len(uses)


@transaction.atomic
def try_again(*, record: CareRecord, by: User, at: datetime, request_id: UUID) -> CareRecord:
    """Book what of a record waits for stock, a unit or a mapping, as far as that is there now."""
    command, is_new = Command.objects.claim(request_id, "try_record_again", by=by, at=at, facts={"record": record.pk})
    if not is_new:
        return CareRecord.objects.get(pk=record.pk)
    require_role(by, User.Role.LOGISTICS)
    states = (State.UNMAPPED, State.NO_UNIT, State.SHORT)
    uses = list(waiting_uses(lock_records(CareUse.objects.filter(record=record)), states))
    settle(uses, Booker(command, by, at))
    command.log("tried again", record, comment=str(record), **_came_of(uses))
    return CareRecord.objects.get(pk=record.pk)


def witnessed_at(record: CareRecord) -> Station:
    """The station whose people may witness the scheduled drugs of a record. Refused until its unit is known."""
    if record.unit is None:
        raise DomainError(_("Say first which unit this is."))
    return record.unit.station


@transaction.atomic
def confirm_with_witness(
    *, record: CareRecord, witness: Signature, by: User, at: datetime, request_id: UUID
) -> CareRecord:
    """Book the scheduled drugs of a record before a witness who has signed (21 CFR 1304.27(a))."""
    facts = {"record": record.pk, "witness": witness.person.pk}
    command, is_new = Command.objects.claim(request_id, "confirm_with_witness", by=by, at=at, facts=facts)
    if not is_new:
        return CareRecord.objects.get(pk=record.pk)
    require_role(by, User.Role.LOGISTICS)
    uses = list(waiting_uses(lock_records(CareUse.objects.filter(record=record)), [State.WITNESS]))
    if not uses:
        raise DomainError(_("Nothing of this record waits for a witness any more. Reload the page to see why."))
    settle(uses, Booker(command, by, at, witness))
    command.log("witnessed", record, comment=str(record), witnessed_by=str(witness.person), **_came_of(uses))
    return CareRecord.objects.get(pk=record.pk)


@transaction.atomic
def leave_out(*, use: CareUse, reason: str, by: User, at: datetime, request_id: UUID) -> CareUse:
    """Book no more of a use that waits, with a reason: it was entered by hand, or counted."""
    facts = {"use": use.pk, "reason": reason}
    command, is_new = Command.objects.claim(request_id, "leave_out_use", by=by, at=at, facts=facts)
    if not is_new:
        return CareUse.objects.get(pk=use.pk)
    require_role(by, User.Role.LOGISTICS)
    reason = needed_reason(reason, _("this is left out"))
    record = CareRecord.objects.locked().get(pk=use.record_id)
    use = CareUse.objects.get(pk=use.pk)
    if not use.waits:
        raise DomainError(_("This does not wait any more. Reload the page to see what became of it."))
    use.state, use.why = State.NOT_COUNTED, Why.LEFT_OUT
    use.save(update_fields=["state", "why"])
    command.log("left out", record, comment=reason, code=str(use.code), booked=use.booked)
    return use


def _came_of(uses: Sequence[CareUse]) -> dict[str, int]:
    return {"used": sum(use.state == State.USED for use in uses), "waiting": sum(use.waits for use in uses)}
