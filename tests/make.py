"""Things of the trade, made for tests through the same actions as the pages where they change stock."""

import itertools
from datetime import UTC, date, datetime, time
from uuid import UUID, uuid4

from django.db import transaction

from inventory.actions.ledger import Move, post_movements
from inventory.models import Item, Lot, Pack, ParLevel, StockLevel, StockMovement
from stations.models import Command, Location, Membership, Station, Unit, User

AT = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
TODAY = date(2026, 11, 2)
_numbers = itertools.count(1)


def rid() -> UUID:
    """A request id that nobody used."""
    return uuid4()


def person(role: str, **fields: object) -> User:
    number = next(_numbers)
    user = User(username=f"{role}{number}", first_name=role.title(), last_name=str(number), role=role, **fields)
    user.set_unusable_password()
    user.save()
    return user


def logistics() -> User:
    return person(User.Role.LOGISTICS)


def chief() -> User:
    return person(User.Role.CHIEF)


def auditor() -> User:
    return person(User.Role.AUDITOR)


def driver() -> User:
    return person(User.Role.DRIVER)


def officer(*stations: Station, read_only: bool = False) -> User:
    """An officer of these stations; of none, an outsider everywhere."""
    user = person(User.Role.OFFICER)
    for station in stations:
        Membership.objects.create(user=user, station=station, is_read_only=read_only)
    return user


def warehouse(**fields: object) -> Station:
    return station(kind=Station.Kind.WAREHOUSE, supplied_by=None, **fields)


def station(**fields: object) -> Station:
    """A station with a supply room, open 08:00-18:00 every day, supplied by a new warehouse unless told. It lies near
    all others, wherever its number falls: a test that needs a distance says so."""
    number = next(_numbers)
    if fields.get("kind", Station.Kind.STATION) != Station.Kind.WAREHOUSE and "supplied_by" not in fields:
        fields["supplied_by"] = warehouse()
    made = Station.objects.create(
        **{
            "code": f"S{number}",
            "name": f"Station {number}",
            "latitude": 47.6 + number % 97 / 10_000,
            "longitude": -122.3 - number % 89 / 10_000,
            "window_start": time(8),
            "window_end": time(18),
            **fields,
        }
    )
    Location.objects.create(kind=Location.Kind.SUPPLY_ROOM, name="Supply room", station=made)
    return made


def room(station: Station) -> Location:
    return Location.objects.get(station=station, kind=Location.Kind.SUPPLY_ROOM)


def safe(station: Station) -> Location:
    return Location.objects.get_or_create(station=station, kind=Location.Kind.SAFE, defaults={"name": "Safe"})[0]


def unit(station: Station, **fields: object) -> Unit:
    made = Unit.objects.create(**{"code": f"M{next(_numbers)}", "station": station, **fields})
    is_van = made.kind == Unit.Kind.VAN
    Location.objects.create(kind=Location.Kind.VAN if is_van else Location.Kind.UNIT, name=made.code, unit=made)
    return made


def van(station: Station, **fields: object) -> Unit:
    return unit(station, kind=Unit.Kind.VAN, **fields)


def item(*, issue_pack: int | None = None, **fields: object) -> Item:
    number = next(_numbers)
    made = Item.objects.create(**{"sku": f"IT{number:04d}", "name": f"Item {number}", "unit_cost_cents": 100, **fields})
    if issue_pack:
        Pack.objects.create(item=made, name="box", quantity=issue_pack, is_issue_pack=True)
    return made


def lot(item: Item, *, number: str = "", expires_on: date | None = None, **fields: object) -> Lot:
    return Lot.objects.get_or_create(
        item=item, number=number, serial_number="", defaults={"expires_on": expires_on, **fields}
    )[0]


@transaction.atomic
def stock(
    where: Station | Location,
    item: Item,
    *,
    on_hand: int = 10,
    number: str = "",
    expires_on: date | None = None,
    **lot_fields: object,
) -> StockLevel:
    """Put stock of one lot on a shelf (the supply room of a station), by an opening movement."""
    place = room(where) if isinstance(where, Station) else where
    made = lot(item, number=number, expires_on=expires_on, **lot_fields)
    command = Command.objects.begin("opening", by=None, at=AT)
    supplier = Location.objects.virtual(Location.Kind.SUPPLIER)
    move = Move(made.pk, supplier.pk, place.pk, on_hand, StockMovement.Reason.OPENING)
    post_movements(command, [move], by=None, at=AT)
    return StockLevel.objects.get(location=place, lot=made)


def par(where: Station | Location, item: Item, par: int, minimum: int | None = None, **fields: object) -> ParLevel:
    place = room(where) if isinstance(where, Station) else where
    return ParLevel.objects.create(
        location=place, item=item, par=par, minimum=par if minimum is None else minimum, **fields
    )


def on_hand(where: Station | Location, item: Item) -> int:
    """All lots of an item at a place, by its levels."""
    place = room(where) if isinstance(where, Station) else where
    return sum(StockLevel.objects.filter(location=place, lot__item=item).values_list("on_hand", flat=True))
