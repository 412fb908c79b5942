"""``ems shortfall`` and ``ems shortage``."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from integrations.api.shown.shortages import ShortageShown, ShortfallShown
from integrations.command_line.readers import items_of, shows
from integrations.command_line.table import ITEM, STATION, Asked, Field, Noun, Verb, listing
from inventory.access import visible_locations
from inventory.queries.horizons import Horizons
from orders.actions.shares import share_stock
from orders.models import Shortfall
from orders.queries.claims import weigh
from orders.queries.shares import proposals
from stations.access import require_role, station_for
from stations.models import User


def _shortfalls(asked: Asked) -> QuerySet[Shortfall]:
    places = visible_locations(asked.by)
    if asked["station"]:
        places = places.at(station_for(asked.by, asked["station"]))
    rows = Shortfall.objects.filter(location__in=places).select_related("item")
    return rows.filter(item__sku=asked["item"]) if asked["item"] else rows


SHORTFALLS = Noun(
    "shortfall",
    "what the last sweep found below its minimum",
    (listing("list", "with the numbers that explain it", _shortfalls, shows(ShortfallShown), STATION, ITEM),),
)


def _shortages(asked: Asked) -> Any:
    """What is short at a source, the worst first: all of it."""
    require_role(asked.by, User.Role.LOGISTICS, User.Role.CHIEF, User.Role.AUDITOR)
    horizons = Horizons(timezone.localdate(asked.at))
    found = weigh(horizons)
    item = items_of([{"item": asked["item"]}])[0] if asked["item"] else None
    short = [one for one in found.short if item is None or one.item_id == item.pk]
    rows = proposals(short, at=asked.at, horizons=horizons, free=found.free)
    return {"rows": shows(ShortageShown)(list(rows.values())), "next": None}


def _share(asked: Asked) -> Any:
    source = station_for(asked.by, asked["source"], write=True)
    [item] = items_of([{"item": asked["item"]}])
    return {"promised": share_stock(source=source, item=item, seen=asked["seen"], **asked.command)}


SHORTAGES = Noun(
    "shortage",
    "what a source cannot give everybody who asks",
    (
        Verb("list", "who would get how much of it, and why; the worst first", _shortages, fields=(ITEM,)),
        Verb(
            "share",
            "promise it as it was proposed; refused if it would be shared otherwise by now",
            _share,
            Field("source", "code of the station that has too little", needed=True),
            (
                Field("item", "SKU", needed=True),
                Field("seen", "the `seen` of the proposal that was read", needed=True),
            ),
        ),
    ),
)
