"""What fails next: the critical items that run out first at the rate at which they have been used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

from dashboard.queries.arrivals import Place, arrival_of
from dashboard.queries.par_states import LineState, rows, states_sql
from inventory.queries.usage import USE_PERIOD, use_sql
from stations.models import Location

WITHIN = timedelta(days=14)

_STATEMENT = """
    SELECT {names}, demand.used FROM ({states}) AS line
      JOIN ({use}) AS demand ON demand.location_id = line.location_id AND demand.item_id = line.item_id
     WHERE line.criticality IN ('A', 'B') AND line.usable > 0 AND line.location_kind IN ({shelves})
       AND line.usable * {period} < demand.used * {within}
     ORDER BY line.usable * 1.0 / demand.used, line.criticality, line.item_name, line.par_level_id
     LIMIT {limit}
"""


@dataclass(frozen=True, slots=True)
class Failing:
    """A par level that still has something, when it runs out, and when more of it comes, if that is on a run."""

    line: LineState
    daily_use: float
    runs_out_at: datetime
    arrives_at: datetime | None = None

    @property
    def is_covered(self) -> bool:
        """More arrives before it runs out."""
        return self.arrives_at is not None and self.arrives_at <= self.runs_out_at


def fails_next(*, at: datetime, limit: int = 8) -> list[Failing]:
    """Life-saving and essential items on shelves that run out within two weeks, the first to fail first.

    usable ÷ mean daily use of the last 28 days, at each shelf; what has run out already is not listed. One query.
    """
    states, parameters = states_sql(at, None)
    use, moments = use_sql(at)
    statement = _STATEMENT.format(
        names=", ".join(f"line.{field.name}" for field in fields(LineState)),
        states=states,
        use=use,
        shelves=_texts([kind.value for kind in Location.SHELVES]),
        period=USE_PERIOD.days,
        within=WITHIN.days,
        limit=limit,
    )
    found = [(LineState(*row[:-1]), int(row[-1])) for row in rows(statement, [*parameters, *moments])]
    return [Failing(line, used / USE_PERIOD.days, at + USE_PERIOD * line.usable / used) for line, used in found]


def with_arrivals(failing: Sequence[Failing], coming: Mapping[Place, datetime]) -> list[Failing]:
    """The same, each with its next delivery where one is planned."""
    return [replace(one, arrives_at=arrival_of(one.line, coming)) for one in failing]


def _texts(words: Sequence[str]) -> str:
    """Constants of this project as a list of SQL texts."""
    return ", ".join(f"'{word}'" for word in words)
