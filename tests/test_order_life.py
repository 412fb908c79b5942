"""An order's life, from the shortfall to the receipt."""

from datetime import timedelta

import pytest

from core.errors import DomainError, RequestIdReused, StaleEdit
from inventory.models import StockLevel, StockMovement
from orders.actions import approval, closing, drafts, picking, receipts, runs, schedule, settling, sweep
from orders.actions.allocation import allocate_backorders
from orders.actions.granting import LineDecision
from orders.models import Discrepancy, OrderLine, ResupplyOrder, Shipment
from orders.queries.verify import all_differences
from stations.models import Command, Event, Location
from tests import make
from tests.flow import Division

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    division = Division()
    yield division
    assert all_differences() == []


@pytest.fixture
def gauze(division):
    return make.item(name="Gauze 4x4")


def test_a_shortfall_becomes_stock_on_the_shelf(division, gauze):
    make.stock(division.warehouse, gauze, on_hand=500)
    make.par(division.station, gauze, par=100, minimum=40)
    make.stock(division.station, gauze, on_hand=30)

    swept = sweep.sweep_par_levels(at=division.at)
    draft = ResupplyOrder.objects.get()
    order = drafts.submit_order(order=draft, version=draft.version, **division.by(division.officer))
    approval.approve_order(order=order, version=order.version, **division.by(division.logistics))
    division.pack(division.to_pick())
    [run] = schedule.schedule_deliveries(at=division.at)
    division.leave(run)
    stop = run.stops.get()
    runs.arrive_at_stop(stop=stop, **division.by(division.driver))
    runs.deliver_stop(stop=stop, handed_to="Lee", **division.by(division.driver))
    shipment = Shipment.objects.get()
    receipts.receive_shipment(shipment=shipment, version=shipment.version, **division.by(division.officer))
    runs.complete_run(run=run, **division.by(division.driver))

    assert (swept.shortfalls, swept.drafts) == (1, 1)
    assert make.on_hand(division.station, gauze) == 100
    assert make.on_hand(division.warehouse, gauze) == 430
    assert make.on_hand(division.van.location, gauze) == 0
    order.refresh_from_db()
    assert order.state == ResupplyOrder.State.CLOSED
    verbs = [event.verb for event in Event.objects.about(order)]
    assert verbs == ["worked out", "submitted", "approved", "promised stock", "shipped", "received", "closed"]


def test_nobody_approves_their_own_request(division, gauze):
    make.par(division.station, gauze, par=10)
    order = drafts.create_order(station=division.station, quantities={gauze.pk: 5}, **division.by(division.logistics))
    order = drafts.submit_order(order=order, version=order.version, **division.by(division.logistics))

    with pytest.raises(DomainError, match="Nobody approves their own"):
        approval.approve_order(order=order, version=order.version, **division.by(division.logistics))

    order.refresh_from_db()
    assert order.state == ResupplyOrder.State.SUBMITTED


@pytest.mark.parametrize(
    ("item_fields", "listed", "asked", "rule"),
    [
        ({"kind": "medication", "schedule": "II"}, True, 5, "scheduled"),
        ({"unit_cost_cents": 1_000_000}, True, 5, "cost"),
        ({}, False, 5, "off_list"),
    ],
)
def test_rules_send_an_order_to_the_chief_as_well(division, item_fields, listed, asked, rule):
    item = make.item(**item_fields)
    make.stock(division.warehouse, item, on_hand=50)
    if listed:
        make.par(division.station, item, par=10)

    order = division.submitted({item.pk: asked})
    order = approval.approve_order(order=order, version=order.version, **division.by(division.logistics))

    assert [step.rule for step in order.approval_steps.all()] == ["standard", rule]
    assert order.state == ResupplyOrder.State.SUBMITTED
    assert not Shipment.objects.exists()
    order = approval.approve_order(order=order, version=order.version, **division.by(division.chief))
    assert order.state == ResupplyOrder.State.APPROVED
    assert Shipment.objects.get().lines.get().quantity == asked


def test_less_than_asked_needs_a_reason_and_only_that_is_promised(division, gauze):
    make.par(division.station, gauze, par=100)
    make.stock(division.warehouse, gauze, on_hand=100)
    order = division.submitted({gauze.pk: 50})
    line = order.lines.get()

    def approve(reason):
        return approval.approve_order(
            order=order,
            version=order.version,
            decisions=[LineDecision(line.pk, 20, reason)],
            **division.by(division.logistics),
        )

    with pytest.raises(DomainError) as refusal:
        approve("")
    assert "say why less than 50" in refusal.value.problems[0]
    approve("Only 20 until Thursday.")

    line.refresh_from_db()
    assert (line.approved, line.allocated, line.approval_reason) == (20, 20, "Only 20 until Thursday.")


def test_more_than_asked_cannot_be_approved(division, gauze):
    make.par(division.station, gauze, par=100)
    order = division.submitted({gauze.pk: 50})
    decision = LineDecision(order.lines.get().pk, 51)

    with pytest.raises(DomainError):
        approval.approve_order(
            order=order, version=order.version, decisions=[decision], **division.by(division.logistics)
        )


def test_lots_that_expire_first_are_promised_first_and_expired_ones_never(division):
    item = make.item(kind="medication")
    days = lambda n: make.TODAY + timedelta(days=n)  # noqa: E731
    make.stock(division.warehouse, item, on_hand=10, number="EXPIRED", expires_on=days(-1))
    make.stock(division.warehouse, item, on_hand=10, number="TOO-SOON", expires_on=days(3))
    make.stock(division.warehouse, item, on_hand=10, number="HELD", expires_on=days(20), status="quarantined")
    make.stock(division.warehouse, item, on_hand=10, number="LATER", expires_on=days(300))
    make.stock(division.warehouse, item, on_hand=10, number="SOONER", expires_on=days(60))
    make.par(division.station, item, par=100)

    division.approved({item.pk: 15})

    lines = division.to_pick().lines.values_list("level__lot__number", "quantity").order_by("level__lot__expires_on")
    assert list(lines) == [("SOONER", 10), ("LATER", 5)]


def test_a_stat_order_takes_any_lot_that_has_not_expired(division):
    item = make.item(kind="medication")
    make.stock(division.warehouse, item, on_hand=10, number="SOON", expires_on=make.TODAY)
    make.par(division.station, item, par=100)

    division.approved({item.pk: 5}, priority=ResupplyOrder.Priority.STAT)

    assert division.to_pick().lines.get().level.lot.number == "SOON"


def test_what_the_warehouse_lacks_is_owed_and_comes_when_stock_does(division, gauze):
    make.par(division.station, gauze, par=100)
    make.stock(division.warehouse, gauze, on_hand=30)
    order = division.approved({gauze.pk: 50})
    line = order.lines.get()
    assert (line.allocated, line.owed) == (30, 20)

    make.stock(division.warehouse, gauze, on_hand=15)
    assert allocate_backorders(at=division.at) == 15
    assert allocate_backorders(at=division.at) == 0

    line.refresh_from_db()
    assert (line.allocated, line.owed) == (45, 5)
    assert division.to_pick().lines.get().quantity == 45


def test_backorders_are_filled_stat_first_then_oldest(division, gauze):
    make.par(division.station, gauze, par=100)
    other = make.station(supplied_by=division.warehouse)
    make.par(other, gauze, par=100)
    routine = division.approved({gauze.pk: 10})
    division.later(hours=1)
    stat = division.approved({gauze.pk: 10}, priority=ResupplyOrder.Priority.STAT)

    make.stock(division.warehouse, gauze, on_hand=12)
    allocate_backorders(at=division.at)

    assert stat.lines.get().allocated == 10
    assert routine.lines.get().allocated == 2


def test_a_held_lot_is_taken_back_from_what_nobody_began_to_pick(division, gauze):
    make.par(division.station, gauze, par=100)
    held = make.stock(division.warehouse, gauze, on_hand=10, number="A")
    order = division.approved({gauze.pk: 10})
    held.lot.status = "quarantined"
    held.lot.save()
    make.stock(division.warehouse, gauze, on_hand=10, number="B")

    allocate_backorders(at=division.at)

    held.refresh_from_db()
    assert held.allocated == 0
    assert order.lines.get().shipment_lines.get().level.lot.number == "B"


def test_a_short_pick_goes_back_to_the_backorder_with_its_reason(division, gauze):
    make.par(division.station, gauze, par=100)
    make.stock(division.warehouse, gauze, on_hand=50)
    order = division.approved({gauze.pk: 50})
    shipment = picking.start_picking(shipment=division.to_pick(), **division.by(division.logistics))
    line = shipment.lines.get()

    def pick(reason):
        return picking.confirm_picks(
            shipment=shipment,
            version=shipment.version,
            picked={line.pk: 40},
            reason=reason,
            **division.by(division.logistics),
        )

    with pytest.raises(DomainError):
        pick("")
    pick("The bin held only 40.")

    order_line = order.lines.get()
    assert (order_line.allocated, order_line.owed) == (40, 10)
    assert "The bin held only 40." in [event.comment for event in Event.objects.about(order)]


def test_a_shipment_is_not_packed_before_all_is_picked(division, gauze):
    make.par(division.station, gauze, par=100)
    make.stock(division.warehouse, gauze, on_hand=50)
    division.approved({gauze.pk: 50})
    shipment = picking.start_picking(shipment=division.to_pick(), **division.by(division.logistics))

    with pytest.raises(DomainError, match="Not everything is picked"):
        picking.pack_shipment(shipment=shipment, version=shipment.version, totes=1, **division.by(division.logistics))


def test_another_lot_needs_a_reason_and_moves_the_promise(division, gauze):
    make.par(division.station, gauze, par=100)
    first = make.stock(division.warehouse, gauze, on_hand=10, number="A", expires_on=make.TODAY + timedelta(days=90))
    other = make.stock(division.warehouse, gauze, on_hand=10, number="B", expires_on=make.TODAY + timedelta(days=190))
    division.approved({gauze.pk: 4})
    shipment = picking.start_picking(shipment=division.to_pick(), **division.by(division.logistics))
    line = shipment.lines.get()

    def swap(reason):
        return picking.take_other_lot(line=line, level=other, reason=reason, **division.by(division.logistics))

    with pytest.raises(DomainError):
        swap("")
    assert swap("Box A is torn.").level == other

    first.refresh_from_db()
    other.refresh_from_db()
    assert (first.allocated, other.allocated) == (0, 4)


def test_a_lot_that_expires_while_packed_does_not_leave(division):
    item = make.item(kind="medication")
    make.par(division.station, item, par=100)
    make.stock(division.warehouse, item, on_hand=10, expires_on=make.TODAY + timedelta(days=30))
    division.packed({item.pk: 5})
    [run] = schedule.schedule_deliveries(at=division.at)
    division.later(days=31)

    with pytest.raises(DomainError) as refusal:
        division.leave(run)

    assert "expired on" in refusal.value.problems[0]
    assert not StockMovement.objects.filter(reason="dispatched").exists()


def test_what_is_not_packed_stays_behind_and_waits(division, gauze):
    make.par(division.station, gauze, par=100)
    make.stock(division.warehouse, gauze, on_hand=100)
    other = make.station(supplied_by=division.warehouse)
    make.par(other, gauze, par=100)
    division.packed({gauze.pk: 5})
    order = drafts.create_order(station=other, quantities={gauze.pk: 5}, **division.by(division.logistics))
    order = drafts.submit_order(order=order, version=order.version, **division.by(division.logistics))
    approval.approve_order(order=order, version=order.version, **division.by(make.logistics()))
    [run] = schedule.schedule_deliveries(at=division.at)
    assert run.stops.count() == 2

    division.leave(run)

    assert run.stops.get().station == division.station
    waiting = Shipment.objects.get(destination=other)
    assert (waiting.state, waiting.stop) == (Shipment.State.PLANNED, None)


def test_damaged_and_missing_wait_for_somebody_to_settle_them(division, gauze):
    make.par(division.station, gauze, par=100)
    make.stock(division.warehouse, gauze, on_hand=100)
    shipment = division.delivered({gauze.pk: 10})
    line = shipment.lines.get()

    receipts.receive_shipment(
        shipment=shipment,
        version=shipment.version,
        lines=[receipts.ReceivedLine(line.pk, 6, damaged=1, missing=3, reason="Tote was open.")],
        **division.by(division.officer),
    )

    assert make.on_hand(division.station, gauze) == 6
    assert make.on_hand(division.van.location, gauze) == 4
    missing = Discrepancy.objects.get(kind="missing")
    damaged = Discrepancy.objects.get(kind="damaged")
    settling.settle_discrepancy(
        discrepancy=missing, resolution="found", reason="Under the seat.", **division.by(division.logistics)
    )
    settling.settle_discrepancy(
        discrepancy=damaged, resolution="discarded", reason="Wet.", **division.by(division.logistics)
    )
    with pytest.raises(DomainError):
        settling.settle_discrepancy(
            discrepancy=damaged, resolution="lost", reason="Again.", **division.by(division.logistics)
        )
    order_line = OrderLine.objects.get()
    assert (order_line.received, order_line.damaged, order_line.missing) == (9, 1, 0)
    assert make.on_hand(division.station, gauze) == 9
    assert make.on_hand(division.van.location, gauze) == 0


@pytest.mark.parametrize(("accepted", "damaged", "missing"), [(9, 0, 0), (11, 0, 0), (10, 1, -1), (5, 6, 0)])
def test_a_receipt_must_add_up(division, gauze, accepted, damaged, missing):
    make.par(division.station, gauze, par=100)
    make.stock(division.warehouse, gauze, on_hand=100)
    shipment = division.delivered({gauze.pk: 10})
    line = receipts.ReceivedLine(shipment.lines.get().pk, accepted, damaged, missing, "why")

    with pytest.raises(DomainError):
        receipts.receive_shipment(
            shipment=shipment, version=shipment.version, lines=[line], **division.by(division.officer)
        )

    assert make.on_hand(division.station, gauze) == 0


def test_a_missed_stop_comes_back_to_its_shelf_still_promised(division, gauze):
    make.par(division.station, gauze, par=100)
    make.stock(division.warehouse, gauze, on_hand=100)
    shipment = division.dispatched({gauze.pk: 10})
    run = shipment.stop.run
    runs.miss_stop(stop=shipment.stop, reason="Crew on a call.", **division.by(division.driver))
    runs.complete_run(run=run, **division.by(division.driver))

    shipment.refresh_from_db()
    assert (shipment.state, shipment.stop) == (Shipment.State.PACKED, None)
    assert make.on_hand(division.warehouse, gauze) == 100
    assert StockLevel.objects.get(location=make.room(division.warehouse)).allocated == 10
    [again] = schedule.schedule_deliveries(at=division.later(minutes=5))
    assert again != run


def test_a_run_is_not_complete_while_a_stop_is_open(division, gauze):
    make.par(division.station, gauze, par=100)
    make.stock(division.warehouse, gauze, on_hand=100)
    shipment = division.dispatched({gauze.pk: 10})

    with pytest.raises(DomainError, match="Some stops are not done"):
        runs.complete_run(run=shipment.stop.run, **division.by(division.driver))


def test_closing_short_gives_up_what_is_owed_and_frees_what_is_promised(division, gauze):
    make.par(division.station, gauze, par=100)
    level = make.stock(division.warehouse, gauze, on_hand=30)
    order = division.approved({gauze.pk: 50})

    closed = closing.close_short(
        order=order, version=order.version, reason="Borrowed from County.", **division.by(division.logistics)
    )

    assert closed.state == ResupplyOrder.State.CLOSED
    level.refresh_from_db()
    assert level.allocated == 0
    assert Shipment.objects.get().state == Shipment.State.CANCELLED


def test_any_number_of_tiers_supply_each_other(division, gauze):
    locker = make.station(kind="locker", supplied_by=division.warehouse)
    outpost = make.station(supplied_by=locker)
    make.van(locker)
    for place in (locker, outpost):
        make.par(place, gauze, par=20)
    make.stock(division.warehouse, gauze, on_hand=100)
    make.stock(locker, gauze, on_hand=20)

    sweep.sweep_par_levels(at=division.at)
    draft = ResupplyOrder.objects.get()
    assert (draft.station, draft.source) == (outpost, locker)
    order = drafts.submit_order(order=draft, version=draft.version, **division.by(make.officer(outpost)))
    approval.approve_order(order=order, version=order.version, **division.by(division.logistics))
    sweep.sweep_par_levels(at=division.at)

    upstream = ResupplyOrder.objects.get(station=locker)
    assert (upstream.source, upstream.lines.get().asked) == (division.warehouse, 20)


def test_repeating_a_request_id_changes_nothing_and_gives_the_first_answer(division, gauze):
    make.par(division.station, gauze, par=100)
    make.stock(division.warehouse, gauze, on_hand=100)
    order = division.submitted({gauze.pk: 10})
    command = division.by(division.logistics)

    first = approval.approve_order(order=order, version=order.version, **command)
    again = approval.approve_order(order=order, version=order.version, **command)

    assert (again.pk, again.version) == (first.pk, first.version)
    assert division.to_pick().lines.get().quantity == 10
    with pytest.raises(RequestIdReused):
        approval.reject_order(order=order, version=None, reason="No.", **command)
    assert Command.objects.filter(request_id=command["request_id"]).count() == 1


def test_an_order_that_somebody_else_changed_is_refused_with_what_changed(division, gauze):
    make.par(division.station, gauze, par=100)
    seen = drafts.create_order(station=division.station, quantities={gauze.pk: 5}, **division.by(division.officer))
    other = make.officer(division.station)
    drafts.edit_order(order=seen, version=seen.version, quantities={gauze.pk: 9}, **division.by(other))

    with pytest.raises(StaleEdit) as refusal:
        drafts.submit_order(order=seen, version=seen.version, **division.by(division.officer))

    assert str(other) in refusal.value.problems[0]
    assert "edited" in refusal.value.problems[0]


def test_sent_back_with_a_reason_and_sent_again(division, gauze):
    make.par(division.station, gauze, par=100)
    order = division.submitted({gauze.pk: 10})

    order = approval.send_back_order(
        order=order, version=order.version, reason="Take the small box.", **division.by(division.logistics)
    )
    assert order.state == ResupplyOrder.State.DRAFT
    order = drafts.submit_order(
        order=order, version=order.version, quantities={gauze.pk: 4}, **division.by(division.officer)
    )

    assert order.state == ResupplyOrder.State.SUBMITTED
    assert order.lines.get().asked == 4


def test_a_draft_without_a_quantity_is_not_sent(division, gauze):
    make.par(division.station, gauze, par=100)
    order = drafts.create_order(station=division.station, quantities={gauze.pk: 5}, **division.by(division.officer))

    with pytest.raises(DomainError, match="Nothing is asked for"):
        drafts.submit_order(
            order=order, version=order.version, quantities={gauze.pk: 0}, **division.by(division.officer)
        )

    assert order.lines.get().asked == 5


def test_a_scheduled_drug_goes_to_the_safe(division):
    drug = make.item(kind="medication", schedule="II")
    safe = make.safe(division.station)

    order = drafts.create_order(station=division.station, quantities={drug.pk: 5}, **division.by(division.officer))

    assert order.lines.get().location == safe
    assert safe.kind == Location.Kind.SAFE
