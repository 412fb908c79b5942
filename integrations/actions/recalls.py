"""Recalls: taken from a file or feed, and compared again with what comes later."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.fingerprints import fingerprint
from integrations.actions.holding import hold_matches, reopen_or_close
from integrations.models import Recall, RecalledLot
from integrations.queries.recall_matches import due_again
from integrations.queries.recall_places import HELD
from integrations.recalls.records import Record
from orders.actions.held import release_held
from stations.access import require_role
from stations.models import Command, Event, User

State = Recall.State
TOOK = "took recalls"
PLAIN = ("classification", "firm", "product", "reason", "code_text", "initiated_on", "source")
READ = ("codes", "lot_numbers", "is_every_lot", "unread", "changed_at")
DECIDED = ("state", "closed_at", "decision", "decided_by", "decided_at", "version")


@dataclass(frozen=True)
class Taken:
    """What came of a file: records by what they were to us, lots that are held now, and records for a person."""

    new: int = 0
    changed: int = 0
    same: int = 0
    lots: int = 0
    to_review: int = 0


def take_recalls(*, records: Sequence[Record], by: User | None, at: datetime, request_id: UUID) -> Taken:
    """Take the records of one file, all or none, and hold every lot of ours that they name, everywhere at once.

    What was promised of these lots is then taken back and promised from others; should that be cut off, the next
    ``match_recalls`` does it. A record that was taken before changes nothing; one that says more adds it.
    """
    taken, lots = _take(records, by=by, at=at, request_id=request_id)
    release_lots(lots, at=at, by=by)
    return taken


@transaction.atomic
def _take(records: Sequence[Record], *, by: User | None, at: datetime, request_id: UUID) -> tuple[Taken, list[int]]:
    marks = sorted(fingerprint({"source": record.source}) for record in records)
    command, is_new = Command.objects.claim(request_id, "take_recalls", by=by, at=at, facts={"records": marks})
    if not is_new:
        details = command.events.get(verb=TOOK).details
        return Taken(**{name: details[name] for name in asdict(Taken())}), []
    if by is not None:
        require_role(by, User.Role.LOGISTICS)
    if not records:
        raise DomainError(_("There is no recall record in it. Nothing was taken."))
    recalls, new = _rows(records, at)
    changed = _bring_up_to_date(recalls, records, new, at)
    touched = [one for one in recalls if one.number in new or one in changed]
    lots = hold_matches(command, touched, at=at, with_clues=True)
    taken = Taken(
        new=len(new),
        changed=len(changed),
        same=len(recalls) - len(touched),
        lots=len(set(lots)),
        to_review=sum(one.state == State.TO_REVIEW for one in touched),
    )
    command.log(TOOK, recalls[0], **asdict(taken))
    Event.objects.bulk_create(command.event("received" if one.number in new else "said more", one) for one in touched)
    return taken, lots


def _rows(records: Iterable[Record], at: datetime) -> tuple[list[Recall], set[str]]:
    """The recalls of these records, locked and made where they are new, and the numbers of those."""
    numbers = [record.number for record in records]
    known = set(Recall.objects.filter(number__in=numbers).values_list("number", flat=True))
    fresh = [_recall(record, at) for record in records if record.number not in known]
    Recall.objects.bulk_create(fresh, ignore_conflicts=True)  # a twin may have taken the same record in this moment
    return list(Recall.objects.filter(number__in=numbers).locked()), {one.number for one in fresh}


def _recall(record: Record, at: datetime) -> Recall:
    return Recall(
        number=record.number,
        **{name: getattr(record, name) for name in PLAIN},
        codes=sorted(record.codes),
        lot_numbers=dict(record.lots.expiries),
        is_every_lot=record.lots.is_every,
        unread="\n".join(record.unread),
        received_at=at,
        changed_at=at,
    )


def _bring_up_to_date(
    recalls: Sequence[Recall], records: Iterable[Record], new: Collection[str], at: datetime
) -> list[Recall]:
    """Those of the known recalls whose record says something else now. What it named before, it still names. A decision
    stands until the text on which it was made is another."""
    by_number = {record.number: record for record in records}
    changed = []
    for recall in recalls:
        record = by_number[recall.number]
        if recall.number in new or recall.source == record.source:
            continue
        if (recall.product, recall.code_text) != (record.product, record.code_text):
            recall.unread = "\n".join(record.unread)
            recall.decided_by, recall.decided_at, recall.decision = None, None, ""
            recall.state = State.TO_REVIEW
        for name in PLAIN:
            setattr(recall, name, getattr(record, name))
        recall.codes = sorted({*recall.codes, *record.codes})
        recall.lot_numbers = recall.lot_numbers | record.lots.expiries
        recall.is_every_lot = recall.is_every_lot or record.lots.is_every
        recall.changed_at = at
        recall.version += 1
        recall.closed_at = recall.closed_at if recall.state == State.CLOSED else None
        changed.append(recall)
    Recall.objects.bulk_update(changed, [*PLAIN, *READ, *DECIDED], batch_size=100)
    return changed


def match_recalls(*, at: datetime) -> int:
    """Compare every recall with the lots and items that came since, hold what they name, take back what is still
    promised of held lots, and close what has nothing left; how many lots were held. Safe to run twice and to die."""
    lots = _match_again(at)
    waiting = RecalledLot.objects.filter(lot__status__in=HELD, lot__stock_levels__allocated__gt=0)
    release_lots({*lots, *waiting.values_list("lot_id", flat=True)}, at=at, by=None)
    return len(lots)


@transaction.atomic
def _match_again(at: datetime) -> list[int]:
    recalls = list(Recall.objects.filter(pk__in=due_again()).locked())
    if not recalls:
        return []
    command = Command.objects.begin("match_recalls", by=None, at=at)
    lots = hold_matches(command, recalls, at=at, with_clues=False)
    reopen_or_close(command, [one.pk for one in recalls], at=at)
    return lots


def release_lots(lots: Collection[int], *, at: datetime, by: User | None) -> int:
    """Take back what is promised of recalled lots, by their ids, and promise it from others; how many base units."""
    return release_held(lots=lots, why="Recalled", at=at, by=by)
