"""Pulling recalled stock off a shelf or unit, to the last unit."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from integrations.actions.holding import reopen_or_close
from integrations.models import Recall, RecalledLot
from integrations.sentences import DESTROYED, GONE_BACK
from inventory.actions.ledger import Move, post_movements
from inventory.actions.lines import OfLot, check_place, check_quantities, check_witness, known_lots
from inventory.models import StockMovement
from stations.access import require_write
from stations.models import Command, Location, User
from stations.signatures import Signature

Kind = Location.Kind


@transaction.atomic
def pull_recalled(
    *,
    recall: Recall,
    location: Location,
    lines: Sequence[OfLot],
    is_destroyed: bool = False,
    witness: Signature | None = None,
    by: User,
    at: datetime,
    request_id: UUID,
) -> Recall:
    """Take lots of a recall off a place and out of the books: back to the supplier, or destroyed. When nothing is left
    anywhere the recall closes.

    The movement's reference is the recall. Refuses lots that the recall does not name, more than is there, what lies on
    a van, and a scheduled drug without a witness who has signed.
    """
    facts = {
        "recall": recall.pk,
        "location": location.pk,
        "lines": lines,
        "destroyed": is_destroyed,
        "witness": witness.person.pk if witness else None,
    }
    command, is_new = Command.objects.claim(request_id, "pull_recalled", by=by, at=at, facts=facts)
    if not is_new:
        return Recall.objects.get(pk=recall.pk)
    require_write(by, location.owner)
    [locked] = Recall.objects.filter(pk=recall.pk).locked()
    check_place(location)
    check_quantities(lines)
    _check_named(locked, lines)
    check_witness(witness, known_lots(lines).values(), by=by)
    onto = Location.objects.virtual(Kind.DISCARDED if is_destroyed else Kind.SUPPLIER).pk
    why, seen_by = StockMovement.Reason.PULLED, witness.person.pk if witness else None
    moves = [
        Move(line.lot_id, location.pk, onto, line.quantity, why, locked.number, witness_id=seen_by) for line in lines
    ]
    post_movements(command, moves, by=by, at=at)
    words = DESTROYED if is_destroyed else GONE_BACK
    signed = {"witnessed_by": str(witness.person), "signed_with": witness.how} if witness else {}
    lots = {str(line.lot_id): line.quantity for line in lines}
    command.log("pulled", locked, comment=words(place=location), lots=lots, **signed)
    reopen_or_close(command, [locked.pk], at=at)
    return Recall.objects.get(pk=locked.pk)


def _check_named(recall: Recall, lines: Sequence[OfLot]) -> None:
    named = set(RecalledLot.objects.filter(recall=recall).values_list("lot_id", flat=True))
    if any(line.lot_id not in named for line in lines):
        words = _("%(recall)s does not name every lot that was chosen. Reload the page and choose again.")
        raise DomainError(words % {"recall": recall})
