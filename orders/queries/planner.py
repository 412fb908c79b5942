"""The planner's page: a day's plan as lanes on an axis of time and lines on a map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain, islice, product
from string import ascii_uppercase

from django.utils.translation import gettext as _

from core.drawing import Drawing, Spot, draw
from orders.routing.moves import Move
from orders.routing.timetable import Delivery, TimedRun, Times, Timetable, VanOnDay
from stations.models import Station

HOUR = timedelta(hours=1)
NEVER = datetime.min.replace(tzinfo=UTC)
BLOCK_SHARE, BLOCK_ROWS, BLOCK_HEIGHT = 4.0, 3, 30  # a block covers so many percent of the axis at a desk
LINE_HEIGHT = 7
SHORTEST_MAP = 420
TINTS = 4


@dataclass(frozen=True)
class Axis:
    """Whole hours from the first departure or shift to the last return; a moment as a percentage between them."""

    start: datetime
    end: datetime

    @classmethod
    def over(cls, *days: Timetable) -> "Axis":
        runs = [run for day in days for run in day.runs]
        starts = [one for run in runs for one in (run.leaves_at, run.van.shift_start) if one]
        ends = [one for run in runs for one in (run.timing.back_at, run.van.shift_end) if one]
        if not runs:
            return cls(NEVER, NEVER + HOUR)
        start = min(starts).replace(minute=0, second=0, microsecond=0)
        end = (max(ends) + HOUR - timedelta(microseconds=1)).replace(minute=0, second=0, microsecond=0)
        return cls(start, max(end, start + 4 * HOUR))

    def share(self, moment: datetime) -> float:
        return round(min(max((moment - self.start) / (self.end - self.start), 0.0), 1.0) * 100, 2)

    @property
    def hours(self) -> list[tuple[float, int]]:
        count = int((self.end - self.start) / HOUR)
        moments = [self.start + HOUR * one for one in range(0, count, 1 if count <= 12 else 2)]
        return [(self.share(moment), moment.hour) for moment in moments]


@dataclass(frozen=True)
class Block:
    """One stop on the page. ``x``, ``opens`` and ``closes`` are percentages of the axis, the ``y`` pixels; ``source``
    is the run that the delivery is on before the move that is shown, 0 if it waits."""

    label: str
    delivery: Delivery
    times: Times
    position: int
    source: int
    spot: Spot
    x: float
    y: int
    line_y: int
    opens: float
    closes: float
    is_moved: bool

    @property
    def move(self) -> str:
        return f"{self.delivery.station_id}-{self.source}"

    @property
    def is_done(self) -> bool:
        return self.delivery.state in ("delivered", "missed")


@dataclass(frozen=True)
class Lane:
    """One van's run, or a van that has none. ``key`` is what a move names as its aim."""

    key: str
    letter: str
    tint: int
    van: VanOnDay
    run: TimedRun | None = None
    cost: int = 0
    blocks: Sequence[Block] = ()
    start: float = 0
    end: float = 0
    height: int = 0
    path: str = ""
    is_changed: bool = False

    @property
    def load_share(self) -> int | None:
        return load_share(self.run) if self.run else None


@dataclass(frozen=True)
class Waiting:
    """A delivery that no run takes."""

    delivery: Delivery
    spot: Spot
    source: int
    is_moved: bool

    @property
    def move(self) -> str:
        return f"{self.delivery.station_id}-{self.source}"


@dataclass(frozen=True)
class Board:
    """The whole page: what the map, the lanes and the list of what waits show."""

    plan: Timetable
    axis: Axis
    drawing: Drawing
    home: Spot
    lanes: Sequence[Lane]
    waiting: Sequence[Waiting]
    others: Sequence[tuple[Spot, str]]
    unread_dots: str


def board(
    plan: Timetable,
    *,
    was: Timetable | None = None,
    move: Move | None = None,
    others: Sequence[Station] = (),
) -> Board:
    """The page of a plan; or of what ``was`` becomes by a move, on the same axis. ``others`` are only on the map, and
    so is what waits unread."""
    places = _places(plan)
    drawing = draw([(plan.depot.latitude, plan.depot.longitude), *places.values()], shortest=SHORTEST_MAP)
    spots = dict(zip(places, drawing.spots[1:], strict=True))
    axis = Axis.over(plan, *([was] if was else []))
    runs = [(run.van, run, round(cost)) for run, cost in zip(plan.runs, plan.costs, strict=True)]
    vans = sorted([*runs, *((van, None, 0) for van in plan.free)], key=_by_van)
    sheet = _Sheet(axis, drawing.spots[0], spots, was, move)
    lanes = [
        _lane(sheet, number, letter, van, run, cost)
        for number, (letter, (van, run, cost)) in enumerate(zip(letters(len(vans)), vans, strict=True))
    ]
    waiting = [_waiting(one, spots, move) for one in plan.waiting]
    dots = [(drawing.spot(one.latitude, one.longitude), one.code) for one in others]
    unread = [drawing.spot(one.latitude, one.longitude) for one in plan.unread]
    far = " ".join(f"M{spot.x:g} {spot.y:g}h0" for spot in unread)
    return Board(plan, axis, drawing, drawing.spots[0], lanes, waiting, dots, far)


def _places(plan: Timetable) -> dict[int, tuple[float, float]]:
    """Where the stations lie that something goes to or is listed to wait for, by their ids."""
    deliveries = [*(one for run in plan.runs for one in run.deliveries), *plan.waiting]
    return {one.station_id: (one.visit.place.latitude, one.visit.place.longitude) for one in deliveries}


def _by_van(row: tuple[VanOnDay, TimedRun | None, int]) -> tuple[str, int, datetime]:
    """By the van's name, so that no lane jumps when a move changes a departure."""
    van, run, _ = row
    return van.name, van.pk, run.leaves_at if run else van.ready_at


def letters(count: int) -> list[str]:
    """A, B, … Z, AA, AB, …"""
    one = list(ascii_uppercase)
    return list(islice(chain(one, map("".join, product(one, repeat=2)), map("".join, product(one, repeat=3))), count))


@dataclass(frozen=True)
class _Sheet:
    """What every lane is drawn on."""

    axis: Axis
    home: Spot
    spots: Mapping[int, Spot]
    was: Timetable | None
    move: Move | None


def _lane(sheet: _Sheet, number: int, letter: str, van: VanOnDay, run: TimedRun | None, cost: int) -> Lane:
    if run is None:
        return Lane(f"van-{van.pk}", letter, number % TINTS, van)
    axis, home = sheet.axis, sheet.home
    blocks = _blocks(sheet, letter, run)
    rows = 1 + max((block.y for block in blocks), default=0) // BLOCK_HEIGHT
    lines = rows * BLOCK_HEIGHT + LINE_HEIGHT
    blocks = [replace(block, line_y=lines + index * LINE_HEIGHT) for index, block in enumerate(blocks)]
    way = [home, *(block.spot for block in blocks), home]
    return Lane(
        key=f"run-{run.pk}" if run.pk else f"van-{van.pk}",
        letter=letter,
        tint=number % TINTS,
        van=van,
        run=run,
        cost=cost,
        blocks=blocks,
        start=axis.share(run.leaves_at),
        end=axis.share(run.timing.back_at),
        height=lines + LINE_HEIGHT * len(blocks),
        path="M" + " L".join(f"{spot.x:g} {spot.y:g}" for spot in way),
        is_changed=sheet.was is not None and all(run is not one for one in sheet.was.runs),
    )


def _blocks(sheet: _Sheet, letter: str, run: TimedRun) -> list[Block]:
    """The stops of a run; those that would hide each other stand in rows."""
    axis, move = sheet.axis, sheet.move
    blocks: list[Block] = []
    ends = [-BLOCK_SHARE] * BLOCK_ROWS
    for position, (delivery, times) in enumerate(zip(run.deliveries, run.times, strict=True), start=1):
        x = axis.share(times.at)
        row = next((one for one in range(BLOCK_ROWS) if ends[one] <= x), 0)
        ends[row] = x + BLOCK_SHARE
        is_moved = move is not None and move.station_id == delivery.station_id and move.aims_at(run)
        source = (move.source or 0) if move and is_moved else run.pk or 0
        window = axis.share(delivery.visit.window_start), axis.share(delivery.visit.window_end)
        spot, y = sheet.spots[delivery.station_id], row * BLOCK_HEIGHT
        label = f"{letter}{position}"
        blocks.append(Block(label, delivery, times, position, source, spot, x, y, 0, *window, is_moved))
    return blocks


def _waiting(delivery: Delivery, spots: Mapping[int, Spot], move: Move | None) -> Waiting:
    is_moved = move is not None and move.is_off and move.station_id == delivery.station_id
    return Waiting(delivery, spots[delivery.station_id], (move.source or 0) if move and is_moved else 0, is_moved)


def load_share(run: TimedRun) -> int | None:
    """Percent of what the van may carry or hold, whichever is fuller; None without limits."""
    van = run.van
    shares = [run.weight_g / van.max_weight_g] if van.max_weight_g else []
    shares += [run.volume_ml / van.max_volume_ml] if van.max_volume_ml else []
    return round(max(shares) * 100) if shares else None


Choice = tuple[str, str]


def places_to_go(page: Board, move: str) -> list[tuple[str, list[Choice]]]:
    """Where a delivery may be moved to, for a list: by van, each place in its order; what the lists send, and words."""
    station, _dash, source = move.partition("-")
    groups: list[tuple[str, list[Choice]]] = []
    after = _("After %(label)s %(station)s")
    for lane in page.lanes:
        name = f"{lane.letter} · {lane.van.name}"
        if lane.run is None:
            groups.append((name, [(lane.key, _("Begin a run with %(van)s") % {"van": lane.van.name})]))
        elif not lane.run.pinned:
            others = [block for block in lane.blocks if f"{block.delivery.station_id}" != station]
            words = [
                _("First on %(van)s") % {"van": lane.van.name},
                *(after % {"label": block.label, "station": block.delivery.name} for block in others),
            ]
            groups.append((name, [(f"{lane.key}@{place}", said) for place, said in enumerate(words, start=1)]))
    return groups if source == "0" else [*groups, (_("No run"), [("waiting", _("Take it off: it waits"))])]
