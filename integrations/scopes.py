"""What an integration may do: for each area of the API, to read it, or to read and change it."""

from collections.abc import Iterable

AREAS = {
    "stations": "Stations and units",
    "items": "Items and their lots",
    "stock": "Stock, movements, receiving, moving and discarding",
    "par-levels": "Par levels and shortfalls",
    "counts": "Counts",
    "usage": "What was used on patients",
    "orders": "Requests and their approval",
    "shipments": "Picking, sending and receiving",
    "runs": "Delivery runs",
    "metrics": "Figures",
    "changes": "The change feed and webhooks",
}
READ, WRITE = "read", "write"
EVERYTHING = "all"
SCOPES = tuple(f"{area}:{way}" for area in (EVERYTHING, *AREAS) for way in (READ, WRITE))


def allows(scopes: Iterable[str], area: str, way: str) -> bool:
    """Whether one of these scopes opens this area. Who may change a thing may read it."""
    ways = (READ, WRITE) if way == READ else (WRITE,)
    return not {f"{one}:{each}" for one in (area, EVERYTHING) for each in ways}.isdisjoint(scopes)


def unknown(scopes: Iterable[str]) -> list[str]:
    return [scope for scope in scopes if scope not in SCOPES]
