"""What was measured, as one table for people and one file for programs; and whether every bound is kept."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Bound:
    """What a figure must not pass."""

    most: float
    of: Literal["value", "ratio"] = "ratio"


@dataclass(frozen=True)
class Figure:
    """One measured number beside its floor, in the same unit; no floor where the bound is on the number itself."""

    part: str
    what: str
    size: str
    value: float
    unit: str
    floor: float | None = None
    bound: Bound | None = None
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None

    @property
    def is_kept(self) -> bool | None:
        """Whether the bound is kept; none where there is none."""
        if self.bound is None:
            return None
        judged = self.value if self.bound.of == "value" else self.ratio
        return judged is not None and judged <= self.bound.most

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "ratio": self.ratio, "is_kept": self.is_kept}


COLUMNS = ("Part", "What", "Size", "Measured", "Floor", "× floor", "At most", "Kept")


def table(figures: Sequence[Figure]) -> str:
    """A Markdown table, one line per figure."""
    lines = [f"| {' | '.join(COLUMNS)} |", "| --- | --- | --- | ---: | ---: | ---: | ---: | :-: |"]
    lines += [f"| {' | '.join(_cells(figure))} |" for figure in figures]
    return "\n".join(lines) + "\n"


def _cells(figure: Figure) -> Iterator[str]:
    yield from (figure.part, figure.what, figure.size)
    yield _number(figure.value, figure.unit)
    yield _number(figure.floor, figure.unit) if figure.floor is not None else ""
    yield f"{figure.ratio:.2f}" if figure.ratio is not None else ""
    yield _most(figure) if figure.bound else ""
    yield {True: "yes", False: "**no**", None: ""}[figure.is_kept]


def _most(figure: Figure) -> str:
    if figure.bound is None:
        return ""
    return f"{figure.bound.most:g} ×" if figure.bound.of == "ratio" else _number(figure.bound.most, figure.unit)


def _number(value: float, unit: str) -> str:
    if unit == "s":
        return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.1f} ms"
    text = f"{value:,.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:.2f}"
    return f"{text} {unit}".strip()


def broken(figures: Sequence[Figure]) -> list[Figure]:
    return [figure for figure in figures if figure.is_kept is False]


def as_json(figures: Sequence[Figure], machine: Mapping[str, object], at: datetime) -> str:
    found = {
        "measured_at": at.isoformat(timespec="seconds"),
        "machine": dict(machine),
        "all_bounds_kept": not broken(figures),
        "figures": [figure.as_json() for figure in figures],
    }
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def read(path: Path) -> list[Figure]:
    """The figures of an earlier run; none where there was none."""
    if not path.exists():
        return []
    known = json.loads(path.read_text())["figures"]
    for one in known:
        one["bound"] = Bound(**one["bound"]) if one["bound"] else None
        del one["ratio"], one["is_kept"]
    return [Figure(**one) for one in known]


def write(figures: Sequence[Figure], machine: Mapping[str, object], at: datetime, out: Path) -> None:
    """The JSON to ``out`` and the table beside it, as Markdown."""
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(as_json(figures, machine, at))
    facts = ", ".join(f"{name} {value}" for name, value in machine.items())
    out.with_suffix(".md").write_text(f"Measured {at:%Y-%m-%d %H:%M} UTC on {facts}.\n\n{table(figures)}")
