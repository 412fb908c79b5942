import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import DomainError
from orders.routing.instances import ROUNDINGS, Solved, solve_instance


class Command(BaseCommand):
    help = (
        "Solve a published routing problem in VRPLIB format with the search that plans deliveries, and print the cost "
        "and the routes as in a .sol file, to be held against the best that is known."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a .vrp file: CVRP, VRPTW or MDVRPTW")
        parser.add_argument("--seconds", type=float, default=5, help="how long to search (default 5)")
        parser.add_argument("--iterations", type=int, help="search so many iterations instead: always the same plan")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--json", type=Path, metavar="OUT", help="write cost, routes, seconds and iterations here")
        parser.add_argument(
            "--rounding",
            choices=ROUNDINGS,
            default="",
            help="how distances become whole: nearest (as for CVRP), dimacs (cut to one decimal, as for VRPTW), exact "
            "(thousandths, as for MDVRPTW). Default: by the kind of problem",
        )

    def handle(self, *, file: Path, seconds: float, seed: int, **options: Any) -> None:
        if not 0 < seconds <= 86_400 or seed < 0 or (options["iterations"] or 0) < 0:
            raise CommandError("Seconds must be above 0 and at most 86400; seed and iterations not below 0.")
        try:
            solved = solve_instance(file, seconds, seed, rounding=options["rounding"], iterations=options["iterations"])
        except DomainError as refusal:
            raise CommandError(f"{file.name}: {refusal}") from refusal
        if options["json"]:
            _write(options["json"], solved)
        for number, route in enumerate(solved.routes, start=1):
            self.stdout.write(f"Route #{number}: {' '.join(map(str, route))}")
        self.stdout.write(f"Cost {solved.cost:.10g}")


def _write(path: Path, solved: Solved) -> None:
    try:
        path.write_text(json.dumps(solved.as_json()) + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
