"""What the person who runs the bench asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ems_supply.bench.division import Size

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Asked:
    """The moment that counts as now, how many runs a median is of, sizes other than the usual ones, if any; and
    ``quick``: sizes that only show that it works; ``reuse``: W3 takes the divisions that an earlier run left."""

    at: datetime
    runs: int
    sizes: Sequence[Size] = ()
    quick: bool = False
    instances: Sequence[str] = ()
    reuse: bool = False
