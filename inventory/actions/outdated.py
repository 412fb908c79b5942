"""Proposals whose par level is no longer what they compared: closed, so that nobody decides on yesterday's numbers."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce

from inventory.models import ParLevel, ParProposal


def close_outdated(*, at: datetime, places: Collection[int] | None = None) -> int:
    """Close the open proposals whose par level has another par, minimum, level for Short or mandate, or is gone:
    how many.

    At these locations, by their ids, or everywhere. One whose par level only changed its bin stays open. The caller
    holds the locations, or all of them. Two queries.
    """
    rows = ParProposal.objects.open()
    if places is not None:
        rows = rows.filter(location__in=places)
    level = ParLevel.objects.filter(location=OuterRef("location"), item=OuterRef("item"))
    same = level.alias(short=Coalesce("short_below", "minimum")).filter(
        par=OuterRef("was_par"),
        minimum=OuterRef("was_minimum"),
        short=Coalesce(OuterRef("was_short_below"), OuterRef("was_minimum")),
        mandated_minimum=OuterRef("mandated_minimum"),
    )
    closed = rows.filter(~Exists(same)).update(state=ParProposal.State.OUTDATED, closed_at=at)
    moved = rows.filter(Exists(level.exclude(version=OuterRef("was_version"))))
    moved.update(was_version=Subquery(level.values("version")[:1]))
    return closed
