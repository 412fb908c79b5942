"""The only door to orders, shipments and runs: 404 when they must stay hidden, 403 when they are read-only."""

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from core.joined import joined
from orders.models import DeliveryRun, Discrepancy, DiscrepancyPhoto, ResupplyOrder, Shipment, Stop
from stations.access import READS_ALL, own_stations, require_role, require_write, visible_stations
from stations.models import User


def visible_orders(user: User) -> QuerySet[ResupplyOrder]:
    """The orders of the stations that a person may see; a transfer is also its donor's. All for those who read all."""
    if user.role in READS_ALL:
        return ResupplyOrder.objects.all()
    stations = visible_stations(user)
    given = Q(kind=ResupplyOrder.Kind.TRANSFER, source__in=stations)
    return ResupplyOrder.objects.filter(Q(station__in=stations) | given)


def visible_runs(user: User) -> QuerySet[DeliveryRun]:
    """All runs, or for a driver their own and those that nobody drives yet."""
    if user.role in READS_ALL:
        return DeliveryRun.objects.all()
    if user.role == User.Role.DRIVER:
        return DeliveryRun.objects.filter(Q(driver=user) | Q(driver=None))
    return DeliveryRun.objects.none()


def visible_shipments(user: User) -> QuerySet[Shipment]:
    """Shipments to the stations that a person may see, those collected there, or on the runs that a driver may see."""
    if user.role == User.Role.DRIVER:
        return Shipment.objects.filter(stop__run__in=visible_runs(user))
    if user.role in READS_ALL:
        return Shipment.objects.all()
    stations = visible_stations(user)
    collected = Q(source__in=stations) & (Q(state=Shipment.State.TO_COLLECT) | Q(pickup__isnull=False))
    return Shipment.objects.filter(Q(destination__in=stations) | collected)


def receivable_shipments(user: User) -> QuerySet[Shipment]:
    """What was handed over and is not received, at the stations where the person may act."""
    delivered = Shipment.objects.filter(state=Shipment.State.DELIVERED)
    return delivered if user.role == User.Role.LOGISTICS else delivered.filter(destination__in=own_stations(user))


def order_for(user: User, pk: int, *, write: bool = False) -> ResupplyOrder:
    """An order of a station that the person may see; to change it they must be able to act at that station."""
    orders = visible_orders(user).select_related("station", "source", "requested_by")
    order = get_object_or_404(orders, pk=pk)
    if write:
        require_write(user, order.station)
    return order


def order_to_decide(user: User, pk: int) -> ResupplyOrder:
    """The same with its approval steps and who has decided them. One query."""
    orders = visible_orders(user).filter(pk=pk).select_related("station", "source", "requested_by")
    for order in joined(orders, "approval_steps", "decided_by", order="position"):
        found: ResupplyOrder = order
        return found
    raise Http404


def shipment_for(user: User, pk: int, *, write: bool = False) -> Shipment:
    """A shipment; an officer of its destination may receive it, logistics may do everything."""
    shipments = visible_shipments(user).select_related("source", "destination", "stop__run__van", "picker", "pickup")
    shipment = get_object_or_404(shipments, pk=pk)
    if write:
        require_write(user, shipment.destination)
    return shipment


def run_for(user: User, pk: int, *, write: bool = False) -> DeliveryRun:
    """A run; its driver and logistics may act on it."""
    runs = visible_runs(user).select_related("depot", "van", "driver")
    run = get_object_or_404(runs, pk=pk)
    if write:
        require_role(user, User.Role.LOGISTICS, User.Role.DRIVER)
    return run


def stop_for(user: User, pk: int, *, write: bool = False) -> Stop:
    """A stop of a run that the person may see; its driver and logistics may act on it."""
    stop = get_object_or_404(
        Stop.objects.select_related("run__van", "run__depot", "station").filter(run__in=visible_runs(user)), pk=pk
    )
    if write:
        require_role(user, User.Role.LOGISTICS, User.Role.DRIVER)
    return stop


def discrepancy_for(user: User, pk: int, *, write: bool = False) -> Discrepancy:
    """A discrepancy of a shipment that the person may see; logistics settles it."""
    discrepancies = Discrepancy.objects.select_related(
        "line__shipment__destination", "line__order_line__item", "line__level__lot"
    )
    shipments = visible_shipments(user)
    if user.role == User.Role.DRIVER:
        raise PermissionDenied
    discrepancy = get_object_or_404(discrepancies.filter(line__shipment__in=shipments), pk=pk)
    if write:
        require_role(user, User.Role.LOGISTICS)
    return discrepancy


def photo_for(user: User, pk: int) -> DiscrepancyPhoto:
    """A photo of a line of a shipment that the person may see."""
    return get_object_or_404(DiscrepancyPhoto.objects.filter(line__shipment__in=visible_shipments(user)), pk=pk)
