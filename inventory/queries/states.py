"""Ready, Short or Out: the one rule by which every page, figure and list judges a par level.

Out: something should be there, and nothing usable is. Short: less usable than the par level's own ``short_below``, or
than the minimum where it has none (at or below, if the division set that), and less than the par. Only what lies there
counts: what is on its way helps nobody yet. Each par level is judged by itself: a full safe does not help an empty
shelf. Nothing is expected where the par is zero, of units out of service and of delivery vans. The rule is said twice,
for Python and for SQL; a test compares them.
"""

from enum import StrEnum

from django.conf import settings

from stations.models import Location


class State(StrEnum):
    READY = "ready"
    SHORT = "short"
    OUT = "out"


def state_of(*, usable: int, par: int, short_below: int) -> State | None:
    """The state of a par level, by its numbers in base units; none where nothing is expected."""
    if par == 0:
        return None
    if usable == 0:
        return State.OUT
    is_below = usable <= short_below if settings.EMS_SHORT_AT_OR_BELOW_MINIMUM else usable < short_below
    return State.SHORT if is_below and usable < par else State.READY


def state_sql(par: str) -> str:
    """The same for a row by the name ``par`` that has usable, par and short_below, where its par is above zero."""
    below = "<=" if settings.EMS_SHORT_AT_OR_BELOW_MINIMUM else "<"
    return f"""CASE WHEN {par}.usable = 0 THEN 'out'
                WHEN {par}.usable {below} {par}.short_below AND {par}.usable < {par}.par THEN 'short'
                ELSE 'ready' END"""


def own_short_below(wanted: int | None, *, minimum: int, mandated: int) -> int | None:
    """What a par level keeps as ``short_below``: never below what is mandated, and nothing where it would not be below
    the minimum."""
    if wanted is None:
        return None
    kept = max(wanted, mandated)
    return kept if kept < minimum else None


def is_judged(place: Location) -> bool:
    """Whether the par levels of a place count: those of shelves and of units in service."""
    if place.kind == Location.Kind.UNIT and place.unit:
        return place.unit.is_in_service
    return place.kind in Location.SHELVES
