"""What posting a count writes: a movement with a reason for each variance, or a refusal that says what to do."""

from collections.abc import Mapping

from core.errors import DomainError
from core.rows import write_rows
from inventory.actions.ledger import Move
from inventory.actions.lines import checked_text
from inventory.models import CountLine, CycleCount, StockLevel, StockMovement
from stations.models import Location

MOST_LETTERS = 120


def keep_reasons(varying: list[CountLine], reasons: Mapping[int, str]) -> None:
    for line in varying:
        line.reason = checked_text(reasons.get(line.lot_id, ""), most=MOST_LETTERS, name="reason")
    if missing := [line for line in varying if not line.reason]:
        raise DomainError(
            "Say why the count differs from the books. Nothing was posted.",
            problems=[f"{_name(line)}: {line.counted} counted, {line.expected} expected." for line in missing],
        )
    write_rows(varying, ["reason"])


def refuse_taking_what_is_promised(varying: list[CountLine], levels: Mapping[int, StockLevel]) -> None:
    """``levels`` are the locked ones of the counted place, by lot id."""
    problems = []
    for line in varying:
        level = levels.get(line.lot_id) or StockLevel(on_hand=0, allocated=0)
        left = level.on_hand + (line.variance or 0)
        if left < 0:
            problems.append(f"{_name(line)}: only {level.on_hand} are left since it was counted; count it again.")
        elif left < level.allocated and level.unfound:
            problems.append(f"{_name(line)}: a picker did not find it since it was counted; count it again.")
        elif left < level.allocated:
            problems.append(
                f"{_name(line)}: {level.allocated} are promised to orders and {left} would be left; "
                "pick those orders short first, then post."
            )
    if problems:
        raise DomainError("These variances cannot be posted. Nothing was changed.", problems=problems)


def variance_moves(count: CycleCount, varying: list[CountLine]) -> list[Move]:
    account, place = Location.objects.virtual(Location.Kind.VARIANCE).pk, count.location_id
    reason = StockMovement.Reason.COUNTED
    return [
        Move(line.lot_id, account, place, variance, reason, reference=f"Count {count.pk}")
        if variance > 0
        else Move(line.lot_id, place, account, -variance, reason, reference=f"Count {count.pk}")
        for line in varying
        if (variance := line.variance)
    ]


def _name(line: CountLine) -> str:
    return f"{line.lot.item} (lot {line.lot})"
