"""Run several processes as one: start them, notice when one ends, stop them all in order. Linux only.

Signals are blocked and taken one at a time, so that none can interrupt a start or a stop half-way.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

STOP = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
HEARD = STOP | {signal.SIGCHLD}
PR_SET_PDEATHSIG = 1


class StopRequested(Exception):
    """Somebody pressed Ctrl-C or sent SIGTERM."""


class ChildEnded(Exception):
    """A process that should stay has ended; the message names it and its log."""


def end_with_parent() -> None:
    """In a new child: hear signals again, and be told to end when the parent is gone, however it went."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Supervisor:
    """A context that owns its children: whatever happens inside, none of them is left when it ends."""

    def __init__(self, environment: Mapping[str, str], logs: Path) -> None:
        self.environment = dict(environment)
        self.logs = logs
        self.children: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self.logs.mkdir(parents=True, exist_ok=True)
        signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in reversed(self.children):
            end(self.children[name])
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD - STOP)

    def log_of(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def start(self, name: str, command: Sequence[str | Path]) -> subprocess.Popen[bytes]:
        """Start one that should stay, in a session of its own (Ctrl-C reaches only us), writing to its log."""
        with self.log_of(name).open("wb") as log:
            self.children[name] = self._open(command, output=log.fileno())
        return self.children[name]

    def run(self, command: Sequence[str | Path]) -> int:
        """Run one to its end on our own output; return its exit code."""
        process = self._open(command, output=None)
        try:
            while process.poll() is None:
                self.listen()
        finally:
            end(process)
        return process.returncode

    def listen(self, seconds: float = 1.0) -> None:
        """Wait for a signal at most so long; ``StopRequested`` or ``ChildEnded`` when it is over."""
        heard = signal.sigtimedwait(HEARD, seconds)
        if heard is not None and heard.si_signo in STOP:
            raise StopRequested
        for name, process in self.children.items():
            if process.poll() is not None:
                raise ChildEnded(f"{name} ended with code {process.returncode}. Its log: {self.log_of(name)}")

    def _open(self, command: Sequence[str | Path], *, output: int | None) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output is not None else None,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )


def end(process: subprocess.Popen[bytes], *, seconds: float = 10) -> None:
    """Ask it to end; after so long, make its whole group end."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    wait_for_group(process.pid)


def wait_for_group(group: int, *, seconds: float = 3) -> None:
    """A leader may end before its workers: give them a moment, then end them too."""
    deadline = time.monotonic() + seconds
    with suppress(ProcessLookupError):  # nobody of the group is left
        while time.monotonic() < deadline:
            os.killpg(group, 0)
            time.sleep(0.05)
        os.killpg(group, signal.SIGKILL)
