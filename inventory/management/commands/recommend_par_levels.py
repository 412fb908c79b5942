"""``manage.py recommend_par_levels``: par levels from files, without a database. See docs/par-levels.md."""

import csv
import os
from argparse import ArgumentParser
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from inventory.imports.usage import UseFiles, read_use
from inventory.imports.usage_demand import division_of
from inventory.policy import usual
from inventory.policy.checks import Whole
from inventory.policy.division import Division, levels_of

COLUMNS = ("station", "item", "par", "reorder_point", "from_day")
FILES = {
    "stations": "station, review_days, review_offset, lead_days",
    "items": "item, criticality, unit_cost, shelf_life_days, min_par",
    "calls": "date, station, calls",
    "history": "date, station, item, qty",
}


class Command(BaseCommand):
    help = "Recommend par levels from CSV files, without a database. See docs/par-levels.md."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name, columns in FILES.items():
            parser.add_argument(f"--{name}", type=Path, required=True, metavar="CSV", help=f"columns: {columns}")
        parser.add_argument("--out", type=Path, required=True, metavar="CSV", help=f"columns: {', '.join(COLUMNS)}")
        parser.add_argument(
            "--every-review",
            action="store_true",
            help="one par and reorder point per pair for good, instead of filling up at every so many reviews",
        )

    def handle(self, *, out: Path, every_review: bool, **options: Any) -> None:
        paths = {name: options[name] for name in FILES}
        for name, path in paths.items():
            if not path.is_file():
                raise CommandError(f"--{name}: there is no file {path}.")
        if not out.parent.is_dir():
            raise CommandError(f"--out: there is no folder {out.parent}.")
        found = read_use(**paths)
        for warning in found.report.warnings:
            self.stderr.write(f"Look at {warning}")
        if found.report.problem_count:
            for problem in found.report.problems:
                self.stderr.write(str(problem))
            count = found.report.problem_count
            raise CommandError(f"{count:,} {'problem' if count == 1 else 'problems'}. Nothing was written.")
        division = division_of(found)
        self._write(found, division, out, every_review=every_review)

    def _write(self, found: UseFiles, division: Division, out: Path, *, every_review: bool) -> None:
        recommended, reviews, rows = levels_of(division, every_review=every_review)
        stations, items = list(found.stations), list(found.items)
        with NamedTemporaryFile("w", dir=out.parent, newline="", encoding="utf-8", delete=False) as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            for pair, *level in rows:
                place, item = divmod(pair, len(items))
                writer.writerow((stations[place], items[item], *level))
        Path(file.name).chmod(0o666 & ~_umask())
        Path(file.name).replace(out)
        self._tell(division, recommended.expected.stock_value.sum(), reviews)
        expected = recommended.expected
        for letter in "ABC":
            of = division.criticality == letter
            asked = (division.demand.mean_per_day * of).sum()
            share = (division.demand.mean_per_day * of * expected.fill).sum() / asked if asked else 1.0
            self.stdout.write(f"Fill expected of {letter}: {share:.3%} (floor {usual.FILL_FLOOR[letter]:.1%})")
        self.stdout.write(self.style.SUCCESS(f"{recommended.par.size:,} pairs written to {out}."))

    def _tell(self, division: Division, stock: float, reviews: Whole) -> None:
        days = ", ".join(f"{day:g}" for day in sorted(set((reviews * division.review_days).tolist())))
        self.stdout.write(
            f"{division.review_days.size:,} stations, filled up every {days} days; stock of {stock:,.0f}."
        )


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
