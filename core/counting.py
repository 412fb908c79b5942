"""Counting what belongs to a row, for the rows of one page."""

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce


def count_of(rows: "QuerySet[Any]", of: str) -> Coalesce:
    """How many of these rows point by their field ``of`` to the row that is asked for.

    PostgreSQL works it out after it has ordered and cut the list: for the fifty rows of a page. A count over a join
    would be worked out for all rows of the table, to show fifty.
    """
    counted = rows.filter(**{of: OuterRef("pk")}).order_by().values(of).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
