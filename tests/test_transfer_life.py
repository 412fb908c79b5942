"""A transfer from its acceptance to its receipt, and everything that can go otherwise on the way."""

import pytest
from django.core.exceptions import PermissionDenied

from core.errors import DomainError
from inventory.models import Lot, StockMovement
from orders.actions.approval import approve_order, send_back_order
from orders.actions.choosing import choose_run
from orders.actions.closing import close_short
from orders.actions.placing import place_transfers
from orders.actions.receipts import ReceivedLine, receive_shipment
from orders.actions.runs import cancel_run, complete_run, deliver_stop, miss_stop, reorder_stops
from orders.actions.transfers import accept_transfers, propose_transfers
from orders.models import ApprovalStep, DeliveryRun, OrderLine, ResupplyOrder, Shipment, Stop, TransferProposal
from orders.queries.transfers import proposals
from orders.queries.verify import all_differences
from tests import make
from tests.flow import Division
from tests.transfers import Neighbours

pytestmark = pytest.mark.django_db
State = Shipment.State


def test_a_transfer_walks_from_one_shelf_to_the_other():
    world = Neighbours()
    run = world.both()

    order = world.accept()
    assert (order.state, order.kind, order.source, order.requested_by) == ("approved", "transfer", world.donor, None)
    shipment = world.shipment()
    assert (shipment.state, shipment.pickup, shipment.stop) == (
        State.TO_COLLECT,
        world.stop(run, world.donor),
        world.stop(run, world.receiver),
    )
    assert world.free() == 30

    world.leave(run)
    shipment.refresh_from_db()
    assert shipment.state == State.TO_COLLECT, "what is collected on the way does not leave the depot"
    assert make.on_hand(world.donor, world.item) == 50

    world.later(minutes=50)
    stop = world.collect(run)
    assert (stop.state, stop.handed_to) == (Stop.State.DELIVERED, "Kim")
    assert make.on_hand(world.donor, world.item) == 30
    assert make.on_hand(world.van.location, world.item) == 20

    deliver_stop(stop=world.stop(run, world.receiver), handed_to="Lee", **world.by(world.driver))
    shipment.refresh_from_db()
    receive_shipment(shipment=shipment, version=shipment.version, **world.by(world.officer))
    complete_run(run=run, **world.by(world.driver))

    order.refresh_from_db()
    assert order.state == ResupplyOrder.State.CLOSED
    assert make.on_hand(world.receiver, world.item) == 20
    assert proposals(at=world.at) == []
    assert all_differences() == []


def test_the_system_asks_and_the_one_who_accepts_approves():
    world = Neighbours()

    order = world.accept()

    [step] = order.approval_steps.all()
    assert (step.rule, step.decided_by, order.requested_by) == (ApprovalStep.Rule.TRANSFER, world.logistics, None)


@pytest.mark.parametrize("who", ["officer", "giver", "chief", "driver"])
def test_only_logistics_accepts(who):
    world = Neighbours()

    with pytest.raises(PermissionDenied):
        world.accept(by=getattr(world, who))

    assert not ResupplyOrder.objects.exists()


def test_accepting_twice_with_one_request_id_moves_once():
    world = Neighbours()
    facts = {"accepted": world.proposed(), **world.by(world.logistics)}

    assert accept_transfers(**facts) == accept_transfers(**facts)

    assert world.free() == 30


@pytest.mark.parametrize(("quantity", "says"), [(41, "41 to move"), (21, "21 to move"), (0, "at least one")])
def test_more_than_can_be_spared_or_used_is_refused(quantity, says):
    world = Neighbours()

    with pytest.raises(DomainError) as refusal:
        world.accept(world.wanted(quantity))

    assert says in refusal.value.problems[0]
    assert not ResupplyOrder.objects.exists()


def test_the_donor_keeps_what_it_needs_even_if_it_was_proposed_before():
    world = Neighbours()
    proposed = world.proposed()
    make.par(world.donor, make.item(), 1)
    world.donor.locations.get().par_levels.filter(item=world.item).update(par=45, minimum=40)

    with pytest.raises(DomainError, match="changed at Donor"):
        world.accept(*proposed)


def test_a_scheduled_drug_moves_from_safe_to_safe_and_waits_for_the_chief():
    drug = make.item(kind="medication", schedule="II", name="Fentanyl")
    world = Neighbours(item=drug)
    assert proposals(at=world.at) == [], "it lies in a supply room"
    make.stock(make.safe(world.donor), drug, on_hand=30)
    make.par(make.safe(world.receiver), drug, 10)

    [proposal] = proposals(at=world.at)
    assert (proposal.donor, proposal.receiver) == (make.safe(world.donor), make.safe(world.receiver))
    order = world.accept()
    assert order.state == ResupplyOrder.State.SUBMITTED
    assert not Shipment.objects.exists()
    assert proposals(at=world.at) == [], "what waits for the chief is not proposed again"

    order = approve_order(order=order, version=order.version, **world.by(world.chief))
    assert order.state == ResupplyOrder.State.APPROVED
    assert sum(world.shipment().lines.values_list("quantity", flat=True)) == 10
    assert all_differences() == []


def test_a_transfer_cannot_go_back_to_who_never_asked_for_it():
    drug = make.item(kind="medication", schedule="II")
    world = Neighbours(item=drug)
    make.stock(make.safe(world.donor), drug, on_hand=30)
    make.par(make.safe(world.receiver), drug, 10)
    order = world.accept()

    with pytest.raises(DomainError, match="Nobody asked for this transfer"):
        send_back_order(order=order, version=order.version, reason="No", **world.by(world.chief))


def test_what_was_owed_is_given_up_as_the_transfer_brings_it():
    world = Neighbours()
    flow = Division(warehouse=world.warehouse)
    flow.station, flow.officer, flow.logistics = world.receiver, world.officer, world.logistics
    owing = flow.approved({world.item.pk: 20})

    [proposal] = proposals(at=world.at)
    assert proposal.quantity == 20
    order = world.accept()

    owing.refresh_from_db()
    assert owing.state == ResupplyOrder.State.CLOSED
    assert owing.lines.get().cancelled == 20
    assert OrderLine.objects.inbound().get().order == order


def test_a_donor_missed_on_the_way_keeps_it_until_another_run_comes():
    world = Neighbours()
    run = world.on_the_road()

    miss_stop(stop=world.stop(run, world.donor), reason="Gate locked", **world.by(world.driver))

    shipment = world.shipment()
    assert (shipment.state, shipment.stop, shipment.pickup) == (State.TO_COLLECT, None, None)
    assert make.on_hand(world.donor, world.item) == 50
    assert world.free() == 30

    other = world.run_to(world.donor, world.receiver, van=make.van(world.warehouse))
    assert place_transfers(at=world.at) == 1
    shipment.refresh_from_db()
    assert shipment.stop == world.stop(other, world.receiver)


def test_a_receiver_missed_on_the_way_gets_it_from_the_depot():
    world = Neighbours()
    run = world.on_the_road()
    world.collect(run)

    miss_stop(stop=world.stop(run, world.receiver), reason="Nobody there", **world.by(world.driver))
    complete_run(run=run, **world.by(world.driver))

    shipment = world.shipment()
    assert (shipment.state, shipment.source, shipment.pickup, shipment.stop) == (
        State.PACKED,
        world.warehouse,
        None,
        None,
    )
    assert make.on_hand(world.warehouse, world.item) == 20
    assert all_differences() == []


def test_a_receiver_done_before_the_donor_leaves_the_transfer_waiting():
    world = Neighbours()
    run = world.on_the_road()

    deliver_stop(stop=world.stop(run, world.receiver), handed_to="Lee", **world.by(world.driver))

    shipment = world.shipment()
    assert (shipment.state, shipment.stop, shipment.pickup) == (State.TO_COLLECT, None, None)
    with pytest.raises(DomainError, match="Nothing waits here"):
        world.collect(run)


def test_a_run_called_off_leaves_its_transfers_waiting():
    world = Neighbours()
    run = world.both()
    world.accept()
    run.refresh_from_db()

    cancel_run(run=run, version=run.version, reason="Snow", **world.by(world.logistics))

    shipment = world.shipment()
    assert (shipment.state, shipment.stop, shipment.pickup) == (State.TO_COLLECT, None, None)


def test_a_transfer_whose_stops_were_moved_since_stays_at_its_donor_when_the_van_leaves():
    world = Neighbours()
    run = world.both()
    world.accept()
    elsewhere = world.run_to(make.station(supplied_by=world.warehouse), van=make.van(world.warehouse))
    Stop.objects.filter(run=run, station=world.donor).update(run=elsewhere, position=2)
    other = make.item()
    make.stock(world.warehouse, other, on_hand=10)
    flow = Division(warehouse=world.warehouse)
    flow.station, flow.officer = world.receiver, world.officer
    make.par(world.receiver, other, 10)
    packed = flow.packed({other.pk: 10})
    packed.stop = world.stop(run, world.receiver)
    packed.save()

    world.leave(run)

    shipment = Shipment.objects.get(state=State.TO_COLLECT)
    assert (shipment.pickup, shipment.stop) == (None, None)


def test_collecting_less_needs_a_reason_and_brings_less():
    world = Neighbours()
    run = world.on_the_road()
    [line] = world.shipment().lines.all()

    with pytest.raises(DomainError) as refusal:
        world.collect(run, taken={line.pk: 12})
    assert "say why you take less" in refusal.value.problems[0]
    world.collect(run, taken={line.pk: 12}, reason="Only 12 were there")

    order = ResupplyOrder.objects.get()
    [order_line] = order.lines.all()
    assert (order_line.shipped, order_line.cancelled, order_line.allocated, order_line.owed) == (12, 8, 0, 0)
    assert world.free() == 38
    assert all_differences() == []


def test_collecting_nothing_ends_the_transfer():
    world = Neighbours()
    run = world.on_the_road()
    [line] = world.shipment().lines.all()

    world.collect(run, taken={line.pk: 0}, reason="They used it last night")

    assert ResupplyOrder.objects.get().state == ResupplyOrder.State.CLOSED
    assert world.shipment().state == State.CANCELLED
    assert world.free() == 50


def test_a_lot_held_since_cannot_be_collected():
    world = Neighbours()
    run = world.on_the_road()
    Lot.objects.update(status=Lot.Status.RECALLED)

    with pytest.raises(DomainError) as refusal:
        world.collect(run)

    assert "is recalled" in refusal.value.problems[0]


def test_a_stop_is_not_handed_over_before_it_is_collected():
    world = Neighbours()
    run = world.on_the_road()

    with pytest.raises(DomainError, match="to be collected here first"):
        deliver_stop(stop=world.stop(run, world.donor), handed_to="Lee", **world.by(world.driver))


def test_stops_cannot_be_put_so_that_a_delivery_comes_before_its_pickup():
    world = Neighbours()
    run = world.both()
    world.accept()
    run.refresh_from_db()

    with pytest.raises(DomainError, match="collected before it is delivered") as refusal:
        reorder_stops(
            run=run,
            version=run.version,
            station_ids=[world.receiver.pk, world.donor.pk],
            **world.by(world.logistics),
        )

    assert "Donor must come before Receiver" in refusal.value.problems[0]


def test_a_planned_run_changes_its_order_for_a_transfer_and_one_that_is_loaded_does_not():
    world = Neighbours()
    loaded = world.run_to(world.receiver, world.donor, van=make.van(world.warehouse))
    DeliveryRun.objects.filter(pk=loaded.pk).update(state=DeliveryRun.State.LOADING)
    planned = world.run_to(world.receiver, world.donor)

    world.accept()

    shipment = world.shipment()
    assert shipment.stop == world.stop(planned, world.receiver)
    assert [stop.station for stop in planned.stops.all()] == [world.donor, world.receiver]


def test_a_van_without_room_does_not_take_it():
    world = Neighbours(item=make.item(criticality="A", weight_g=1000))
    world.van.max_weight_g = 19_999
    world.van.save()
    world.both()

    world.accept()

    assert world.shipment().stop is None


def test_what_must_stay_cold_rides_only_where_it_does():
    world = Neighbours(item=make.item(criticality="A", storage="cold"))
    run = world.both()
    world.accept()
    shipment = world.shipment()
    assert shipment.stop is None
    with pytest.raises(DomainError, match="must stay cold"):
        choose_run(shipment=shipment, run=run, version=None, **world.by(world.logistics))

    world.van.carries_cold = True
    world.van.save()

    assert place_transfers(at=world.at) == 1


def test_a_person_chooses_a_run_that_goes_to_neither():
    world = Neighbours()
    world.accept()
    shipment = world.shipment()
    other = make.station(supplied_by=world.warehouse)
    run = world.run_to(other)

    choose_run(shipment=shipment, run=run, version=shipment.version, **world.by(world.logistics))

    shipment.refresh_from_db()
    stations = [stop.station for stop in run.stops.all()]
    assert sorted(station.pk for station in stations) == sorted([other.pk, world.donor.pk, world.receiver.pk])
    assert stations.index(world.donor) < stations.index(world.receiver)
    assert (shipment.pickup, shipment.stop) == (world.stop(run, world.donor), world.stop(run, world.receiver))
    assert place_transfers(at=world.at) == 0


def test_stops_that_are_added_at_the_end_of_a_run_have_their_place_and_time_as_well():
    other = make.station()  # there and back is as far either way round: the oldest station comes first
    world = Neighbours()
    world.accept()
    run = world.run_to(other)

    choose_run(shipment=world.shipment(), run=run, version=None, **world.by(world.logistics))

    stops = list(run.stops.all())
    assert [stop.station for stop in stops] == [other, world.donor, world.receiver]
    assert [stop.position for stop in stops] == [1, 2, 3]
    assert [stop.planned_at for stop in stops] == sorted({stop.planned_at for stop in stops})


def test_a_transfer_that_waits_can_be_given_up():
    world = Neighbours()
    order = world.accept()

    close_short(order=order, version=order.version, reason="Not needed", **world.by(world.logistics))

    order.refresh_from_db()
    assert order.state == ResupplyOrder.State.CLOSED
    assert world.free() == 50
    assert all_differences() == []


def test_what_comes_damaged_is_a_discrepancy_as_with_any_delivery():
    world = Neighbours()
    run = world.on_the_road()
    world.collect(run)
    deliver_stop(stop=world.stop(run, world.receiver), handed_to="Lee", **world.by(world.driver))
    shipment = world.shipment()
    [line] = shipment.lines.all()

    receive_shipment(
        shipment=shipment,
        version=shipment.version,
        lines=[ReceivedLine(line.pk, 18, damaged=2, reason="Crushed")],
        **world.by(world.officer),
    )

    assert line.discrepancies.get().quantity == 2
    assert all_differences() == []


def test_a_collected_movement_cannot_be_undone_by_hand_and_is_no_use():
    from inventory.actions.ledger import reverse_movement
    from inventory.queries.usage import daily_use

    world = Neighbours()
    run = world.on_the_road()
    world.collect(run)
    movement = StockMovement.objects.get(reason="collected")

    with pytest.raises(DomainError, match="settled with its shipment"):
        reverse_movement(movement=movement, reason="Oops", **world.by(world.logistics))
    assert daily_use(at=world.at) == {}


def test_proposals_are_replaced_and_go_when_they_are_accepted():
    world = Neighbours()
    propose_transfers(at=world.at)
    propose_transfers(at=world.later(minutes=1))
    assert TransferProposal.objects.count() == 1

    world.accept()

    assert not TransferProposal.objects.exists()
