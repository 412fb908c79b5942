import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.errors import DomainError
from inventory.imports.sources import from_folder
from orders.actions.travel_times import load_travel_times
from orders.queries.travel_file import TravelPlan, missing_ways, plan_travel_times


class Command(BaseCommand):
    help = "Load travel times between stations from a CSV or XLSX file: shows what would change, then asks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="columns: from, to (station codes), metres, seconds")
        parser.add_argument("--check", action="store_true", help="only show what is wrong or would change")
        parser.add_argument("--yes", action="store_true", help="load without asking")

    def handle(self, *, file: Path, check: bool, yes: bool, **options: Any) -> None:
        if not file.is_file():
            raise CommandError(f"{file} is not a file.")
        try:
            [source], _ = from_folder(file)
            plan = plan_travel_times(source)
            self._show(plan)
            if check or plan.is_nothing or not (yes or self._agreed()):
                return
            load_travel_times(source=source, seen=plan.mark, by=None, at=timezone.now(), request_id=uuid4())
        except DomainError as refusal:
            raise CommandError("\n".join([str(refusal), *refusal.problems])) from refusal
        _, missing = missing_ways()
        self.stdout.write(self.style.SUCCESS(f"Loaded. {missing:,} ways go by great circle still."))

    def _show(self, plan: TravelPlan) -> None:
        for warning in plan.report.warnings:
            self.stdout.write(self.style.WARNING(f"Look at {warning}"))
        if plan.is_refused:
            for problem in plan.report.problems:
                self.stderr.write(str(problem))
            raise CommandError(f"{plan.report.problem_count:,} to mend. Nothing was loaded.")
        self.stdout.write(f"Travel times: {plan.new:,} new, {plan.changed:,} changed, {plan.same:,} the same")

    def _agreed(self) -> bool:
        if not sys.stdin.isatty():
            raise CommandError("Nothing was loaded. Nobody is here to ask: add --yes to load, or --check to only look.")
        is_agreed = input("Load this? [y/N] ").strip().lower() in {"y", "yes"}
        if not is_agreed:
            self.stdout.write("Nothing was loaded.")
        return is_agreed
