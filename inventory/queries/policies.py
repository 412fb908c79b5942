"""The division's policies per kind and per class of items, and who changed them last."""

from django.db.models import Case, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce

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


def lost_unit_cents(criticality: str) -> Coalesce:
    """For rows whose field of this name holds a class: what a unit costs that is asked for and not there, in cents."""
    decided = CriticalityPolicy.objects.filter(criticality=OuterRef(criticality)).values("lost_unit_cents")
    usual = [When(**{criticality: word}, then=Value(cents)) for word, (_, cents) in CriticalityPolicy.USUAL.items()]
    return Coalesce(Subquery(decided), Case(*usual))


def last_change() -> Event | None:
    """The last time anybody set the policies."""
    return Event.objects.filter(subject_kind="kindpolicy").select_related("command__by").order_by("-pk").first()
