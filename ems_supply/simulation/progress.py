"""Progress on stderr: a bar where somebody watches, plain lines where a log is kept."""

import sys
import time
from typing import TextIO

WIDTH = 30
LOG_EVERY_SECONDS = 5.0
DRAW_EVERY_SECONDS = 0.1


class Progress:
    """How far a long job is. ``total`` steps; ``advance`` says what is being done; ``finish`` ends the line."""

    def __init__(self, title: str, total: int, stream: TextIO | None = None) -> None:
        self.title = title
        self.total = max(1, total)
        self.done = 0
        self.stream = stream or sys.stderr
        self.is_watched = self.stream.isatty()
        self.began = time.monotonic()
        self.shown = 0.0

    def advance(self, doing: str, steps: int = 1) -> None:
        """So many more steps are done, and this is what is being done now."""
        self.done = min(self.total, self.done + steps)
        now = time.monotonic()
        if now - self.shown >= (DRAW_EVERY_SECONDS if self.is_watched else LOG_EVERY_SECONDS):
            self.shown = now
            self._show(doing)

    def finish(self, done: str) -> None:
        """The job is done: say in how long."""
        self.done = self.total
        self._show(f"{done} in {time.monotonic() - self.began:.0f} s")
        if self.is_watched:
            self.stream.write("\n")

    def _show(self, doing: str) -> None:
        share = self.done / self.total
        if self.is_watched:
            full = round(share * WIDTH)
            line = f"\r\x1b[2K{self.title} {'█' * full}{'░' * (WIDTH - full)} {share:4.0%}  {doing}{self._left(share)}"
        else:
            line = f"{self.title}: {share:.0%}, {doing}\n"
        self.stream.write(line)
        self.stream.flush()

    def _left(self, share: float) -> str:
        spent = time.monotonic() - self.began
        if share >= 1 or share <= 0 or spent < 2:
            return ""
        return f" · {spent / share - spent:.0f} s left"
