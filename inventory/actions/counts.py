"""Cycle counts: counted against expected, line by line, while the work of the station goes on."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import DomainError
from core.rows import write_rows
from inventory.actions.count_lines import (
    Counted,
    check_counted,
    counted_rows,
    lock_count,
    lock_levels,
    lock_on_hand,
    refuse_overwriting,
)
from inventory.actions.count_posting import keep_reasons, refuse_taking_what_is_promised, variance_moves
from inventory.actions.ledger import post_movements
from inventory.actions.lines import check_place, checked_text, needed_reason
from inventory.actions.unfound import clear_unfound
from inventory.models import CountLine, CycleCount, Item, Lot
from inventory.queries.counts import lots_to_count
from stations.access import require_write
from stations.models import Command, Location, User

State = CycleCount.State


@transaction.atomic
def open_count(
    *,
    location: Location,
    is_blind: bool = False,
    item_ids: Collection[int] | None = None,
    by: User,
    at: datetime,
    request_id: UUID,
) -> CycleCount:
    """Begin to count a place, all of it or these items. One count at a time per place."""
    facts = {"location": location.pk, "is_blind": is_blind, "items": sorted(item_ids or ())}
    command, is_new = Command.objects.claim(request_id, "open_count", by=by, at=at, facts=facts)
    if not is_new:
        return CycleCount.objects.get(pk=command.answer())
    require_write(by, location.owner)
    check_place(location)
    # The lock of the place lets only one of two people open its count; the other is told.
    Location.objects.select_for_update(no_key=True).get(pk=location.pk)
    if CycleCount.objects.filter(location=location, state__in=(State.OPEN, State.COUNTED)).exists():
        raise DomainError(
            _("%(place)s is already being counted. Join that count, or cancel it first.") % {"place": location}
        )
    expected = lots_to_count(location, item_ids)
    if not expected and not location.par_levels.exists():
        raise DomainError(
            _("%(place)s holds nothing and has no par levels: receive stock or set par levels first.")
            % {"place": location}
        )
    count = CycleCount.objects.create(location=location, is_blind=is_blind, opened_by=by, opened_at=at)
    CountLine.objects.bulk_create(
        CountLine(count=count, lot_id=lot, expected=on_hand) for lot, on_hand in expected.items()
    )
    command.log("opened", count, is_blind=is_blind, lines=len(expected))
    return count


@transaction.atomic
def record_count(
    *, count: CycleCount, lines: Sequence[Counted], by: User, at: datetime, request_id: UUID
) -> CycleCount:
    """Keep what was counted of some lots; the rest may follow, by other people too.

    What the ledger says of each lot is read at this moment, under its lock, and kept as ``expected``.
    """
    facts = {"count": count.pk, "lines": lines}
    command, is_new = Command.objects.claim(request_id, "record_count", by=by, at=at, facts=facts)
    if not is_new:
        return CycleCount.objects.get(pk=command.answer())
    locked = lock_count(count, by, State.OPEN, State.COUNTED)
    rows = counted_rows(locked, lines)
    refuse_overwriting(locked, rows, lines)
    on_hand = lock_on_hand(locked, rows)
    said = {str(line.lot_id): [rows[line.lot_id].counted, line.counted] for line in lines}
    for line in lines:
        row = rows[line.lot_id]
        row.counted, row.counted_at, row.expected = line.counted, at, on_hand.get(line.lot_id, 0)
    write_rows(rows.values(), ["counted", "counted_at", "expected"])
    command.log("counted", locked, lots=said)
    return _changed(locked)


@transaction.atomic
def add_found_lot(
    *,
    count: CycleCount,
    item: Item,
    number: str,
    expires_on: date | None,
    counted: int,
    by: User,
    at: datetime,
    request_id: UUID,
) -> CycleCount:
    """Count a lot that the books did not expect in this place. Refused if it is on the list already."""
    facts = {"count": count.pk, "item": item.pk, "number": number, "expires_on": expires_on, "counted": counted}
    command, is_new = Command.objects.claim(request_id, "add_found_lot", by=by, at=at, facts=facts)
    if not is_new:
        return CycleCount.objects.get(pk=command.answer())
    locked = lock_count(count, by, State.OPEN, State.COUNTED)
    number = checked_text(number, most=40, name="lot number")
    check_counted([Counted(0, counted)])
    if expires_on is not None and not number:
        raise DomainError(_("An expiry date belongs to a lot: write the lot number too."))
    of = {"item": item, "number": number, "serial_number": ""}
    lot = Lot.objects.get_or_create(**of, defaults={"expires_on": expires_on})[0]
    if expires_on is not None and lot.expires_on != expires_on:
        raise DomainError(
            _(
                "Lot %(lot)s of %(item)s is on the books with another expiry: read the box again, "
                "or leave the date empty."
            )
            % {"lot": lot, "item": item}
        )
    if locked.lines.filter(lot=lot).exists():
        raise DomainError(
            _("%(item)s, lot %(lot)s, is on the list already: count it there.") % {"item": item, "lot": lot}
        )
    line = CountLine(count=locked, lot=lot, counted=counted, counted_at=at, expected=0)
    line.expected = lock_on_hand(locked, [lot.pk]).get(lot.pk, 0)
    line.save(force_insert=True)
    command.log("found", locked, lots={str(lot.pk): [None, counted]}, item=item.sku, number=number)
    return _changed(locked)


@transaction.atomic
def finish_count(*, count: CycleCount, version: int | None, by: User, at: datetime, request_id: UUID) -> CycleCount:
    """Say that counting is done. Refused while a line is not counted."""
    command, is_new = Command.objects.claim(request_id, "finish_count", by=by, at=at, facts={"count": count.pk})
    if not is_new:
        return CycleCount.objects.get(pk=command.answer())
    locked = lock_count(count, by, State.OPEN, version=version)
    if left := locked.lines.filter(CountLine.UNCOUNTED).count():
        said = ngettext(
            "%(count)d lot is not counted yet. Write 0 for what is not there.",
            "%(count)d lots are not counted yet. Write 0 for what is not there.",
            left,
        )
        raise DomainError(said % {"count": left})
    command.log("finished", locked)
    return _move_on(locked, State.COUNTED)


@transaction.atomic
def post_count(
    *,
    count: CycleCount,
    version: int | None,
    reasons: Mapping[int, str],
    by: User,
    at: datetime,
    request_id: UUID,
) -> CycleCount:
    """Move each variance to or from the variance account. ``reasons`` says why, by lot id, for every variance.

    The variance is counted less what the ledger said at the moment of counting, so what moved since stays as it is.
    Refused where it would take stock that is promised to orders, or has left the shelf since.
    """
    facts = {"count": count.pk, "reasons": sorted(reasons.items())}
    command, is_new = Command.objects.claim(request_id, "post_count", by=by, at=at, facts=facts)
    if not is_new:
        return CycleCount.objects.get(pk=command.answer())
    locked = lock_count(count, by, State.COUNTED, version=version)
    lines = list(locked.lines.select_related("lot__item").order_by("lot_id"))
    varying = [line for line in lines if line.variance]
    keep_reasons(varying, reasons)
    levels = lock_levels(locked, [line.lot_id for line in lines])
    clear_unfound(levels, lines)
    refuse_taking_what_is_promised(varying, levels)
    post_movements(command, variance_moves(locked, varying), by=by, at=at)
    locked.state, locked.posted_at = State.POSTED, at
    locked.version += 1
    locked.save(update_fields=["state", "posted_at", "version"])
    command.log("posted", locked, lines=len(lines), variances={str(line.lot_id): line.variance for line in varying})
    return locked


@transaction.atomic
def cancel_count(
    *, count: CycleCount, version: int | None, reason: str, by: User, at: datetime, request_id: UUID
) -> CycleCount:
    """Give a count up. What was counted is kept to be read; nothing in stock changes."""
    facts = {"count": count.pk, "reason": reason}
    command, is_new = Command.objects.claim(request_id, "cancel_count", by=by, at=at, facts=facts)
    if not is_new:
        return CycleCount.objects.get(pk=command.answer())
    locked = lock_count(count, by, State.OPEN, State.COUNTED, version=version)
    command.log("cancelled", locked, comment=needed_reason(reason, _("this count is cancelled")))
    return _move_on(locked, State.CANCELLED)


def _move_on(count: CycleCount, state: str) -> CycleCount:
    count.state = state
    count.version += 1
    count.save(update_fields=["state", "version"])
    return count


def _changed(count: CycleCount) -> CycleCount:
    """While people count, each line guards itself; once counted, whoever posts must have seen the last number."""
    return _move_on(count, State.COUNTED) if count.state == State.COUNTED else count
