"""The figures of `make bench`: what the system takes, beside the least that the same work could take."""

from collections.abc import Callable, Iterator, Mapping

from ems_supply.bench import api, notices, orders, pages, par_levels, routing, sweep
from ems_supply.bench.asked import Asked
from ems_supply.bench.report import Figure

Tell = Callable[[str], None]

PARTS: Mapping[str, Callable[[Asked, Tell], Iterator[Figure]]] = {
    "W1": sweep.measure,
    "W2": orders.measure,
    "W3": pages.measure,
    "W4": par_levels.measure,
    "W5": routing.measure,
    "W6": notices.measure,
    "A1": api.measure,
}

__all__ = ["PARTS", "Asked"]
