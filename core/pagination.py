"""Pages of long lists, without counting them: a count of ten million rows is not worth a page number."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest

PAGE_SIZE = 25
LAST_PAGE = 10_000

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One screenful of rows: ``rows``, its number from 1, and whether another page follows."""

    rows: Sequence[Row]
    number: int
    has_next: bool

    @property
    def has_previous(self) -> bool:
        return self.number > 1


def page_number(request: HttpRequest) -> int:
    """The page that ``?page=`` asks for; 1 for anything that is no page number."""
    asked = request.GET.get("page", "")
    return min(int(asked), LAST_PAGE) if asked.isascii() and asked.isdigit() and int(asked[:9]) > 0 else 1


def page_of(request: HttpRequest, rows: QuerySet[Any, Row] | Sequence[Row], *, size: int = PAGE_SIZE) -> Page[Row]:
    """The page that ``?page=`` asks for; page 1 for anything that is no page number. One query at most, no count."""
    return cut(rows, page_number(request), size)


def cut(rows: QuerySet[Any, Row] | Sequence[Row], number: int, size: int = PAGE_SIZE) -> Page[Row]:
    """The page of this number, from 1."""
    start = (number - 1) * size
    found = list(rows[start : start + size + 1])
    return Page(rows=found[:size], number=number, has_next=len(found) > size)
