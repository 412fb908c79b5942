"""The numbers behind every figure, of the division or of one station, at one moment."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import Value

from dashboard.queries.backorders import overdue_backorders, overdue_by_station
from dashboard.queries.counted import counted_pairs, freshness, freshness_by_station
from dashboard.queries.expiry import Worth, worth, worth_by_station, worth_pairs
from dashboard.queries.fill import fill_pairs, line_fill, line_fill_by_station
from dashboard.queries.kept_stations import all_stations
from dashboard.queries.readiness import StationReadiness, ready_share, station_readiness
from dashboard.queries.receipts import Waits, received_orders, waits, waits_by_station
from dashboard.queries.shares import Share, add_up, total
from stations.models import Station


@dataclass(frozen=True)
class Measures:
    ready: Share = field(default_factory=Share)
    fill: Share = field(default_factory=Share)
    stock_outs: Share = field(default_factory=Share)
    waits: Waits = field(default_factory=Waits)
    overdue: int = 0
    worth: Worth = field(default_factory=Worth)
    counted: Share = field(default_factory=Share)


def measures(*, at: datetime, readiness: Sequence[StationReadiness], station: Station | None = None) -> Measures:
    """All numbers of the division, or of one station; ``readiness`` is that of the same stations. Two queries."""
    sums, waited = add_up(
        received_orders(at=at, station=station),
        fill=fill_pairs(at=at, station=station),
        overdue=overdue_backorders(at=at, station=station).order_by().values(one=Value(1), other=Value(0)),
        worth=worth_pairs(at=at, station=station),
        counted=counted_pairs(at=at, station=station),
    )
    return replace(
        of_readiness(readiness),
        fill=Share(*sums["fill"]),
        waits=Waits(sorted(waited)),
        overdue=sums["overdue"][0],
        worth=Worth(*sums["worth"]),
        counted=Share(*sums["counted"]),
    )


def of_readiness(readiness: Sequence[StationReadiness]) -> Measures:
    """Those numbers that are made of the readiness of stations; the others are left at nothing."""
    return Measures(ready=ready_share(readiness), stock_outs=total(row.stock_outs for row in readiness))


def measured(name: str, *, at: datetime, station: Station | None = None) -> Measures:
    """One number only, by the name of its field; the others are left at nothing."""
    match name:
        case "fill":
            return Measures(fill=line_fill(at=at, station=station))
        case "waits":
            return Measures(waits=waits(at=at, station=station))
        case "overdue":
            return Measures(overdue=overdue_backorders(at=at, station=station).count())
        case "worth":
            return Measures(worth=worth(at=at, station=station))
        case "counted":
            return Measures(counted=freshness(at=at, station=station))
    return of_readiness(station_readiness(at=at, stations=[station]) if station else all_stations(at=at).rows)


def measures_by_station(*, at: datetime) -> dict[Station, Measures]:
    """All numbers of every station, in as many queries whatever their number."""
    fill, wait = line_fill_by_station(at=at), waits_by_station(at=at)
    overdue, value, counted = overdue_by_station(at=at), worth_by_station(at=at), freshness_by_station(at=at)
    return {
        row.station: Measures(
            ready=ready_share([row]),
            fill=fill.get(row.station.pk, Share()),
            stock_outs=row.stock_outs,
            waits=wait.get(row.station.pk, Waits()),
            overdue=overdue.get(row.station.pk, 0),
            worth=value.get(row.station.pk, Worth()),
            counted=counted.get(row.station.pk, Share()),
        )
        for row in station_readiness(at=at, stations=Station.objects.all())
    }


def together(parts: Sequence[Measures]) -> Measures:
    """The numbers of several stations as one: equal to those of the division when all stations are there."""
    return Measures(
        ready=total(part.ready for part in parts),
        fill=total(part.fill for part in parts),
        stock_outs=total(part.stock_outs for part in parts),
        waits=Waits(sorted(wait for part in parts for wait in part.waits.sorted)),
        overdue=sum(part.overdue for part in parts),
        worth=Worth(sum(part.worth.expiring for part in parts), sum(part.worth.expired for part in parts)),
        counted=total(part.counted for part in parts),
    )
