"""The site: settings, processes, health. Celery's app must exist before any task is declared."""

from ems_supply.celery import app as celery_app

__all__ = ["celery_app"]
