"""What the division decides for each kind of item: how far ahead stock must last, and what expires soon."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from core.errors import DomainError, StaleEdit
from inventory.models import Item, KindPolicy
from inventory.queries.policies import last_change
from stations.access import require_role
from stations.models import Command, Event, User

MOST_DAYS = 730


@dataclass(frozen=True, slots=True)
class Policy:
    """Days for one kind. No ``horizon_days``: as far as the station's delivery after next."""

    kind: str
    horizon_days: int | None
    expiring_days: int


@transaction.atomic
def set_policies(
    *, policies: Sequence[Policy], seen: int | None = None, by: User, at: datetime, request_id: UUID
) -> list[KindPolicy]:
    """Set the days of these kinds. Logistics and the chief only. ``seen`` is the last change that the person saw."""
    facts = {"policies": policies, "seen": seen}
    command, is_new = Command.objects.claim(request_id, "set_policies", by=by, at=at, facts=facts)
    if is_new:
        require_role(by, User.Role.LOGISTICS, User.Role.CHIEF)
        _check(policies)
        before = _lock()
        _refuse_stale(seen)
        for policy in policies:
            KindPolicy.objects.filter(kind=policy.kind).update(
                horizon_days=policy.horizon_days, expiring_days=policy.expiring_days
            )
        # The policies are one page and one subject: their keys are words, which the log's ids are not.
        details = {policy.kind: [before[policy.kind], _days(policy)] for policy in policies}
        Event.objects.create(
            command=command, subject_kind="kindpolicy", subject_id=0, verb="set policies", details=details
        )
    return list(KindPolicy.objects.order_by("kind"))


def _days(policy: Policy) -> list[int | None]:
    return [policy.horizon_days, policy.expiring_days]


def _lock() -> dict[str, list[int | None]]:
    """Make the rows that are missing, and lock all of them: the days of each kind as they are now."""
    KindPolicy.objects.bulk_create([KindPolicy(kind=kind) for kind in Item.Kind.values], ignore_conflicts=True)
    rows = KindPolicy.objects.select_for_update().order_by("kind")
    return {row.kind: [row.horizon_days, row.expiring_days] for row in rows}


def _check(policies: Sequence[Policy]) -> None:
    problems = [
        f"{name} of {policy.kind}: {days} is not a number of days from 0 to {MOST_DAYS}."
        for policy in policies
        for name, days in asdict(policy).items()
        if name != "kind" and days is not None and not 0 <= days <= MOST_DAYS
    ]
    problems += [f"{policy.kind} is no kind of item." for policy in policies if policy.kind not in Item.Kind.values]
    if problems:
        raise DomainError("Some policies cannot be right. Nothing was saved.", problems=problems)


def _refuse_stale(seen: int | None) -> None:
    last = last_change()
    if seen is None or last is None or last.pk == seen:
        return
    raise StaleEdit(
        f"{last.command.by or 'The system'} changed the policies {timezone.localtime(last.command.at):%a %H:%M}, "
        "while you had them open. Nothing of yours was saved; reload to see them as they are now."
    )
