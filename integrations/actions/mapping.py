"""What a code uses, and which unit a call sign is: decided once by a person, for all that waited and all that comes."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError, StaleEdit
from core.rows import write_rows
from integrations.actions.booking import Booker, settle
from integrations.actions.waiting import lock_records, waiting_uses
from integrations.models import CallSign, CareCode, CareUse
from inventory.models import Item
from stations.access import require_role
from stations.models import Command, Location, Unit, User

State = CareUse.State
MOST_PER_ENTRY = 1_000
UNBOOKED = (State.UNMAPPED, State.NO_UNIT, State.WITNESS, State.SHORT)


@transaction.atomic
def map_code(
    *,
    code: CareCode,
    item: Item | None,
    quantity: int = 1,
    is_per_attempt: bool = False,
    version: int | None,
    by: User,
    at: datetime,
    request_id: UUID,
) -> CareCode:
    """Say what one entry of a code uses: so much of an item (for each attempt), or nothing that is kept (None).

    Books at once what waited for it. What was booked by an earlier mapping stays. Refused if somebody has mapped it
    since ``version``; None: the caller did not look.
    """
    facts = {"code": code.pk, "item": item.pk if item else None, "quantity": quantity, "is_per_attempt": is_per_attempt}
    command, is_new = Command.objects.claim(request_id, "map_code", by=by, at=at, facts=facts)
    if not is_new:
        return CareCode.objects.get(pk=code.pk)
    require_role(by, User.Role.LOGISTICS)
    code = _open_code(code, version, quantity)
    before = _said(code)
    code.item, code.uses_nothing = item, item is None
    code.quantity, code.is_per_attempt = (quantity, is_per_attempt) if item else (1, False)
    code.version += 1
    code.save(update_fields=["item", "uses_nothing", "quantity", "is_per_attempt", "version"])
    waiting = CareUse.objects.filter(code=code, state__in=UNBOOKED, booked=0)
    uses = list(waiting_uses(lock_records(waiting), UNBOOKED).filter(code=code, booked=0))
    settle(uses, Booker(command, by, at))
    command.log("mapped", code, comment=str(code), before=before, after=_said(code), uses=len(uses))
    return code


def _open_code(code: CareCode, version: int | None, quantity: int) -> CareCode:
    """The code, locked, if nobody mapped it meanwhile and the quantity can be right."""
    if not 1 <= quantity <= MOST_PER_ENTRY:
        words = _("One entry uses 1 to %(most)s: %(quantity)s cannot be right.")
        raise DomainError(words % {"most": f"{MOST_PER_ENTRY:,}", "quantity": quantity})
    code = CareCode.objects.locked().get(pk=code.pk)
    if version is not None and code.version != version:
        raise StaleEdit(_("Somebody mapped this code while you had it open. Nothing was changed; reload to see it."))
    return code


def _said(code: CareCode) -> str:
    if code.item is None:
        return "nothing that is kept" if code.uses_nothing else ""
    return f"{code.quantity} × {code.item}{' an attempt' if code.is_per_attempt else ''}"


@transaction.atomic
def map_call_sign(*, sign: CallSign, unit: Unit, by: User, at: datetime, request_id: UUID) -> CallSign:
    """Say which unit a call sign is, and book at once what waited for it. Records that have a unit keep it."""
    facts = {"sign": sign.pk, "unit": unit.pk}
    command, is_new = Command.objects.claim(request_id, "map_call_sign", by=by, at=at, facts=facts)
    if not is_new:
        return CallSign.objects.get(pk=sign.pk)
    require_role(by, User.Role.LOGISTICS)
    if not Location.objects.filter(unit=unit, kind=Location.Kind.UNIT).exists():
        words = _("%(unit)s has no place for stock that crews use: choose an ambulance, engine or supervisor.")
        raise DomainError(words % {"unit": unit})
    sign = CallSign.objects.locked().get(pk=sign.pk)
    before, sign.unit = sign.unit, unit
    sign.save(update_fields=["unit"])
    waiting = CareUse.objects.filter(record__call_sign=sign, record__unit=None, state__in=UNBOOKED)
    uses = list(waiting_uses(lock_records(waiting), UNBOOKED))
    settle(uses, Booker(command, by, at))
    command.log("mapped", sign, comment=f"{sign} is {unit}", unit=[str(before or ""), str(unit)], uses=len(uses))
    return sign


@transaction.atomic
def name_codes(*, names: Iterable[tuple[str, str, str]], by: User | None, at: datetime) -> int:
    """Keep the names of codes, (system, code, name), from the division's own list; how many are new or changed."""
    given = {(system, code): name for system, code, name in names}
    found = {(one.system, one.code): one for one in CareCode.objects.locked().filter(code__in={c for _, c in given})}
    missing = [CareCode(system=s, code=c, name=name) for (s, c), name in given.items() if (s, c) not in found]
    changed = [one for key, one in found.items() if key in given and one.name != given[key]]
    for one in changed:
        one.name = given[one.system, one.code]
    write_rows(changed, ["name"])
    CareCode.objects.bulk_create(missing, ignore_conflicts=True)
    if missing or changed:
        command = Command.objects.begin("name_codes", by=by, at=at)
        command.log("named codes", command, codes=len(missing) + len(changed))
    return len(missing) + len(changed)
