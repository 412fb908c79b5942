"""Two people at once: threads with their own connections, brought to the same point before either goes on."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from threading import Barrier, BrokenBarrierError, Event
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from core.errors import DomainError

FIRST = "racer_0"


def race(*commands: Callable[[], object]) -> list[object]:
    """Run the commands at once, each in a thread; what each answered, or the exception that it ended with."""
    with ThreadPoolExecutor(len(commands), thread_name_prefix="racer") as threads:
        running = [threads.submit(_run, command) for command in commands]
        return [one.exception(timeout=60) or one.result() for one in running]


def _run(command: Callable[[], object]) -> object:
    try:
        return command()
    finally:
        connection.close()


def meet_before(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, *, parties: int = 2) -> None:
    """Hold every thread just before it calls ``module.name`` until the others are there too.

    With locks that work they never all come, so each goes on after half a second.
    """
    barrier = Barrier(parties)
    function = getattr(module, name)

    def held(*args: Any, **kwargs: Any) -> Any:
        with suppress(BrokenBarrierError):
            barrier.wait(timeout=0.5)
        return function(*args, **kwargs)

    monkeypatch.setattr(module, name, held)


Starter = Callable[..., Callable[[], object]]


def hand_over(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, *, when: Callable[..., bool] = lambda *_, **__: True
) -> tuple[Starter, Starter]:
    """Two wrappers for two commands: the first stops just before it calls ``owner.name``, the second begins then, and
    the first goes on when the second has ended, or after a second if it waits. ``when`` picks the call."""
    stopped, ended = Event(), Event()
    function = getattr(owner, name)

    def held(*args: Any, **kwargs: Any) -> Any:
        if not stopped.is_set() and when(*args, **kwargs):
            stopped.set()
            ended.wait(timeout=1)
        return function(*args, **kwargs)

    monkeypatch.setattr(owner, name, held)

    def second(command: Callable[..., object], **kwargs: object) -> Callable[[], object]:
        def run() -> object:
            assert stopped.wait(timeout=20), "the first command never came to the point where it is held"
            try:
                return command(**kwargs)
            finally:
                ended.set()

        return run

    return partial, second


@contextmanager
def without_locks() -> Iterator[None]:
    """The control: every ``select_for_update`` is a plain read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QuerySet, "select_for_update", lambda self, **_: self.all())
        yield


def refusals(answers: list[object]) -> list[DomainError]:
    return [answer for answer in answers if isinstance(answer, DomainError)]


def crashes(answers: list[object]) -> list[Exception]:
    return [answer for answer in answers if isinstance(answer, Exception) and not isinstance(answer, DomainError)]
