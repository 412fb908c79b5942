"""Who is told of what: by role and station, each of it once, and nobody of what is not theirs to see."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_celery_results.models import TaskResult

from dashboard.actions import telling
from dashboard.actions.telling import forget_notices, tell_events, tell_expiring, tell_what_lasts
from dashboard.models import Notice, NoticeChoice, Untold
from dashboard.models import NoticeKind as Kind
from dashboard.notice_kinds import USUAL
from dashboard.notice_words import WORDS, sentence
from dashboard.queries.outages import outages
from dashboard.queries.par_states import State, line_states
from inventory.actions import counts
from inventory.actions.count_lines import Counted
from inventory.models import Item, KindPolicy, StockLevel
from orders.actions import approval, receipts, runs, schedule
from orders.actions.granting import LineDecision
from orders.actions.receipts import ReceivedLine
from orders.models import Shipment
from orders.tasks import verify_ledger
from stations.models import Location, Membership, User
from tests import make
from tests.flow import Division

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    return Division()


@pytest.fixture
def gauze(division):
    item = make.item(name="Gauze")
    make.par(division.station, item, par=100)
    make.stock(division.warehouse, item, on_hand=500)
    return item


@pytest.fixture
def everybody(division):
    """Nobody but the first of each role may be told of what happens at the station."""
    Untold.objects.all().delete()
    return {
        "officer": division.officer,
        "reader": make.officer(division.station, read_only=True),
        "outsider": make.officer(make.station()),
        "logistics": make.logistics(),
        "driver": division.driver,
        "other driver": make.driver(),
        "chief": division.chief,
        "auditor": division.auditor,
    }


def told(people, kind):
    """Who of these people has been told of this kind."""
    rows = Notice.objects.filter(kind=kind).values_list("person", flat=True)
    return {name for name, person in people.items() if person.pk in rows}


def words(person, kind):
    return [sentence(notice) for notice in Notice.objects.filter(person=person, kind=kind).order_by("pk")]


def test_a_station_hears_that_its_request_is_approved(division, gauze, everybody):
    order = division.approved({gauze.pk: 50})
    tell_events(at=division.at)

    assert told(everybody, Kind.APPROVED) == {"officer", "reader"}
    assert words(division.officer, Kind.APPROVED) == [f"{order} for {division.station} is approved in full."]
    assert Notice.objects.filter(kind=Kind.APPROVED)[0].target == order.get_absolute_url()


def test_and_that_it_gets_less_than_it_asked_for(division, gauze, everybody):
    order = division.submitted({gauze.pk: 50})
    less = LineDecision(order.lines.get().pk, 20, "Shortage")
    approval.approve_order(order=order, version=order.version, decisions=[less], **division.by(division.logistics))
    tell_events(at=division.at)

    assert "with less than asked of 1 item." in words(division.officer, Kind.APPROVED)[0]


@pytest.mark.parametrize(
    ("decide", "said"), [(approval.send_back_order, "came back: Too much"), (approval.reject_order, "is rejected: Too")]
)
def test_or_does_not_get_it(division, gauze, everybody, decide, said):
    order = division.submitted({gauze.pk: 50})
    decide(order=order, version=order.version, reason="Too much", **division.by(division.logistics))
    tell_events(at=division.at)

    assert told(everybody, Kind.RETURNED) == {"officer", "reader"}
    assert said in words(division.officer, Kind.RETURNED)[0]


def test_a_delivery_is_told_when_it_leaves_and_when_it_waits_to_be_received(division, gauze, everybody):
    shipment = division.dispatched({gauze.pk: 50})
    tell_events(at=division.at)
    assert told(everybody, Kind.COMING) == {"officer", "reader"}
    assert told(everybody, Kind.TO_RECEIVE) == set()
    assert timezone.localtime(shipment.stop.planned_at).strftime("%H:%M") in words(division.officer, Kind.COMING)[0]

    division.hand_over(shipment)
    tell_events(at=division.at)
    # Who may only look cannot receive it.
    assert told(everybody, Kind.TO_RECEIVE) == {"officer"}


def test_what_is_over_by_the_time_is_not_told(division, gauze, everybody):
    division.received({gauze.pk: 50})
    tell_events(at=division.at)

    assert told(everybody, Kind.COMING) == told(everybody, Kind.TO_RECEIVE) == set()
    assert not Untold.objects.exists()


def test_logistics_hears_of_what_was_damaged_or_missing(division, gauze, everybody):
    shipment = division.delivered({gauze.pk: 50})
    line = ReceivedLine(shipment.lines.get().pk, 40, damaged=10, reason="Wet")
    receipts.receive_shipment(
        shipment=shipment, version=shipment.version, lines=[line], **division.by(division.officer)
    )
    tell_events(at=division.at)

    assert told(everybody, Kind.DISCREPANCY) == {"logistics"}
    assert "found 1 line of" in words(everybody["logistics"], Kind.DISCREPANCY)[0]


@pytest.mark.parametrize(("priority", "said"), [(0, []), (1, ["asks urgently"]), (2, ["asks for stat"])])
def test_logistics_hears_at_once_of_what_is_urgent(division, gauze, everybody, priority, said):
    division.submitted({gauze.pk: 50}, priority=priority)
    tell_events(at=division.at)

    assert told(everybody, Kind.URGENT) == ({"logistics"} if said else set())
    assert all(part in text for part, text in zip(said, words(everybody["logistics"], Kind.URGENT), strict=True))


def test_the_chief_hears_of_a_request_when_it_is_their_turn(division, everybody):
    fentanyl = make.item(name="Fentanyl", kind="medication", schedule="II")
    order = division.submitted({fentanyl.pk: 5})
    tell_events(at=division.at)
    assert told(everybody, Kind.CHIEF_APPROVAL) == set()

    approval.approve_order(order=order, version=order.version, **division.by(division.logistics))
    tell_events(at=division.at)
    assert told(everybody, Kind.CHIEF_APPROVAL) == {"chief"}
    assert told(everybody, Kind.APPROVED) == set()
    assert words(division.chief, Kind.CHIEF_APPROVAL)[0].endswith("needs your approval: scheduled drug.")


def test_a_driver_hears_of_their_own_runs_alone(division, gauze, everybody):
    division.packed({gauze.pk: 50})
    [run] = schedule.schedule_deliveries(at=division.at)
    run = runs.assign_driver(run=run, version=run.version, driver=division.driver, **division.by(division.logistics))
    tell_events(at=division.at)
    assert told(everybody, Kind.RUN) == {"driver"}

    run.refresh_from_db()
    runs.cancel_run(run=run, version=run.version, reason="Snow", **division.by(division.logistics))
    tell_events(at=division.at)
    assert "is called off: Snow" in words(division.driver, Kind.RUN)[1]


def test_what_a_run_was_is_hidden_from_who_no_longer_drives_it(division, gauze, everybody):
    division.packed({gauze.pk: 50})
    [run] = schedule.schedule_deliveries(at=division.at)
    for driver in (division.driver, everybody["other driver"]):
        run = runs.assign_driver(run=run, version=run.version, driver=driver, **division.by(division.logistics))
        tell_events(at=division.at)

    assert not Notice.objects.of(division.driver).exists()
    assert Notice.objects.of(everybody["other driver"]).exists()


@pytest.mark.parametrize("is_warehouse", [False, True])
def test_a_variance_is_told_to_who_keeps_the_place(division, gauze, everybody, is_warehouse):
    place = make.room(division.warehouse if is_warehouse else division.station)
    level = make.stock(place, gauze, on_hand=10, number="A17")
    count = counts.open_count(location=place, item_ids=[gauze.pk], **division.by(division.logistics))
    lines = [Counted(lot, 7) for lot in count.lines.values_list("lot", flat=True)]
    counts.record_count(count=count, lines=lines, **division.by(division.logistics))
    count = counts.finish_count(count=count, version=count.version, **division.by(division.logistics))
    reasons = dict.fromkeys((line.lot_id for line in lines), "Found less")
    counts.post_count(count=count, version=count.version, reasons=reasons, **division.by(division.logistics))
    tell_events(at=division.at)

    assert level.pk
    assert told(everybody, Kind.VARIANCE) == ({"logistics"} if is_warehouse else {"officer", "reader"})


def test_an_empty_shelf_of_a_life_saving_item_is_told_once_for_as_long_as_it_is_empty(division, everybody):
    naloxone = make.item(name="Naloxone", criticality=Item.Criticality.LIFE_SAVING)
    make.par(division.station, naloxone, par=10)
    make.par(division.station, make.item(criticality=Item.Criticality.ROUTINE), par=10)

    for hours in (0, 1, 30):
        tell_what_lasts(at=division.later(hours=hours))
    assert told(everybody, Kind.OUT) == {"officer", "reader", "chief"}
    assert words(division.chief, Kind.OUT) == [f"{division.station} is out of Naloxone."]

    level = make.stock(division.station, naloxone, on_hand=10)
    tell_what_lasts(at=division.later(hours=1))
    level.lot.status = "quarantined"
    level.lot.save()
    tell_what_lasts(at=division.later(hours=1))
    assert len(words(division.chief, Kind.OUT)) == 2, "it was filled, and is empty again"


def test_a_shelf_is_empty_by_the_rule_of_every_page(division):
    """Every way in which a life-saving item may be there and be of no use, or not be expected."""
    levels = []
    for number, days in enumerate((None, 400, 3)):
        for status in ("usable", "quarantined", "recalled"):
            for kind in ("consumable", "medication"):
                item = make.item(criticality="A", kind=kind)
                make.par(division.station, item, par=number)  # of the first, none is expected
                expires_on = None if days is None else make.TODAY + timedelta(days=days)
                levels.append(make.stock(division.station, item, number="A", expires_on=expires_on, status=status))
    make.par(make.unit(division.station).location, make.item(criticality="A"), par=5)
    make.par(make.safe(division.station), make.item(criticality="A"), par=5)
    make.par(division.station, make.item(criticality="B"), par=5)
    KindPolicy.objects.create(kind="medication", horizon_days=2)
    StockLevel.objects.filter(pk=levels[7].pk).update(allocated=F("on_hand"))

    states = line_states(at=division.at, only=[State.OUT])
    out = {
        (line.location_id, line.item_id)
        for line in states
        if line.criticality == "A" and line.location_kind in Location.SHELVES
    }
    assert {(one.location, one.item) for one in outages(at=division.at)} == out
    assert len(out) > 5


def test_stock_that_expires_this_month_is_told_once_a_week(division, gauze, everybody):
    at = division.at
    make.stock(division.station, gauze, number="A", expires_on=make.TODAY + timedelta(days=9))
    make.stock(division.station, gauze, number="B", expires_on=make.TODAY + timedelta(days=60))
    make.stock(division.warehouse, gauze, number="C", expires_on=make.TODAY + timedelta(days=9))

    for days in (0, 1, 6):  # the 2nd is a Monday, the 8th its Sunday
        tell_expiring(at=at + timedelta(days=days))
    assert told(everybody, Kind.EXPIRING) == {"officer", "reader", "logistics"}
    assert words(division.officer, Kind.EXPIRING) == [f"1 lot at {division.station} expires by Nov 30, 2026."]
    assert words(everybody["logistics"], Kind.EXPIRING) == [f"1 lot at {division.warehouse} expires by Nov 30, 2026."]

    tell_expiring(at=at + timedelta(days=7))
    assert len(words(division.officer, Kind.EXPIRING)) == 2


def test_a_count_that_is_due_is_told_to_who_may_count(division, everybody):
    for days in (0, 1, 7):
        tell_what_lasts(at=make.AT + timedelta(days=days))

    assert told(everybody, Kind.COUNT_DUE) == {"officer", "outsider"}
    assert len(words(division.officer, Kind.COUNT_DUE)) == 2


def test_a_request_that_waits_long_is_told_once(division, gauze, everybody):
    division.submitted({gauze.pk: 50})
    tell_what_lasts(at=division.later(hours=23))
    assert told(everybody, Kind.WAITING) == set()

    for _ in range(2):
        tell_what_lasts(at=division.later(hours=1))
    assert told(everybody, Kind.WAITING) == {"logistics"}
    assert len(words(everybody["logistics"], Kind.WAITING)) == 1


def test_a_stat_request_waits_long_after_an_hour(division, gauze, everybody):
    division.submitted({gauze.pk: 50}, priority=2)
    tell_what_lasts(at=division.later(hours=1))
    assert told(everybody, Kind.WAITING) == {"logistics"}


def test_what_no_run_takes_is_told(division, gauze, everybody):
    shipment = division.packed({gauze.pk: 50})
    Shipment.objects.filter(pk=shipment.pk).update(wait_reason="No van is in service.")
    tell_what_lasts(at=division.at)

    assert told(everybody, Kind.UNPLANNED) == {"logistics"}
    assert words(everybody["logistics"], Kind.UNPLANNED)[0].endswith(": No van is in service.")


def test_what_the_warehouse_owes_is_told_again_only_when_more_came_and_did_not_do(division, everybody):
    item = make.item(name="Tourniquet")
    make.par(division.station, item, par=100)
    division.approved({item.pk: 50})
    for _ in range(2):
        tell_what_lasts(at=division.at)
    assert told(everybody, Kind.BACKORDER) == {"logistics"}
    said = f"{division.warehouse} owes 50 each of Tourniquet to 1 request."
    assert words(everybody["logistics"], Kind.BACKORDER) == [said]

    make.stock(division.warehouse, item, on_hand=5)
    tell_what_lasts(at=division.at)
    assert len(words(everybody["logistics"], Kind.BACKORDER)) == 2


@pytest.mark.parametrize(
    ("result", "status", "said"),
    [
        ('{"differences": 0}', "SUCCESS", []),
        ('{"differences": 2}', "SUCCESS", ["The ledger was added up: 2 numbers differ."]),
        (None, "FAILURE", ["The ledger could not be added up to the end."]),
    ],
)
def test_the_chief_hears_that_the_ledger_does_not_add_up(division, everybody, result, status, said):
    TaskResult.objects.create(task_id="v", task_name=verify_ledger.name, status=status, result=result)
    for _ in range(2):
        tell_what_lasts(at=division.at)

    assert told(everybody, Kind.LEDGER) == ({"chief"} if said else set())
    assert words(division.chief, Kind.LEDGER) == said


def test_nobody_is_told_of_what_they_did(division, gauze):
    order = division.submitted({gauze.pk: 50}, priority=1)
    other = make.logistics()
    order.refresh_from_db()
    tell_events(at=division.at)
    assert Notice.objects.filter(person__in=[division.logistics, other], kind=Kind.URGENT).count() == 2

    Membership.objects.create(user=division.officer, station=division.warehouse)
    Notice.objects.all().delete()
    approval.approve_order(order=order, version=order.version, **division.by(division.logistics))
    tell_events(at=division.at)
    assert not Notice.objects.filter(person=division.logistics).exists()


def test_who_is_inactive_is_never_told(division, gauze, everybody):
    User.objects.filter(pk=division.officer.pk).update(is_active=False)
    division.approved({gauze.pk: 50})
    tell_events(at=division.at)

    assert told(everybody, Kind.APPROVED) == {"reader"}


@pytest.mark.parametrize("change", ["leaves the station", "gets another role", "becomes inactive"])
def test_who_may_no_longer_see_it_sees_the_notice_no_more(division, gauze, everybody, change):
    division.approved({gauze.pk: 50})
    tell_events(at=division.at)
    assert Notice.objects.of(division.officer).exists()

    if change == "leaves the station":
        Membership.objects.filter(user=division.officer).delete()
    elif change == "gets another role":
        User.objects.filter(pk=division.officer.pk).update(role="logistics")
    else:
        User.objects.filter(pk=division.officer.pk).update(is_active=False)
    assert not Notice.objects.of(division.officer).exists()


def test_who_chose_not_to_be_told_is_not(division, gauze, everybody):
    NoticeChoice.objects.create(person=division.officer, kind=Kind.APPROVED, channel="off")
    division.approved({gauze.pk: 50})
    tell_events(at=division.at)

    assert told(everybody, Kind.APPROVED) == {"reader"}


def test_a_second_look_tells_nothing(division, gauze, everybody):
    division.approved({gauze.pk: 50})
    assert tell_events(at=division.at) > 0
    assert tell_events(at=division.at) == 0


def test_a_repeat_of_the_same_events_tells_nothing(division, gauze, everybody):
    """Should their row ever come back, as after a database was restored."""
    division.approved({gauze.pk: 50})
    events = list(Untold.objects.values_list("pk", flat=True))
    tell_events(at=division.at)
    before = Notice.objects.count()

    Untold.objects.bulk_create(Untold(pk=pk) for pk in events)
    assert (tell_events(at=division.at), Notice.objects.count()) == (0, before)


def test_events_wait_in_their_own_transaction(division, gauze, everybody, monkeypatch):
    division.approved({gauze.pk: 50})
    waiting = Untold.objects.count()

    def dies(*_, **__):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(telling, "tellings_of", dies)
        with pytest.raises(RuntimeError):
            tell_events(at=division.at)
    assert Untold.objects.count() == waiting
    tell_events(at=division.at)
    assert told(everybody, Kind.APPROVED) == {"officer", "reader"}


def test_old_news_is_not_told(division, gauze, everybody):
    division.approved({gauze.pk: 50})
    tell_events(at=division.at + timedelta(days=4))
    assert not Notice.objects.exists()
    assert not Untold.objects.exists()


def test_many_events_are_told_in_batches(division, gauze, everybody, monkeypatch):
    monkeypatch.setattr(telling, "EVENTS_AT_ONCE", 2)
    division.approved({gauze.pk: 50})
    assert Untold.objects.count() > 2
    tell_events(at=division.at)
    assert told(everybody, Kind.APPROVED) == {"officer", "reader"}


def test_more_people_and_events_cost_no_more_queries(division, gauze, everybody):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            tell_events(at=division.at)
        return len(asked)

    division.approved({gauze.pk: 5})
    few = cost()
    for _ in range(5):
        make.officer(division.station)
        division.approved({gauze.pk: 5})
    assert cost() == few


def test_what_lasts_costs_no_more_queries_for_more_of_it(division, gauze, everybody):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            tell_what_lasts(at=division.later(days=2))
        return len(asked)

    def more():
        naloxone = make.item(criticality="A")
        make.par(division.station, naloxone, par=10)
        make.officer(division.station)
        division.submitted({gauze.pk: 5})
        division.approved({make.item().pk: 5})

    more()
    few = cost()
    more()
    more()
    assert cost() == few


def test_notices_are_forgotten_after_three_months(division, gauze, everybody):
    division.approved({gauze.pk: 50})
    tell_events(at=division.at)
    assert forget_notices(at=division.at + timedelta(days=89)) == 0
    assert forget_notices(at=division.at + timedelta(days=91)) > 0
    assert not Notice.objects.exists()


def test_every_kind_of_every_role_has_words():
    assert set(User.Role.values) == set(USUAL)
    assert {kind for kinds in USUAL.values() for kind in kinds} == set(Kind) == {kind for kind, _ in WORDS}
