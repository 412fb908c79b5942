"""A day as a problem in whole numbers: seconds from its first moment, metres, thousandths of a cent; and back."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from orders.routing.day import Call, Day, PlannedRun, Present, Rank, Van, is_same
from orders.routing.problem import Delivery, Matrix, Plan, Problem, Round, Vehicle
from orders.routing.timing import NOTHING, Visit, best_departure, route_timing

# Thousandths of a cent: rates become whole numbers per metre and per second.
UNIT = 1000
MOST_TRIPS = 4


class Translation:
    """``problem`` is the day with these calls; vehicle n of it is a free stretch of a van: ``slots[n]``."""

    def __init__(self, day: Day, calls: Sequence[Call]) -> None:
        self.day = day
        self.calls = sorted(calls, key=lambda call: call.station_id)
        self.slots = [(van, *free) for van in day.vans for free in van.free]
        self._numbers = {call.station_id: number for number, call in enumerate(self.calls)}
        moments = [start for _, start, _ in self.slots] + [call.window_start for call in self.calls]
        self._zero = min(moments, default=datetime.min.replace(tzinfo=UTC))
        self.problem = self._problem()

    def _second(self, moment: datetime) -> int:
        return int((moment - self._zero).total_seconds())

    def _problem(self) -> Problem:
        places, travel = [self.day.depot, *(call.place for call in self.calls)], self.day.travel
        metres = np.array([[travel.metres(a, b) for b in places] for a in places], dtype=np.int64)
        seconds = np.array([[int(travel.time(a, b).total_seconds()) for b in places] for a in places], dtype=np.int64)
        prizes = self._prizes(metres, seconds)
        deliveries = [self._delivery(place, call, prizes) for place, call in enumerate(self.calls, start=1)]
        return Problem(metres, seconds, deliveries, [self._vehicle(*slot) for slot in self.slots])

    @property
    def _metre(self) -> int:
        return self.day.rates.per_km_cents * UNIT // 1000

    @property
    def _time(self) -> int:
        return self.day.rates.per_hour_cents * UNIT // 3600

    def _vehicle(self, van: Van, start: datetime, end: datetime) -> Vehicle:
        weight, volume = sum(call.weight_g for call in self.calls), sum(call.volume_ml for call in self.calls)
        return Vehicle(
            depot=0,
            capacity=(
                weight if van.max_weight_g is None else van.max_weight_g,
                volume if van.max_volume_ml is None else van.max_volume_ml,
            ),
            opens=self._second(start),
            closes=self._second(end),
            reloads=MOST_TRIPS - 1,
            reload_time=int(self.day.reload.total_seconds()),
            fixed_cost=0 if van.is_used else self.day.rates.per_van_cents * UNIT,
            distance_cost=self._metre,
            time_cost=self._time,
            skills=van.skills,
        )

    def _prizes(self, metres: Matrix, seconds: Matrix) -> dict[Rank, int]:
        """What a delivery of each rank above routine is worth: more than the dearest trip for it alone, and more than
        any routine delivery; one of a rank as much as ten of the next lower."""
        service, reload = self.day.service.total_seconds(), self.day.reload.total_seconds()
        hours = (seconds[0] + seconds[:, 0] + int(service + reload)) * self._time
        trip = int(((metres[0] + metres[:, 0]) * self._metre + hours).max()) + self.day.rates.per_van_cents * UNIT
        routine = max((call.worth_cents * UNIT for call in self.calls if call.rank == Rank.ROUTINE), default=0)
        return {rank: (2 * trip + routine) * 10 ** (rank - 1) for rank in Rank if rank != Rank.ROUTINE}

    def _delivery(self, place: int, call: Call, prizes: dict[Rank, int]) -> Delivery:
        return Delivery(
            place=place,
            load=(call.weight_g, call.volume_ml),
            service=int(self.day.service.total_seconds()),
            opens=self._second(call.window_start),
            closes=self._second(call.window_end),
            prize=prizes.get(call.rank, call.worth_cents * UNIT),
            needs=call.needs,
        )

    def present(self) -> list[Round]:
        """The present runs as rounds of the stretches that they leave in."""
        trips: dict[int, list[tuple[int, ...]]] = {}
        for run in sorted(self.day.present, key=lambda run: run.leaves_at):
            stops = tuple(self._numbers[station] for station, _ in run.stops if station in self._numbers)
            if (slot := self._slot(run)) is not None and stops:
                trips.setdefault(slot, []).append(stops)
        return [Round(slot, tuple(found)) for slot, found in trips.items()]

    def _slot(self, run: Present) -> int | None:
        mine = (number for number, (van, _, _) in enumerate(self.slots) if van.van_id == run.van_id)
        return next((number for number in mine if self.slots[number][2] > run.leaves_at), None)

    def moves(self, plan: Plan) -> int:
        """How many promised stops get another van or another time, or none."""
        planned = {
            call.station_id: (run.van_id, visit.starts_at)
            for run in self.runs(plan)
            for call, visit in zip(run.calls, run.timing.visits, strict=True)
        }
        before = [(station, (run.van_id, at)) for run in self.day.present for station, at in run.stops]
        return sum(not is_same(stop, planned.get(station)) for station, stop in before if station in self._numbers)

    def runs(self, plan: Plan) -> list[PlannedRun]:
        """The plan's trips with their times, in order of van and time."""
        return [run for one in plan.rounds for run in self._runs_of(one)]

    def _runs_of(self, one: Round) -> list[PlannedRun]:
        """Each trip leaves as late as does no harm: from the last one back, in time to load for the next."""
        van, ready, _ = self.slots[one.vehicle]
        depot, travel = self.day.depot, self.day.travel
        earliest: list[tuple[tuple[Call, ...], list[Visit], datetime]] = []
        for trip in one.trips:
            calls = tuple(self.calls[number] for number in trip)
            visits = [Visit(call.place, call.window_start, call.window_end, self.day.service) for call in calls]
            earliest.append((calls, visits, ready))
            ready = route_timing(depot=depot, leaves_at=ready, visits=visits, travel=travel).back_at + self.day.reload
        runs: list[PlannedRun] = []
        following = ready
        for calls, visits, start in reversed(earliest):
            first = route_timing(depot=depot, leaves_at=start, visits=visits, travel=travel)
            room = max(following - self.day.reload - first.back_at, NOTHING)
            following = best_departure(depot=depot, earliest=start, visits=visits, travel=travel, room=room)
            timing = route_timing(depot=depot, leaves_at=following, visits=visits, travel=travel)
            runs.append(PlannedRun(van.van_id, calls, timing))
        return runs[::-1]
