"""Two people at the same stock at the same moment; each race with its control, which shows it without the locks."""

import threading
from contextlib import nullcontext, suppress
from functools import partial
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import OperationalError
from django.db.models.deletion import Collector

from core.errors import StaleEdit
from inventory.actions import counts, stock
from inventory.actions.count_lines import Counted
from inventory.models import StockLevelQuerySet, StockMovement
from inventory.queries.horizons import Horizons
from orders.actions import allocation, approval, drafts, picking, planner, receipts, runs, schedule, shares, sweep
from orders.models import DeliveryRun, OrderLine, ResupplyOrder, ShipmentLine
from orders.queries.shares import proposals_for
from orders.queries.verify import all_differences
from orders.routing.moves import Move
from stations.models import Event
from tests import make, planned_day
from tests.flow import Division
from tests.race import FIRST, crashes, hand_over, meet_before, race, refusals, without_locks

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
both_ways = pytest.mark.parametrize("locked", [True, False], ids=["locked", "control"])


def locks(locked):
    return nullcontext() if locked else without_locks()


@pytest.fixture
def division():
    return Division()


@pytest.fixture
def gauze(division):
    item = make.item(name="Gauze 4x4")
    make.par(division.station, item, par=100)
    return item


@both_ways
def test_the_last_units_are_promised_once(division, gauze, monkeypatch, locked):
    other = make.station(supplied_by=division.warehouse)
    make.par(other, gauze, par=100)
    first = division.approved({gauze.pk: 10})
    second = drafts.create_order(station=other, quantities={gauze.pk: 10}, **division.by(make.officer(other)))
    second = drafts.submit_order(order=second, version=second.version, **division.by(make.officer(other)))
    approval.approve_order(order=second, version=second.version, **division.by(division.logistics))
    make.stock(division.warehouse, gauze, on_hand=10)
    meet_before(monkeypatch, allocation, "_promise")

    with locks(locked):
        answers = race(
            *(
                partial(allocation.allocate_order, order=order, **division.by(division.logistics))
                for order in (first, second)
            )
        )

    promised = sum(ShipmentLine.objects.values_list("quantity", flat=True))
    if locked:
        assert not crashes(answers)
        assert (promised, all_differences()) == (10, [])
    else:
        assert promised == 10
        assert all_differences() != [], "both were promised five, and the shelf knows of one of them"


def claim(division, gauze):
    """A request of another station for fifty."""
    other = make.station(supplied_by=division.warehouse)
    make.par(other, gauze, par=100)
    by = make.officer(other)
    order = drafts.create_order(station=other, quantities={gauze.pk: 50}, **division.by(by))
    return drafts.submit_order(order=order, version=order.version, **division.by(by))


@both_ways
def test_two_approvals_of_a_short_item_share_it(division, gauze, monkeypatch, locked):
    make.stock(division.warehouse, gauze, on_hand=60)
    orders = [claim(division, gauze) for _ in range(2)]
    meet_before(monkeypatch, allocation, "_promise")

    with locks(locked):
        answers = race(
            *(
                partial(approval.approve_order, order=order, version=None, **division.by(make.logistics()))
                for order in orders
            )
        )

    assert not crashes(answers)
    if locked:
        assert [order.lines.get().allocated for order in orders] == [30, 30]
        assert all_differences() == []
    else:
        assert all_differences() != []


@both_ways
def test_a_proposal_is_promised_once(division, gauze, monkeypatch, locked):
    make.stock(division.warehouse, gauze, on_hand=2)
    for order in [claim(division, gauze) for _ in range(2)]:
        approval.approve_order(order=order, version=order.version, **division.by(division.logistics))
    make.stock(division.warehouse, gauze, on_hand=60)
    horizons = Horizons(make.TODAY)
    [seen] = proposals_for({(division.warehouse.pk, gauze.pk)}, at=division.at, horizons=horizons).values()
    meet_before(monkeypatch, allocation, "_promise")

    def share(by):
        return shares.share_stock(source=division.warehouse, item=gauze, seen=seen.mark, **division.by(by))

    with locks(locked):
        answers = race(partial(share, division.logistics), partial(share, make.logistics()))

    units = sum(ShipmentLine.objects.values_list("quantity", flat=True))
    if locked:
        assert (answers.count(60), len(refusals(answers)), units) == (1, 1, 62)
        assert all_differences() == []
    else:
        assert answers == [60, 60], "both were told that they promised it"
        assert all_differences() != []


@both_ways
def test_sharing_while_a_shipment_is_picked_short_loses_no_promise(division, gauze, monkeypatch, locked):
    make.stock(division.warehouse, gauze, on_hand=60)
    division.approved({gauze.pk: 50})
    picked = picking.start_picking(shipment=division.to_pick(), **division.by(division.logistics))
    order = claim(division, gauze)
    approval.approve_order(order=order, version=order.version, **division.by(division.logistics))
    make.stock(division.warehouse, gauze, on_hand=20)
    # Ten of the fifty are not in their bin. They are about to be taken back when what came is shared.
    back, look = hand_over(monkeypatch, allocation, "write_rows")

    with locks(locked):
        answers = race(
            back(
                picking.confirm_picks,
                shipment=picked,
                version=None,
                picked={picked.lines.get().pk: 40},
                reason="Not in the bin",
                **division.by(division.logistics),
            ),
            look(allocation.allocate_backorders, at=division.at),
        )

    assert not crashes(answers)
    if locked:
        # The lot waits for a count by then: nothing of it is free, and the ten that were promised of it stay.
        assert (answers[1], order.lines.get().allocated) == (0, 10)
        assert all_differences() == []
    else:
        assert all_differences() != []


@both_ways
def test_an_order_is_approved_once(division, gauze, monkeypatch, locked):
    make.stock(division.warehouse, gauze, on_hand=100)
    order = division.submitted({gauze.pk: 10})
    meet_before(monkeypatch, approval, "grant")

    with locks(locked):
        answers = race(
            *(
                partial(approval.approve_order, order=order, version=None, **division.by(make.logistics()))
                for _ in range(2)
            )
        )

    approvals = Event.objects.about(order).filter(verb="approved").count()
    if locked:
        assert (len(refusals(answers)), crashes(answers), approvals) == (1, [], 1)
        assert all_differences() == []
    else:
        assert approvals == 2


@both_ways
def test_a_shipment_is_received_once(division, gauze, monkeypatch, locked):
    make.stock(division.warehouse, gauze, on_hand=100)
    shipment = division.delivered({gauze.pk: 10})
    # Somebody else's stock in the same van: a second receipt would take it.
    make.stock(division.van.location, gauze, on_hand=10)
    meet_before(monkeypatch, receipts, "_accept")

    with locks(locked):
        answers = race(
            *(
                partial(receipts.receive_shipment, shipment=shipment, version=None, **division.by(division.officer))
                for _ in range(2)
            )
        )

    if locked:
        assert (len(refusals(answers)), crashes(answers)) == (1, [])
        assert make.on_hand(division.station, gauze) == 10
    else:
        assert make.on_hand(division.station, gauze) == 20


@both_ways
def test_one_request_id_at_the_same_moment_acts_once(division, gauze, locked):
    make.stock(division.warehouse, gauze, on_hand=100)
    command = division.by(division.logistics)
    used = partial(
        stock.use_stock,
        location=make.room(division.warehouse),
        lines=[stock.Used(gauze.pk, 3)],
        reference="F17-1",
        **command,
    )

    if locked:
        first, second = race(used, used)
        assert first == second
        assert make.on_hand(division.warehouse, gauze) == 97
    else:
        race(used, partial(used, request_id=make.rid()))
        assert make.on_hand(division.warehouse, gauze) == 94


@both_ways
def test_what_is_used_while_a_shelf_is_counted_is_not_taken_off_twice(division, gauze, monkeypatch, locked):
    level = make.stock(division.station, gauze, on_hand=10)
    count = counts.open_count(location=level.location, **division.by(division.officer))
    # Three are off the shelf and their use is being written; the counter, who sees seven, writes that down meanwhile.
    use, record = hand_over(monkeypatch, stock, "post_movements")

    with locks(locked):
        race(
            use(
                stock.use_stock,
                location=level.location,
                lines=[stock.Used(gauze.pk, 3)],
                reference="F17-2",
                **division.by(division.officer),
            ),
            record(
                counts.record_count,
                count=count,
                lines=[Counted(level.lot.pk, 7)],
                **division.by(division.officer),
            ),
        )

    count = counts.finish_count(count=count, version=None, **division.by(division.officer))
    why = {level.lot.pk: "Counted twice"}
    counts.post_count(count=count, version=None, reasons=why, **division.by(division.officer))
    assert make.on_hand(division.station, gauze) == (7 if locked else 4)


@both_ways
def test_an_edit_during_a_sweep_is_refused_and_never_lost(division, gauze, monkeypatch, locked):
    sweep.sweep_par_levels(at=division.at)
    draft = ResupplyOrder.objects.get(station=division.station)
    make.stock(division.station, gauze, on_hand=100)
    # No longer short: the sweep is about to take the line out while its officer puts a quantity on it.
    sweeping, editing = hand_over(monkeypatch, Collector, "delete", when=lambda collector: OrderLine in collector.data)

    with locks(locked):
        _, edited = race(
            sweeping(sweep.sweep_par_levels, at=division.later(hours=1)),
            editing(
                drafts.edit_order,
                order=draft,
                version=draft.version,
                quantities={gauze.pk: 42},
                **division.by(division.officer),
            ),
        )

    is_there = OrderLine.objects.filter(order=draft, asked=42).exists()
    if locked:
        assert isinstance(edited, StaleEdit)
        assert not is_there
    else:
        assert isinstance(edited, ResupplyOrder)
        assert not is_there, "the edit was accepted, and it is gone"


@both_ways
def test_a_van_leaves_once(division, gauze, monkeypatch, locked):
    make.stock(division.warehouse, gauze, on_hand=100)
    division.packed({gauze.pk: 10})
    [run] = schedule.schedule_deliveries(at=division.at)
    run.refresh_from_db()
    meet_before(monkeypatch, runs, "_check_load")

    with locks(locked):
        answers = race(
            *(
                partial(runs.dispatch_run, run=run, version=None, driver=division.driver, **division.by(person))
                for person in (division.logistics, make.logistics())
            )
        )

    left = sum(StockMovement.objects.filter(reason="dispatched").values_list("quantity", flat=True))
    if locked:
        assert (len(refusals(answers)), crashes(answers), left) == (1, [], 10)
        assert all_differences() == []
    else:
        assert left == 20 or crashes(answers), "both sent it, or the database stopped the second"


@both_ways
def test_two_schedules_at_once_put_a_shipment_on_one_run(division, gauze, monkeypatch, locked):
    make.van(division.warehouse)
    make.stock(division.warehouse, gauze, on_hand=100)
    division.packed({gauze.pk: 10})
    meet_before(monkeypatch, schedule, "write_plans")

    with locks(locked):
        answers = race(*[partial(schedule.schedule_deliveries, at=division.at)] * 2)

    assert not crashes(answers)
    assert DeliveryRun.objects.count() == (1 if locked else 2)


@both_ways
def test_a_run_is_not_planned_anew_while_it_is_being_loaded(division, gauze, monkeypatch, locked):
    make.stock(division.warehouse, gauze, on_hand=100)
    division.packed({gauze.pk: 10})
    [run] = schedule.schedule_deliveries(at=division.at)
    other = make.station(supplied_by=division.warehouse)
    make.par(other, gauze, par=100)
    division.station, division.officer = other, make.officer(other)
    division.approved({gauze.pk: 10})
    first, second = hand_over(monkeypatch, schedule, "write_plans")

    with locks(locked):
        answers = race(
            first(schedule.schedule_deliveries, at=division.at),
            second(runs.load_run, run=run, version=None, **division.by(division.logistics)),
        )

    assert not crashes(answers)
    verbs = [event.verb for event in Event.objects.about(run)]
    harmless = ["planned", "replanned", "began loading"]
    assert verbs == harmless if locked else verbs == ["planned", "began loading", "replanned"]


@pytest.mark.parametrize("sorted_locks", [True, False], ids=["locked", "control"])
def test_opposite_orders_never_deadlock(division, monkeypatch, sorted_locks):
    lots = [make.lot(make.item()) for _ in range(10)]
    other = make.station(supplied_by=division.warehouse)
    here, there = make.room(division.station), make.room(other)
    for lot in lots:
        make.stock(here, lot.item, on_hand=1_000)
        make.stock(there, lot.item, on_hand=1_000)
    in_order = StockLevelQuerySet.locked
    met = Barrier(2)

    def first_row_then_all(rows):
        ordered = in_order(rows) if sorted_locks else rows.select_for_update(of=("self",)).order_by(_own_direction())
        list(ordered[:1])
        with suppress(BrokenBarrierError):
            met.wait(timeout=0.3)
        return ordered

    monkeypatch.setattr(StockLevelQuerySet, "locked", first_row_then_all)

    def back_and_forth(source, destination, goods):
        for _ in range(3):
            lines = [stock.OfLot(lot.pk, 1) for lot in goods]
            stock.transfer_stock(source=source, destination=destination, lines=lines, **division.by(division.logistics))

    answers = race(partial(back_and_forth, here, there, lots), partial(back_and_forth, there, here, lots[::-1]))

    deadlocks = [answer for answer in answers if isinstance(answer, OperationalError)]
    if sorted_locks:
        assert answers == [None, None]
        assert all_differences() == []
    else:
        assert deadlocks, "rows locked in opposite directions must lock each other out, or this test sees nothing"


def _own_direction():
    """Up in one thread, down in the other."""
    return "pk" if threading.current_thread().name == FIRST else "-pk"


@both_ways
def test_a_stop_goes_to_one_of_two_runs(division, monkeypatch, locked):
    first, left, right = planned_day.runs(division, 2, 1, 1)
    station = planned_day.order_of(first)[0]
    meet_before(monkeypatch, planner, "moved")

    with locks(locked):
        answers = race(
            *(
                partial(
                    planner.move_stop,
                    depot=division.warehouse,
                    day=first.run_on,
                    move=Move(station, first.pk, run.pk),
                    **division.by(make.logistics()),
                )
                for run in (left, right)
            )
        )

    if locked:
        assert (len(refusals(answers)), crashes(answers)) == (1, [])
        [taken] = [run for run in answers if isinstance(run, DeliveryRun)]
        assert station in planned_day.order_of(taken)
    else:
        assert not refusals(answers), "both were told that it is theirs"


@both_ways
def test_a_van_that_begins_loading_gets_no_other_stop_meanwhile(division, monkeypatch, locked):
    source, target = planned_day.runs(division, 2, 1)
    station = planned_day.order_of(source)[0]
    # The crew is about to load by the sheet that it has; a stop is put on the run just then.
    loading, moving = hand_over(monkeypatch, runs, "_changed")

    with locks(locked):
        race(
            loading(runs.load_run, run=target, version=target.version, **division.by(division.logistics)),
            moving(
                planner.move_stop,
                depot=division.warehouse,
                day=source.run_on,
                move=Move(station, source.pk, target.pk),
                **division.by(make.logistics()),
            ),
        )

    target.refresh_from_db()
    assert target.state == DeliveryRun.State.LOADING
    assert (station in planned_day.order_of(target)) == (not locked)
