"""Lots that a recall names are held everywhere at once; and what state the recall is in by that."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db.models import F

from core.rows import write_rows
from integrations.models import Recall, RecalledLot
from integrations.queries.recall_matches import Found, Match, find
from integrations.queries.recall_places import units_left, used_on_patients
from integrations.recalls.records import is_about_a_code
from integrations.sentences import ALL_USED, BACK_AGAIN, NOT_HERE, NOTHING_LEFT
from inventory.models import Lot
from stations.models import Command, Event

State = Recall.State
Status = Lot.Status
# How the log says each state, in the same words for every reader.
VERBS = {State.TO_REVIEW: "to review", State.ACTING: "pulling", State.CLOSED: "closed", State.NOT_OURS: "not ours"}


def hold_matches(command: Command, recalls: Collection[Recall], *, at: datetime, with_clues: bool) -> list[int]:
    """Hold every lot of ours that these locked recalls name and that was not matched before; the ids of these lots.

    A lot that item and number name is recalled; one whose expiry contradicts is quarantined until a person has looked.
    """
    found = find(recalls, with_clues=with_clues)
    known = set(RecalledLot.objects.filter(recall__in=recalls).values_list("recall_id", "lot_id"))
    fresh = [(one, match) for one in recalls for match in found[one.pk].matches if (one.pk, match.lot.pk) not in known]
    if fresh:
        _hold(command, fresh, at=at)
    judge(command, recalls, found, at=at)
    return [match.lot.pk for _, match in fresh]


def _hold(command: Command, fresh: Collection[tuple[Recall, Match]], *, at: datetime) -> None:
    RecalledLot.objects.bulk_create(
        RecalledLot(recall=recall, lot=match.lot, how=match.how, doubt=match.doubt, found=match.on_hand, matched_at=at)
        for recall, match in fresh
    )
    wanted: dict[int, tuple[str, str]] = {}
    for recall, match in sorted(fresh, key=lambda pair: bool(pair[1].doubt)):
        status = Status.QUARANTINED if match.doubt else Status.RECALLED
        wanted.setdefault(match.lot.pk, (status, f"{recall}: {match.doubt or recall.reason}"))
    set_held(command, wanted)


def set_held(command: Command, wanted: Mapping[int, tuple[str, str]]) -> None:
    """Give these lots, by their ids, their status, with why; a recalled lot is never made less than that."""
    lots = list(Lot.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk"))
    events, changed = [], []
    for lot in lots:
        status, why = wanted[lot.pk]
        if lot.status not in (status, Status.RECALLED):
            events.append(command.event(str(status), lot, comment=why[:300], status=[lot.status, status]))
            lot.status = status
            changed.append(lot)
    write_rows(changed, ["status"])
    Event.objects.bulk_create(events)


def judge(command: Command, recalls: Collection[Recall], found: Mapping[int, Found], *, at: datetime) -> None:
    """Bring the states of these locked recalls up to date; each change is in the log."""
    pks = [one.pk for one in recalls]
    left, used = units_left(pks), used_on_patients(pks)
    named: dict[int, list[RecalledLot]] = {}
    for row in RecalledLot.objects.filter(recall__in=pks):
        named.setdefault(row.recall_id, []).append(row)
    changed, events = [], []
    for recall in recalls:
        before = recall.state, recall.unread
        lots = named.get(recall.pk, [])
        questions = _questions(recall, found.get(recall.pk, Found()), lots, used=used.get(recall.pk, 0))
        _judge(recall, questions, left=left.get(recall.pk, 0), is_named=bool(lots))
        recall.closed_at = (recall.closed_at or at) if recall.state == State.CLOSED else None
        if before != (recall.state, recall.unread):
            recall.version += 1
            changed.append(recall)
        if before[0] != recall.state:
            events.append(command.event(VERBS[State(recall.state)], recall, comment=recall.decision))
    write_rows(changed, ["state", "unread", "closed_at", "decision", "version"])
    Event.objects.bulk_create(events)


def _questions(recall: Recall, found: Found, lots: Sequence[RecalledLot], *, used: int) -> list[str]:
    """What a person must look at. What was not understood matters where the record names an item of ours or names none
    that could be read; else only its codes do."""
    matters = recall.problems if found.items or not recall.codes else filter(is_about_a_code, recall.problems)
    questions = [*matters, *found.clues, *(lot.doubt for lot in lots if lot.doubt)]
    if used and lots and not any(lot.found for lot in lots):
        questions.append(ALL_USED())
    return questions


def _judge(recall: Recall, questions: Sequence[str], *, left: int, is_named: bool) -> None:
    """What a person decided stands; a recall that is not ours has another say only once its text has changed."""
    if recall.decided_at is None:
        recall.decision = ""
        if questions:
            recall.unread = "\n".join(dict.fromkeys([*recall.problems, *questions]))
            recall.state = State.TO_REVIEW
            return
    elif recall.state == State.NOT_OURS:
        return
    if left:
        recall.state = State.ACTING
    elif is_named:
        recall.state = State.CLOSED
    else:
        recall.state, recall.decision = State.NOT_OURS, NOT_HERE()


def reopen_or_close(command: Command, recalls: Collection[int], *, at: datetime) -> None:
    """Close what has nothing left anywhere, and open again what has: by a count, or a movement that was undone."""
    left = units_left(recalls)
    emptied = [pk for pk, units in left.items() if not units]
    closing = Recall.objects.filter(pk__in=emptied, state=State.ACTING)
    opening = Recall.objects.filter(pk__in=left.keys() - set(emptied), state=State.CLOSED)
    closed, opened = list(closing.locked()), list(opening.locked())
    Recall.objects.filter(pk__in=[one.pk for one in closed]).update(
        state=State.CLOSED, closed_at=at, version=F("version") + 1
    )
    Recall.objects.filter(pk__in=[one.pk for one in opened]).update(
        state=State.ACTING, closed_at=None, version=F("version") + 1
    )
    Event.objects.bulk_create(
        [command.event("closed", one, comment=NOTHING_LEFT()) for one in closed]
        + [command.event("opened again", one, comment=BACK_AGAIN()) for one in opened]
    )
