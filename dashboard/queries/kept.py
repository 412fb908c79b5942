"""The division as it was worked out a few minutes ago, for divisions too large to be worked out for every visitor.

A division of up to ``EMS_LIVE_PAR_LEVELS`` is worked out when a page asks. For a larger one the worker does it every
ten minutes and keeps it in the cache, as facts without words, for its readers speak several languages; pages then say
as of when. Where the cache has lost it, or the worker has stood still for half an hour, pages work it out themselves
again: late, and right.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction

from dashboard.queries import kept_lines, kept_stations
from dashboard.queries.chief_page import DivisionNow, division_now
from dashboard.queries.comparison import comparison
from dashboard.queries.par_states import worked_out_once
from dashboard.queries.periods import Period
from dashboard.queries.spending import spent
from dashboard.queries.targets import chosen_targets, drawn, judged
from inventory.models import ParLevel
from inventory.queries.kept import forget_sums, keep_sums, read_sums
from orders.queries.doubt import forget_doubt, keep_doubt, read_doubt

KEY = "dashboard-division-3"  # another number whenever what is kept changes its shape: an older one cannot be read


def keep_division(*, at: datetime) -> bool:
    """Work the division out and keep it if it is large; whether it was kept."""
    if ParLevel.objects.count() <= settings.EMS_LIVE_PAR_LEVELS:
        cache.delete_many([KEY, kept_stations.KEY])
        kept_lines.forget_lines()
        forget_sums()
        forget_doubt()
        return False
    with one_snapshot(), worked_out_once(at=at):
        now = division_now(at=at)
        lines = kept_lines.first_pages(at=at)
        sums, doubt = read_sums(at=at), read_doubt(at=at)
    kept_lines.keep_pages(lines)
    keep_sums(sums)
    keep_doubt(doubt)
    kept_stations.keep_stations(now.rows, at=at)
    cache.set(KEY, replace(now, rows=()), kept_stations.KEPT.total_seconds())
    return True


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Everything that is read inside is of one moment, however long it takes: a figure agrees with its lines."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def division(*, at: datetime, period: Period | None = None) -> tuple[DivisionNow, bool]:
    """The division against the targets of now, and whether it is the kept one; with a period, if one is given."""
    kept = kept_division()
    if kept and period:
        kept = replace(kept, compared=comparison(period), spent=spent(period))
    now, chosen = kept or division_now(at=at, period=period), chosen_targets()
    return replace(now, figures=judged(now.figures, chosen), trends=drawn(now.trends, chosen)), kept is not None


def kept_division() -> DivisionNow | None:
    """The kept division, if it is kept."""
    kept: DivisionNow | None = cache.get(KEY)
    return kept
