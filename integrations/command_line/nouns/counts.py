"""``ems count``."""

from typing import Any

from django.db.models import QuerySet

from integrations.command_line.nouns.stock import LOT, OF_ITEM, PLACE
from integrations.command_line.readers import items_of, lots_of, place_for
from integrations.command_line.table import ID, REASON, STATION, VERSION, Asked, Field, Noun, Verb, day, listing, whole
from inventory.access import count_for, visible_counts, visible_locations
from inventory.actions import counts as actions
from inventory.actions.count_lines import Counted
from inventory.actions.unfound import count_unfound
from inventory.models import CycleCount
from inventory.queries.counts import listed
from stations.access import station_for

COUNTED = Field("counted", "base units", whole, needed=True)


def _rows(asked: Asked) -> QuerySet[CycleCount]:
    rows = listed(visible_counts(asked.by))
    if asked["state"]:
        rows = rows.filter(state=asked["state"])
    if asked["station"]:
        rows = rows.filter(location__in=visible_locations(asked.by).at(station_for(asked.by, asked["station"])))
    return rows


def _listed(rows: list[Any]) -> list[dict[str, Any]]:
    return [
        _facts(count) | {"lines": count.line_count, "left": count.left if count.state == "open" else None}
        for count in rows
    ]


def _facts(count: CycleCount) -> dict[str, Any]:
    return {
        "id": count.pk,
        "location": count.location_id,
        "station": count.location.owner.code,
        "place": count.location.name,
        "state": count.state,
        "is_blind": count.is_blind,
        "opened_at": count.opened_at.isoformat(),
        "version": count.version,
    }


def _shown(asked: Asked, pk: int) -> dict[str, Any]:
    """A count with its lines. A blind one does not say what is expected while it is open."""
    count = count_for(asked.by, pk)
    lines = [
        {
            "item": line.lot.item.sku,
            "lot": line.lot.serial_number or line.lot.number,
            "expected": None if count.hides_expected else line.expected,
            "counted": line.counted,
            "reason": line.reason,
        }
        for line in count.lines.select_related("lot__item").order_by("pk")
    ]
    return _facts(count) | {"lines": lines}


def _open(asked: Asked) -> Any:
    place = place_for(asked.by, asked["place"], write=True)
    return _shown(asked, actions.open_count(location=place, is_blind=asked["blind"], **asked.command).pk)


def _unfound(asked: Asked) -> Any:
    place = place_for(asked.by, asked["place"], write=True)
    return _shown(asked, count_unfound(location=place, **asked.command).pk)


def _found(asked: Asked) -> Any:
    [item] = items_of([asked.values])
    lot = {"number": asked["lot"], "expires_on": asked["expires"], "counted": asked["counted"]}
    return _shown(asked, actions.add_found_lot(count=_mine(asked), item=item, **lot, **asked.command).pk)


def _record(asked: Asked) -> Any:
    lots = zip(lots_of(asked.lines), asked.lines, strict=True)
    lines = [Counted(lot, line["counted"], line["seen"]) for lot, line in lots]
    return _shown(asked, actions.record_count(count=_mine(asked), lines=lines, **asked.command).pk)


def _post(asked: Asked) -> Any:
    """One reason for every line that differs."""
    count = _mine(asked)
    varying = [line.lot_id for line in count.lines.all() if line.variance]
    reasons = dict.fromkeys(varying, asked["reason"] or "")
    done = actions.post_count(count=count, version=asked["version"], reasons=reasons, **asked.command)
    return _shown(asked, done.pk)


def _mine(asked: Asked) -> CycleCount:
    return count_for(asked.by, asked["id"], write=True)


COUNTS = Noun(
    "count",
    "what is on the shelf against what is in the books",
    (
        listing(
            "list",
            "counts of this person's stations",
            _rows,
            _listed,
            Field("state", "in this state", choices=CycleCount.State.values),
            STATION,
        ),
        Verb("show", "one with its lines", lambda asked: _shown(asked, asked["id"]), ID),
        Verb(
            "open",
            "begin to count a place",
            _open,
            PLACE,
            (Field("blind", "do not show what is expected", is_flag=True),),
        ),
        Verb(
            "unfound",
            "begin to count what a picker did not find at a place, or add it to the count there",
            _unfound,
            PLACE,
        ),
        Verb(
            "record",
            "what was counted",
            _record,
            ID,
            (),
            (
                OF_ITEM,
                LOT,
                COUNTED,
                Field("seen", "the number that stood there; none if none did", whole),
            ),
            needs_lines=True,
        ),
        Verb(
            "found",
            "a lot that its list does not name",
            _found,
            ID,
            (OF_ITEM, LOT, Field("expires", "2027-03-31", day), COUNTED),
        ),
        Verb(
            "finish",
            "everything is counted",
            lambda asked: _shown(
                asked, actions.finish_count(count=_mine(asked), version=asked["version"], **asked.command).pk
            ),
            ID,
            (VERSION,),
        ),
        Verb(
            "post",
            "bring the books to what was counted",
            _post,
            ID,
            (VERSION, Field("reason", "why lines differ")),
        ),
        Verb(
            "cancel",
            "give it up",
            lambda asked: _shown(
                asked,
                actions.cancel_count(
                    count=_mine(asked), version=asked["version"], reason=asked["reason"], **asked.command
                ).pk,
            ),
            ID,
            (VERSION, REASON),
        ),
    ),
)
