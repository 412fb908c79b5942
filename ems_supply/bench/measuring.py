"""Times, memory and growth."""

import gc
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from statistics import median

RUNS = 5
_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Timed:
    """Seconds of each run of the system, and of its floor, in turn."""

    system: Sequence[float]
    floor: Sequence[float]

    @property
    def seconds(self) -> float:
        return median(self.system)

    @property
    def floor_seconds(self) -> float:
        return median(self.floor)

    @property
    def ratio(self) -> float:
        return self.seconds / self.floor_seconds


def seconds_of(work: Callable[[], object]) -> float:
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def in_turn(
    system: Callable[[], object],
    floor: Callable[[], object],
    *,
    reset: Callable[[], object] = lambda: None,
    runs: int = RUNS,
    warm: bool = True,
) -> Timed:
    """Time both, one after the other so that a busy machine slows both alike, after one run that warms the caches.

    ``reset`` puts everything back as it was, before every run and after the last, and is not timed.
    """
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(runs + warm):
        for work, seconds in zip((floor, system), taken, strict=True):
            reset()
            spent = seconds_of(work)
            if number >= warm:
                seconds.append(spent)
    reset()
    return Timed(system=taken[1], floor=taken[0])


def growth_exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """b of seconds = a · size ** b, by least squares of the logarithms: 1 is linear."""
    x, y = [math.log(size) for size in sizes], [math.log(second) for second in seconds]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    spread = sum((one - mean_x) ** 2 for one in x)
    return sum((one - mean_x) * (other - mean_y) for one, other in zip(x, y, strict=True)) / spread


def forget_peak() -> None:
    """Begin to watch the peak of this process's memory anew, where the system can (Linux)."""
    if _CLEAR.exists():
        _CLEAR.write_text("5")


def peak_mib() -> float:
    """The most memory that this process held since ``forget_peak``, in MiB."""
    if _STATUS.exists():
        line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    return getrusage(RUSAGE_SELF).ru_maxrss / 1024
