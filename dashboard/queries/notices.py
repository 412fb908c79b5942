"""A person's notices as their page shows them, and how each kind is told to them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from dashboard.models import Notice, NoticeChoice, NoticeKind
from dashboard.notice_kinds import USUAL
from dashboard.notice_words import Wording, sentence, wording_of
from stations.models import User

MOST = 99


@dataclass(frozen=True)
class Told:
    """A notice in words."""

    notice: Notice
    text: str
    wording: Wording


def in_words(notices: Sequence[Notice]) -> list[Told]:
    return [Told(notice, sentence(notice), wording_of(notice)) for notice in notices]


def notices_of(person: User, *, only_unseen: bool = False) -> QuerySet[Notice]:
    """What the person was told and may still see, newest first."""
    found = Notice.objects.of(person).order_by("-made_at", "-pk")
    return found.unseen() if only_unseen else found


def unseen_count(person: User) -> int:
    """How many they have not seen, counted no further than one more than ``MOST``. One query."""
    return Notice.objects.of(person).unseen().order_by()[: MOST + 1].count()


@dataclass(frozen=True)
class Choice:
    """A kind of the person's role, and how they are told of it."""

    kind: NoticeKind
    channel: str


def choices_of(person: User) -> list[Choice]:
    """Every kind that a person of this role is told of. One query."""
    chosen = dict(NoticeChoice.objects.filter(person=person).values_list("kind", "channel"))
    usual = USUAL[person.role]
    return [Choice(NoticeKind(kind), chosen.get(kind, channel)) for kind, channel in usual.items()]
