"""What people name when they move stock by hand, and the checks that every such command begins with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.errors import DomainError
from inventory.models import Lot
from stations.models import Location, Station, Unit, User
from stations.signatures import Signature

MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Used:
    """So many base units of an item: of this lot, or of those that expire first."""

    item_id: int
    quantity: int
    lot_id: int | None = None


@dataclass(frozen=True, slots=True)
class OfLot:
    """So many base units of one lot."""

    lot_id: int
    quantity: int


Discarded = OfLot


class Quantified(Protocol):
    @property
    def quantity(self) -> int: ...


def check_quantities(lines: Sequence[Quantified]) -> None:
    """Refuse no lines at all, and quantities that are not whole numbers from 1 to ``MOST``."""
    if not lines:
        raise DomainError("Nothing was chosen. Put a quantity on at least one line.")
    problems = [
        f"Line {number}: {line.quantity} is not a quantity from 1 to {MOST:,}."
        for number, line in enumerate(lines, start=1)
        if not 1 <= line.quantity <= MOST
    ]
    if problems:
        raise DomainError("Some quantities cannot be right. Nothing was moved.", problems=problems)


def checked_text(text: str, *, most: int, name: str) -> str:
    """The text without outer blanks; refused when the database could not keep all of it."""
    text = text.strip()
    if len(text) > most:
        raise DomainError(f"The {name} is too long: write at most {most} letters.")
    return text


def needed_reason(reason: str, what: str) -> str:
    """The reason, without outer blanks; refused when there is none."""
    reason = checked_text(reason, most=300, name="reason")
    if not reason:
        raise DomainError(f"Say why {what}.")
    return reason


def check_place(*locations: Location) -> None:
    """Refuse what is not a shelf or a unit: stock on a van belongs to the deliveries that it carries."""
    for location in locations:
        if location.kind == Location.Kind.VAN:
            raise DomainError(
                f"Stock on {location} belongs to its deliveries: receive them, or settle their discrepancies."
            )
        if not location.is_physical:
            raise DomainError(f"{location} is no place that holds stock: choose a supply room, a safe or a unit.")


def check_witness(witness: Signature | None, lots: Iterable[Lot], *, by: User | None) -> None:
    """Refuse a witness who is the person themselves or has left, and a scheduled drug without any witness."""
    if witness is not None and by is not None and witness.person.pk == by.pk:
        raise DomainError("Nobody witnesses themselves: choose another person as the witness.")
    if witness is not None and not witness.person.is_active:
        raise DomainError(f"{witness.person} no longer signs in here: choose another person as the witness.")
    scheduled = sorted({lot.item.name for lot in lots if lot.item.schedule})
    if witness is None and scheduled:
        raise DomainError(
            f"{', '.join(scheduled)}: a scheduled drug leaves the books only before a witness. Choose one."
        )


def known_lots(lines: Sequence[OfLot]) -> dict[int, Lot]:
    """The lots of the lines, with their items. Refuses a lot that does not exist."""
    lots = Lot.objects.select_related("item").in_bulk({line.lot_id for line in lines})
    if unknown := [line.lot_id for line in lines if line.lot_id not in lots]:
        raise DomainError(
            "Some lots are not on the books. Nothing was moved.", problems=[f"Lot {pk} is unknown." for pk in unknown]
        )
    return lots


def place_of(unit: Unit) -> Location:
    """Where a unit keeps its stock. Refuses a van, whose load belongs to its deliveries."""
    location = Location.objects.filter(unit=unit).first()
    if location is None:
        raise DomainError(f"{unit} has no place for stock: import its locations first.")
    check_place(location)
    return location


def shelves_of(station: Station) -> dict[str, Location]:
    """The shelves of a station by their kind. Refuses a station that has none."""
    shelves = {shelf.kind: shelf for shelf in Location.objects.shelves().filter(station=station)}
    if Location.Kind.SUPPLY_ROOM not in shelves:
        raise DomainError(f"{station} has no supply room: import its locations first.")
    return {str(kind): shelf for kind, shelf in shelves.items()}


def shelf_for(shelves: dict[str, Location], *, is_scheduled: bool) -> Location:
    """Where an item belongs: a scheduled drug in the safe, if there is one; all else in the supply room."""
    room = shelves[Location.Kind.SUPPLY_ROOM]
    return shelves.get(Location.Kind.SAFE, room) if is_scheduled else room
