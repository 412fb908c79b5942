"""What was loaded, by whom and when."""

from inventory.imports.columns import TABLES
from stations.models import Event

SHOWN = 8


def last_loads() -> list[tuple[Event, str]]:
    """The last loads of a division, newest first, each with what it changed."""
    events = Event.objects.filter(subject_kind="command", verb="loaded").select_related("command__by").order_by("-pk")
    return [(event, summary(event)) for event in events[:SHOWN]]


def summary(event: Event) -> str:
    """What a load changed, in words: "8 stations new, 3 items changed"."""
    tables = event.details["tables"]  # PostgreSQL keeps them in an order of its own
    parts = [
        f"{table.title.lower()}: "
        + ", ".join(f"{counts[kind]:,} {kind}" for kind in ("new", "changed") if counts[kind])
        for name, table in TABLES.items()
        if (counts := tables.get(name)) and (counts["new"] or counts["changed"])
    ]
    return "; ".join(parts) or "places to keep stock"
