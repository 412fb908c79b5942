"""What was read from a code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from core.errors import DomainError


class UnreadableCode(DomainError):
    """What was scanned or typed is no code, or is mistyped; the message says what is wrong with it."""


class System(StrEnum):
    """Who gave the number: GS1, the FDA, HIBCC, or somebody else (a maker, a supplier)."""

    GTIN = "gtin"
    NDC = "ndc"
    HIBC = "hibc"
    OTHER = "other"

    @property
    def label(self) -> str:
        return "Other" if self is System.OTHER else self.name


SYSTEMS = [(system.value, system.label) for system in System]


@dataclass(frozen=True, order=True)
class Code:
    """A code in the one form in which it is kept: a GTIN of 14 digits, an NDC with its dashes, a HIBC primary without
    its + and check character, any other in capitals."""

    system: System
    value: str

    def __str__(self) -> str:
        return self.value if self.system is System.OTHER else f"{self.system.label} {self.value}"


@dataclass(frozen=True)
class Scanned:
    """One scan. ``codes`` are what it may be; several where the print does not tell, as ten digits of an NDC without
    its dashes. ``sku`` is our own word for an item: from a shelf label, or what was typed."""

    text: str
    codes: tuple[Code, ...] = ()
    sku: str = ""
    sscc: str = ""
    lot: str = ""
    serial: str = ""
    expires_on: date | None = None
    best_before_on: date | None = None
    count: int | None = None
    # Where a shelf label hangs.
    station: str = ""
    place: int | None = None
    # Whatever else a GS1 code says, by application identifier.
    others: Mapping[str, str] = field(default_factory=dict)

    def _values(self, system: System) -> tuple[str, ...]:
        return tuple(code.value for code in self.codes if code.system is system)

    @property
    def gtin(self) -> str:
        """The GTIN in 14 digits; empty if there is none, or two may be meant."""
        found = self._values(System.GTIN)
        return found[0] if len(found) == 1 else ""

    @property
    def ndcs(self) -> tuple[str, ...]:
        """Every NDC that may be meant, with its dashes."""
        return self._values(System.NDC)

    @property
    def hibc(self) -> str:
        """The HIBC primary; empty if there is none, or two may be meant."""
        found = self._values(System.HIBC)
        return found[0] if len(found) == 1 else ""

    @property
    def names_a_pack(self) -> bool:
        """Whether the GTIN says by its first digit that this is a box or case, not the unit."""
        return any(code.system is System.GTIN and code.value[0] != "0" for code in self.codes)

    @property
    def names_something(self) -> bool:
        return bool(self.codes or self.sku)


def shortened(text: str) -> str:
    """A code as an error shows it."""
    shown = "".join(char if char.isprintable() else "·" for char in text[:41])
    return shown if len(shown) <= 40 else f"{shown[:39]}…"
