"""The only door to a notice: the person's own, as long as they may see what it is about."""

from django.shortcuts import get_object_or_404

from dashboard.models import Notice
from stations.models import User


def notice_for(user: User, pk: int) -> Notice:
    """A notice of this person; nobody else's is to be seen."""
    return get_object_or_404(Notice.objects.of(user), pk=pk)
