"""Files that another system lays into a folder: each is taken once, then moved to ``done`` or ``refused``."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

import structlog
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError

log = structlog.get_logger(__name__)
# A file that changed within the last seconds may still be written to.
QUIET_SECONDS = 10
AT_ONCE = 100
DONE, REFUSED = "done", "refused"


@dataclass(frozen=True)
class Outcome:
    """What became of a file: ``refusal`` says why it was not taken, with each problem on a line."""

    name: str
    taken: Any = None
    refusal: str = ""


def files_in(place: Path) -> list[Path]:
    """The file itself, or the XML files that lie directly in a folder, by name."""
    if not place.is_dir():
        return [place]
    return sorted(one for one in place.iterdir() if one.suffix.lower() == ".xml" and one.is_file())


class Named(Protocol):
    """A file on the disk, or one that was uploaded."""

    @property
    def name(self) -> Any: ...


File = TypeVar("File", bound=Named)


def tried(file: File, take: Callable[[File], Any]) -> Outcome:
    """What became of a file that was tried to take."""
    try:
        return Outcome(file.name, take(file))
    except DomainError as refusal:
        return Outcome(file.name, refusal="\n".join([str(refusal), *refusal.problems]))
    except OSError as error:
        words = _("The file cannot be read: %(reason)s.") % {"reason": error.strerror}
        return Outcome(file.name, refusal=words)


def take_waiting(folder: Path, take: Callable[[Path], Any], *, now: float | None = None) -> Iterator[Outcome]:
    """Take the files that lie in a folder and have been quiet for a while; move each where its outcome says.

    A worker that dies before it has moved a file takes it once more, which changes nothing.
    """
    now = time.time() if now is None else now
    for path in [one for one in files_in(folder) if not one.is_symlink() and _is_quiet(one, now)][:AT_ONCE]:
        outcome = tried(path, take)
        _move(path, outcome, timezone.now())
        yield outcome


def _is_quiet(path: Path, now: float) -> bool:
    try:
        return abs(now - path.stat().st_mtime) >= QUIET_SECONDS  # another machine's clock may be ahead
    except FileNotFoundError:
        return False


def _move(path: Path, outcome: Outcome, at: datetime) -> None:
    """Beside earlier files of its name, never over them."""
    onto = path.parent / (REFUSED if outcome.refusal else DONE)
    onto.mkdir(mode=0o700, exist_ok=True)
    target = onto / path.name
    if target.exists():
        target = onto / f"{path.stem}-{at:%Y%m%d%H%M%S%f}{path.suffix}"
    try:
        path.rename(target)
    except FileNotFoundError:
        log.info("another worker moved the file", folder=str(path.parent))
        return
    if outcome.refusal:
        target.with_suffix(".txt").write_text(outcome.refusal + "\n", encoding="utf-8")
