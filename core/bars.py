"""Bars for a chart that needs no script: a hundred units high, ten units to a bar, stretched to the room there is."""

from collections.abc import Sequence
from dataclasses import dataclass

STEP, GAP, HIGH = 10, 1.5, 100.0


@dataclass(frozen=True)
class Bar:
    """A bar of an amount: where it stands, how high it is, and what it says."""

    x: float
    y: float
    height: float
    label: str
    text: str
    is_last: bool


@dataclass(frozen=True)
class BarChart:
    """Bars from the oldest to the newest; ``level``: how far below the top a line across them lies, if there is one."""

    bars: Sequence[Bar]
    highest: str
    level: float | None

    @property
    def width(self) -> int:
        return STEP * len(self.bars)

    @property
    def bar_width(self) -> float:
        return STEP - 2 * GAP


def bar_chart(amounts: Sequence[tuple[str, float, str]], *, level: float | None = None) -> BarChart:
    """``amounts``: what stands below a bar, how high it is, and how that reads."""
    most = max((amount for _, amount, _ in amounts), default=0) or 1
    scale = HIGH / max(most, level or 0)
    bars = [
        Bar(
            n * STEP + GAP,
            round(HIGH - amount * scale, 2),
            round(amount * scale, 2),
            label,
            text,
            n == len(amounts) - 1,
        )
        for n, (label, amount, text) in enumerate(amounts)
    ]
    highest = max(amounts, key=lambda one: one[1])[2] if amounts else ""
    return BarChart(bars, highest, None if level is None else round(HIGH - level * scale, 2))
