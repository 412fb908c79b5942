"""Replays real dispatches against a division founded for them, on the clock of the dispatches."""

import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone

from core.errors import DomainError
from ems_supply.simulation.calls import Call, Calls, types_of
from ems_supply.simulation.crews import Crews
from ems_supply.simulation.deliveries import Deliveries
from ems_supply.simulation.desk import Agenda, Desk
from ems_supply.simulation.division import Division
from ems_supply.simulation.expectation import care_of, expect, unknown_types, uses_supplies
from ems_supply.simulation.figures import Figures, fill_rates, orders_approved, runs_completed
from ems_supply.simulation.founding import found_division
from ems_supply.simulation.logistics import Logistics
from ems_supply.simulation.officers import Officers
from ems_supply.simulation.places import Place
from ems_supply.simulation.progress import Progress
from ems_supply.simulation.routine import Routine, moment
from ems_supply.simulation.use import use_table
from inventory.models import Item
from orders.queries.verify import all_differences

MIDNIGHT = clock(0)


@dataclass
class Replay:
    """What is replayed: the calls at these stations from ``first`` on for so many days; ``seed`` gives all chance."""

    places: list[Place]
    calls: Calls
    first: date
    days: int
    seed: int

    @property
    def end(self) -> date:
        return self.first + timedelta(days=self.days)

    def window(self) -> list[Call]:
        """The calls to replay. Refuses a window in which there are none, and says which days the file covers."""
        window = self.calls.between(self.first, self.end)
        if not window:
            covered = f"{self.calls.used[0].happened_at:%Y-%m-%d} to {self.calls.used[-1].happened_at:%Y-%m-%d}"
            raise DomainError(f"The file has no call in the {self.days} days from {self.first}: it covers {covered}.")
        return window

    def run(self, progress: Progress) -> tuple[Figures, Desk]:
        """Found the division in the (empty) database, let its days pass, and add everything up."""
        window = self.window()
        desk, agenda = Desk(self.seed), Agenda()
        expectation = expect(self.calls, stations=len(self.places), first=self.first)
        began = moment(self.first, MIDNIGHT)
        division = found_division(self.places, expectation.per_day, at=began, desk=desk)
        routine = _routine(division, desk, agenda)
        crews = Crews(division, desk)
        _add_calls(window, crews, agenda, np.random.default_rng([self.seed, 2]))
        start = time.perf_counter()
        for day in (self.first + timedelta(days=number) for number in range(self.days)):
            desk.begin(day.isoformat())
            routine.plan(day)
            for hour in range(24):
                agenda.run_until(moment(day, clock(hour)) + timedelta(hours=1))
                progress.advance(f"{day:%a %b} {day.day}, {desk.actions:,} commands")
        seconds = time.perf_counter() - start
        inputs = self._inputs(window, expectation.history_days, crews)
        return _figures(moment(self.end, MIDNIGHT), desk, crews, routine.officers, seconds, inputs), desk

    def _inputs(self, window: list[Call], history_days: int, crews: Crews) -> dict[str, Any]:
        using = [call for call in window if uses_supplies(call.type)]
        return {
            "stations": len(self.places),
            "from": self.first.isoformat(),
            "days": self.days,
            "seed": self.seed,
            "database": connection.vendor,
            "calls": len(window),
            "calls_using_supplies": len(using),
            "calls_of_unknown_type": unknown_types(types_of(window)),
            "rows_in_file": self.calls.rows,
            "rows_repeated": self.calls.repeated,
            "rows_unusable": len(self.calls.problems),
            "history_days": history_days,
            "items": len(use_table().skus),
            "use_lines": crews.lines,
            "use_units": crews.units,
            "use_units_missing": crews.short_units,
        }


def _routine(division: Division, desk: Desk, agenda: Agenda) -> Routine:
    deliveries = Deliveries(division, desk, agenda)
    return Routine(division, desk, agenda, Officers(division, desk), Logistics(division, desk), deliveries)


def _add_calls(window: list[Call], crews: Crews, agenda: Agenda, generator: np.random.Generator) -> None:
    """Draw what each call uses, and put it on the agenda at the call's own time."""
    division, skus = crews.division, use_table().skus
    for call, drawn in zip(window, use_table().draw([care_of(call.type) for call in window], generator), strict=True):
        if drawn:
            used: dict[Item, int] = {division.items[skus[column]]: quantity for column, quantity in drawn.items()}
            at = timezone.make_aware(call.happened_at)
            station = division.stations[call.station]
            agenda.add(at, partial(_use, crews, station, used, call.incident))


def _use(crews: Crews, station: Any, used: dict[Item, int], incident: str, at: datetime) -> None:
    crews.use_at(station, used, incident, at=at)


def _figures(
    at: datetime, desk: Desk, crews: Crews, officers: Officers, seconds: float, inputs: dict[str, Any]
) -> Figures:
    line_fill, unit_fill = fill_rates(at)
    runs, kilometres = runs_completed()
    return Figures(
        line_fill_rate=None if line_fill is None else round(line_fill, 4),
        unit_fill_rate=None if unit_fill is None else round(unit_fill, 4),
        stockouts=crews.short_lines,
        orders=orders_approved(),
        runs=runs,
        kilometres=kilometres,
        expired_units=officers.expired_units,
        wall_seconds=round(seconds, 1),
        actions_per_second=round(desk.actions / seconds, 1),
        ledger_differences=len(all_differences()),
        inputs=inputs,
    )


def write_json(path: Path, figures: Figures, desk: Desk) -> None:
    """Write the figures, and how often and how long each action was carried out, slowest in sum first."""
    import json

    slowest = sorted(desk.tallies.items(), key=lambda pair: -pair[1].seconds)
    actions = {name: {"times": tally.times, "seconds": round(tally.seconds, 2)} for name, tally in slowest}
    text = json.dumps(figures.as_json() | {"actions": actions}, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
