"""Carries out actions one after another on a given clock, with request ids that a seed gives, and times each."""

import heapq
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, TypeVar
from uuid import UUID, uuid5

from stations.models import User

NAMESPACE = UUID("6f1c9a52-3f0e-5d0a-9b43-1d1f6c1f8a52")
Result = TypeVar("Result")
Step = Callable[[datetime], None]


@dataclass
class Tally:
    """How often an action was carried out, and how long that took altogether."""

    times: int = 0
    seconds: float = 0.0


@dataclass
class Desk:
    """Where people's commands are carried out: the same actions that the pages call."""

    seed: int
    tallies: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    _chapter: str = "founding"
    _steps: "count[int]" = field(default_factory=count)

    def do(self, action: Callable[..., Result], *, by: User, at: datetime, **facts: Any) -> Result:
        """Carry out a person's command. Its request id follows from seed, chapter and step."""
        return self._timed(action, by=by, at=at, request_id=self.request_id(), **facts)

    def run(self, action: Callable[..., Result], *, at: datetime, **facts: Any) -> Result:
        """Carry out what the system does by itself: safe to repeat by its nature, without a request id."""
        return self._timed(action, at=at, **facts)

    def begin(self, chapter: str) -> None:
        """A new chapter, such as a day: its steps are counted from the first, whatever came before in this process."""
        self._chapter, self._steps = chapter, count(1)

    def request_id(self) -> UUID:
        """The next id of this chapter: the same in every run with this seed."""
        return uuid5(NAMESPACE, f"{self.seed}/{self._chapter}/{next(self._steps)}")

    @property
    def actions(self) -> int:
        return sum(tally.times for tally in self.tallies.values())

    def _timed(self, action: Callable[..., Result], **facts: Any) -> Result:
        began = time.perf_counter()
        result = action(**facts)
        tally = self.tallies[action.__name__]
        tally.times += 1
        tally.seconds += time.perf_counter() - began
        return result


@dataclass
class Agenda:
    """What is to be done when. Steps may add later steps; those of one moment keep the order they were added in."""

    _steps: list[tuple[datetime, int, Step]] = field(default_factory=list)
    _order: "count[int]" = field(default_factory=count)

    def add(self, at: datetime, step: Step) -> None:
        heapq.heappush(self._steps, (at, next(self._order), step))

    def run_until(self, end: datetime) -> None:
        """Do everything that is due before ``end``."""
        while self._steps and self._steps[0][0] < end:
            at, _, step = heapq.heappop(self._steps)
            step(at)

    def __len__(self) -> int:
        return len(self._steps)


def after(at: datetime, minutes: float) -> datetime:
    return at + timedelta(minutes=minutes)
