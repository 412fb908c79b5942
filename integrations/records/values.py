"""What is read from a file of patient-care records, and nothing else of it."""

from dataclasses import dataclass
from datetime import datetime

from core.errors import DomainError
from core.fingerprints import fingerprint


class FileRefused(DomainError):
    """The file cannot be taken as a whole: nothing of it was."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One medication or procedure: its code, how often it was tried, and why it does not count, if so."""

    kind: str
    system: str
    code: str
    times: int = 1
    why: str = ""


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """One record: whose, its number, which unit, when (None where it does not say), and what was used."""

    agency: str
    number: str
    call_sign: str
    at: datetime | None
    entries: tuple[Entry, ...]

    @property
    def key(self) -> tuple[str, str]:
        return self.agency, self.number

    @property
    def digest(self) -> str:
        """Equal for two versions of a record that use the same: a corrected narrative is no other use."""
        said = [[one.kind, one.system, one.code, one.times, one.why] for one in sorted(self.entries)]
        return fingerprint({"unit": self.call_sign, "entries": said})


@dataclass(frozen=True)
class CareFile:
    """A file as it was read. As text it is its own SHA-256, by which a repeat is known."""

    digest: str
    records: tuple[ReadRecord, ...]

    def __str__(self) -> str:
        return f"sha256:{self.digest}"
