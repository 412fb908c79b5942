"""Taking back, by whoever did it and at once, what they did to stock by hand: every line of it, by movements back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core.errors import DomainError
from core.sayings import Saying
from inventory.actions.ledger import Move, lock_levels_of, post_movements
from inventory.errors import InsufficientStock
from inventory.models import CountLine, Lot, StockMovement
from inventory.queries.undoing import UNDOABLE, is_undoable
from stations.access import require_write
from stations.models import Command, Event, Location, User

WITHIN = timedelta(minutes=10)
UNDONE = Saying(gettext_noop("Undone at once by whoever did it."))


@transaction.atomic
def undo_moves(*, done: UUID, by: User, at: datetime, request_id: UUID) -> list[StockMovement]:
    """Move back all that the person's own command ``done`` moved, within ten minutes. The movements back.

    Refused whole for another's command, for what had a witness or is a scheduled drug, and once anything has come of
    it: undone already, the stock moved on, the place counted, the lot held or recalled.
    """
    command, is_new = Command.objects.claim(request_id, "undo_moves", by=by, at=at, facts={"done": str(done)})
    if not is_new:
        return list(command.movements.order_by("pk"))
    before = Command.objects.filter(request_id=done, verb__in=UNDOABLE, by=by).first()
    if before is None:
        raise DomainError(_("There is nothing to take back."))
    moves = list(before.movements.select_for_update(no_key=True).order_by("pk"))
    ends = {move.source_id for move in moves} | {move.destination_id for move in moves}
    places = Location.objects.filter(pk__in=ends, kind__in=Location.PHYSICAL).select_related("station", "unit__station")
    require_write(by, *{place.owner for place in places})
    back = [
        Move(
            move.lot_id,
            move.destination_id,
            move.source_id,
            move.quantity,
            StockMovement.Reason.CORRECTED,
            reference=UNDONE(),
            reverses_id=move.pk,
        )
        for move in moves
    ]
    lock_levels_of(back, {place.pk for place in places})  # a count that is being written down now is waited for
    _check_still(before, moves, at)
    try:
        made = post_movements(command, back, by=by, at=at)
    except InsufficientStock as refusal:
        moved_on = _("Some of this has been used, promised or moved on since. Nothing was taken back.")
        raise DomainError(moved_on, problems=refusal.problems) from refusal
    command.log("undone", made[0], comment=UNDONE(), movement=moves[0].pk, lines=[[m.lot_id, m.quantity] for m in made])
    return made


def _check_still(before: Command, moves: Sequence[StockMovement], at: datetime) -> None:
    """Refuse what others may have acted on by now. The movements are locked."""
    if not is_undoable(before):
        raise DomainError(_("What had a witness or is a scheduled drug is not taken back here: tell logistics."))
    if at - before.at > WITHIN:
        raise DomainError(_("This was done too long ago to be taken back here: ask logistics to undo it."))
    if StockMovement.objects.filter(reverses__in=moves).exists():
        raise DomainError(_("This has already been undone."))
    lots = {move.lot_id for move in moves}
    ends = {move.source_id for move in moves} | {move.destination_id for move in moves}
    if CountLine.objects.filter(lot__in=lots, count__location__in=ends, counted_at__gte=before.at).exists():
        raise DomainError(_("The place was counted since. Nothing was taken back: the count has what is there."))
    seen = before.events.order_by("pk").values("pk")[:1]
    kind = Lot._meta.model_name
    held = Event.objects.filter(subject_kind=kind, subject_id__in=lots, verb__in=("quarantined", "recalled"))
    if held.filter(pk__gt=seen).exists():
        raise DomainError(_("A lot of this was held back or recalled since. Nothing was taken back: tell logistics."))
