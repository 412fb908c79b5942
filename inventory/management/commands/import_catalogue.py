"""``manage.py import_catalogue FILE…``: items from the devices of GUDID and the drugs of the FDA."""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.errors import DomainError
from inventory.actions.catalogue import import_catalogue
from inventory.imports.catalogue.planning import CataloguePlan, Standing, plan_catalogue, standings
from inventory.imports.catalogue.reading import Offered, read_catalogue
from inventory.imports.sources import check_sizes, from_file


class Command(BaseCommand):
    help = "Show what registers list beside the catalogue, and take what is named into it. See docs/catalogue.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "files", nargs="+", type=Path, metavar="FILE", help="CSV files, told apart by their headings"
        )
        parser.add_argument(
            "--take", nargs="+", default=[], metavar="CODE[=SKU]", help="entries to take, by their code"
        )
        parser.add_argument("--all", action="store_true", help="take every entry that is new or lacks something")
        parser.add_argument("--apply", action="store_true", help="do it; without, only show what would come of it")
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *, files: list[Path], take: list[str], apply: bool, **options: Any) -> None:
        if missing := [str(path) for path in files if not path.is_file()]:
            raise CommandError(f"There is no such file: {', '.join(missing)}.")
        try:
            check_sizes([(path.name, path.stat().st_size) for path in files], most=settings.EMS_IMPORT_FOLDER_MB)
            offered = read_catalogue([from_file(path) for path in files])
            rows = standings(offered.offers)
            chosen = dict(_chosen(text, rows) for text in take)
            if options["all"]:
                chosen = {row.offer.key: row.sku for row in rows if row.state in ("new", "partly")} | chosen
            plan = plan_catalogue(offered.offers, chosen)
            is_done = apply and bool(plan.work) and not plan.problems and self._apply(offered, chosen, plan)
        except DomainError as refusal:
            raise CommandError("\n".join([str(refusal), *refusal.problems])) from refusal
        if options["json"]:
            self.stdout.write(json.dumps(_facts(offered, rows, plan, is_done), indent=2))
        else:
            self.stdout.write(_words(offered, rows, plan))
        if plan.problems:
            raise CommandError("\n".join(["These cannot be taken as they are. Nothing was changed.", *plan.problems]))
        if not options["json"]:
            self.stdout.write("Taken." if is_done else "Nothing was changed.")

    def _apply(self, offered: Offered, chosen: dict[str, str], plan: CataloguePlan) -> bool:
        import_catalogue(
            offers=offered.offers, chosen=chosen, seen=plan.mark, by=None, at=timezone.now(), request_id=uuid4()
        )
        return True


def _chosen(text: str, rows: Sequence[Standing]) -> tuple[str, str]:
    """``CODE`` or ``CODE=SKU``."""
    key, _, sku = text.partition("=")
    return key, sku or next((row.sku for row in rows if row.offer.key == key), "")


def _facts(offered: Offered, rows: Sequence[Standing], plan: CataloguePlan, is_done: bool) -> dict[str, Any]:
    return {
        "entries": [
            {
                "key": row.offer.key,
                "name": row.offer.name,
                "sku": row.sku,
                "state": row.state,
                "codes": [{"code": str(code), "base_units": size} for size, code in row.offer.sizes],
                "doubts": row.wrong,
            }
            for row in rows
        ],
        "not_offered": [str(problem) for problem in (*offered.report.problems, *offered.report.warnings)],
        "would": [{"sku": step.sku, "is_new": step.item is None, "adds": step.said} for step in plan.work],
        "problems": plan.problems,
        "is_applied": is_done,
    }


def _words(offered: Offered, rows: Sequence[Standing], plan: CataloguePlan) -> str:
    told = [row for row in rows if row.state != "known"]
    lines = [f"{row.state:8} {row.offer.key}  {row.offer.name} ({row.offer.said})" for row in told]
    lines += [f"not offered: {problem}" for problem in (*offered.report.problems, *offered.report.warnings)]
    lines += [f"{'+' if step.item is None else '~'} {step.sku}: {step.said}" for step in plan.work]
    known = len(rows) - len(told)
    return "\n".join([*lines, f"{len(rows):,} entries, {known:,} of them known; {len(plan.work):,} would be taken."])
