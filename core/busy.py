"""Whether a row stayed locked for too long: nothing was changed, and the same command may be sent again."""

from django.db import OperationalError

# PostgreSQL's codes for a lock that was not to be had in time, and for the one of two that a deadlock gives up.
BUSY_CODES = frozenset({"55P03", "40P01"})
RETRY_AFTER_SECONDS = 2


def is_busy(error: OperationalError) -> bool:
    """Whether a lock was waited for in vain. SQLite says so in words, PostgreSQL by a code."""
    return getattr(error.__cause__, "pgcode", "") in BUSY_CODES or "database is locked" in str(error)
