"""What lies in a delivery that is to be received."""

from orders.models import Shipment, ShipmentLine


def lines_to_receive(shipment: Shipment) -> list[ShipmentLine]:
    """The lines with item, packs, lot and where each goes, by item."""
    rows = shipment.lines.select_related("order_line__item", "order_line__order", "order_line__location", "level__lot")
    return list(rows.prefetch_related("order_line__item__packs").order_by("order_line__item__name", "pk"))
