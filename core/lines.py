"""A line for a chart that needs no script: a hundred units wide and high, stretched to the room there is."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDE = HIGH = 100.0
AIR = 0.08  # above the highest and below the lowest point


@dataclass(frozen=True)
class LineChart:
    """The points of each stretch between gaps, as SVG writes them; the newest point; and how far below the top a line
    across lies, if there is one."""

    stretches: Sequence[str]
    end: tuple[float, float] | None
    level: float | None


def line_chart(numbers: Sequence[float | None], *, level: float | None = None) -> LineChart:
    """``numbers``: from the oldest to the newest, None for a gap."""
    known = [number for number in (*numbers, level) if number is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    air = (high - low) * AIR or 1.0
    low, high = low - air, high + air

    def down(number: float) -> float:
        return round(HIGH - (number - low) / (high - low) * HIGH, 2)

    step = WIDE / max(len(numbers) - 1, 1)
    stretches: list[list[tuple[float, float]]] = [[]]
    for place, number in enumerate(numbers):
        if number is None:
            stretches.append([])
        else:
            stretches[-1].append((round(place * step, 2), down(number)))
    drawn = [" ".join(f"{x},{y}" for x, y in stretch) for stretch in stretches if len(stretch) > 1]
    last = numbers[-1] if numbers else None
    end = None if last is None else (round((len(numbers) - 1) * step, 2), down(last))
    return LineChart(drawn, end, None if level is None else down(level))
