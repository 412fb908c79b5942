"""The only door to recalls, patient-care records and webhooks: 404 when they must stay hidden."""

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404

from integrations.models import Recall, RecalledLot, RecallQuerySet
from inventory.access import visible_lots
from stations.access import READS_ALL
from stations.models import User

M = TypeVar("M", bound=Model)


def visible_recalls(user: User) -> RecallQuerySet:
    """All for those who read all; for an officer those of lots that were ever at their stations."""
    if user.role in READS_ALL:
        return Recall.objects.all()
    mine = RecalledLot.objects.filter(lot__in=visible_lots(user))
    return Recall.objects.filter(pk__in=mine.values("recall"))


def recall_for(user: User, number: str) -> Recall:
    """The recall of this number, if the person may see it."""
    return get_object_or_404(visible_recalls(user).select_related("decided_by"), number=number)


def care_rows(user: User, rows: "QuerySet[M]") -> "QuerySet[M]":
    """These records, codes or call signs for those who read all; none for everybody else."""
    return rows if user.role in READS_ALL else rows.none()


def webhook_rows(user: User, rows: "QuerySet[M]") -> "QuerySet[M]":
    """These webhooks, or messages of theirs, for the chief and the auditor; none for everybody else."""
    return rows if user.role in (User.Role.CHIEF, User.Role.AUDITOR) else rows.none()
