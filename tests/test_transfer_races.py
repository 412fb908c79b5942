"""Two people at what a donor can spare, at the same moment; each race with its control."""

from contextlib import nullcontext
from functools import partial

import pytest

from inventory.actions import stock
from inventory.actions.stock import Used
from orders.actions import collecting, transfer_promises, transfers
from orders.actions.transfers import accept_transfers
from orders.models import Shipment, ShipmentLine
from orders.queries.verify import all_differences
from tests import make
from tests.race import crashes, hand_over, meet_before, race, refusals, without_locks
from tests.transfers import Neighbours

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
both_ways = pytest.mark.parametrize("locked", [True, False], ids=["locked", "control"])


def locks(locked):
    return nullcontext() if locked else without_locks()


@pytest.fixture(autouse=True)
def nothing_else(monkeypatch):
    """The race is about the acceptance; its placing and new proposals are transactions of their own."""
    monkeypatch.setattr(transfers, "place_transfers", lambda **_: 0)
    monkeypatch.setattr(transfers, "propose_transfers", lambda **_: 0)


@both_ways
def test_the_same_surplus_is_promised_once(monkeypatch, locked):
    world = Neighbours(has=30)  # 20 to spare
    other = make.station(supplied_by=world.warehouse)
    make.par(other, world.item, 20, 10)
    second = transfers.Accepted(world.item.pk, make.room(world.donor).pk, make.room(other).pk, 20)
    meet_before(monkeypatch, transfer_promises, "fulfil")

    with locks(locked):
        answers = race(
            *(
                partial(accept_transfers, accepted=[one], **world.by(make.logistics()))
                for one in (world.wanted(20), second)
            )
        )

    promised = sum(ShipmentLine.objects.values_list("quantity", flat=True))
    if locked:
        assert (len(refusals(answers)), crashes(answers), promised) == (1, [], 20)
        assert all_differences() == []
    else:
        assert promised == 40


@both_ways
def test_the_same_shelf_is_filled_once(monkeypatch, locked):
    world = Neighbours(has=0)
    givers = [make.station(supplied_by=world.warehouse) for _ in range(2)]
    for giver in givers:
        make.stock(giver, world.item, on_hand=50)
    wanted = [transfers.Accepted(world.item.pk, make.room(one).pk, make.room(world.receiver).pk, 20) for one in givers]
    meet_before(monkeypatch, transfer_promises, "fulfil")

    with locks(locked):
        answers = race(*(partial(accept_transfers, accepted=[one], **world.by(make.logistics())) for one in wanted))

    promised = sum(ShipmentLine.objects.values_list("quantity", flat=True))
    assert crashes(answers) == []
    assert promised == (20 if locked else 40)


@both_ways
def test_the_donors_own_use_and_an_acceptance_do_not_take_the_same_units(monkeypatch, locked):
    world = Neighbours(has=30)
    first, second = hand_over(monkeypatch, transfer_promises, "write_rows")
    use = {"location": make.room(world.donor), "lines": [Used(world.item.pk, 30)], "reference": "Crash"}

    with locks(locked):
        answers = race(
            first(accept_transfers, accepted=[world.wanted(20)], **world.by(world.logistics)),
            second(stock.use_stock, **use, **world.by(world.giver)),
        )

    if locked:
        assert (len(refusals(answers)), crashes(answers)) == (1, [])
        assert make.on_hand(world.donor, world.item) == 30
        assert all_differences() == []
    else:
        assert crashes(answers), "only the constraint stops what the lock would have refused in words"


@both_ways
def test_a_transfer_is_collected_once(monkeypatch, locked):
    world = Neighbours()
    run = world.both()
    [order] = accept_transfers(accepted=[world.wanted(20)], **world.by(world.logistics))
    shipment = Shipment.objects.get(lines__order_line__order=order)
    shipment.pickup, shipment.stop = world.stop(run, world.donor), world.stop(run, world.receiver)
    shipment.save()
    world.leave(run)
    meet_before(monkeypatch, collecting, "add_up")

    with locks(locked):
        answers = race(
            *(
                partial(
                    collecting.collect_stop,
                    stop=world.stop(run, world.donor),
                    taken={},
                    given_by="Kim",
                    **world.by(world.driver),
                )
                for _ in range(2)
            )
        )

    if locked:
        assert (len(refusals(answers)), crashes(answers)) == (1, [])
        assert make.on_hand(world.van.location, world.item) == 20
        assert all_differences() == []
    else:
        assert make.on_hand(world.van.location, world.item) == 40
