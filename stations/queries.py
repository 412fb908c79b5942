"""Reads of people in a page's shape."""

from django.db.models import Prefetch, Q, QuerySet

from stations.models import Membership, User


def people_called(text: str) -> QuerySet[User]:
    """People whose name or user name holds every word of the text, those who work here first; all for an empty one."""
    people = User.objects.order_by("-is_active", "role", "last_name", "pk")
    for word in text.split()[:5]:
        people = people.filter(
            Q(first_name__icontains=word) | Q(last_name__icontains=word) | Q(username__icontains=word)
        )
    memberships = Membership.objects.select_related("station").order_by("station__code")
    return people.prefetch_related(Prefetch("memberships", memberships))
