"""What posting a count writes: a movement with a reason for each variance, or a refusal that says what to do."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

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
            _("Say why the count differs from the books. Nothing was posted."),
            problems=[
                _("%(lot)s: %(counted)s counted, %(expected)s expected.")
                % {"lot": _name(line), "counted": line.counted, "expected": line.expected}
                for line in missing
            ],
        )
    write_rows(varying, ["reason"])


def refuse_taking_what_is_promised(varying: list[CountLine], levels: Mapping[int, StockLevel]) -> None:
    """``levels`` are the locked ones of the counted place, by lot id."""
    problems = []
    for line in varying:
        level = levels.get(line.lot_id) or StockLevel(on_hand=0, allocated=0)
        left = level.on_hand + (line.variance or 0)
        if left < 0:
            problems.append(
                _("%(lot)s: only %(left)s are left since it was counted; count it again.")
                % {"lot": _name(line), "left": level.on_hand}
            )
        elif left < level.allocated and level.unfound:
            problems.append(
                _("%(lot)s: a picker did not find it since it was counted; count it again.") % {"lot": _name(line)}
            )
        elif left < level.allocated:
            problems.append(
                _(
                    "%(lot)s: %(promised)s are promised to orders and %(left)s would be left; "
                    "pick those orders short first, then post."
                )
                % {"lot": _name(line), "promised": level.allocated, "left": left}
            )
    if problems:
        raise DomainError(_("These variances cannot be posted. Nothing was changed."), problems=problems)


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
    return _("%(item)s (lot %(lot)s)") % {"item": line.lot.item, "lot": line.lot}
