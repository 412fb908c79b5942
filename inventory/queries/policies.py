"""The division's policies per kind of item, and who changed them last."""

from datetime import date, timedelta

from inventory.models import Item, KindPolicy
from stations.models import Event


def policies() -> list[KindPolicy]:
    """One policy for each kind, the usual days where nobody has decided."""
    known = KindPolicy.objects.in_bulk()
    return [known.get(kind) or KindPolicy(kind=kind) for kind in Item.Kind.values]


def last_change() -> Event | None:
    """The last time anybody set the policies."""
    return Event.objects.filter(subject_kind="kindpolicy").select_related("command__by").order_by("-pk").first()


def expiring_until(today: date) -> dict[str, date]:
    """By kind of item: the last day of expiry that counts as expiring soon."""
    return {policy.kind: today + timedelta(days=policy.expiring_days) for policy in policies()}
