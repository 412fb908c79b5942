"""What is done to stock by hand: all or nothing, first expired first, never what is held, expired or promised."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import DomainError, RequestIdReused, StaleEdit
from inventory.actions import stock as actions
from inventory.actions.policies import ClassPolicy, Policy, set_policies
from inventory.actions.stock import OfLot, ReceivedLot, Used
from inventory.errors import InsufficientStock, UnusableLot
from inventory.models import CriticalityPolicy, KindPolicy, Lot, StockLevel, StockMovement
from inventory.queries.policies import criticality_weights, last_change
from stations.models import Event, Location, Station, User
from stations.signatures import Signature
from tests import make
from tests.make import AT, TODAY, rid

pytestmark = pytest.mark.django_db
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


@pytest.fixture
def north() -> Station:
    return make.station(name="North")


@pytest.fixture
def officer(north: Station) -> User:
    return make.officer(north)


def use(place: Location, *lines: Used, by: User, **more):
    given: dict[str, Any] = {"reference": "", "request_id": rid(), **more}
    return actions.use_stock(location=place, lines=lines, by=by, at=AT, **given)


def taken() -> list[tuple[str, int]]:
    moves = StockMovement.objects.exclude(reason="opening").order_by("pk")
    return [(move.lot.number, move.quantity) for move in moves]


def promise(level: StockLevel, quantity: int) -> None:
    StockLevel.objects.filter(pk=level.pk).update(allocated=quantity)


# --- Use -------------------------------------------------------------------------------------------------------------


def test_the_lot_that_expires_first_is_used_first_and_the_rest_from_the_next(north, officer):
    naloxone = make.item()
    make.stock(north, naloxone, on_hand=5, number="late", expires_on=date(2028, 1, 1))
    make.stock(north, naloxone, on_hand=5, number="never")
    make.stock(north, naloxone, on_hand=3, number="soon", expires_on=TODAY)

    first = use(make.room(north), Used(naloxone.pk, 9), by=officer, reference="Incident 7")

    assert taken() == [("soon", 3), ("late", 5), ("never", 1)]
    assert (first.reason, first.reference, first.moved_by, first.moved_at) == ("used", "Incident 7", officer, AT)
    assert make.on_hand(north, naloxone) == 4


@pytest.mark.parametrize(
    "fields",
    [{"expires_on": YESTERDAY}, {"status": Lot.Status.QUARANTINED}, {"status": Lot.Status.RECALLED}],
    ids=["expired", "quarantined", "recalled"],
)
def test_unusable_stock_is_neither_chosen_nor_taken_by_name(north, officer, fields):
    item = make.item(name="Epinephrine")
    level = make.stock(north, item, on_hand=5, number="A1", **fields)

    with pytest.raises(InsufficientStock) as short:
        use(make.room(north), Used(item.pk, 1), by=officer)
    with pytest.raises(UnusableLot) as unusable:
        use(make.room(north), Used(item.pk, 1, lot_id=level.lot_id), by=officer)

    assert short.value.problems == (
        "Epinephrine: 1 asked, 0 usable and not promised. If the shelf holds more, count it.",
    )
    assert unusable.value.problems[0].startswith("Epinephrine (lot A1) ")
    assert make.on_hand(north, item) == 5


def test_what_is_promised_stays_for_its_order(north, officer):
    item = make.item()
    promise(make.stock(north, item, on_hand=5), 3)

    with pytest.raises(InsufficientStock):
        use(make.room(north), Used(item.pk, 3), by=officer)
    use(make.room(north), Used(item.pk, 2), by=officer)

    assert make.on_hand(north, item) == 3


def test_every_short_line_is_named_and_nothing_moves(north, officer):
    gauze, tape, plenty = make.item(name="Gauze"), make.item(name="Tape"), make.item()
    make.stock(north, gauze, on_hand=2)
    make.stock(north, plenty, on_hand=50)

    with pytest.raises(InsufficientStock) as refusal:
        use(make.room(north), Used(plenty.pk, 1), Used(gauze.pk, 3), Used(tape.pk, 1), Used(10**9, 1), by=officer)

    assert [problem.split(":")[0] for problem in refusal.value.problems] == [
        "Gauze",
        "Tape",
        "Item 1000000000 is not in the catalogue.",
    ]
    assert taken() == []


def test_two_lines_of_one_item_share_what_there_is_and_a_named_lot_comes_first(north, officer):
    item = make.item()
    make.stock(north, item, on_hand=2, number="soon", expires_on=TOMORROW)
    make.stock(north, item, on_hand=2, number="late")
    soon = Lot.objects.get(number="soon")

    use(make.room(north), Used(item.pk, 2), Used(item.pk, 2, lot_id=soon.pk), by=officer)

    assert sorted(taken()) == [("late", 2), ("soon", 2)]


def test_a_lot_of_another_item_is_refused(north, officer):
    gauze, tape = make.item(name="Gauze"), make.item()
    make.stock(north, gauze)
    other = make.stock(north, tape)

    with pytest.raises(InsufficientStock, match="not enough") as refusal:
        use(make.room(north), Used(gauze.pk, 1, lot_id=other.lot_id), by=officer)

    assert refusal.value.problems == (f"Gauze: lot {other.lot_id} is not a lot of it.",)


@pytest.mark.parametrize("quantity", [0, -1, 1_000_001])
def test_quantities_are_bounded(north, officer, quantity):
    item = make.item()
    make.stock(north, item)

    with pytest.raises(DomainError) as refusal:
        use(make.room(north), Used(item.pk, quantity), by=officer)

    assert refusal.value.problems == (f"Line 1: {quantity} is not a quantity from 1 to 1,000,000.",)


def test_nothing_is_no_command(north, officer):
    with pytest.raises(DomainError, match="Nothing was chosen"):
        use(make.room(north), by=officer)


def test_a_long_reference_is_refused_not_cut(north, officer):
    item = make.item()
    make.stock(north, item)

    with pytest.raises(DomainError, match="at most 60"):
        use(make.room(north), Used(item.pk, 1), by=officer, reference="x" * 61)


@pytest.mark.parametrize("who", ["outsider", "reader", "chief", "auditor", "driver"])
def test_only_who_may_act_at_the_station_uses_its_stock(north, who):
    item = make.item()
    make.stock(north, item)
    person = {
        "outsider": lambda: make.officer(make.station()),
        "reader": lambda: make.officer(north, read_only=True),
        "chief": make.chief,
        "auditor": make.auditor,
        "driver": make.driver,
    }[who]()

    with pytest.raises(PermissionDenied):
        use(make.room(north), Used(item.pk, 1), by=person)


def test_stock_on_a_van_belongs_to_its_deliveries(north, officer):
    van = make.van(north)
    item = make.item()
    make.stock(van.location, item)

    with pytest.raises(DomainError, match="belongs to its deliveries"):
        use(van.location, Used(item.pk, 1), by=officer)


def test_repeating_a_command_moves_nothing_more_and_gives_the_first_answer(north, officer):
    item = make.item()
    make.stock(north, item, on_hand=5)
    request_id = rid()

    first = use(make.room(north), Used(item.pk, 2), by=officer, request_id=request_id)
    again = use(make.room(north), Used(item.pk, 2), by=officer, request_id=request_id)

    assert first == again
    assert make.on_hand(north, item) == 3
    with pytest.raises(RequestIdReused):
        use(make.room(north), Used(item.pk, 1), by=officer, request_id=request_id)


def test_a_refused_command_gives_its_request_id_back(north, officer):
    item = make.item()
    make.stock(north, item, on_hand=1)
    request_id = rid()

    with pytest.raises(InsufficientStock):
        use(make.room(north), Used(item.pk, 2), by=officer, request_id=request_id)
    use(make.room(north), Used(item.pk, 1), by=officer, request_id=request_id)

    assert make.on_hand(north, item) == 0


# --- Restock, return, move -------------------------------------------------------------------------------------------


def test_a_unit_is_restocked_from_all_shelves_of_its_station_first_expired_first(north, officer):
    drug, unit = make.item(), make.unit(north)
    make.stock(make.safe(north), drug, on_hand=2, number="safe", expires_on=TOMORROW)
    make.stock(north, drug, on_hand=4, number="room", expires_on=date(2028, 1, 1))
    make.stock(north, drug, on_hand=9, number="old", expires_on=YESTERDAY)
    make.stock(unit.location, drug, on_hand=7, number="aboard", expires_on=TODAY)

    actions.restock_unit(unit=unit, lines=[Used(drug.pk, 5)], by=officer, at=AT, request_id=rid())

    assert taken() == [("safe", 2), ("room", 3)]
    assert make.on_hand(unit.location, drug) == 12


def test_a_unit_is_not_restocked_from_another_station(north, officer):
    item = make.item()
    make.stock(make.station(), item, on_hand=50)

    with pytest.raises(InsufficientStock):
        actions.restock_unit(unit=make.unit(north), lines=[Used(item.pk, 1)], by=officer, at=AT, request_id=rid())


def test_what_comes_back_from_a_unit_goes_to_its_shelf_and_drugs_to_the_safe(north, officer):
    unit, gauze = make.unit(north), make.item()
    drug = make.item(kind="medication", schedule="II")
    lots = [make.stock(unit.location, item, on_hand=3).lot_id for item in (gauze, drug)]
    safe = make.safe(north)

    actions.return_to_station(unit=unit, lines=[OfLot(lot, 2) for lot in lots], by=officer, at=AT, request_id=rid())

    assert (make.on_hand(north, gauze), make.on_hand(safe, drug)) == (2, 2)


def test_stock_moves_only_between_places_where_the_person_may_act(north, officer):
    south = make.station()
    level = make.stock(north, make.item(), on_hand=5)
    ends: dict[str, Any] = {"source": make.room(north), "lines": [OfLot(level.lot_id, 2)], "at": AT}

    with pytest.raises(PermissionDenied):
        actions.transfer_stock(destination=make.room(south), by=officer, request_id=rid(), **ends)
    actions.transfer_stock(destination=make.room(south), by=make.logistics(), request_id=rid(), **ends)

    assert make.on_hand(south, level.lot.item) == 2


def test_stock_is_not_moved_to_where_it_is_nor_into_the_ledgers_ends(north, officer):
    level, room = make.stock(north, make.item()), make.room(north)
    given: dict[str, Any] = {"source": room, "lines": [OfLot(level.lot_id, 1)], "by": officer, "at": AT}

    with pytest.raises(DomainError, match="already"):
        actions.transfer_stock(destination=room, request_id=rid(), **given)
    with pytest.raises(DomainError, match="no place that holds stock"):
        actions.transfer_stock(destination=Location.objects.virtual(Location.Kind.CONSUMED), request_id=rid(), **given)
    with pytest.raises(DomainError, match="not on the books"):
        actions.transfer_stock(**given | {"lines": [OfLot(10**9, 1)]}, destination=make.safe(north), request_id=rid())


# --- Waste, discard --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", [actions.waste_stock, actions.discard_stock])
def test_a_scheduled_drug_leaves_only_before_a_witness_who_is_another_person(north, officer, action):
    level = make.stock(make.safe(north), make.item(name="Fentanyl", kind="medication", schedule="II"), on_hand=3)
    given: dict[str, Any] = {
        "location": level.location,
        "lines": [OfLot(level.lot_id, 1)],
        "reason": "Broken ampoule",
        "at": AT,
    }

    with pytest.raises(DomainError, match="Fentanyl: a scheduled drug"):
        action(witness=None, by=officer, request_id=rid(), **given)
    with pytest.raises(DomainError, match="Nobody witnesses themselves"):
        action(witness=Signature(officer), by=officer, request_id=rid(), **given)
    witness = make.officer(north)
    made = action(witness=Signature(witness), by=officer, request_id=rid(), **given)

    assert (made.witness, made.reference) == (witness, "Broken ampoule")
    assert make.on_hand(level.location, level.lot.item) == 2


def test_expired_stock_is_discarded_with_a_reason_but_not_more_than_there_is(north, officer):
    level = make.stock(north, make.item(), on_hand=3, number="A", expires_on=YESTERDAY)
    given: dict[str, Any] = {"location": make.room(north), "by": officer, "at": AT}

    with pytest.raises(DomainError, match="Say why"):
        actions.discard_stock(lines=[OfLot(level.lot_id, 1)], reason="  ", request_id=rid(), **given)
    with pytest.raises(InsufficientStock):
        actions.discard_stock(lines=[OfLot(level.lot_id, 4)], reason="Expired", request_id=rid(), **given)
    actions.discard_stock(lines=[OfLot(level.lot_id, 3)], reason="Expired", request_id=rid(), **given)

    assert make.on_hand(north, level.lot.item) == 0


# --- Receive ---------------------------------------------------------------------------------------------------------


def receive(station: Station, *lines: ReceivedLot, by: User):
    return actions.receive_stock(station=station, lines=lines, reference="PO 12", by=by, at=AT, request_id=rid())


def test_what_a_supplier_brings_is_put_on_its_shelf_and_drugs_in_the_safe(north, officer):
    gauze, drug, safe = make.item(), make.item(kind="medication", schedule="IV"), make.safe(north)

    first = receive(north, ReceivedLot(gauze.pk, " G1 ", None, 40), ReceivedLot(drug.pk, "D1", TOMORROW, 5), by=officer)

    assert (make.on_hand(north, gauze), make.on_hand(safe, drug)) == (40, 5)
    assert (first.lot.number, first.reference, first.source.kind) == ("G1", "PO 12", "supplier")
    assert Lot.objects.get(number="D1").expires_on == TOMORROW


def test_a_known_lot_is_received_again_with_or_without_its_date(north, officer):
    level = make.stock(north, make.item(), on_hand=1, number="A", expires_on=TOMORROW)

    receive(north, ReceivedLot(level.lot.item_id, "A", TOMORROW, 1), by=officer)
    receive(north, ReceivedLot(level.lot.item_id, "A", None, 1), by=officer)

    assert make.on_hand(north, level.lot.item) == 3


def test_every_line_that_cannot_be_received_is_named(north, officer):
    old, gone, piece = make.item(name="Old"), make.item(name="Gone", is_active=False), make.item(name="Monitor")

    with pytest.raises(DomainError) as refusal:
        receive(
            north,
            ReceivedLot(old.pk, "A", YESTERDAY, 1),
            ReceivedLot(old.pk, "", TOMORROW, 1),
            ReceivedLot(gone.pk, "A", None, 1),
            ReceivedLot(piece.pk, "", None, 2, serial_number="SN1"),
            ReceivedLot(10**9, "", None, 1),
            by=officer,
        )

    assert refusal.value.problems == (
        "Line 1, Old: it expired on Nov 1, 2026; send it back to the supplier.",
        "Line 2, Old: an expiry date belongs to a lot; write the lot number too.",
        "Line 3, Gone: it is no longer in use; choose another item.",
        "Line 4, Monitor: a serial number stands for one piece; write the quantity 1.",
        "Line 5, item 1000000000: it is not in the catalogue; choose an item from the list.",
    )
    assert not Lot.objects.exists()


def test_an_expiry_that_contradicts_the_lot_and_a_serial_number_on_the_books_are_refused(north, officer):
    gauze, monitor = make.item(name="Gauze"), make.item(name="Monitor")
    make.stock(north, gauze, number="A", expires_on=TOMORROW)
    receive(north, ReceivedLot(monitor.pk, "", None, 1, serial_number="SN1"), by=officer)

    with pytest.raises(DomainError) as refusal:
        receive(
            north,
            ReceivedLot(gauze.pk, "A", TODAY, 1),
            ReceivedLot(monitor.pk, "", None, 1, serial_number="SN1"),
            by=officer,
        )

    assert [problem.rpartition(":")[0].partition(": lot")[0] for problem in refusal.value.problems] == [
        "Line 1, Gauze",
        "Line 2, Monitor: serial number SN1 is at North · Supply room already",
    ]


def test_a_piece_is_not_received_twice_in_one_delivery(north, officer):
    monitor = ReceivedLot(make.item(name="Monitor").pk, "", None, 1, serial_number="SN1")

    with pytest.raises(DomainError) as refusal:
        receive(north, monitor, monitor, by=officer)

    assert len(refusal.value.problems) == 2
    assert not Lot.objects.exists()


# --- Lots, undo, policies --------------------------------------------------------------------------------------------


def test_logistics_holds_a_lot_and_releases_it_with_a_reason_each(north, officer):
    lot, person = make.stock(north, make.item()).lot, make.logistics()
    given: dict[str, Any] = {"lot": lot, "at": AT}

    with pytest.raises(PermissionDenied):
        actions.set_lot_status(status="recalled", reason="Notice", by=officer, request_id=rid(), **given)
    with pytest.raises(DomainError, match="Say why"):
        actions.set_lot_status(status="recalled", reason="", by=person, request_id=rid(), **given)
    actions.set_lot_status(status="recalled", reason="Notice", by=person, request_id=rid(), **given)
    with pytest.raises(DomainError, match="already"):
        actions.set_lot_status(status="recalled", reason="Notice", by=person, request_id=rid(), **given)
    with pytest.raises(StaleEdit, match="made this lot recalled"):
        actions.set_lot_status(status="quarantined", reason="?", was="usable", by=person, request_id=rid(), **given)
    actions.set_lot_status(status="usable", reason="Cleared", was="recalled", by=person, request_id=rid(), **given)

    events = Event.objects.about(lot)
    assert [(event.verb, event.comment, event.details["status"]) for event in events] == [
        ("recalled", "Notice", ["usable", "recalled"]),
        ("usable", "Cleared", ["recalled", "usable"]),
    ]


def test_a_movement_is_undone_once_by_logistics(north, officer):
    item, person = make.item(), make.logistics()
    make.stock(north, item, on_hand=5)
    used = use(make.room(north), Used(item.pk, 2), by=officer)
    given: dict[str, Any] = {"movement": used, "at": AT}

    with pytest.raises(PermissionDenied):
        actions.reverse_movement(reason="Typo", by=officer, request_id=rid(), **given)
    back = actions.reverse_movement(reason="Typo", by=person, request_id=rid(), **given)
    with pytest.raises(DomainError, match="already been undone"):
        actions.reverse_movement(reason="Typo", by=person, request_id=rid(), **given)

    assert (back.reverses, back.reason) == (used, "corrected")
    assert make.on_hand(north, item) == 5


def test_policies_are_set_by_logistics_and_the_chief_and_guard_against_each_other(officer):
    chief, seen = make.chief(), 0
    mine = [Policy("medication", 30, 120)]

    with pytest.raises(PermissionDenied):
        set_policies(policies=mine, by=officer, at=AT, request_id=rid())
    with pytest.raises(DomainError, match="cannot be right"):
        set_policies(policies=[Policy("medication", -1, 5000)], by=chief, at=AT, request_id=rid())
    set_policies(policies=mine, by=chief, at=AT, request_id=rid())
    with pytest.raises(StaleEdit, match="changed the policies"):
        set_policies(policies=[Policy("medication", 1, 1)], seen=seen, by=make.logistics(), at=AT, request_id=rid())

    saved = KindPolicy.objects.get(kind="medication")
    assert (saved.horizon_days, saved.expiring_days) == (30, 120)
    event = last_change()
    assert event is not None
    assert event.details == {"medication": [[None, 90], [30, 120]]}


def test_classes_are_set_beside_the_kinds_and_logged_with_them():
    chief = make.chief()

    with pytest.raises(DomainError) as refusal:
        set_policies(policies=[], classes=[ClassPolicy("A", 10_000, -1)], by=chief, at=AT, request_id=rid())
    assert len(refusal.value.problems) == 2
    assert not CriticalityPolicy.objects.exists()
    set_policies(policies=[], classes=[ClassPolicy("A", 9995, 30_000)], by=chief, at=AT, request_id=rid())

    event = last_change()
    assert event is not None
    assert event.details == {"A": [[9990, 20_000], [9995, 30_000]]}
    with CaptureQueriesContext(connection) as asked:
        weights = criticality_weights()
    assert len(asked) == 1
    assert {rank: (one.fill_floor_bp, one.lost_unit_cents) for rank, one in weights.items()} == {
        "A": (9995, 30_000),
        "B": (9900, 4_000),
        "C": (9700, 500),
    }


# --- Set-based -------------------------------------------------------------------------------------------------------


COMMANDS: dict[str, Any] = {
    "use": lambda north, items, lots: (
        actions.use_stock,
        {"location": make.room(north), "lines": [Used(item.pk, 15) for item in items]},
    ),
    "restock": lambda north, items, lots: (
        actions.restock_unit,
        {"unit": north.units.get(), "lines": [Used(item.pk, 15) for item in items]},
    ),
    "waste": lambda north, items, lots: (
        actions.waste_stock,
        {"location": make.room(north), "lines": lots, "reason": "Broken", "witness": None},
    ),
    "discard": lambda north, items, lots: (
        actions.discard_stock,
        {"location": make.room(north), "lines": lots, "reason": "Broken"},
    ),
    "move": lambda north, items, lots: (
        actions.transfer_stock,
        {"source": make.room(north), "destination": make.safe(north), "lines": lots},
    ),
    "receive": lambda north, items, lots: (
        actions.receive_stock,
        {"station": north, "lines": [ReceivedLot(item.pk, "new", TOMORROW, 5) for item in items]},
    ),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_takes_as_many_queries_for_thirty_lines_as_for_three(north, officer, command):
    make.unit(north)
    make.safe(north)
    for kind in ("consumed", "wasted", "discarded"):
        Location.objects.virtual(Location.Kind(kind))
    items = [make.item() for _ in range(33)]
    lots = []
    for item in items:
        lots.append(OfLot(make.stock(north, item, number="A").lot_id, 1))
        make.stock(north, item, number="B")

    def queries(part: slice) -> int:
        act, given = COMMANDS[command](north, items[part], lots[part])
        with CaptureQueriesContext(connection) as seen:
            act(by=officer, at=AT, request_id=rid(), **given)
        return len(seen)

    assert queries(slice(3)) == queries(slice(3, 33)) < 22
