"""Usage from patient-care records: what counts is booked once, at the right unit; everything else waits or says why."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from core.errors import DomainError, StaleEdit
from integrations.actions import records, waiting
from integrations.actions.corrections import settle_correction
from integrations.actions.mapping import map_call_sign, map_code, name_codes
from integrations.actions.waiting import book_due, confirm_with_witness, leave_out, try_again
from integrations.models import CallSign, CareCode, CareRecord, CareUse
from integrations.tasks import book_records
from inventory.actions import counts
from inventory.actions.count_lines import Counted
from inventory.models import StockMovement
from stations.models import Command, Event, Unit
from stations.signatures import Signature
from tests import make
from tests.make import AT, on_hand, rid
from tests.records import YES, dataset, medication, procedure, record, take

pytestmark = pytest.mark.django_db
State, Why = CareUse.State, CareUse.Why


class Scene:
    """A unit M7 with naloxone aboard, two lots, and somebody of logistics."""

    def __init__(self, on_hand: int = 5) -> None:
        self.station = make.station()
        self.unit = make.unit(self.station, code="M7")
        self.place = self.unit.location
        self.naloxone = make.item(name="Naloxone", kind="medication")
        make.stock(self.place, self.naloxone, on_hand=on_hand, number="A", expires_on=AT.date() + timedelta(days=90))
        self.logistics = make.logistics()

    def by(self, at: Any = AT) -> dict[str, Any]:
        return {"by": self.logistics, "at": at, "request_id": rid()}

    def map(self, code: str = "7242", item: Any = None, **how: Any) -> CareCode:
        found = CareCode.objects.get_or_create(code=code, defaults={"system": "rxnorm"})[0]
        return map_code(code=found, item=item or self.naloxone, version=found.version, **self.by(), **how)

    @property
    def left(self) -> int:
        return on_hand(self.place, self.naloxone)


@pytest.fixture
def scene():
    return Scene()


def use(**wanted: Any) -> CareUse:
    return CareUse.objects.get(**wanted)


def used() -> Any:
    return StockMovement.objects.filter(reason="used")


def test_a_mapped_medication_is_taken_from_the_unit_that_gave_it(scene):
    scene.map(quantity=2)

    taken = take(dataset(record(medication())), by=scene.logistics)

    assert (taken.new, taken.used, taken.waiting) == (1, 1, 0)
    made = used().get()
    assert (made.quantity, made.source, made.reference, made.moved_by) == (2, scene.place, "R1", scene.logistics)
    assert made.moved_at.isoformat() == "2026-11-02T14:10:00+00:00"
    assert (scene.left, use().state, use().booked) == (3, State.USED, 2)


def test_first_expired_goes_first(scene):
    soon = make.stock(scene.place, scene.naloxone, on_hand=1, number="B", expires_on=AT.date() + timedelta(days=9))
    scene.map(quantity=2)
    take(dataset(record(medication())))
    assert {(m.lot.number, m.quantity) for m in used()} == {("B", 1), ("A", 1)}
    soon.refresh_from_db()
    assert soon.on_hand == 0


@pytest.mark.parametrize(
    ("group", "why"),
    [
        (medication(attributes='PN="8801001"'), Why.NOT_GIVEN),
        (medication(prior=YES), Why.BEFORE),
        (medication(other=YES), Why.ANOTHER_UNIT),
        (procedure("7242", attributes='PN="8801019"'), Why.NOT_GIVEN),
        (procedure("7242", prior=YES), Why.BEFORE),
        (procedure("7242", other=YES), Why.ANOTHER_UNIT),
    ],
)
def test_what_this_unit_did_not_give_does_not_count(scene, group, why):
    CareCode.objects.create(system="snomed", code="7242", item=scene.naloxone)
    CareCode.objects.create(system="rxnorm", code="7242", item=scene.naloxone)
    taken = take(dataset(record(group)))
    assert (taken.not_counted, use().why, scene.left) == (1, why, 5)


def test_a_group_that_says_there_was_none_is_no_use(scene):
    take(dataset(record(medication("", attributes='NV="7701003"'))))
    assert CareRecord.objects.count() == 1
    assert not CareUse.objects.exists()


def test_each_attempt_at_a_procedure_uses_its_material_whether_it_succeeded_or_not(scene):
    CareCode.objects.create(system="snomed", code="392230005", item=scene.naloxone, is_per_attempt=True)
    CareCode.objects.create(system="snomed", code="89666000", item=scene.naloxone)
    take(dataset(record(procedure(attempts="3"), procedure("89666000", attempts="2"))))
    assert scene.left == 5 - 3 - 1


def test_the_same_file_again_changes_nothing(scene):
    scene.map()
    content = dataset(record(medication()), record(medication(), number="R2"))
    take(content)
    before = (scene.left, used().count(), CareUse.objects.count())

    again = take(content)

    assert (again.new, again.same, again.corrected) == (0, 2, 0)
    assert (scene.left, used().count(), CareUse.objects.count()) == before == (3, 2, 2)


def test_the_same_record_in_another_file_with_another_narrative_changes_nothing(scene):
    scene.map()
    take(dataset(record(medication())))
    again = take(dataset(record(medication()).replace("Schmeler", "Meier"), record(medication(), number="R2")))
    assert (again.new, again.same, again.corrected, scene.left) == (1, 1, 0, 3)


def test_the_same_number_of_another_agency_is_another_record(scene):
    scene.map()
    assert take(dataset(record(medication()), record(medication(), agency="A2"))).new == 2


def test_the_same_command_again_gives_the_first_answer(scene):
    scene.map()
    request_id = rid()
    content = dataset(record(medication()))
    first = take(content, by=scene.logistics, request_id=request_id)
    assert take(content, by=scene.logistics, request_id=request_id) == first
    assert scene.left == 4


def test_an_unknown_code_waits_and_mapping_it_books_all_that_waited(scene):
    take(dataset(record(medication()), record(medication(), medication(), number="R2")))
    assert set(CareUse.objects.values_list("state", flat=True)) == {State.UNMAPPED}

    scene.map()

    assert set(CareUse.objects.values_list("state", flat=True)) == {State.USED}
    assert scene.left == 2
    assert sorted(used().values_list("reference", "quantity")) == [("R1", 1), ("R2", 2)]


def test_a_code_may_use_nothing_that_is_kept(scene):
    take(dataset(record(medication())))
    code = CareCode.objects.get()
    map_code(code=code, item=None, version=1, **scene.by())
    assert (use().state, use().why, scene.left) == (State.NOT_COUNTED, Why.NOTHING, 5)
    take(dataset(record(medication(), number="R2")))
    assert not CareUse.objects.exclude(why=Why.NOTHING).exists()


def test_mapping_a_code_that_somebody_mapped_meanwhile_is_refused(scene):
    take(dataset(record(medication())))
    scene.map()
    with pytest.raises(StaleEdit):
        map_code(code=CareCode.objects.get(), item=make.item(), version=1, **scene.by())


@pytest.mark.parametrize("quantity", [0, -1, 1001])
def test_a_quantity_that_cannot_be_right_is_refused(scene, quantity):
    take(dataset(record(medication())))
    with pytest.raises(DomainError):
        scene.map(quantity=quantity)
    assert not CareCode.objects.get().is_decided


def test_an_unknown_unit_waits_until_somebody_says_which_it_is(scene):
    scene.map()
    take(dataset(record(medication(), unit="DF A1")))
    assert use().state == State.NO_UNIT

    map_call_sign(sign=CallSign.objects.get(), unit=scene.unit, **scene.by())

    assert (use().state, scene.left) == (State.USED, 4)
    take(dataset(record(medication(), unit="DF A1", number="R2")))
    assert scene.left == 3


def test_a_call_sign_written_like_a_unit_is_that_unit_but_a_van_is_none(scene):
    scene.map()
    make.van(scene.station, code="V1")
    take(dataset(record(medication(), unit="m7"), record(medication(), unit="V1", number="R2")))
    assert scene.left == 4
    assert use(record__number="R2").state == State.NO_UNIT
    with pytest.raises(DomainError):
        map_call_sign(sign=CallSign.objects.get(text="V1"), unit=make.van(scene.station), **scene.by())


def test_what_the_books_do_not_have_is_taken_as_far_as_it_goes_and_the_rest_waits(scene):
    scene.map(quantity=7)
    take(dataset(record(medication())))
    assert (use().state, use().booked, use().quantity, scene.left) == (State.SHORT, 5, 7, 0)

    make.stock(scene.place, scene.naloxone, on_hand=1, number="A")
    try_again(record=CareRecord.objects.get(), **scene.by())

    assert (use().state, use().booked, scene.left) == (State.SHORT, 6, 0)
    make.stock(scene.place, scene.naloxone, on_hand=4, number="A")
    try_again(record=CareRecord.objects.get(), **scene.by())
    assert (use().state, use().booked, scene.left) == (State.USED, 7, 3)


def test_expired_held_and_promised_stock_is_never_taken(scene):
    other = make.item()
    make.stock(scene.place, other, on_hand=2, number="old", expires_on=AT.date() - timedelta(days=1))
    make.stock(scene.place, other, on_hand=2, number="held", status="quarantined")
    scene.map(item=other)
    take(dataset(record(medication())))
    assert (use().state, use().booked, on_hand(scene.place, other)) == (State.SHORT, 0, 4)


def test_two_records_of_one_file_share_what_is_there(scene):
    scene.map(quantity=3)
    take(dataset(record(medication()), record(medication(), number="R2")))
    assert sorted(CareUse.objects.values_list("state", "booked")) == [(State.SHORT, 2), (State.USED, 3)]
    assert scene.left == 0


def test_what_was_counted_aboard_since_is_not_taken_twice(scene):
    count = counts.open_count(location=scene.place, **scene.by(AT - timedelta(minutes=30)))
    lot = scene.place.stock_levels.get().lot
    counts.record_count(count=count, lines=[Counted(lot.pk, 4)], **scene.by(AT - timedelta(minutes=20)))
    scene.map()

    take(dataset(record(medication()), record(medication(), number="R2", at="2026-11-02T09:50:00-05:00")))

    assert use(record__number="R1").why == Why.COUNTED
    assert use(record__number="R2").state == State.USED
    assert scene.left == 4


@pytest.mark.parametrize("at", ["2027-01-01T00:00:00Z", "2024-10-11T16:45:18-04:00"])
def test_the_ledger_is_not_written_in_the_future_nor_long_ago(scene, at):
    scene.map()
    take(dataset(record(medication(), at=at)))
    assert used().get().moved_at == AT


def test_a_scheduled_drug_waits_for_a_witness_who_signs(scene):
    fentanyl = make.item(name="Fentanyl", kind="medication", schedule="II")
    make.stock(scene.place, fentanyl, on_hand=3)
    scene.map(item=fentanyl)
    take(dataset(record(medication())))
    assert (use().state, on_hand(scene.place, fentanyl)) == (State.WITNESS, 3)
    found, witness = CareRecord.objects.get(), make.officer(scene.station)

    try_again(record=found, **scene.by())
    assert use().state == State.WITNESS
    with pytest.raises(DomainError, match="Nobody witnesses themselves"):
        confirm_with_witness(record=found, witness=Signature(scene.logistics), **scene.by())
    confirm_with_witness(record=found, witness=Signature(witness), **scene.by())

    assert (use().state, on_hand(scene.place, fentanyl), used().get().witness) == (State.USED, 2, witness)
    assert Event.objects.about(used().get()).get().details["signed_with"] == "password"
    with pytest.raises(DomainError):
        confirm_with_witness(record=found, witness=Signature(witness), **scene.by())


def test_what_waits_may_be_left_out_with_a_reason(scene):
    take(dataset(record(medication())))
    with pytest.raises(DomainError, match="Say why"):
        leave_out(use=use(), reason=" ", **scene.by())
    leave_out(use=use(), reason="Entered by hand", **scene.by())
    scene.map()
    assert (use().why, scene.left) == (Why.LEFT_OUT, 5)
    with pytest.raises(DomainError):
        leave_out(use=use(), reason="Again", **scene.by())


def test_a_corrected_record_is_shown_and_never_booked_twice(scene):
    scene.map()
    take(dataset(record(medication(), medication("161"))))
    assert scene.left == 4

    corrected = dataset(record(medication(), medication(), procedure()))
    taken = take(corrected)

    assert (taken.corrected, taken.new, scene.left) == (1, 0, 4)
    found = CareRecord.objects.get()
    assert found.is_corrected
    assert use(code__code="161").why == Why.WITHDRAWN
    assert sorted(CareUse.objects.filter(state=State.ADDED).values_list("code__code", flat=True)) == [
        "392230005",
        "7242",
    ]
    assert take(corrected).same == 1

    settle_correction(record=found, takes_added=True, seen=found.digest, **scene.by())

    assert scene.left == 3
    found.refresh_from_db()
    assert not found.is_corrected
    assert take(corrected).same == 1
    with pytest.raises(DomainError):
        settle_correction(record=found, takes_added=True, seen=found.digest, **scene.by())


def test_a_correction_may_be_left_as_it_is_and_one_that_changed_since_is_looked_at_again(scene):
    scene.map()
    take(dataset(record(medication())))
    take(dataset(record(medication(), medication())))
    seen = CareRecord.objects.get().digest
    take(dataset(record()))
    found = CareRecord.objects.get()
    assert use(state=State.USED).is_withdrawn
    with pytest.raises(StaleEdit):
        settle_correction(record=found, takes_added=False, seen=seen, **scene.by())
    settle_correction(record=found, takes_added=False, seen=found.digest, **scene.by())
    assert scene.left == 4


def test_a_record_that_names_another_unit_later_is_withdrawn_there_and_added_here(scene):
    scene.map()
    other = make.unit(scene.station, code="M8")
    make.stock(other.location, scene.naloxone, on_hand=3)
    take(dataset(record(medication())))
    take(dataset(record(medication(), unit="M8")))
    found = CareRecord.objects.get()
    assert (found.unit, found.is_corrected) == (other, True)
    assert use(is_withdrawn=True).state == State.USED
    settle_correction(record=found, takes_added=True, seen=found.digest, **scene.by())
    assert (scene.left, on_hand(other.location, scene.naloxone)) == (4, 2)


def test_the_worker_books_what_is_due_and_twice_does_nothing_more(scene):
    take(dataset(record(medication(), unit="DF A1")))
    CareCode.objects.update(item=scene.naloxone)
    CallSign.objects.update(unit=scene.unit)
    assert book_due(at=AT) == 1
    assert book_due(at=AT) == 0
    assert (use().state, scene.left) == (State.USED, 4)


def test_of_very_many_records_the_worker_books_the_rest(scene, monkeypatch):
    for module in (records, waiting):
        monkeypatch.setattr(module, "AT_ONCE", 1)
    scene.map()
    taken = take(dataset(*[record(medication(), number=f"R{n}") for n in range(3)]))
    assert (taken.used, taken.waiting, scene.left) == (1, 2, 4)

    assert book_records() == 2

    assert (scene.left, CareUse.objects.filter(state=State.USED).count()) == (2, 3)


def test_a_unit_without_a_place_is_waited_for_and_does_not_keep_the_worker(scene):
    bare = Unit.objects.create(code="M9", station=scene.station)
    scene.map()
    take(dataset(record(medication(), unit="M9")))
    CallSign.objects.update(unit=bare)
    CareRecord.objects.update(unit=bare)
    assert (book_records(), use().state) == (0, State.NO_UNIT)


def test_names_come_from_the_divisions_own_list(scene):
    take(dataset(record(medication())))
    names = [("rxnorm", "7242", "Naloxone"), ("rxnorm", "161", "Acetaminophen")]
    assert name_codes(names=names, by=None, at=AT) == 2
    assert name_codes(names=names, by=None, at=AT) == 0
    assert str(CareCode.objects.get(code="7242")) == "Naloxone (RxNorm)"


@pytest.mark.parametrize("role", ["officer", "driver", "chief", "auditor"])
def test_only_logistics_takes_and_decides(scene, role):
    person = make.officer(scene.station) if role == "officer" else make.person(role)
    take(dataset(record(medication())))
    asked: dict[str, Any] = {"by": person, "at": AT}
    found, commands = CareRecord.objects.get(), Command.objects.count()
    for act in (
        lambda: take(dataset(record(number="R2")), by=person),
        lambda: map_code(code=CareCode.objects.get(), item=None, version=1, request_id=rid(), **asked),
        lambda: map_call_sign(sign=CallSign.objects.get(), unit=scene.unit, request_id=rid(), **asked),
        lambda: try_again(record=found, request_id=rid(), **asked),
        lambda: confirm_with_witness(record=found, witness=Signature(scene.logistics), request_id=rid(), **asked),
        lambda: leave_out(use=use(), reason="x", request_id=rid(), **asked),
        lambda: settle_correction(record=found, takes_added=True, seen="", request_id=rid(), **asked),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert Command.objects.count() == commands
