"""The only door to recalls: 404 when they must stay hidden."""

from django.shortcuts import get_object_or_404

from integrations.models import Recall, RecalledLot, RecallQuerySet
from inventory.access import visible_lots
from stations.access import READS_ALL
from stations.models import User


def visible_recalls(user: User) -> RecallQuerySet:
    """All for those who read all; for an officer those of lots that were ever at their stations."""
    if user.role in READS_ALL:
        return Recall.objects.all()
    mine = RecalledLot.objects.filter(lot__in=visible_lots(user))
    return Recall.objects.filter(pk__in=mine.values("recall"))


def recall_for(user: User, number: str) -> Recall:
    """The recall of this number, if the person may see it."""
    return get_object_or_404(visible_recalls(user).select_related("decided_by"), number=number)
