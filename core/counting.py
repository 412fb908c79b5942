"""Counting what belongs to a row, for the rows of one page; and many counts in one statement."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce


def count_of(rows: "QuerySet[Any]", of: str) -> Coalesce:
    """How many of these rows point by their field ``of`` to the row that is asked for.

    PostgreSQL works it out after it has ordered and cut the list: for the fifty rows of a page. A count over a join
    would be worked out for all rows of the table, to show fifty.
    """
    counted = rows.filter(**{of: OuterRef("pk")}).order_by().values(of).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


Statement = tuple[str, Sequence[Any]]


def counts(*more: Statement, **rows: "QuerySet[Any]") -> dict[str, int]:
    """How many rows each of these lists has, by its name. One query.

    ``more`` are statements of ours, with their parameters, that give a name and a number in each row.
    """
    parts: list[str] = []
    given: list[Any] = []
    for name, one in rows.items():
        try:
            statement, parameters = one.order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"SELECT '{name}' AS name, COUNT(*) AS number FROM ({statement}) AS {name}")  # noqa: S608
        given.extend(parameters)
    for ours, its in more:
        parts.append(ours)
        given.extend(its)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), given)
        return dict.fromkeys(rows, 0) | dict(cursor.fetchall())
