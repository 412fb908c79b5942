"""Locks, always in this order: runs, stops, orders, shipments, stock levels; each by its id.

The lock of an order guards its lines and approval steps, that of a shipment its lines.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import QuerySet

from orders.models import DeliveryRun, OrderLine, ResupplyOrder, Shipment, Stop
from stations.actions.versions import check_version
from stations.models import Station

# Runs that the schedule may change: nobody has decided them, and nothing is being loaded.
OPEN_TO_CHANGE: dict[str, object] = {"state": DeliveryRun.State.PLANNED, "is_locked": False, "is_by_hand": False}


def lock_order(order: ResupplyOrder, *, version: int | None = None) -> ResupplyOrder:
    """The order as it is now, locked; refused if another person has changed it since ``version``."""
    [locked] = lock_orders([order.pk])
    check_version(locked, version)
    return locked


def lock_orders(pks: Iterable[int]) -> list[ResupplyOrder]:
    """These orders as they are now, locked in one order."""
    return list(_locked_orders().filter(pk__in=list(pks)).order_by("pk"))


def _locked_orders() -> QuerySet[ResupplyOrder]:
    rows = ResupplyOrder.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("station", "source")


def lock_orders_of(shipments: Sequence[Shipment] | QuerySet[Shipment]) -> list[ResupplyOrder]:
    """Lock the orders that these shipments carry something for. Must come before the shipments' own lock."""
    lines = OrderLine.objects.filter(shipment_lines__shipment__in=shipments)
    return list(_locked_orders().filter(pk__in=lines.values("order")).order_by("pk"))


def lock_shipment(shipment: Shipment, *, version: int | None = None) -> Shipment:
    """The shipment as it is now, locked; refused if another person has changed it since ``version``."""
    [locked] = lock_shipments([shipment.pk])
    check_version(locked, version)
    return locked


def lock_shipments(pks: Iterable[int]) -> list[Shipment]:
    """These shipments as they are now, locked in one order."""
    rows = Shipment.objects.select_for_update(of=("self",), no_key=True)
    return list(rows.select_related("source", "destination").filter(pk__in=list(pks)).order_by("pk"))


def lock_run(run: DeliveryRun, *, version: int | None = None) -> DeliveryRun:
    """The run as it is now, locked; refused if another person has changed it since ``version``."""
    rows = DeliveryRun.objects.select_for_update(of=("self",), no_key=True)
    locked = rows.select_related("depot", "van__location", "driver").get(pk=run.pk)
    check_version(locked, version)
    return locked


def lock_planned_runs(depot: Station, *, at: datetime) -> list[DeliveryRun]:
    """The runs of a depot that the schedule may change, but for those that are due to have left."""
    rows = DeliveryRun.objects.select_for_update(of=("self",), no_key=True).select_related("depot", "van")
    open_runs = rows.filter(depot=depot, leaves_at__gt=at, **OPEN_TO_CHANGE)
    return list(open_runs.order_by("pk"))


def lock_stops(runs: Iterable[DeliveryRun]) -> list[Stop]:
    """All stops of these runs, whose own locks are held."""
    rows = Stop.objects.select_for_update(of=("self",), no_key=True).select_related("station")
    return list(rows.filter(run__in=list(runs)).order_by("pk"))


def lock_runs(pks: Iterable[int]) -> list[DeliveryRun]:
    """These runs as they are now, locked in one order."""
    rows = DeliveryRun.objects.select_for_update(of=("self",), no_key=True)
    return list(rows.select_related("depot", "van", "driver").filter(pk__in=list(pks)).order_by("pk"))


def lock_stop(stop: Stop) -> Stop:
    """The stop as it is now, locked together with its run."""
    run = lock_run(stop.run)
    locked = Stop.objects.select_for_update(of=("self",), no_key=True).select_related("station").get(pk=stop.pk)
    locked.run = run
    return locked
