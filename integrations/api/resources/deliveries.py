"""How what was asked for comes: shipments, and the runs that bring them."""

from django.db.models import QuerySet

from integrations.api.base import ReadsVersions
from integrations.api.filters import filters
from integrations.api.shown.orders import RunShown, ShipmentShown
from orders.access import visible_runs, visible_shipments
from orders.models import DeliveryRun, Shipment
from stations.models import User


class Shipments(ReadsVersions):
    """What is picked, packed and sent to one station."""

    area = "shipments"
    queryset = Shipment.objects.all()
    serializer_class = ShipmentShown
    filterset_class = filters(
        Shipment, "state", source="source__code", destination="destination__code", run="stop__run"
    )

    def seen_by(self, person: User) -> QuerySet[Shipment]:
        shipments = visible_shipments(person).select_related("source", "destination")
        return shipments.prefetch_related("lines__order_line__item", "lines__level")


class Runs(ReadsVersions):
    """A van's way on a day, and its stops in order."""

    area = "runs"
    queryset = DeliveryRun.objects.all()
    serializer_class = RunShown
    filterset_class = filters(
        DeliveryRun, "run_on", "state", depot="depot__code", van="van__code", driver="driver__username"
    )

    def seen_by(self, person: User) -> QuerySet[DeliveryRun]:
        runs = visible_runs(person).select_related("depot", "van", "driver")
        return runs.prefetch_related("stops__station")
