"""The only door to stock: a place, and a count of it, for those who may see its station."""

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from inventory.models import (
    CycleCount,
    Lot,
    ParProposal,
    ParProposalQuerySet,
    StockLevel,
    StockLevelQuerySet,
    StockMovement,
)
from stations.access import READS_ALL, require_write, visible_stations
from stations.models import Location, LocationQuerySet, User


def visible_locations(user: User) -> LocationQuerySet:
    """The physical places whose stock a person may see."""
    stations = visible_stations(user)
    return Location.objects.filter(Q(station__in=stations) | Q(unit__station__in=stations))


def visible_levels(user: User) -> StockLevelQuerySet:
    """The stock of the places that a person may see; all for those who read all: only physical places have any."""
    if user.role in READS_ALL:
        return StockLevel.objects.all()
    return StockLevel.objects.filter(location__in=visible_locations(user).values("pk"))


def visible_lots(user: User) -> QuerySet[Lot]:
    """The lots that were ever in a place that a person may see; all for those who read all."""
    if user.role in READS_ALL:
        return Lot.objects.all()
    return Lot.objects.filter(pk__in=visible_levels(user).values("lot"))


def visible_movements(user: User) -> QuerySet[StockMovement]:
    """The movements from and to the places that a person may see; all for those who read all."""
    if user.role in READS_ALL:
        return StockMovement.objects.all()
    places = visible_locations(user).values("pk")
    return StockMovement.objects.filter(Q(source__in=places) | Q(destination__in=places))


def visible_proposals(user: User) -> ParProposalQuerySet:
    """The proposals for par levels of places that a person may see; all for those who read all."""
    if user.role in READS_ALL:
        return ParProposal.objects.all()
    return ParProposal.objects.filter(location__in=visible_locations(user).values("pk"))


def location_for(user: User, pk: int, *, write: bool = False) -> Location:
    """A supply room, safe or vehicle, if the person may see its station; to act there they must be no mere reader."""
    location = get_object_or_404(visible_locations(user).select_related("station", "unit__station"), pk=pk)
    if write:
        require_write(user, location.owner)
    return location


def visible_counts(user: User) -> QuerySet[CycleCount]:
    """The counts of the places that a person may see; all for those who read all: only physical places are counted."""
    if user.role in READS_ALL:
        return CycleCount.objects.all()
    return CycleCount.objects.filter(location__in=visible_locations(user).values("pk"))


def count_for(user: User, pk: int, *, write: bool = False) -> CycleCount:
    """A count, if the person may see the counted place."""
    counts = CycleCount.objects.select_related("location__station", "location__unit__station", "opened_by")
    count = get_object_or_404(counts.filter(location__in=visible_locations(user)), pk=pk)
    if write:
        require_write(user, count.location.owner)
    return count
