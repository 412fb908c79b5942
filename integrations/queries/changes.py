"""The change feed, a piece at a time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from core.errors import DomainError
from integrations.models import Change
from integrations.queries.kinds import BY_SUBJECT

WINDOW = 10_000


@dataclass(frozen=True)
class Told:
    """What the feed tells of one change. Who wants more reads the thing itself: no quantity, comment or name of an item
    leaves by here. All changes of one ``command`` were made together."""

    position: int
    kind: str
    id: int
    verb: str
    at: datetime
    by: str | None
    command: int
    resource: str | None


@dataclass(frozen=True)
class Piece:
    """Changes in the order of their positions. The next piece begins ``after``; whether there is more of it now."""

    changes: Sequence[Told]
    after: int
    has_more: bool


class BeyondTheFeed(DomainError):
    """A position that the feed has not reached: of another database, or of one that was restored."""

    def __init__(self, last: int) -> None:
        words = _("The feed ends at %(last)d: begin again with after=0, or find out which database this is.")
        super().__init__(words % {"last": last})


def piece_after(position: int, *, limit: int, wanted: Q) -> Piece:
    """At most ``limit`` of the wanted changes after this position. Looks at no more than a window of the feed, so that
    it is as quick for who sees little of it: then there may be none, and yet more. Refuses a position beyond the end.

    The end is read first: a change up to it can be seen by whatever is read later.
    """
    last = Change.objects.last_position()
    if position > last:
        raise BeyondTheFeed(last)
    end = min(position + WINDOW, last)
    rows: QuerySet[Change] = Change.objects.filter(wanted, position__gt=position, position__lte=end)
    found = list(rows.select_related("event__command__by").order_by("position")[:limit])
    if len(found) == limit:
        end = found[-1].position
    return Piece(told(found), after=end, has_more=end < last)


def told(changes: Iterable[Change]) -> list[Told]:
    """What is told of these. One query for each kind that the API finds by a code."""
    changes = list(changes)
    codes = _codes(changes)
    return [_told(change, codes) for change in changes]


Codes = Mapping[tuple[str, int], str]


def _codes(changes: Sequence[Change]) -> Codes:
    wanted: dict[str, set[int]] = defaultdict(set)
    for change in changes:
        wanted[change.event.subject_kind].add(change.event.subject_id)
    return {
        (kind.subject, pk): code
        for kind in BY_SUBJECT.values()
        if kind.key != "pk" and kind.subject in wanted
        for pk, code in kind.model.objects.filter(pk__in=wanted[kind.subject]).values_list("pk", kind.key)
    }


def _told(change: Change, codes: Codes) -> Told:
    event = change.event
    kind = BY_SUBJECT.get(event.subject_kind)
    return Told(
        position=change.position,
        kind=kind.name if kind else event.subject_kind,
        id=event.subject_id,
        verb=event.verb,
        at=event.command.at,
        by=event.command.by.username if event.command.by else None,
        command=event.command_id,
        resource=_address(event.subject_kind, event.subject_id, codes),
    )


def _address(subject: str, pk: int, codes: Codes) -> str | None:
    """Where the API answers with it as it is now; None if it does not, or if it is gone."""
    kind = BY_SUBJECT.get(subject)
    if kind is None or not kind.resource:
        return None
    key = str(pk) if kind.key == "pk" else codes.get((subject, pk))
    return None if key is None else reverse(f"api_{kind.resource}-detail", args=[key])
