"""Stock that leaves without having helped anybody: wasted before a witness, or discarded."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from inventory.actions.ledger import Move, post_movements
from inventory.actions.lines import OfLot, check_place, check_quantities, check_witness, known_lots, needed_reason
from inventory.models import StockMovement
from stations.access import require_write
from stations.models import Command, Location, User
from stations.signatures import Signature

Kind, Reason = Location.Kind, StockMovement.Reason


@transaction.atomic
def waste_stock(
    *,
    location: Location,
    lines: Sequence[OfLot],
    reason: str,
    witness: Signature | None,
    by: User,
    at: datetime,
    request_id: UUID,
) -> StockMovement:
    """Write off what was drawn or opened and not given. The first movement.

    A scheduled drug needs a witness who has signed, and is never the person themselves (21 CFR 1304.27(a)).
    """
    facts = _facts(location, lines, reason, witness)
    command, is_new = Command.objects.claim(request_id, "waste_stock", by=by, at=at, facts=facts)
    if not is_new:
        return StockMovement.objects.get(pk=command.answer())
    reason = needed_reason(reason, _("this is wasted"))
    moves = _moves(location, lines, Kind.WASTED, Reason.WASTED, reason, witness, by)
    first = post_movements(command, moves, by=by, at=at)[0]
    command.log("wasted", first, comment=reason, **facts, **signed(witness))
    return first


@transaction.atomic
def discard_stock(
    *,
    location: Location,
    lines: Sequence[OfLot],
    reason: str,
    witness: Signature | None = None,
    by: User,
    at: datetime,
    request_id: UUID,
) -> StockMovement:
    """Write off what is expired, damaged or recalled; a scheduled drug before a witness. The first movement."""
    facts = _facts(location, lines, reason, witness)
    command, is_new = Command.objects.claim(request_id, "discard_stock", by=by, at=at, facts=facts)
    if not is_new:
        return StockMovement.objects.get(pk=command.answer())
    reason = needed_reason(reason, _("this is discarded"))
    moves = _moves(location, lines, Kind.DISCARDED, Reason.DISCARDED, reason, witness, by)
    first = post_movements(command, moves, by=by, at=at)[0]
    command.log("discarded", first, comment=reason, **facts, **signed(witness))
    return first


def _facts(location: Location, lines: Sequence[OfLot], reason: str, witness: Signature | None) -> dict[str, object]:
    return {
        "location": location.pk,
        "lines": [[line.lot_id, line.quantity] for line in lines],
        "reason": reason,
        "witness": witness.person.pk if witness else None,
    }


def signed(witness: Signature | None) -> dict[str, object]:
    """For the log: the witness by name, and how they said so themselves."""
    return {"witnessed_by": str(witness.person), "signed_with": witness.how} if witness else {}


def _moves(
    location: Location,
    lines: Sequence[OfLot],
    end: Location.Kind,
    why: StockMovement.Reason,
    reference: str,
    witness: Signature | None,
    by: User,
) -> list[Move]:
    require_write(by, location.owner)
    check_place(location)
    check_quantities(lines)
    check_witness(witness, known_lots(lines).values(), by=by)
    onto = Location.objects.virtual(end).pk
    seen_by = witness.person.pk if witness else None
    return [
        Move(line.lot_id, location.pk, onto, line.quantity, why, reference[:60], witness_id=seen_by) for line in lines
    ]
