"""All that a run takes and nobody has packed yet, as one walk: what to take of each lot, and how it divides."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from orders.models import DeliveryRun, Shipment, ShipmentLine
from orders.queries.runs import not_packed
from orders.queries.shipments import PickGroup, PickLine, by_bin, lines_of, other_lots

State = Shipment.State


@dataclass(frozen=True)
class WavePart:
    """What one shipment gets of one lot: whose tote it goes into."""

    shipment: Shipment
    lines: Sequence[ShipmentLine]

    @property
    def quantity(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def is_picked(self) -> bool:
        return all(line.is_picked for line in self.lines)

    @property
    def is_left(self) -> bool:
        """Whether it can be taken now."""
        return not self.is_picked and self.shipment.state == State.PICKING

    @property
    def left(self) -> list[ShipmentLine]:
        return [line for line in self.lines if not line.is_picked] if self.is_left else []

    @property
    def listed(self) -> str:
        return _listed([self])

    @property
    def seen(self) -> str:
        return _seen([self])


@dataclass(frozen=True)
class WaveLine:
    """One lot at one place: what to take of it in all, for whom, and the lots that could be taken instead."""

    pick: PickLine
    parts: Sequence[WavePart]

    @property
    def line(self) -> ShipmentLine:
        """The first of its lines: all of them name this item, lot and place."""
        return self.pick.line

    @property
    def key(self) -> int:
        return self.line.level_id

    @property
    def field_id(self) -> str:
        """The id of its quantity on the page."""
        return f"there-{self.key}"

    @property
    def quantity(self) -> int:
        return sum(part.quantity for part in self.parts)

    @property
    def left_parts(self) -> list[WavePart]:
        return [part for part in self.parts if part.is_left]

    @property
    def left(self) -> list[ShipmentLine]:
        return [line for part in self.left_parts for line in part.left]

    @property
    def urgent_parts(self) -> list[WavePart]:
        """What can be taken now, the most urgent first."""
        return sorted(self.left_parts, key=lambda part: -part.shipment.priority)

    @property
    def choices(self) -> list[tuple[str, str]]:
        """For whom less was there, as ``12:50,13:20`` by line id with the most urgent first, and in words: for all
        together, or for one of several."""
        each = [(part.listed, str(part.shipment.destination)) for part in self.left_parts]
        together = _listed(self.urgent_parts), _("All %(count)s together") % {"count": len(each)}
        return [together, *each] if len(each) > 1 else each

    @property
    def listed(self) -> str:
        return _listed(self.left_parts)

    @property
    def seen(self) -> str:
        return _seen(self.left_parts)

    @property
    def left_quantity(self) -> int:
        return sum(line.quantity for line in self.left)

    @property
    def is_picked(self) -> bool:
        return all(part.is_picked for part in self.parts)


def _listed(parts: Iterable[WavePart]) -> str:
    """What the list says of what is left of these, as ``12:50,13:20`` by line id: one field, however long the walk."""
    return ",".join(f"{line.pk}:{line.quantity}" for part in parts for line in part.left)


def _seen(parts: Iterable[WavePart]) -> str:
    """The versions of their shipments, as ``7:3,8:1``."""
    return ",".join(dict.fromkeys(f"{part.shipment.pk}:{part.shipment.version}" for part in parts))


def divided(listed: Mapping[int, int], there: int) -> dict[int, int]:
    """How what is there divides over these lines, by id and in their order: each is filled before the next."""
    picked = {}
    for pk, quantity in listed.items():
        picked[pk] = min(there, quantity)
        there -= picked[pk]
    return picked


@dataclass(frozen=True)
class WaveGroup:
    """One stretch of the walk: a place and a bin, and what is taken there."""

    place: str
    bin: str
    lines: Sequence[WaveLine]


@dataclass(frozen=True)
class WaveTote:
    """A shipment of the wave, and how far it is."""

    shipment: Shipment
    lines: int
    picked: int

    @property
    def can_be_packed(self) -> bool:
        return self.shipment.state == State.PICKING and self.picked == self.lines > 0


@dataclass(frozen=True)
class Wave:
    """The walk in the order of the bins, and the shipments in the order of the stops."""

    groups: Sequence[WaveGroup]
    totes: Sequence[WaveTote]

    @property
    def lines(self) -> list[WaveLine]:
        return [line for group in self.groups for line in group.lines]

    @property
    def left_parts(self) -> list[WavePart]:
        """All that can be taken now."""
        return [part for one in self.lines for part in one.left_parts]

    @property
    def listed(self) -> str:
        return _listed(self.left_parts)

    @property
    def seen(self) -> str:
        return _seen(self.left_parts)

    @property
    def to_begin(self) -> int:
        return sum(tote.shipment.state == State.PLANNED for tote in self.totes)

    @property
    def picked(self) -> int:
        return sum(one.is_picked for one in self.lines)

    def after(self, keys: Collection[int]) -> int | None:
        """The next on the walk that is left, after these; None at its end."""
        lines = self.lines
        start = max((number for number, one in enumerate(lines) if one.key in keys), default=-1)
        return next((one.key for one in lines[start + 1 :] if one.left), None)


def wave_of(run: DeliveryRun, *, today: date) -> Wave:
    """What the run takes and is not packed, in as many queries whatever it is."""
    shipments = not_packed(run)
    if not shipments:
        return Wave([], [])
    lines = lines_of(*shipments)
    left = [line for line in lines if not line.is_picked]
    groups = by_bin(lines, other_lots(shipments[0], left, today=today))
    of_shipment: dict[int, list[ShipmentLine]] = defaultdict(list)
    for line in lines:
        of_shipment[line.shipment_id].append(line)
    totes = [
        WaveTote(one, len(of_shipment[one.pk]), sum(line.is_picked for line in of_shipment[one.pk]))
        for one in shipments
    ]
    return Wave([_joined(group, shipments) for group in groups], totes)


def _joined(group: PickGroup, shipments: Sequence[Shipment]) -> WaveGroup:
    """The lines of one bin, those of the same lot as one."""
    by_level: dict[int, list[PickLine]] = defaultdict(list)
    for pick in group.lines:
        by_level[pick.line.level_id].append(pick)
    return WaveGroup(
        group.place,
        group.bin,
        [WaveLine(picks[0], _parts([pick.line for pick in picks], shipments)) for picks in by_level.values()],
    )


def _parts(lines: Sequence[ShipmentLine], shipments: Sequence[Shipment]) -> list[WavePart]:
    """By shipment, in the order of the stops."""
    found: dict[int, list[ShipmentLine]] = defaultdict(list)
    for line in lines:
        found[line.shipment_id].append(line)
    return [WavePart(one, found[one.pk]) for one in shipments if one.pk in found]
