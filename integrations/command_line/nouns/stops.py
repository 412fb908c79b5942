"""``ems stop``."""

from typing import Any

from django.db.models import QuerySet

from integrations.api.shown.orders import StopShown
from integrations.command_line.nouns.shipments import LINE_ID
from integrations.command_line.readers import shown, shows
from integrations.command_line.table import ID, REASON, STATION, Asked, Field, Noun, Verb, listing, whole
from orders.access import stop_for, visible_runs
from orders.actions import runs
from orders.actions.collecting import collect_stop
from orders.models import Stop
from stations.models import User


def _stops(by: User) -> QuerySet[Stop]:
    return Stop.objects.filter(run__in=visible_runs(by)).select_related("station")


def _listed(asked: Asked) -> QuerySet[Stop]:
    rows = _stops(asked.by)
    if asked["state"]:
        rows = rows.filter(state=asked["state"])
    if asked["run"] is not None:
        rows = rows.filter(run=asked["run"])
    return rows.filter(station__code=asked["station"]) if asked["station"] else rows


def _step(action: Any, asked: Asked, **more: Any) -> Any:
    done = action(stop=stop_for(asked.by, asked["id"], write=True), **more, **asked.command)
    return shown(StopShown, _stops(asked.by), done.pk)


def _collect(asked: Asked) -> Any:
    taken = {line["id"]: line["quantity"] for line in asked.lines}
    return _step(collect_stop, asked, taken=taken, given_by=asked["given_by"], reason=asked["reason"])


STOPS = Noun(
    "stop",
    "one station on a run",
    (
        listing(
            "list",
            "what this person may see",
            _listed,
            shows(StopShown),
            Field("state", "in this state", choices=Stop.State.values),
            Field("run", "of this run, by id", whole),
            STATION,
        ),
        Verb("arrive", "the van stands there", lambda asked: _step(runs.arrive_at_stop, asked), ID),
        Verb(
            "deliver",
            "hand everything over",
            lambda asked: _step(runs.deliver_stop, asked, handed_to=asked["handed_to"]),
            ID,
            (Field("handed_to", "who took it, or where it was left", needed=True),),
        ),
        Verb(
            "collect",
            "take along what is to go from here to other stations; lines that are not named, all of it",
            _collect,
            ID,
            (
                Field("given_by", "who gave it, or where it was taken", needed=True),
                Field("reason", "needed where less is taken", default=""),
            ),
            (LINE_ID, Field("quantity", "base units", whole, needed=True)),
        ),
        Verb(
            "miss",
            "nothing could be delivered",
            lambda asked: _step(runs.miss_stop, asked, reason=asked["reason"]),
            ID,
            (REASON,),
        ),
    ),
)
