"""Where tables come from: the files of a folder, or of an upload."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _

from core.errors import DomainError

SUFFIXES = (".csv", ".xlsx")
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Source:
    """One file: the name that people know it by, and its bytes on demand."""

    name: str
    open: Callable[[], BinaryIO]

    @property
    def stem(self) -> str:
        return Path(self.name).stem

    @property
    def suffix(self) -> str:
        return Path(self.name).suffix.lower()

    def digest(self) -> str:
        """A mark of the file's content."""
        mark = sha256()
        with self.open() as stream:
            while block := stream.read(1 << 20):
                mark.update(block)
        return mark.hexdigest()


SPREADSHEETS = {".xls", ".ods", ".numbers", ".xlsm", ".xlsb"}  # of other kinds than we read
# What `export_tables` writes beside the others, and a command and a page of its own takes.
BY_THEMSELVES = ("people", "travel_times")


def from_bytes(name: str, content: bytes) -> Source:
    return Source(Path(name).name, lambda: BytesIO(content))


def from_file(path: Path) -> Source:
    return Source(path.name, lambda: path.open("rb"))


def from_folder(path: Path) -> tuple[list[Source], list[str]]:
    """The tables in a folder, or the one file, and the names of what else lies there and is not read: of a folder also
    the tables that are loaded by themselves."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    shown = [file for file in files if file.is_file() and not file.name.startswith((".", "~$"))]
    own = BY_THEMSELVES if path.is_dir() else ()
    tables = [file for file in shown if file.suffix.lower() in SUFFIXES and file.stem.lower() not in own]
    check_sizes([(file.name, file.stat().st_size) for file in tables], most=settings.EMS_IMPORT_FOLDER_MB)
    return [from_file(file) for file in tables], [file.name for file in shown if file not in tables]


def check_sizes(files: Sequence[tuple[str, int]], *, most: int, together: int | None = None) -> None:
    """Refuse files that are too large, empty, of another kind or named alike, all of them at once."""
    problems = [problem for name, size in files if (problem := _problem(name, size, most))]
    names = [name.casefold() for name, _ in files]
    problems += [
        _("%(file)s: there are two files of this name.") % {"file": name}
        for name in sorted({n for n in names if names.count(n) > 1})
    ]
    if together and sum(size for _, size in files) > together * MEGABYTE:
        said = _("Together the files have more than %(most)s MB. Load them in parts, or use the command.")
        problems.append(said % {"most": together})
    if problems:
        raise DomainError(_("These files cannot be read. Nothing was loaded."), problems=problems)
    if not files:
        raise DomainError(_("There is no CSV or XLSX file here. docs/import.md says what the files are called."))


def _problem(name: str, size: int, most: int) -> str:
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        said = _("%(file)s: only CSV and XLSX files can be read.")
        if suffix in SPREADSHEETS:
            said = _("%(file)s: only CSV and XLSX files can be read. Save it as .xlsx first.")
        return said % {"file": name}
    if size > most * MEGABYTE:
        said = _("%(file)s: it has %(size)s MB; %(most)s MB is the most.")
        return said % {"file": name, "size": f"{size / MEGABYTE:.0f}", "most": most}
    return "" if size else _("%(file)s: it is empty.") % {"file": name}
