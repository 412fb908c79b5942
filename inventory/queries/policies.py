"""The division's policies per kind and per class of items, and who changed them last."""

from inventory.models import CriticalityPolicy, Item, KindPolicy
from stations.models import Event


def policies() -> list[KindPolicy]:
    """One policy for each kind, the usual days where nobody has decided."""
    known = KindPolicy.objects.in_bulk()
    return [known.get(kind) or KindPolicy(kind=kind) for kind in Item.Kind.values]


def criticality_weights() -> dict[str, CriticalityPolicy]:
    """For every class (A, B, C) its fill floor and the cost of a lost unit, the usual where nobody has decided.

    One query, always all classes, in order: the least share of units that must be there, in hundredths of a percent,
    and what one unit that is asked for and not there costs, in cents.
    """
    known = CriticalityPolicy.objects.in_bulk()
    return {word: known.get(word) or CriticalityPolicy.usual(word) for word in Item.Criticality.values}


def last_change() -> Event | None:
    """The last time anybody set the policies."""
    return Event.objects.filter(subject_kind="kindpolicy").select_related("command__by").order_by("-pk").first()
