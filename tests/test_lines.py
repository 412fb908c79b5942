"""A line without a script: within its box, broken at gaps, its newest point marked, its target across."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.lines import line_chart

NUMBERS = st.lists(st.none() | st.floats(0, 1e9), max_size=30)


def points(chart):
    return [tuple(map(float, point.split(","))) for stretch in chart.stretches for point in stretch.split()]


def test_the_highest_stands_highest_and_a_gap_breaks_the_line():
    chart = line_chart([10, 20, None, 30, 40], level=40)
    assert len(chart.stretches) == 2
    heights = [y for _, y in points(chart)]
    assert heights == sorted(heights, reverse=True)
    assert chart.end == (100.0, heights[-1])
    assert chart.level == heights[-1]


@pytest.mark.parametrize("numbers", [[], [None], [5], [None, None, 3], [0, 0, 0]])
def test_little_is_no_trouble(numbers):
    chart = line_chart(numbers)
    assert chart.level is None
    assert (chart.end is None) == (not numbers or numbers[-1] is None)


@given(NUMBERS, st.none() | st.floats(0, 1e9))
def test_everything_stays_within_the_box(numbers, level):
    chart = line_chart(numbers, level=level)
    drawn = [
        *points(chart),
        *([chart.end] if chart.end else []),
        *([(0.0, chart.level)] if chart.level is not None else []),
    ]
    assert all(0 <= x <= 100 and 0 <= y <= 100 for x, y in drawn)
