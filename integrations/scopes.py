"""What an integration may do: for each area of the API, to read it, or to read and change it."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

AREAS = {
    "stations": _("Stations and units"),
    "items": _("Items and their lots"),
    "stock": _("Stock, movements, receiving, moving and discarding"),
    "par-levels": _("Par levels and shortfalls"),
    "counts": _("Counts"),
    "usage": _("What was used on patients"),
    "recalls": _("Recalls"),
    "orders": _("Requests and their approval"),
    "shipments": _("Picking, sending and receiving"),
    "runs": _("Delivery runs"),
    "metrics": _("Figures"),
    "notices": _("Notices"),
    "changes": _("The change feed and webhooks"),
}
READ, WRITE = "read", "write"
EVERYTHING = "all"
SCOPES = tuple(f"{area}:{way}" for area in (EVERYTHING, *AREAS) for way in (READ, WRITE))


def in_words(scope: str) -> str:
    """What a scope opens, as people say it: "Everything: read"."""
    area, way = scope.split(":")
    areas, ways = {EVERYTHING: _("Everything"), **AREAS}, {READ: _("read"), WRITE: _("read and change")}
    return f"{areas[area]}: {ways[way]}"


def allows(scopes: Iterable[str], area: str, way: str) -> bool:
    """Whether one of these scopes opens this area. Who may change a thing may read it."""
    ways = (READ, WRITE) if way == READ else (WRITE,)
    return not {f"{one}:{each}" for one in (area, EVERYTHING) for each in ways}.isdisjoint(scopes)


def unknown(scopes: Iterable[str]) -> list[str]:
    return [scope for scope in scopes if scope not in SCOPES]
