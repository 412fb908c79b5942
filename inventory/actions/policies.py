"""What the division decides for each kind of item (how far ahead stock must last, what expires soon) and for each class
(how much of what is asked for must be there, and what a unit that is not there costs)."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.errors import DomainError, StaleEdit
from inventory.models import CriticalityPolicy, Item, KindPolicy
from inventory.queries.policies import last_change
from stations.access import require_role
from stations.models import Command, Event, User

MOST_DAYS = 730
LEAST_FLOOR, MOST_FLOOR = 5000, 9999
MOST_CENTS = 100_000_000


@dataclass(frozen=True, slots=True)
class Policy:
    """Days for one kind. No ``horizon_days``: as far as the station's delivery after next."""

    kind: str
    horizon_days: int | None
    expiring_days: int


@dataclass(frozen=True, slots=True)
class ClassPolicy:
    """For one class: the least share of units filled in hundredths of a percent, and a lost unit's cost in cents."""

    criticality: str
    fill_floor_bp: int
    lost_unit_cents: int


@transaction.atomic
def set_policies(
    *,
    policies: Sequence[Policy],
    classes: Sequence[ClassPolicy] = (),
    seen: int | None = None,
    by: User,
    at: datetime,
    request_id: UUID,
) -> list[KindPolicy]:
    """Set the days of these kinds and the numbers of these classes, all or none. Logistics and the chief only.

    ``seen`` is the last change that the person saw.
    """
    facts = {"policies": policies, "classes": classes, "seen": seen}
    command, is_new = Command.objects.claim(request_id, "set_policies", by=by, at=at, facts=facts)
    if is_new:
        require_role(by, User.Role.LOGISTICS, User.Role.CHIEF)
        _check(policies, classes)
        kinds, ranks = _lock_kinds(), _lock_classes()
        _refuse_stale(seen)
        for policy in policies:
            KindPolicy.objects.filter(kind=policy.kind).update(
                horizon_days=policy.horizon_days, expiring_days=policy.expiring_days
            )
        for rank in classes:
            CriticalityPolicy.objects.filter(criticality=rank.criticality).update(
                fill_floor_bp=rank.fill_floor_bp, lost_unit_cents=rank.lost_unit_cents
            )
        # The policies are one page and one subject: their keys are words, which the log's ids are not.
        details = {one.kind: [kinds[one.kind], [one.horizon_days, one.expiring_days]] for one in policies}
        details |= {
            one.criticality: [[*ranks[one.criticality]], [one.fill_floor_bp, one.lost_unit_cents]] for one in classes
        }
        Event.objects.create(
            command=command, subject_kind="kindpolicy", subject_id=0, verb="set policies", details=details
        )
    return list(KindPolicy.objects.order_by("kind"))


def _lock_kinds() -> dict[str, list[int | None]]:
    """Make the rows that are missing, and lock all of them: the days of each kind as they are now."""
    KindPolicy.objects.bulk_create([KindPolicy(kind=kind) for kind in Item.Kind.values], ignore_conflicts=True)
    rows = KindPolicy.objects.select_for_update().order_by("kind")
    return {row.kind: [row.horizon_days, row.expiring_days] for row in rows}


def _lock_classes() -> dict[str, tuple[int, int]]:
    """The same for the classes: the floor and the cost of each."""
    usual = [CriticalityPolicy.usual(word) for word in Item.Criticality.values]
    CriticalityPolicy.objects.bulk_create(usual, ignore_conflicts=True)
    rows = CriticalityPolicy.objects.select_for_update().order_by("criticality")
    return {row.criticality: (row.fill_floor_bp, row.lost_unit_cents) for row in rows}


def _check(policies: Sequence[Policy], classes: Sequence[ClassPolicy]) -> None:
    problems = [
        _("%(name)s of %(kind)s: %(days)s is not a number of days from 0 to %(most)s.")
        % {"name": name, "kind": policy.kind, "days": days, "most": MOST_DAYS}
        for policy in policies
        for name, days in asdict(policy).items()
        if name != "kind" and days is not None and not 0 <= days <= MOST_DAYS
    ]
    problems += [
        _("%(kind)s is no kind of item.") % {"kind": policy.kind}
        for policy in policies
        if policy.kind not in Item.Kind.values
    ]
    problems += [problem for one in classes for problem in _class_problems(one)]
    if problems:
        raise DomainError(_("Some policies cannot be right. Nothing was saved."), problems=problems)


def _class_problems(one: ClassPolicy) -> Iterator[str]:
    if one.criticality not in Item.Criticality.values:
        yield _("%(rank)s is no class of items.") % {"rank": one.criticality}
    if not LEAST_FLOOR <= one.fill_floor_bp <= MOST_FLOOR:
        said = _("Units filled of %(rank)s: write a share from 50 to 99.99 %%.")
        yield said % {"rank": one.criticality}
    if not 0 <= one.lost_unit_cents <= MOST_CENTS:
        said = _("A lost unit of %(rank)s costs from 0 to %(most)s.")
        yield said % {"rank": one.criticality, "most": f"{MOST_CENTS // 100:,}"}


def _refuse_stale(seen: int | None) -> None:
    last = last_change()
    if seen is None or last is None or last.pk == seen:
        return
    raise StaleEdit(
        _(
            "%(who)s changed the policies %(when)s, while you had them open. "
            "Nothing of yours was saved; reload to see them as they are now."
        )
        % {
            "who": last.command.by or _("The system"),
            "when": date_format(timezone.localtime(last.command.at), "D H:i"),
        }
    )
