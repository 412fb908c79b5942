"""Proposals for par levels: worked out from the ledger every 28 days, and never more than that: a person decides."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Count, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from core.rows import write_rows
from inventory.actions.deciding import accept_proposals, decline_proposals
from inventory.actions.outdated import close_outdated
from inventory.actions.par_levels import lock_places
from inventory.models import ParLevel, ParProposal, ParReview
from inventory.policy.change import LEAST_SHARE
from inventory.queries.par_review import DivisionUse, Review, review
from inventory.queries.states import own_short_below
from stations.models import Command, Event, Location, Station, User

__all__ = ["Proposed", "accept_proposals", "decline_proposals", "due_stations", "propose_par_levels"]

PERIOD = timedelta(days=28)
KEPT = timedelta(days=364)
CHUNK = 20_000  # par levels worked on at once: what bounds the memory
Pair = tuple[int, int]
State = ParProposal.State
# What a proposal was worked out from and leads to: renewed by each review that proposes the same again.
_SAYS = ("location", "item", "par", "minimum", "short_below")
_DECIDES = (*_SAYS, "id", "state", "closed_at", "decided_by", "decline_reason")
NUMBERS = [field.name for field in ParProposal._meta.concrete_fields if field.name not in _DECIDES]


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a review did: stations and par levels looked at, proposals open there now, and the stations left over."""

    stations: int = 0
    levels: int = 0
    proposals: int = 0
    left: tuple[int, ...] = ()


def due_stations(at: datetime) -> "QuerySet[Station]":
    """Stations with par levels that were last worked out 28 or more days ago, or never; by id."""
    reviewed = ParReview.objects.filter(reviewed_at__gt=_due_before(at)).values("station")
    return Station.objects.filter(pk__in=_counts(None)).exclude(pk__in=reviewed).order_by("pk")


def propose_par_levels(
    *,
    at: datetime,
    by: User | None = None,
    stations: Sequence[Station] | None = None,
    is_over: Callable[[], bool] = lambda: False,
    report: Callable[[int, int], None] = lambda done, whole: None,
) -> Proposed:
    """Work out the par levels of these stations, or of all that are due, and propose what should change.

    In chunks of whole stations, each its own transaction that marks its stations as done: safe to run twice, beside
    itself, and to die half-way. ``is_over`` is asked between two chunks: what is left stays due. ``report`` is told how
    many of how many par levels are done.
    """
    counts = _counts(None if stations is None else [station.pk for station in stations])
    pks = sorted(counts) if stations is not None else list(due_stations(at).values_list("pk", flat=True))
    whole, done, levels, proposals = sum(counts[pk] for pk in pks), 0, 0, 0
    division = DivisionUse.read(at) if pks else None
    for chunk in _chunks(pks, counts):
        if division is None or (done and is_over()):
            break
        report(levels, whole)
        proposals += _review_chunk(division, chunk, {pk: counts[pk] for pk in chunk}, at=at, by=by)
        done += len(chunk)
        levels += sum(counts[pk] for pk in chunk)
    report(levels, whole)
    return Proposed(done, levels, proposals, tuple(pks[done:]))


def _due_before(at: datetime) -> datetime:
    """Whoever was reviewed after this is not due: days count, not hours, so that a daily tick never slips."""
    return timezone.localtime(at).replace(hour=23, minute=59, second=59) - PERIOD


def _counts(stations: Sequence[int] | None) -> dict[int, int]:
    """Par levels of each station and its units, by its id; of these stations or all that have any."""
    owner = Coalesce("location__station", "location__unit__station")
    rows = ParLevel.objects.annotate(owner=owner).order_by()
    if stations is not None:
        rows = rows.filter(owner__in=stations)
    return dict(rows.values_list("owner").annotate(levels=Count("pk")))


def _chunks(pks: Sequence[int], counts: Mapping[int, int]) -> Iterator[list[int]]:
    """Whole stations, as many as have so many par levels together; at least one."""
    chunk: list[int] = []
    size = 0
    for pk in pks:
        if chunk and size + counts[pk] > CHUNK:
            yield chunk
            chunk, size = [], 0
        chunk.append(pk)
        size += counts[pk]
    if chunk:
        yield chunk


def _review_chunk(
    division: DivisionUse, stations: Sequence[int], counts: Mapping[int, int], *, at: datetime, by: User | None
) -> int:
    """Review these stations and write what came of it: how many proposals are open there now.

    The long part, the arithmetic, holds no lock. Under the locks, a par level that somebody changed meanwhile is left
    to the next review.
    """
    found = review(division, stations)
    with transaction.atomic():
        places = lock_places(Location.objects.of(stations))
        command = Command.objects.begin("propose_par_levels", by=by, at=at)
        _write({} if found is None else _wanted(found, division.window.days, places, at), places, at)
        ParProposal.objects.filter(location__in=places, state=State.OUTDATED, closed_at__lt=at - KEPT).delete()
        reviews = [
            ParReview(station_id=pk, reviewed_at=at, levels=counts[pk], proposed=number)
            for pk, number in _open_at(stations).items()
        ]
        ParReview.objects.bulk_create(
            reviews,
            update_conflicts=True,
            unique_fields=["station"],
            update_fields=["reviewed_at", "levels", "proposed"],
        )
        Event.objects.bulk_create(
            command.event("worked out", one, levels=one.levels, proposed=one.proposed) for one in reviews
        )
    return sum(one.proposed for one in reviews)


def _open_at(stations: Sequence[int]) -> dict[int, int]:
    owner = Coalesce("location__station", "location__unit__station")
    rows = ParProposal.objects.open().filter(location__in=Location.objects.of(stations).values("pk"))
    found = dict(rows.annotate(owner=owner).order_by().values_list("owner").annotate(open=Count("pk")))
    return {pk: found.get(pk, 0) for pk in stations}


def _write(wanted: Mapping[Pair, ParProposal], places: Sequence[int], at: datetime) -> None:
    """Keep what is proposed again, close what is not, and add what is new."""
    open_now = {_pair(row): row for row in ParProposal.objects.open().filter(location__in=places).locked()}
    same = {pair for pair, row in open_now.items() if pair in wanted and _numbers(row) == _numbers(wanted[pair])}
    for pair in same:
        wanted[pair].pk = open_now[pair].pk
    write_rows([wanted[pair] for pair in sorted(same)], NUMBERS)
    gone = [row.pk for pair, row in open_now.items() if pair not in same]
    for start in range(0, len(gone), CHUNK):
        ParProposal.objects.filter(pk__in=gone[start : start + CHUNK]).update(state=State.OUTDATED, closed_at=at)
    fresh = [row for pair, row in wanted.items() if pair not in same]
    ParProposal.objects.bulk_create(fresh, batch_size=2_000)
    close_outdated(at=at, places=places)


def _wanted(found: Review, days: int, places: Sequence[int], at: datetime) -> dict[Pair, ParProposal]:
    """What should stand open: worth a look, of a par level that nobody changed meanwhile, and not declined already."""
    versions = {
        (location, item): version
        for location, item, version in ParLevel.objects.filter(location__in=places)
        .values_list("location_id", "item_id", "version")
        .iterator(chunk_size=5_000)
    }
    declined = _declined(places)
    rows = {}
    for row in np.flatnonzero(found.is_worth).tolist():
        made = _proposal(found, row, days, at)
        pair = _pair(made)
        if versions.get(pair) == made.was_version and not _is_declined(made, declined.get(pair)):
            rows[pair] = made
    return rows


def _declined(places: Sequence[int]) -> dict[Pair, tuple[int, int]]:
    """What was declined last of each par level: (proposed par, today's then)."""
    rows = ParProposal.objects.filter(location__in=places, state=State.DECLINED).order_by("closed_at", "pk")
    return {
        (location, item): (par, was)
        for location, item, par, was in rows.values_list("location_id", "item_id", "par", "was_par")
    }


def _is_declined(made: ParProposal, last: tuple[int, int] | None) -> bool:
    """Whether it is what somebody declined: the same direction, and no further off than a change must be to count."""
    if last is None:
        return False
    par, was = last
    return (par > was) == (made.par > made.was_par) and abs(made.par - par) < max(1, ceil(LEAST_SHARE * par))


def _pair(row: ParProposal) -> Pair:
    return row.location_id, row.item_id


def _numbers(row: ParProposal) -> tuple[int | None, ...]:
    return row.par, row.minimum, row.short_below, row.was_par, row.was_minimum, row.was_short_below


def _proposal(found: Review, row: int, days: int, at: datetime) -> ParProposal:
    used, estimate, terms = found.usage, found.estimate, found.terms
    life = float(terms.life_days[row])
    place = found.places[int(found.place[row])]
    values: dict[str, Any] = {
        "history_days": days,
        "used": int(used.used[row]),
        "exposure_days": min(float(used.days[row]), float(days)),
        "own_per_day": float(estimate.own_per_day[row]),
        "own_share": _share(estimate.own_share[row]),
        "calls": place.calls,
        "calls_per_day": place.calls_per_day,
        "use_per_call": float(estimate.per_call[row]),
        "mean_per_day": float(estimate.demand.mean_per_day[row]),
        "vmr": float(estimate.demand.vmr[row]),
        "review_days": float(terms.review_days[row]),
        "lead_days": float(terms.lead_days[row]),
        "life_days": life if np.isfinite(life) else None,
        "mandated_minimum": int(used.mandated[row]),
        "fill_floor_bp": round(float(terms.fill_floor[row]) * 10_000),
        "lost_unit_cents": round(float(terms.lost_unit_cost[row])),
        "unit_cost_cents": round(float(found.unit_cost[row])),
    }
    for prefix, outlook in (("was_", found.todays), ("", found.expected)):
        values[f"{prefix}fill"] = _share(outlook.fill[row])
        values[f"{prefix}stock_cents"] = round(float(outlook.stock_units[row]) * values["unit_cost_cents"])
        values[f"{prefix}waste_cents"] = round(float(outlook.waste_units[row]) * values["unit_cost_cents"])
    return ParProposal(
        location_id=int(used.location[row]),
        item_id=int(used.item[row]),
        par=int(found.par[row]),
        minimum=int(found.minimum[row]),
        short_below=own_short_below(
            int(found.short_below[row]), minimum=int(found.minimum[row]), mandated=int(used.mandated[row])
        ),
        was_par=int(used.par[row]),
        was_minimum=int(used.minimum[row]),
        was_short_below=int(used.short_below[row]) if used.short_below[row] < used.minimum[row] else None,
        was_version=int(used.version[row]),
        reason=int(found.reason[row]),
        computed_at=at,
        **values,
    )


def _share(value: float) -> float:
    return min(max(float(value), 0.0), 1.0)
