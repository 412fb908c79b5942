"""``ems unit``."""

from typing import Any

from django.db.models import QuerySet

from integrations.api.shown.stations import UnitShown
from integrations.command_line.nouns.stock import LOT_LINE, moved, used_in
from integrations.command_line.readers import shows
from integrations.command_line.table import STATION, Asked, Field, Noun, Verb, listing
from inventory.actions.stock import restock_unit
from stations.access import unit_for, visible_stations
from stations.models import Unit


def _listed(asked: Asked) -> QuerySet[Unit]:
    rows = Unit.objects.filter(station__in=visible_stations(asked.by)).select_related("station", "location")
    return rows.filter(station__code=asked["station"]) if asked["station"] else rows


def _restock(asked: Asked) -> Any:
    unit = unit_for(asked.by, asked["unit"], write=True)
    return moved(asked, restock_unit(unit=unit, lines=used_in(asked), **asked.command))


UNITS = Noun(
    "unit",
    "ambulances, other vehicles and vans",
    (
        listing("list", "those of stations that this person may see", _listed, shows(UnitShown), STATION),
        Verb(
            "restock",
            "put this aboard from the shelves of its station",
            _restock,
            Field("unit", "its call sign", needed=True),
            (),
            LOT_LINE,
            needs_lines=True,
        ),
    ),
)
