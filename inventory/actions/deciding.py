"""Deciding on proposals for par levels: accept them all or none, or decline them with a reason."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.errors import DomainError, StaleEdit
from inventory.actions.lines import needed_reason
from inventory.actions.par_levels import ParChange, change_par_levels, lock_places
from inventory.models import ParLevel, ParProposal
from stations.access import require_role
from stations.models import Command, Event, Location, User

MOST_AT_ONCE = 5_000
State = ParProposal.State


@transaction.atomic
def accept_proposals(*, proposals: Sequence[int], by: User, at: datetime, request_id: UUID) -> list[ParProposal]:
    """Make these proposals, by their ids, the par levels: all or none. Logistics and the chief only.

    Bins and what is mandated stay. Refused, with every reason: what somebody has decided, edited or worked out anew
    since it was shown. The log says of each par level what changed, and of each proposal who accepted it.
    """
    wanted = sorted(set(proposals))
    command, is_new = Command.objects.claim(request_id, "accept_proposals", by=by, at=at, facts={"proposals": wanted})
    if not is_new:
        return list(ParProposal.objects.filter(pk__in=wanted).order_by("pk"))
    require_role(by, User.Role.LOGISTICS, User.Role.CHIEF)
    _check_number(wanted)
    lock_places(Location.objects.filter(pk__in=ParProposal.objects.filter(pk__in=wanted).values("location")))
    rows = _open_rows(wanted)
    ParProposal.objects.filter(pk__in=wanted).update(state=State.ACCEPTED, closed_at=at, decided_by=by)
    change_par_levels(_changes(rows), command)
    Event.objects.bulk_create(
        command.event(
            "accepted",
            row,
            par=[row.was_par, row.par],
            minimum=[row.was_minimum, row.minimum],
            short_below=[row.was_short_below, row.short_below],
        )
        for row in rows
    )
    return list(ParProposal.objects.filter(pk__in=wanted).order_by("pk"))


@transaction.atomic
def decline_proposals(
    *, proposals: Sequence[int], reason: str, by: User, at: datetime, request_id: UUID
) -> list[ParProposal]:
    """Decline these proposals, all or none, with one reason. Logistics and the chief only.

    What is declined is not proposed again unless its numbers move further than a change must to count.
    """
    wanted = sorted(set(proposals))
    facts = {"proposals": wanted, "reason": reason}
    command, is_new = Command.objects.claim(request_id, "decline_proposals", by=by, at=at, facts=facts)
    if not is_new:
        return list(ParProposal.objects.filter(pk__in=wanted).order_by("pk"))
    require_role(by, User.Role.LOGISTICS, User.Role.CHIEF)
    _check_number(wanted)
    reason = needed_reason(reason, _("this is declined"))
    rows = _open_rows(wanted)
    ParProposal.objects.filter(pk__in=wanted).update(
        state=State.DECLINED, closed_at=at, decided_by=by, decline_reason=reason
    )
    Event.objects.bulk_create(
        command.event("declined", row, comment=reason, par=row.par, minimum=row.minimum) for row in rows
    )
    return list(ParProposal.objects.filter(pk__in=wanted).order_by("pk"))


def _check_number(wanted: Sequence[int]) -> None:
    if not wanted:
        raise DomainError(_("Choose at least one proposal."))
    if len(wanted) > MOST_AT_ONCE:
        raise DomainError(
            _("Decide on at most %(most)s proposals at once: choose a station or a class first.")
            % {"most": f"{MOST_AT_ONCE:,}"}
        )


def _open_rows(wanted: Sequence[int]) -> list[ParProposal]:
    """These proposals, locked. Refuses the whole command if one is not open any more."""
    rows = list(ParProposal.objects.filter(pk__in=wanted).select_related("item", "location", "decided_by").locked())
    closed = [row for row in rows if row.state != State.OPEN]
    if len(rows) < len(wanted):
        raise StaleEdit(_("Some of these proposals do not exist any more. Nothing was changed; reload the page."))
    if closed:
        raise StaleEdit(
            _("Some of these are not open any more. Nothing was changed; reload the page to see what is."),
            problems=[_told(row) for row in closed],
        )
    return rows


def _told(row: ParProposal) -> str:
    told: dict[str, object] = {"item": row.item, "place": row.location, "who": row.decided_by}
    if row.decided_by and row.closed_at:
        told["when"] = date_format(timezone.localtime(row.closed_at), "D H:i")
        if row.state == State.ACCEPTED:
            return _("%(item)s at %(place)s: %(who)s accepted it %(when)s.") % told
        return _("%(item)s at %(place)s: %(who)s declined it %(when)s.") % told
    return _("%(item)s at %(place)s: its par level has changed, or it was worked out anew.") % told


def _changes(rows: Sequence[ParProposal]) -> list[ParChange]:
    """What anybody would ask for who saw the versions that the proposals were compared to. The bins stay."""
    bins = {
        (location, item): name
        for location, item, name in ParLevel.objects.filter(
            location__in={row.location_id for row in rows}, item__in={row.item_id for row in rows}
        ).values_list("location_id", "item_id", "bin")
    }
    return [
        ParChange(
            row.location_id,
            row.item_id,
            row.par,
            row.minimum,
            bins.get((row.location_id, row.item_id), ""),
            row.was_version,
            short_below=row.minimum if row.short_below is None else row.short_below,
        )
        for row in rows
    ]
