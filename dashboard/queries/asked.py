"""What the chief has asked stations to order of late."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from dashboard.queries.chief_page import FailingAt
from stations.models import Event

ASKED_FOR = "asked for"
AGAIN_AFTER = timedelta(days=1)
UNDONE = ("enough", "nothing")  # nobody is doing anything about it


def asked_lately(stations: Sequence[int], *, at: datetime) -> dict[tuple[int, str], datetime]:
    """When these stations, by id, were asked within a day, by (station, SKU). One query."""
    told = Event.objects.filter(subject_kind="station", subject_id__in=stations, verb=ASKED_FOR)
    rows = told.filter(command__at__gt=at - AGAIN_AFTER).values_list("subject_id", "details__item", "command__at")
    return {(station, sku): asked_at for station, sku, asked_at in rows.order_by("pk")}


def with_asked(rows: Sequence[FailingAt], *, at: datetime) -> list[FailingAt]:
    """The same, each with when its station was asked for it. One query, none if somebody is at all of them."""
    waiting = [row.station.pk for row in rows if row.doing.kind in UNDONE]
    asked = asked_lately(waiting, at=at) if waiting else {}
    return [replace(row, asked_at=asked.get((row.station.pk, row.failing.line.sku))) for row in rows]
