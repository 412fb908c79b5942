"""The navigation of the signed-in person's role."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.functional import Promise

from dashboard.notice_kinds import TOLD
from ems_supply.navigation import BAR, HOMES, Place, open_place, places_for
from stations.actions.saved_views import LISTS

register = template.Library()
NEW = timedelta(days=14)
FIRST_STEPS = "first_steps"  # the cookie of who closed the offer


@dataclass(frozen=True)
class Link:
    address: str
    label: str | Promise
    icon: str
    is_here: bool


def links(places: tuple[Place, ...], here: Place | None) -> list[Link]:
    return [Link(place.address, place.label, place.icon, place is here) for place in places]


@register.simple_tag(takes_context=True)
def navigation(context: template.Context) -> dict[str, Any]:
    """``{% navigation as nav %}``: all entries, the phone's bar, what does not fit on it, the open entry's tabs,
    whether the person is told of things, the name of the list that is open, if its views can be kept, and whether to
    offer the first steps: on the home of who is new here, until they close it."""
    request = context.get("request")
    user = getattr(request, "user", None)
    if request is None or user is None or not user.is_authenticated:
        return {}
    match = request.resolver_match
    page = match.url_name or "" if match else ""
    places = places_for(user.role)
    here = open_place(places, page)
    entries = links(places, here)
    on_bar = len(entries) if len(entries) <= BAR else BAR - 1
    is_tab = here is not None and any(tab.page == page for tab in here.tabs)
    tabs = links(here.tabs, open_place(here.tabs, page)) if here and is_tab else []
    return {
        "entries": entries,
        "bar": entries[:on_bar],
        "more": entries[on_bar:],
        "tabs": tabs if len(tabs) > 1 else [],
        "is_told": user.role in TOLD,
        "list": page if page in LISTS else "",
        "is_new": page == HOMES.get(user.role, "home")
        and timezone.now() - user.date_joined < NEW
        and FIRST_STEPS not in request.COOKIES,
    }
