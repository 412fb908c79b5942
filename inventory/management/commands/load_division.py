"""``manage.py load_division FOLDER``: load stations, units, items, packs, par levels and opening stock."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.errors import DomainError
from inventory.actions.division import load_division
from inventory.imports.planning import Plan, plan_division
from inventory.imports.previews import Preview, Sample
from inventory.imports.progress import nobody
from inventory.imports.sources import from_folder
from stations.models import User


class Command(BaseCommand):
    help = "Load a division from CSV and XLSX files: shows what would change, then asks. See docs/import.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder of files, or one XLSX file with all tables as sheets")
        parser.add_argument("--check", action="store_true", help="only show what is wrong or would change")
        parser.add_argument("--yes", action="store_true", help="load without asking")
        parser.add_argument(
            "--by", metavar="USERNAME", help="who loads it: somebody of logistics (default: the system)"
        )

    def handle(self, *, folder: Path, check: bool, yes: bool, by: str | None, **options: Any) -> None:
        person = _person(by)
        if not folder.exists():
            raise CommandError(f"{folder} does not exist.")
        try:
            sources, others = from_folder(folder)
            at = timezone.now()
            plan = plan_division(sources, today=timezone.localdate(at))
            self._show(plan, others)
            if check or plan.is_nothing or not (yes or self._agreed()):
                return
            load_division(
                sources=sources,
                seen=plan.mark,
                by=person,
                at=timezone.now(),
                request_id=uuid4(),
                report=self._report if sys.stderr.isatty() else nobody,
            )
        except DomainError as refusal:
            raise CommandError("\n".join([str(refusal), *refusal.problems])) from refusal
        except PermissionDenied as refusal:
            raise CommandError(f"{by} is not of logistics, who alone load a division.") from refusal
        self.stdout.write(self.style.SUCCESS("Loaded."))

    def _report(self, done: int, whole: int) -> None:
        """How far it is, on one line of the terminal."""
        self.stderr.write(f"\r{done:,} of {whole:,} rows", ending="\n" if done >= whole else "")

    def _show(self, plan: Plan, others: list[str]) -> None:
        if others:
            self.stdout.write(f"Not read: {', '.join(others)}")
        for warning in plan.report.warnings:
            self.stdout.write(self.style.WARNING(f"Look at {warning}"))
        if plan.is_refused:
            for problem in plan.report.problems:
                self.stderr.write(str(problem))
            raise CommandError(f"{_count(plan.report.problem_count, 'problem')}. Nothing was loaded.")
        for preview in plan.previews:
            self._show_table(preview)
        if plan.locations:
            self.stdout.write(f"Places to keep stock: {len(plan.locations)} new")
        if plan.is_nothing:
            self.stdout.write("There is nothing to change: the division is as these files say already.")

    def _show_table(self, preview: Preview) -> None:
        self.stdout.write(
            f"{preview.table.title} ({preview.label}): "
            f"{preview.new:,} new, {preview.changed:,} changed, {preview.same:,} the same"
        )
        for sign, samples, count in (
            ("+", preview.first_new, preview.new),
            ("~", preview.first_changed, preview.changed),
        ):
            for sample in samples:
                self.stdout.write(f"  {sign} {_line(sample)}")
            if count > len(samples):
                self.stdout.write(f"    … and {count - len(samples):,} more")

    def _agreed(self) -> bool:
        if not sys.stdin.isatty():
            raise CommandError("Nothing was loaded. Nobody is here to ask: add --yes to load, or --check to only look.")
        is_agreed = input("Load this? [y/N] ").strip().lower() in {"y", "yes"}
        if not is_agreed:
            self.stdout.write("Nothing was loaded.")
        return is_agreed


def _person(username: str | None) -> User | None:
    if username is None:
        return None
    person = User.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise CommandError(f"There is nobody named {username}.")
    return person


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _line(sample: Sample) -> str:
    changes = [
        f"{d.column} {d.before} → {d.after}" if d.before else f"{d.column} {d.after}" for d in sample.differences
    ]
    return f"{sample.name}: {', '.join(changes)}"
