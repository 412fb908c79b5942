"""What the homes say about recalls."""

from collections.abc import Iterable
from typing import Any

from django import template

from core.forms import CommandForm
from integrations.queries import recalls as queries
from stations.models import Station

register = template.Library()


@register.simple_tag
def open_recalls() -> queries.OpenRecalls:
    """``{% open_recalls as recalls %}``: how many are open, wait for a person, and how many units are left."""
    return queries.open_recalls()


@register.inclusion_tag("integrations/recalls_here.html", takes_context=True)
def recalls_here(context: template.Context, stations: "Station | Iterable[Station]") -> dict[str, Any]:
    """``{% recalls_here station %}``: what must be pulled at a station, or at several, with one button for each place;
    the buttons only where ``can_write`` stands in the page."""
    asked = [stations] if isinstance(stations, Station) else list(stations)
    return {
        "pull": queries.to_pull(asked),
        "can_write": context.get("can_write", False),
        "command": CommandForm(),
        "user": context["user"],
        "csrf_token": context.get("csrf_token"),
    }
