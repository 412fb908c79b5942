"""Recalls from the record to the last unit: matched by code and lot, held at once, promised anew, pulled, closed."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.errors import DomainError, RequestIdReused, StaleEdit
from integrations.actions.pulling import pull_recalled
from integrations.actions.recalls import Taken, match_recalls, take_recalls
from integrations.actions.reviewing import dismiss_recalls, match_by_hand
from integrations.models import Recall, RecalledLot
from integrations.queries.recall_places import reckoning
from integrations.recalls.files import read_file
from inventory.actions.ledger import reverse_movement
from inventory.actions.lines import OfLot, Used
from inventory.actions.lots import set_lot_status
from inventory.actions.stock import use_stock
from inventory.errors import UnusableLot
from inventory.models import Lot, StockLevel, StockMovement
from orders.actions import picking, receipts
from orders.models import OrderLine, ShipmentLine
from orders.queries.verify import all_differences
from stations.models import Event, Location
from stations.signatures import Signature
from tests import make
from tests.flow import Division
from tests.recalls import NDC, recall, record, take
from tests.transfers import Neighbours

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    return Division()


@pytest.fixture
def naloxone():
    return make.item(name="Naloxone", kind="medication", ndc=NDC)


def status(number: str = "A17") -> str:
    return Lot.objects.get(number=number).status


def pull(division, level, quantity, by=None, **fields):
    return pull_recalled(
        recall=recall(),
        location=level.location,
        lines=[OfLot(level.lot_id, quantity)],
        **division.by(by or division.officer),
        **fields,
    )


# --- Matching --------------------------------------------------------------------------------------------------------


def test_a_named_lot_is_recalled_everywhere_and_nothing_else(division, naloxone):
    for place in (division.station, division.warehouse):
        make.stock(place, naloxone, on_hand=5, number="A17")
        make.stock(place, naloxone, on_hand=5, number="B20")
    make.stock(division.station, make.item(ndc="0409-1782-70"), number="A17")

    taken = take()

    assert taken == Taken(new=1, lots=1)
    assert recall().state == "acting"
    assert [(one.lot.item, one.lot.number, one.how, one.found) for one in RecalledLot.objects.all()] == [
        (naloxone, "A17", "code", 10)
    ]
    assert list(Lot.objects.exclude(status="usable").values_list("item", "number")) == [(naloxone.pk, "A17")]
    with pytest.raises(UnusableLot):
        use_stock(
            location=make.room(division.station),
            lines=[Used(naloxone.pk, 1, Lot.objects.get(item=naloxone, number="A17").pk)],
            **division.by(division.officer),
        )


def test_a_record_taken_twice_changes_nothing(division, naloxone):
    make.stock(division.station, naloxone, number="A17")
    take()
    before = Recall.objects.values().get(), Event.objects.filter(subject_kind__in=["lot", "recall"]).count()

    assert take() == Taken(same=1)

    assert Recall.objects.values().get() == before[0]
    assert Event.objects.filter(subject_kind__in=["lot", "recall"]).count() == before[1] + 1, "that it was looked at"
    assert RecalledLot.objects.count() == 1


def test_the_same_request_is_answered_as_the_first_time(naloxone):
    facts: dict[str, Any] = {"by": make.logistics(), "at": make.AT, "request_id": make.rid()}
    first = take_recalls(records=[record()], **facts)

    assert take_recalls(records=[record()], **facts) == first == Taken(new=1)
    with pytest.raises(RequestIdReused):
        take_recalls(records=[record("D-2-2026")], **facts)


def test_an_updated_record_adds_lots_and_keeps_the_others(division, naloxone):
    make.stock(division.station, naloxone, number="A17")
    make.stock(division.station, naloxone, number="A18")
    take()

    assert take(record(lots="Lot A18")) == Taken(changed=1, lots=1)

    assert (status("A17"), status("A18")) == ("recalled", "recalled")
    assert recall().lot_numbers.keys() == {"A17", "A18"}
    assert recall().code_text == "Lot A18"


def test_a_changed_text_asks_the_person_who_decided_again(division, naloxone):
    make.stock(division.station, naloxone, number="A18")
    take(record(lots="Lots A10 to A20"))
    dismiss_recalls(recalls=[recall().pk], reason="Never bought", **division.by(division.logistics))

    take(record(lots="Lots A10 to A20", status="Terminated"))
    assert recall().state == "not_ours", "only its status is new"
    take(record(lots="Lots A10 to A30"))

    assert (recall().state, recall().decided_by, recall().decision) == ("to_review", None, "")


def test_all_lots_are_those_here_and_those_that_come(division, naloxone):
    make.stock(division.station, naloxone, number="A17")
    take(record(lots="All lots within expiry"))
    make.stock(division.warehouse, naloxone, number="Z99")
    assert status("Z99") == "usable"

    assert match_recalls(at=division.later(minutes=10)) == 1

    assert (status("A17"), status("Z99")) == ("recalled", "recalled")


def test_a_lot_that_comes_later_is_held_then_and_the_recall_is_open_again(division, naloxone):
    take()
    assert (recall().state, recall().decision) == ("not_ours", "Nothing that it names is on the books.")
    make.stock(division.station, naloxone, number="A17")

    assert match_recalls(at=make.AT) == 1

    assert (recall().state, recall().decision, status()) == ("acting", "", "recalled")
    assert match_recalls(at=make.AT) == 0
    assert Event.objects.filter(command__verb="match_recalls").count() == 2, "the lot and the recall, once"


def test_an_expiry_that_contradicts_holds_the_lot_until_a_person_has_looked(division, naloxone):
    make.stock(division.station, naloxone, number="A17", expires_on=date(2028, 3, 31))

    take(record(lots="Lot A17, exp 05/2027"))

    assert (status(), recall().state) == ("quarantined", "to_review")
    assert recall().problems == ["Lot A17: the record says that it expires in 2027-05, the books say 2028-03-31."]
    lot = Lot.objects.get()
    match_by_hand(
        recall=recall(), lots=[lot.pk], reason="Read the box", version=None, **division.by(division.logistics)
    )
    assert (status(), recall().state) == ("recalled", "acting")


@pytest.mark.parametrize("day", [date(2027, 5, 1), date(2027, 5, 31), date(2027, 6, 1)])
def test_an_expiry_of_that_month_agrees(division, naloxone, day):
    make.stock(division.station, naloxone, number="A17", expires_on=day)

    take(record(lots="Lot A17, exp 05/27"))

    assert status() == "recalled"


@pytest.mark.parametrize(
    ("lots", "why"), [("Lots A10 to A20", "a range"), ("", "no number"), ("all lots made before May", "a condition")]
)
def test_lots_that_cannot_be_listed_wait_for_a_person_and_hold_nothing(division, naloxone, lots, why):
    make.stock(division.station, naloxone, number="A17")

    assert take(record(lots=lots)).to_review == 1

    assert (recall().state, status()) == ("to_review", "usable")
    assert f"Its lots are given as {why}." in recall().problems


def test_what_is_listed_is_held_even_if_the_rest_waits_for_a_person(division, naloxone):
    make.stock(division.station, naloxone, number="A17")

    take(record(lots="Lot A17, A18, etc."))

    assert (recall().state, status()) == ("to_review", "recalled")


def test_a_lot_number_alone_holds_nothing_but_is_shown_to_a_person(division, naloxone):
    make.stock(division.station, naloxone, number="AB123")

    take(record(ndc="0093-0787-01", lots="Lot AB123"))

    assert (recall().state, status("AB123")) == ("to_review", "usable")
    assert recall().problems == ["Lot AB123 of Naloxone is on the books, but the record names no code of that item."]


def test_stock_without_a_lot_number_is_for_a_person(division, naloxone):
    make.stock(division.station, naloxone, number="")

    take()

    assert (recall().state, status("")) == ("to_review", "usable")


def test_what_was_used_up_before_is_for_a_person_who_knows_the_patients(division, naloxone):
    level = make.stock(division.station, naloxone, number="A17", on_hand=2)
    use_stock(location=level.location, lines=[Used(naloxone.pk, 2)], **division.by(division.officer))

    take()

    assert recall().state == "to_review"
    assert "was used on patients" in recall().unread
    assert status() == "recalled", "should some of it come back"


def test_serial_numbers_are_matched_like_lots(division):
    aed = make.item(name="AED", kind="equipment", gtin="00304091782693")
    Lot.objects.create(item=aed, serial_number="SN-0042")

    take(record(ndc="none", product_description="AED, UPC 304091782693", lots="Serial numbers SN0042"))

    assert Lot.objects.get().status == "recalled"


@pytest.mark.parametrize("name", ["fda_enforcement_report_2012-06-13.json", "openfda_api_enforcement_response_0.json"])
def test_the_files_are_taken_as_they_are(shared, name):
    records = read_file(name, (shared / "recalls" / name).read_bytes(), most_mb=1)
    package = make.item(name="Cleocin", ndc="0009-3124-03")
    other = make.item(name="Another package of that application", ndc="0009-0728-05")
    atenolol = make.item(name="Atenolol", ndc="0093-0787-10")
    for item, number in ((package, "G34908"), (other, "G34910"), (atenolol, "90a-028")):
        make.stock(make.station(), item, number=number)

    take(*records)

    held = set(Lot.objects.filter(status="recalled").values_list("item__name", flat=True))
    assert held == ({"Atenolol"} if len(records) > 1 else {"Cleocin"})


def test_a_file_is_taken_whole_or_not_at_all(naloxone, monkeypatch):
    class Broken(Exception):
        pass

    def fail(*args, **kwargs):
        raise Broken

    monkeypatch.setattr("integrations.actions.recalls.hold_matches", fail)
    with pytest.raises(Broken):
        take(record(), record("D-2-2026"))

    assert not Recall.objects.exists()


def test_many_records_ask_as_often_as_few(division, naloxone):
    make.stock(division.station, naloxone, number="A17")
    take(record("D-1-2025"))

    def asked(count: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            take(*(record(f"D-{number}-{2030 + count}") for number in range(count)))
        return len(queries)

    assert asked(2) == asked(30) <= 32


def test_an_empty_file_is_refused(division):
    with pytest.raises(DomainError, match="no recall record"):
        take_recalls(records=[], **division.by(division.logistics))


@pytest.mark.parametrize("role", ["officer", "driver", "chief", "auditor"])
def test_only_logistics_takes_and_decides(naloxone, role):
    take()
    facts: dict[str, Any] = {"by": make.person(role), "at": make.AT}

    with pytest.raises(PermissionDenied):
        take_recalls(records=[record("D-2-2026")], request_id=make.rid(), **facts)
    with pytest.raises(PermissionDenied):
        match_by_hand(recall=recall(), lots=[], reason="x", version=None, request_id=make.rid(), **facts)
    with pytest.raises(PermissionDenied):
        dismiss_recalls(recalls=[recall().pk], reason="x", request_id=make.rid(), **facts)


# --- What was promised -----------------------------------------------------------------------------------------------


def promised(division, naloxone, *, other: int = 0) -> Any:
    """Ten of lot A17 promised to the station; so many of a later lot are free."""
    make.par(division.station, naloxone, par=50)
    make.stock(division.warehouse, naloxone, on_hand=10, number="A17", expires_on=date(2027, 12, 31))
    if other:
        make.stock(division.warehouse, naloxone, on_hand=other, number="B20", expires_on=date(2028, 12, 31))
    division.approved({naloxone.pk: 10})
    return division.to_pick()


def lines_of(state: str) -> list[tuple[str, int]]:
    rows = ShipmentLine.objects.filter(shipment__state=state).order_by("level__lot__number")
    return list(rows.values_list("level__lot__number", "quantity"))


def test_a_promise_is_taken_back_and_made_again_from_another_lot(division, naloxone):
    promised(division, naloxone, other=6)
    assert lines_of("planned") == [("A17", 10)]

    take(by=division.logistics, at=division.at)

    assert lines_of("planned") == [("B20", 6)]
    line = OrderLine.objects.get()
    assert (line.allocated, line.owed) == (6, 4)
    assert StockLevel.objects.get(lot__number="A17").allocated == 0
    assert all_differences() == []
    said = Event.objects.filter(subject_kind="resupplyorder", verb="took stock back").get()
    assert (said.comment, said.command.by) == ("Recalled: lot A17.", division.logistics)


def test_what_is_being_picked_loses_the_lot_and_the_picker_is_told(division, naloxone):
    shipment = promised(division, naloxone, other=10)
    gauze = make.item(name="Gauze")
    make.par(division.station, gauze, par=50)
    make.stock(division.warehouse, gauze, on_hand=10)
    division.approved({gauze.pk: 3})
    shipment = picking.start_picking(shipment=shipment, **division.by(division.logistics))

    take()

    assert lines_of("picking") == [("", 3)]
    assert lines_of("planned") == [("B20", 10)]
    shipment.refresh_from_db()
    assert shipment.state == "picking"
    last = Event.objects.about(shipment).order_by("-pk")[0]
    assert last.comment == "Recalled. Take out of the totes: 10 of lot A17, Naloxone."
    assert all_differences() == []


def test_what_is_packed_is_opened_again(division, naloxone):
    gauze = make.item(name="Gauze")
    make.par(division.station, gauze, par=50)
    make.stock(division.warehouse, gauze, on_hand=10)
    division.approved({gauze.pk: 3})
    shipment = division.pack(promised(division, naloxone))
    seen = shipment.version

    take()

    shipment.refresh_from_db()
    assert (shipment.state, shipment.packed_at) == ("picking", None)
    assert lines_of("picking") == [("", 3)]
    assert OrderLine.objects.get(item=naloxone).owed == 10
    with pytest.raises(StaleEdit, match="changed while you had it open"):
        picking.pack_shipment(shipment=shipment, version=seen, totes=1, **division.by(division.logistics))
    picking.pack_shipment(shipment=shipment, version=shipment.version, totes=1, **division.by(division.logistics))
    assert all_differences() == []


def test_a_packed_shipment_of_nothing_else_is_given_up(division, naloxone):
    shipment = division.pack(promised(division, naloxone))

    take()

    shipment.refresh_from_db()
    assert shipment.state == "cancelled"
    assert OrderLine.objects.get().owed == 10
    assert all_differences() == []


def test_what_is_on_the_road_still_arrives_and_is_pulled_there(division, naloxone):
    shipment = division.send(division.pack(promised(division, naloxone)))

    take()

    assert reckoning(recall()).left == 10
    shipment = division.hand_over(shipment)
    receipts.receive_shipment(shipment=shipment, version=shipment.version, **division.by(division.officer))
    level = StockLevel.objects.get(location=make.room(division.station))
    pull(division, level, 10)
    assert recall().state == "closed"
    assert all_differences() == []


def test_a_transfer_of_the_lot_is_given_up(division):
    neighbours = Neighbours()
    order = neighbours.accept()
    assert neighbours.level is not None
    take(record(lots="unknown", ndc="none"))

    match_by_hand(
        recall=recall(),
        lots=[neighbours.level.lot_id],
        reason="Read the box",
        version=None,
        **division.by(division.logistics),
    )

    order.refresh_from_db()
    assert (neighbours.shipment().state, order.state) == ("cancelled", "closed")
    assert all_differences() == []


def test_a_release_that_was_cut_off_is_made_up_for(division, naloxone):
    promised(division, naloxone)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("integrations.actions.recalls.release_held", lambda **_: 0)
        take()
    assert lines_of("planned") == [("A17", 10)]

    match_recalls(at=division.at)

    assert lines_of("planned") == []
    assert all_differences() == []


# --- To the last unit ------------------------------------------------------------------------------------------------


def test_it_closes_with_the_last_unit_and_every_unit_is_accounted_for(division, naloxone):
    here = make.stock(division.station, naloxone, on_hand=6, number="A17")
    aboard = make.stock(make.unit(division.station).location, naloxone, on_hand=3, number="A17")
    use_stock(location=here.location, lines=[Used(naloxone.pk, 2)], **division.by(division.officer))
    take()
    division.later(hours=1)

    pull(division, here, 4)
    assert recall().state == "acting"
    pull(division, aboard, 2, is_destroyed=True)
    assert recall().state == "acting", "one is left on the unit"
    pull(division, aboard, 1)

    assert (recall().state, recall().closed_at) == ("closed", division.at)
    found = reckoning(recall())
    assert (found.found, found.left, found.pulled, found.used, found.used_since) == (7, 0, 7, 2, 0)
    assert (found.otherwise, found.came_since) == (0, 0)
    moved = StockMovement.objects.filter(reason="pulled").order_by("pk").values_list("reference", "destination__kind")
    assert list(moved) == [("D-1-2026", "supplier"), ("D-1-2026", "discarded"), ("D-1-2026", "supplier")]
    assert all_differences() == []


def test_a_pull_that_is_undone_opens_it_again(division, naloxone):
    level = make.stock(division.station, naloxone, on_hand=1, number="A17")
    take()
    pull(division, level, 1)
    reverse_movement(
        movement=StockMovement.objects.get(reason="pulled"), reason="Other box", **division.by(division.logistics)
    )

    match_recalls(at=division.at)

    assert (recall().state, recall().closed_at) == ("acting", None)
    assert reckoning(recall()).pulled == 0


def test_the_same_tap_twice_pulls_once(division, naloxone):
    level = make.stock(division.station, naloxone, on_hand=8, number="A17")
    take()
    facts: dict[str, Any] = {"recall": recall(), "location": level.location, "lines": [OfLot(level.lot_id, 4)]}
    once = division.by(division.officer)

    pull_recalled(**facts, **once)
    pull_recalled(**facts, **once)

    assert make.on_hand(division.station, naloxone) == 4


def test_more_than_is_there_and_other_lots_are_refused(division, naloxone):
    level = make.stock(division.station, naloxone, on_hand=4, number="A17")
    other = make.stock(division.station, naloxone, on_hand=4, number="B20")
    take()

    with pytest.raises(DomainError, match="not enough stock"):
        pull(division, level, 5)
    with pytest.raises(DomainError, match="does not name every lot"):
        pull(division, other, 1)


def test_who_may_not_act_there_pulls_nothing(division, naloxone):
    level = make.stock(division.station, naloxone, number="A17")
    take()

    for by in (make.officer(make.station()), make.officer(division.station, read_only=True), division.auditor):
        with pytest.raises(PermissionDenied):
            pull(division, level, 1, by=by)


def test_a_scheduled_drug_is_pulled_before_a_witness(division):
    fentanyl = make.item(name="Fentanyl", kind="medication", schedule="II", ndc=NDC)
    level = make.stock(make.safe(division.station), fentanyl, on_hand=2, number="A17")
    take()

    with pytest.raises(DomainError, match="before a witness"):
        pull(division, level, 2)
    pull(division, level, 2, witness=Signature(division.logistics))

    assert StockMovement.objects.get(reason="pulled").witness == division.logistics


def test_a_van_is_pulled_when_it_has_delivered(division, naloxone):
    division.send(division.pack(promised(division, naloxone)))
    take()
    level = StockLevel.objects.get(location__kind=Location.Kind.VAN)

    with pytest.raises(DomainError, match="belongs to its deliveries"):
        pull(division, level, 1, by=division.logistics)


# --- By hand ---------------------------------------------------------------------------------------------------------


def test_a_person_names_the_lots_and_the_review_is_done(division, naloxone):
    level = promised(division, naloxone, other=10).lines.get().level
    take(record(lots="Lots A10 to A20"))

    match_by_hand(
        recall=recall(), lots=[level.lot_id], reason="A17 is in it", version=1, **division.by(division.logistics)
    )

    assert (recall().state, recall().decided_by, status()) == ("acting", division.logistics, "recalled")
    assert RecalledLot.objects.get().how == "hand"
    assert lines_of("planned") == [("B20", 10)]
    match_recalls(at=division.at)
    assert recall().state == "acting", "and nobody is asked again"


def test_a_review_says_why_and_which_and_of_what_it_read(division, naloxone):
    level = make.stock(division.station, naloxone, number="A17")
    take(record(lots="Lots A10 to A20"))
    by = division.by(division.logistics)

    with pytest.raises(DomainError, match="Choose the lots"):
        match_by_hand(recall=recall(), lots=[], reason="x", version=None, **by)
    with pytest.raises(DomainError, match="Say why"):
        match_by_hand(recall=recall(), lots=[level.lot_id], reason=" ", version=None, **by)
    with pytest.raises(DomainError, match="not on the books"):
        match_by_hand(recall=recall(), lots=[0], reason="x", version=None, **by)
    with pytest.raises(StaleEdit):
        match_by_hand(recall=recall(), lots=[level.lot_id], reason="x", version=9, **by)
    assert (recall().state, status()) == ("to_review", "usable")


def test_a_lot_that_was_matched_wrongly_is_released_with_a_reason_and_stays_so(division, naloxone):
    make.stock(division.station, naloxone, number="A17")
    take()
    by = division.by(division.logistics)
    with pytest.raises(DomainError, match="Release them first"):
        dismiss_recalls(recalls=[recall().pk], reason="Other maker", **by)

    set_lot_status(lot=Lot.objects.get(), status="usable", reason="Other maker", **by)
    dismiss_recalls(recalls=[recall().pk], reason="Other maker", **division.by(division.logistics))

    match_recalls(at=division.at)
    take()
    assert (recall().state, recall().decision, status()) == ("not_ours", "Other maker", "usable")


def test_a_released_lot_closes_the_recall(division, naloxone):
    make.stock(division.station, naloxone, number="A17")
    take()
    set_lot_status(lot=Lot.objects.get(), status="usable", reason="x", **division.by(division.logistics))

    match_recalls(at=division.at)

    assert recall().state == "closed"


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": ""},
        {"state": "lost"},
        {"state": "closed"},
        {"state": "not_ours", "decision": ""},
        {"decided_at": make.AT},
    ],
    ids=str,
)
def test_the_database_keeps_a_recall_consistent(wrong):
    Recall.objects.create(number="D-1-2026", received_at=make.AT, changed_at=make.AT)

    with pytest.raises(IntegrityError), transaction.atomic():
        Recall.objects.update(**wrong)


def test_a_lot_is_named_once_per_recall(naloxone):
    one = Recall.objects.create(number="D-1-2026", received_at=make.AT, changed_at=make.AT)
    facts: dict[str, Any] = {"recall": one, "lot": make.lot(naloxone), "how": "hand", "found": 1, "matched_at": make.AT}
    RecalledLot.objects.create(**facts)

    with pytest.raises(IntegrityError), transaction.atomic():
        RecalledLot.objects.create(**facts)
