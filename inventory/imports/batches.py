"""Work in bounded pieces."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

BATCH = 2_000
Thing = TypeVar("Thing")


def batches(things: Iterable[Thing], size: int = BATCH) -> Iterator[list[Thing]]:
    """The things in lists of at most ``size``."""
    left = iter(things)
    while batch := list(islice(left, size)):
        yield batch
