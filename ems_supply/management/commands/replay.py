"""Replay real dispatches of any city against a division that is stocked for them. docs/replay.md explains it."""

import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.errors import DomainError
from ems_supply.simulation.calls import read_calls
from ems_supply.simulation.desk import Desk
from ems_supply.simulation.figures import DEFINITIONS, Figures
from ems_supply.simulation.places import read_places
from ems_supply.simulation.progress import Progress
from ems_supply.simulation.replaying import Replay, write_json
from ems_supply.simulation.scratch import scratch_database
from ems_supply.simulation.tables import SHOWN_PROBLEMS

MOST_DAYS = 3_660
STOPPED = 130


class Command(BaseCommand):
    help = (
        "Replay dispatches: each uses supplies at its nearest station, and the division resupplies itself day by day."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = "figures:\n" + "\n".join(f"  {name:<20} {meaning}" for name, meaning in DEFINITIONS.items())
        parser.add_argument("--stations", type=Path, required=True, help="CSV with station, longitude, latitude")
        parser.add_argument("--station-column", default="station", metavar="NAME", help="the column with their names")
        parser.add_argument(
            "--calls", type=Path, required=True, help="CSV with datetime_local, type, latitude, longitude"
        )
        parser.add_argument(
            "--from", dest="first", type=_day, required=True, metavar="DATE", help="first day, YYYY-MM-DD"
        )
        parser.add_argument("--days", type=_days, required=True, metavar="N", help="how many days to replay")
        parser.add_argument("--json", type=Path, metavar="OUT", help="also write the figures to this file")
        parser.add_argument(
            "--seed", type=int, default=1, help="all chance comes from it: the same seed, the same replay"
        )
        parser.add_argument("--keep", action="store_true", help="keep the scratch database, to look into it")

    def handle(self, *, stations: Path, station_column: str, calls: Path, **options: Any) -> None:
        signal.signal(signal.SIGTERM, _stop)
        try:
            replay = self.read(stations, station_column, calls, options)
            figures, desk = self.replay(replay, keep=options["keep"])
        except DomainError as refusal:
            raise CommandError("\n  ".join([str(refusal), *refusal.problems])) from refusal
        except KeyboardInterrupt:
            self.stderr.write("\nStopped. The scratch database is dropped.")
            sys.exit(STOPPED)
        self.show(figures)
        if options["json"]:
            write_json(options["json"], figures, desk)
        if figures.ledger_differences:
            sys.exit(1)

    def read(self, stations: Path, station_column: str, calls: Path, options: dict[str, Any]) -> Replay:
        """Read both files, and say on stderr what was left out of them."""
        if options["seed"] < 0:
            raise CommandError("--seed is a whole number from 0 up.")
        if options["json"] and not options["json"].resolve().parent.is_dir():
            raise CommandError(f"--json: there is no folder {options['json'].resolve().parent}.")
        places, notes = read_places(stations, station_column)
        found = read_calls(calls, places)
        for problem in found.problems[:SHOWN_PROBLEMS]:
            notes.append(f"left out: {problem}")
        if found.problems:
            notes.append(f"{len(found.problems)} of {found.rows} rows of {calls.name} were left out.")
        if found.repeated:
            notes.append(f"{found.repeated} rows of {calls.name} repeat an incident number and count once.")
        for note in notes:
            self.stderr.write(note)
        replay = Replay(places, found, options["first"], options["days"], options["seed"])
        replay.window()
        return replay

    def replay(self, replay: Replay, *, keep: bool) -> tuple[Figures, Desk]:
        settings.DEBUG = False  # or every statement of a month would be kept in memory
        progress = Progress("Replaying", replay.days * 24)
        with scratch_database("_replay", keep=keep) as name:
            result = replay.run(progress)
            progress.finish(f"{result[1].actions:,} commands")
            if keep:
                self.stderr.write(f"The database is kept: {name}")
        return result

    def show(self, figures: Figures) -> None:
        values = figures.as_json()
        for name, meaning in DEFINITIONS.items():
            self.stdout.write(f"{name:<20} {values[name]!s:>10}  {meaning}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a day such as 2017-05-01") from None


def _days(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MOST_DAYS:
        raise ArgumentTypeError(f"{text!r} is not a number of days from 1 to {MOST_DAYS}")
    return int(text)


def _stop(number: int, frame: object) -> None:
    """Leave through every ``finally``, so that the scratch database is dropped."""
    raise KeyboardInterrupt
