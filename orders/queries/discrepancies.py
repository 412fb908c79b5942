"""What left and was not accepted, and waits for someone to say where it went."""

from collections.abc import Sequence

from django.db.models import Count, Prefetch, Q, QuerySet, prefetch_related_objects

from orders.models import Discrepancy, DiscrepancyPhoto, Shipment, ShipmentLine

PHOTOS = Prefetch("line__photos", DiscrepancyPhoto.objects.defer("content"))  # of discrepancies, without the photos


def discrepancy_rows(shipments: QuerySet[Shipment], *, is_open: bool) -> QuerySet[Discrepancy]:
    """Discrepancies of these shipments: those that wait, the oldest first, or those settled, the latest first."""
    rows = (
        Discrepancy.objects.filter(line__shipment__in=shipments)
        .select_related("line__shipment__destination", "line__order_line__item", "line__level__lot", "settled_by")
        .prefetch_related("line__order_line__item__packs")
    )
    if is_open:
        return rows.filter(resolution="").order_by("reported_at", "pk")
    return rows.exclude(resolution="").order_by("-settled_at", "-pk")


def open_and_settled(shipments: QuerySet[Shipment]) -> tuple[int, int]:
    """How many wait, and how many were settled."""
    is_open = Q(resolution="")
    found = Discrepancy.objects.filter(line__shipment__in=shipments)
    counts = found.aggregate(waiting=Count("pk", filter=is_open), settled=Count("pk", filter=~is_open))
    return counts["waiting"], counts["settled"]


def with_photos(lines: Sequence[ShipmentLine]) -> None:
    """Read what their photos are, in one query, and not the photos themselves."""
    prefetch_related_objects(lines, Prefetch("photos", DiscrepancyPhoto.objects.defer("content")))
