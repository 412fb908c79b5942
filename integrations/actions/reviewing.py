"""What a person makes of a recall whose text was not enough: which lots it names, or that it is not ours."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import DomainError
from core.rows import write_rows
from integrations.actions.holding import judge, set_held
from integrations.actions.recalls import DECIDED, release_lots
from integrations.models import Recall, RecalledLot
from integrations.queries.recall_matches import with_stock
from integrations.queries.recall_places import units_left
from inventory.actions.lines import needed_reason
from inventory.models import Lot
from stations.access import require_role
from stations.actions.versions import check_version
from stations.models import Command, Event, User

State = Recall.State


def match_by_hand(
    *, recall: Recall, lots: Collection[int], reason: str, version: int | None, by: User, at: datetime, request_id: UUID
) -> Recall:
    """Say after reading which lots, by their ids, a recall names: they are recalled, whatever the record's text was
    read as, and the review is done. None, where those that were matched already are all. Logistics only."""
    facts = {"recall": recall.pk, "lots": sorted(lots), "reason": reason}
    with transaction.atomic():
        command, is_new = Command.objects.claim(request_id, "match_recall", by=by, at=at, facts=facts)
        if not is_new:
            return Recall.objects.get(pk=recall.pk)
        require_role(by, User.Role.LOGISTICS)
        locked = _lock(recall, version)
        _name_lots(command, locked, lots, at)
        _decide(locked, State.ACTING, reason, by=by, at=at)
        locked.save(update_fields=DECIDED)
        judge(command, [locked], {}, at=at)
        command.log("reviewed", locked, comment=locked.decision, matched=len(lots))
    release_lots(lots, at=at, by=by)
    return locked


def _name_lots(command: Command, recall: Recall, lots: Collection[int], at: datetime) -> None:
    chosen = list(with_stock(Lot.objects.filter(pk__in=lots)))
    if len(chosen) != len(set(lots)):
        raise DomainError(_("Some of these lots are not on the books any more. Look again, then choose."))
    known = {one.lot_id: one for one in RecalledLot.objects.filter(recall=recall)}
    if not chosen and not known:
        raise DomainError(_("Choose the lots that it names; or say that it is not ours."))
    hand = RecalledLot.How.HAND
    confirmed = [one for pk, one in known.items() if pk in set(lots)]
    for one in confirmed:
        one.how, one.doubt = hand, ""
    write_rows(confirmed, ["how", "doubt"])
    RecalledLot.objects.bulk_create(
        RecalledLot(recall=recall, lot=lot, how=hand, found=lot.on_hand, matched_at=at)
        for lot in chosen
        if lot.pk not in known
    )
    set_held(command, {lot.pk: (Lot.Status.RECALLED, f"{recall}: {recall.reason}") for lot in chosen})


@transaction.atomic
def dismiss_recalls(
    *,
    recalls: Collection[int],
    reason: str,
    version: int | None = None,
    by: User,
    at: datetime,
    request_id: UUID,
) -> int:
    """Say of these recalls, by their ids, that nothing of them is ours, with the reason; how many. Logistics only.

    Refused while a lot is held for one of them: that lot is released first, on its own page. ``version`` is that of the
    one that was read, where it is one.
    """
    facts = {"recalls": sorted(recalls), "reason": reason}
    command, is_new = Command.objects.claim(request_id, "dismiss_recalls", by=by, at=at, facts=facts)
    if not is_new:
        return len(recalls)
    require_role(by, User.Role.LOGISTICS)
    if not recalls:
        raise DomainError(_("Choose at least one recall."))
    locked = list(Recall.objects.filter(pk__in=recalls).locked())
    for one in locked:
        check_version(one, version)
    left = units_left([one.pk for one in locked])
    if held := [one for one in locked if left.get(one.pk)]:
        raise DomainError(
            _("Lots of ours are held for it. Release them first, each on its page and with a reason."),
            problems=[
                ngettext("%(recall)s: %(count)d unit", "%(recall)s: %(count)d units", left[one.pk])
                % {"recall": one, "count": left[one.pk]}
                for one in held
            ],
        )
    for recall in locked:
        _decide(recall, State.NOT_OURS, reason, by=by, at=at)
    Recall.objects.bulk_update(locked, DECIDED, batch_size=100)
    Event.objects.bulk_create(command.event("not ours", one, comment=one.decision) for one in locked)
    return len(locked)


def _lock(recall: Recall, version: int | None) -> Recall:
    [locked] = Recall.objects.filter(pk=recall.pk).locked()
    check_version(locked, version)
    return locked


def _decide(recall: Recall, state: str, reason: str, *, by: User, at: datetime) -> None:
    recall.decision = needed_reason(reason, _("you decide so"))
    recall.state, recall.closed_at = state, None
    recall.decided_by, recall.decided_at = by, at
    recall.version += 1
