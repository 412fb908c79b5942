"""What a page reads once, however many of its parts ask for it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar

T = TypeVar("T")
_read: ContextVar[dict[Any, Any] | None] = ContextVar("read", default=None)


@contextmanager
def reading() -> Iterator[None]:
    """Inside, what is marked ``once`` is read at most once. Only for who changes nothing: what is read here stays as it
    was first found."""
    token = _read.set({})
    try:
        yield
    finally:
        _read.reset(token)


def once(read: Callable[[], T]) -> Callable[[], T]:
    """A read of something small that does not change while a page is made. Outside of ``reading`` it is read anew
    whenever it is asked for."""

    @wraps(read)
    def kept() -> T:
        found = _read.get()
        if found is None:
            return read()
        if read not in found:
            found[read] = read()
        answer: T = found[read]
        return answer

    return kept
