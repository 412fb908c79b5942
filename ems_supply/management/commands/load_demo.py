"""Load the demo division: Marlow County EMS, with 120 days behind it and work waiting for everybody."""

import gc
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from core.errors import DomainError
from ems_supply.simulation.demo import loading


class Command(BaseCommand):
    help = "Load the demo division into an empty database. Loaded already: nothing. Killed half-way: goes on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reset", action="store_true", help="throw the loaded demo away and load it anew")

    def handle(self, *, reset: bool, **options: Any) -> None:
        settings.DEBUG = False  # or every statement would be kept in memory
        try:
            if reset:
                loading.throw_away()
            if loading.is_loaded():
                self.stdout.write("The demo division is loaded.")
                return
            with in_haste():
                loading.load(timezone.now())
        except DomainError as refusal:
            raise CommandError("\n  ".join([str(refusal), *refusal.problems])) from refusal


@contextmanager
def in_haste() -> Iterator[None]:
    """Do not wait for the disk after every day, nor look for garbage that is not there: a lost load is loaded anew."""
    can_hurry = connection.vendor == "sqlite" and not connection.in_atomic_block
    if can_hurry:
        _pragma("PRAGMA synchronous=OFF")
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        if can_hurry:
            _pragma("PRAGMA synchronous=NORMAL")


def _pragma(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
