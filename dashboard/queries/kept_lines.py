"""The first pages of every figure's lines, as they were when the division was worked out.

A figure and its lines are kept together, so that they still agree; later pages are read as they are now.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.core.cache import cache

from core.pagination import PAGE_SIZE, Page, cut
from dashboard.queries import figures
from dashboard.queries.figure_lines import LINES, Scope
from dashboard.queries.kept_stations import KEPT

PAGES = 10


def first_pages(*, at: datetime) -> dict[str, Page[Any]]:
    """Read the first pages of every list of every figure of the division, by the name under which each is kept."""
    pages: dict[str, Page[Any]] = {}
    for slug, everything in _lists():
        found = list(LINES[slug].read(Scope(at, everything=everything))[: PAGES * PAGE_SIZE + 1])
        pages |= {_key(slug, everything, number): cut(found, number) for number in range(1, PAGES + 1)}
    return pages


def keep_pages(pages: Mapping[str, Page[Any]]) -> None:
    cache.set_many(dict(pages), KEPT.total_seconds())


def forget_lines() -> None:
    cache.delete_many([_key(*one, number) for one in _lists() for number in range(1, PAGES + 1)])


def kept_page(slug: str, *, everything: bool, number: int) -> Page[Any] | None:
    """A page of these lines, if it is kept."""
    page: Page[Any] | None = cache.get(_key(slug, everything and bool(LINES[slug].missed), number))
    return page


def _lists() -> Iterator[tuple[str, bool]]:
    """Every list by its figure and whether it shows all lines. Stations are kept whole (``kept_stations``)."""
    for slug, lines in LINES.items():
        if slug != figures.READY_STATIONS.slug:
            yield from ((slug, everything) for everything in (False, True)[: 2 if lines.missed else 1])


def _key(slug: str, everything: bool, number: int) -> str:
    return f"dashboard-lines-{slug}-{'all' if everything else 'usual'}-{number}"
