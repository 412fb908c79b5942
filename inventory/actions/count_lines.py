"""The lines of a count: who may change them, and what two people may not do to each other's numbers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.errors import DomainError, StaleEdit
from inventory.actions.lines import MOST
from inventory.models import CountLine, CycleCount, StockLevel
from inventory.queries.counts import last_counters
from stations.access import require_write
from stations.actions.versions import check_version
from stations.models import User


@dataclass(frozen=True, slots=True)
class Counted:
    """What somebody counted of a lot. ``seen`` is the number that stood there before, None for none: two people who
    count the same lot do not overwrite each other unseen."""

    lot_id: int
    counted: int
    seen: int | None = None


class CountedMeanwhile(StaleEdit):
    """Others have counted some of these since. ``lots`` says by lot id who counted what."""

    def __init__(self, lots: Mapping[int, str]) -> None:
        super().__init__(
            _("Somebody has counted this meanwhile. Your number was not saved; recount together and save again."),
            problems=list(lots.values()),
        )
        self.lots = dict(lots)


def lock_count(count: CycleCount, by: User, *states: str, version: int | None = None) -> CycleCount:
    """The count as it is now, locked, if this person may change it and it is in one of these states."""
    rows = CycleCount.objects.select_for_update(of=("self",), no_key=True)
    locked = rows.select_related("location__station", "location__unit__station").get(pk=count.pk)
    require_write(by, locked.location.owner)
    if locked.state not in states:
        raise DomainError(
            _("This count is %(state)s: open a new one to count again.") % {"state": locked.get_state_display().lower()}
        )
    check_version(locked, version)
    return locked


def check_counted(lines: Sequence[Counted]) -> None:
    if not lines:
        raise DomainError(_("Nothing was counted. Write a number on at least one line, 0 for what is not there."))
    if any(not 0 <= line.counted <= MOST for line in lines):
        raise DomainError(_("A count is a whole number from 0 to %(most)s. Nothing was saved.") % {"most": f"{MOST:,}"})


def counted_rows(count: CycleCount, lines: Sequence[Counted]) -> dict[int, CountLine]:
    check_counted(lines)
    wanted = {line.lot_id for line in lines}
    rows = {row.lot_id: row for row in count.lines.select_related("lot__item").filter(lot__in=wanted)}
    if len(rows) != len(wanted) or len(wanted) != len(lines):
        raise DomainError(_("Some of these lots are not on this count's list, or stand there twice. Reload the page."))
    return rows


def refuse_overwriting(count: CycleCount, rows: dict[int, CountLine], lines: Sequence[Counted]) -> None:
    clashes = [
        line for line in lines if rows[line.lot_id].counted != line.seen and rows[line.lot_id].counted != line.counted
    ]
    if clashes:
        by_whom = last_counters(count)
        raise CountedMeanwhile(
            {line.lot_id: _told(rows[line.lot_id], line, by_whom.get(line.lot_id)) for line in clashes}
        )


def _told(row: CountLine, line: Counted, who: str | None) -> str:
    return _("%(item)s, lot %(lot)s: %(who)s counted %(theirs)s, you %(yours)s.") % {
        "item": row.lot.item,
        "lot": row.lot,
        "who": who or _("Somebody"),
        "theirs": row.counted,
        "yours": line.counted,
    }


def lock_on_hand(count: CycleCount, lots: Collection[int]) -> dict[int, int]:
    """What the ledger says of these lots in the counted place, by lot id, under the lock of their levels."""
    return {lot: level.on_hand for lot, level in lock_levels(count, lots).items()}


def lock_levels(count: CycleCount, lots: Collection[int]) -> dict[int, StockLevel]:
    """The levels of these lots in the counted place, by lot id, locked."""
    levels = StockLevel.objects.locked().filter(location=count.location, lot__in=list(lots))
    return {level.lot_id: level for level in levels}
