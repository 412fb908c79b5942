"""The only door to a station and what hangs under it: 404 when it must stay hidden, 403 when it is read-only."""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404

from stations.models import Membership, Station, Unit, User

READS_ALL = frozenset({User.Role.LOGISTICS, User.Role.CHIEF, User.Role.AUDITOR})
P = ParamSpec("P")


class SignedInRequest(HttpRequest):
    """A request behind the login: its user is a person of ours."""

    user: User


def require_role(user: User, *roles: str) -> None:
    """Refuse everybody but these roles."""
    if user.role not in roles:
        raise PermissionDenied


View = Callable[Concatenate[SignedInRequest, P], HttpResponseBase]


def for_roles(*roles: str, readers: Collection[str] = ()) -> Callable[[View[P]], View[P]]:
    """A view for these roles only, and for ``readers`` as long as they only look: 403 for everybody else."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            require_role(request.user, *roles, *(readers if request.method in ("GET", "HEAD") else ()))
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def visible_stations(user: User) -> "QuerySet[Station]":
    """The stations whose stock a person may see: their own, or all for logistics, the chief and the auditor."""
    if user.role in READS_ALL:
        return Station.objects.all()
    if user.role == User.Role.OFFICER:
        own = Station.objects.filter(memberships__user=user)
        return own.annotate(member=F("memberships__user"), is_read_only=F("memberships__is_read_only"))
    return Station.objects.none()


def can_write(user: User, station: Station) -> bool:
    """Whether a person may act at a station: logistics everywhere, an officer at their own unless read-only."""
    if user.role == User.Role.LOGISTICS:
        return True
    if user.role != User.Role.OFFICER:
        return False
    if getattr(station, "member", None) == user.pk:
        return not getattr(station, "is_read_only", True)  # as ``visible_stations`` brought it
    return Membership.objects.filter(user=user, station=station, is_read_only=False).exists()


def own_stations(user: User) -> "QuerySet[Station]":
    """The stations at which an officer may act; none for everybody else."""
    if user.role != User.Role.OFFICER:
        return Station.objects.none()
    return Station.objects.filter(memberships__user=user, memberships__is_read_only=False)


def require_write(user: User, *stations: Station) -> None:
    """Refuse a person who may look at these stations but not act at each of them."""
    if user.role == User.Role.LOGISTICS:
        return
    if own_stations(user).filter(pk__in=[station.pk for station in stations]).count() < len(set(stations)):
        raise PermissionDenied


def station_for(user: User, code: str, *, write: bool = False) -> Station:
    """The station of this code, if the person may see it; to act there they must be more than a reader."""
    station = get_object_or_404(visible_stations(user), code=code)
    if write:
        require_write(user, station)
    return station


def unit_for(user: User, code: str, *, write: bool = False) -> Unit:
    """The unit of this call sign, if the person may see its station."""
    units = Unit.objects.select_related("station", "location").filter(station__in=visible_stations(user))
    unit = get_object_or_404(units, code=code)
    if write:
        require_write(user, unit.station)
    return unit
