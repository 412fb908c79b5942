"""What people name when they move stock by hand, and the checks that every such command begins with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core.errors import DomainError
from inventory.models import Lot
from stations.models import Location, Station, Unit, User
from stations.signatures import Signature

MOST = 1_000_000
# What is said of each text that is too long.
TOO_LONG = {
    "reason": gettext_noop("The reason is too long: write at most %(most)s letters."),
    "reference": gettext_noop("The reference is too long: write at most %(most)s letters."),
    "purchase order": gettext_noop("The purchase order is too long: write at most %(most)s letters."),
    "incident number": gettext_noop("The incident number is too long: write at most %(most)s letters."),
    "lot number": gettext_noop("The lot number is too long: write at most %(most)s letters."),
}


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
        raise DomainError(_("Nothing was chosen. Put a quantity on at least one line."))
    problems = [
        _("Line %(line)s: %(quantity)s is not a quantity from 1 to %(most)s.")
        % {"line": number, "quantity": line.quantity, "most": f"{MOST:,}"}
        for number, line in enumerate(lines, start=1)
        if not 1 <= line.quantity <= MOST
    ]
    if problems:
        raise DomainError(_("Some quantities cannot be right. Nothing was moved."), problems=problems)


def checked_text(text: str, *, most: int, name: str) -> str:
    """The text without outer blanks; refused when the database could not keep all of it. ``name``: of ``TOO_LONG``."""
    text, refusal = text.strip(), TOO_LONG[name]
    if len(text) > most:
        raise DomainError(_(refusal) % {"most": most})
    return text


def needed_reason(reason: str, what: str) -> str:
    """The reason, without outer blanks; refused when there is none. ``what`` is done, in the person's language."""
    reason = checked_text(reason, most=300, name="reason")
    if not reason:
        raise DomainError(_("Say why %(what)s.") % {"what": what})
    return reason


def check_place(*locations: Location) -> None:
    """Refuse what is not a shelf or a unit: stock on a van belongs to the deliveries that it carries."""
    for location in locations:
        if location.kind == Location.Kind.VAN:
            raise DomainError(
                _("Stock on %(place)s belongs to its deliveries: receive them, or settle their discrepancies.")
                % {"place": location}
            )
        if not location.is_physical:
            raise DomainError(
                _("%(place)s is no place that holds stock: choose a supply room, a safe or a unit.")
                % {"place": location}
            )


def check_witness(witness: Signature | None, lots: Iterable[Lot], *, by: User | None) -> None:
    """Refuse a witness who is the person themselves or has left, and a scheduled drug without any witness."""
    if witness is not None and by is not None and witness.person.pk == by.pk:
        raise DomainError(_("Nobody witnesses themselves: choose another person as the witness."))
    if witness is not None and not witness.person.is_active:
        raise DomainError(
            _("%(person)s no longer signs in here: choose another person as the witness.") % {"person": witness.person}
        )
    scheduled = sorted({lot.item.name for lot in lots if lot.item.schedule})
    if witness is None and scheduled:
        raise DomainError(
            _("%(items)s: a scheduled drug leaves the books only before a witness. Choose one.")
            % {"items": ", ".join(scheduled)}
        )


def known_lots(lines: Sequence[OfLot]) -> dict[int, Lot]:
    """The lots of the lines, with their items. Refuses a lot that does not exist."""
    lots = Lot.objects.select_related("item").in_bulk({line.lot_id for line in lines})
    if unknown := [line.lot_id for line in lines if line.lot_id not in lots]:
        raise DomainError(
            _("Some lots are not on the books. Nothing was moved."),
            problems=[_("Lot %(lot)s is unknown.") % {"lot": pk} for pk in unknown],
        )
    return lots


def place_of(unit: Unit) -> Location:
    """Where a unit keeps its stock. Refuses a van, whose load belongs to its deliveries."""
    location = Location.objects.filter(unit=unit).first()
    if location is None:
        raise DomainError(_("%(unit)s has no place for stock: import its locations first.") % {"unit": unit})
    check_place(location)
    return location


def shelves_of(station: Station) -> dict[str, Location]:
    """The shelves of a station by their kind. Refuses a station that has none."""
    shelves = {shelf.kind: shelf for shelf in Location.objects.shelves().filter(station=station)}
    if Location.Kind.SUPPLY_ROOM not in shelves:
        raise DomainError(_("%(station)s has no supply room: import its locations first.") % {"station": station})
    return {str(kind): shelf for kind, shelf in shelves.items()}


def shelf_for(shelves: dict[str, Location], *, is_scheduled: bool) -> Location:
    """Where an item belongs: a scheduled drug in the safe, if there is one; all else in the supply room."""
    room = shelves[Location.Kind.SUPPLY_ROOM]
    return shelves.get(Location.Kind.SAFE, room) if is_scheduled else room
