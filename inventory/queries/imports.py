"""What was loaded, by whom and when."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inventory.imports.columns import TABLES
from stations.models import Event

SHOWN = 8


def last_loads() -> list[tuple[Event, str]]:
    """The last loads of a division, newest first, each with what it changed."""
    events = Event.objects.filter(subject_kind="command", verb="loaded").select_related("command__by").order_by("-pk")
    return [(event, summary(event)) for event in events[:SHOWN]]


def summary(event: Event) -> str:
    """What a load changed, in words: "stations: 8 new; items: 3 changed"."""
    tables = event.details["tables"]  # PostgreSQL keeps them in an order of its own
    parts = [
        f"{table.title.lower()}: {_counted(counts)}"
        for name, table in TABLES.items()
        if (counts := tables.get(name)) and (counts["new"] or counts["changed"])
    ]
    return "; ".join(parts) or _("places to keep stock")


def _counted(counts: Mapping[str, int]) -> str:
    new, changed = counts["new"], counts["changed"]
    parts = [ngettext("%(count)s new", "%(count)s new", new) % {"count": f"{new:,}"}] if new else []
    if changed:
        parts.append(ngettext("%(count)s changed", "%(count)s changed", changed) % {"count": f"{changed:,}"})
    return ", ".join(parts)
