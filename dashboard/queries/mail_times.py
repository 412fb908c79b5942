"""Whether e-mail goes out at all, and when the daily one does."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone


def mail_is_set_up() -> bool:
    """Whether the division said from which address it writes."""
    return bool(settings.EMAIL_HOST)


def next_digest(at: datetime) -> datetime:
    """When the next daily e-mail goes: at its hour by the division's clocks, which change twice a year."""
    local = timezone.localtime(at)
    due = local.replace(hour=settings.EMS_DIGEST_HOUR, minute=0, second=0, microsecond=0, fold=0)
    return due if due > local else due + timedelta(days=1)
