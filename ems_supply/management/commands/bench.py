"""How fast the system is, beside the least that the same work could take: `make bench`."""

import logging
import os
import platform
import re
import signal
import sys
import time
from argparse import ArgumentTypeError
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.test.utils import override_settings
from django.utils import timezone

from core.errors import DomainError
from ems_supply.bench import PARTS, Asked
from ems_supply.bench.database import bench_database
from ems_supply.bench.division import Size
from ems_supply.bench.measuring import RUNS
from ems_supply.bench.report import Figure, broken, read, table, write
from ems_supply.postgresql import find_postgresql

CACHE = "django.core.cache.backends.locmem.LocMemCache"  # what the bench keeps is nobody else's
OUT = Path("benchmarks/results/bench.json")
STOPPED = 130


class Command(BaseCommand):
    help = (
        "Measures the system on PostgreSQL beside hand-written SQL, or numpy, that does the same work on the same data "
        "in the same run. Writes one JSON and one Markdown table; ends with 1 if a bound is not kept. Works in a "
        "database of its own, which it makes beside DATABASE_URL and drops."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all unless named")
        parser.add_argument(
            "--sizes", type=_sizes, default=(), metavar="SxI,…", help="stations × items, such as 20x200,100x500"
        )
        parser.add_argument("--json", type=Path, default=OUT, metavar="OUT", help="where to write; the table beside it")
        parser.add_argument("--runs", type=_runs, default=RUNS, metavar="N", help="medians of so many runs")
        parser.add_argument("--quick", action="store_true", help="tiny sizes: shows that it works, not how fast it is")
        parser.add_argument("--instances", nargs="*", default=(), metavar="NAME", help="W5: only these instances")
        parser.add_argument("--reuse", action="store_true", help="W3: keep its two divisions, or take the kept ones")
        parser.add_argument("--keep", action="store_true", help="keep the database, to look into it")

    def handle(self, *, parts: Sequence[str], json: Path, **options: Any) -> None:
        if unknown := sorted(set(parts) - set(PARTS)):
            raise CommandError(f"There is no part {', '.join(unknown)}: choose from {', '.join(PARTS)}.")
        _on_postgresql()
        settings.DEBUG = False  # or every statement would be kept in memory
        logging.disable(logging.WARNING)
        signal.signal(signal.SIGTERM, _stop)
        asked = Asked(
            timezone.now(), options["runs"], options["sizes"], options["quick"], options["instances"], options["reuse"]
        )
        found: list[Figure] = []
        try:
            with bench_database(keep=options["keep"]), override_settings(CACHES={"default": {"BACKEND": CACHE}}):
                machine = _machine()
                for figure in self.measure(parts or list(PARTS), asked):
                    found.append(figure)
                    _write(found, machine, asked, json)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        except KeyboardInterrupt:
            self.stderr.write("\nStopped. The bench's database is dropped.")
            sys.exit(STOPPED)
        self.stdout.write(table(found))
        self.stderr.write(f"Written: {json} and {json.with_suffix('.md')}")
        if failed := broken(found):
            self.stderr.write(f"{len(failed)} of {len(found)} figures pass their bounds.")
            sys.exit(1)

    def measure(self, parts: Sequence[str], asked: Asked) -> Iterator[Figure]:
        began = time.monotonic()

        def tell(doing: str) -> None:
            self.stderr.write(f"{time.monotonic() - began:6.0f} s  {doing}")

        for part in parts:
            yield from PARTS[part](asked, tell)


def _write(found: Sequence[Figure], machine: dict[str, object], asked: Asked, out: Path) -> None:
    """What was measured so far, and other parts as an earlier run measured them; a run that is stopped leaves that."""
    kept = [figure for figure in read(out) if figure.part not in {one.part for one in found}]
    write(sorted([*kept, *found], key=lambda figure: figure.part), machine, asked.at, out)


def _on_postgresql() -> None:
    """Go on as we are on PostgreSQL; else begin again on the one of this machine; else say what is missing."""
    if connection.vendor == "postgresql":
        return
    url = find_postgresql()
    if url is None:
        raise CommandError(
            "The bench needs PostgreSQL, and none lets us in here. Set DATABASE_URL to a database beside which your "
            "user may create others (ALTER ROLE … CREATEDB)."
        )
    sys.stderr.flush()
    os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | {"DATABASE_URL": url})  # noqa: S606


def _machine() -> dict[str, object]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('shared_buffers')")
        version, buffers = cursor.fetchone()
    return {
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "Python": platform.python_version(),
        "PostgreSQL": version.split()[0],
        "shared_buffers": buffers,
    }


def _sizes(text: str) -> tuple[Size, ...]:
    if not re.fullmatch(r"[1-9]\d{0,4}x[1-9]\d{0,4}(,[1-9]\d{0,4}x[1-9]\d{0,4})*", text, re.ASCII):
        raise ArgumentTypeError(f"{text!r} are no sizes such as 20x200,100x500")
    pairs = [one.split("x") for one in text.split(",")]
    return tuple(Size(int(stations), int(items)) for stations, items in pairs)


def _runs(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:4]) <= 100:
        raise ArgumentTypeError(f"{text!r} is not a number of runs from 1 to 100")
    return int(text)


def _stop(number: int, frame: object) -> None:
    """Leave through every ``finally``, so that the database is dropped."""
    raise KeyboardInterrupt
