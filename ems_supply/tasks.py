"""Work that belongs to the site and to no app."""

from celery import shared_task


@shared_task
def heartbeat() -> None:
    """Beat sends it, a worker runs it, and its stored result shows the health page that both are alive."""
