"""A recall at the moment in which its lot is promised, picked, packed or pulled; each race with its control."""

from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

import pytest

from integrations.actions import pulling
from integrations.actions.pulling import pull_recalled
from integrations.models import Recall, RecalledLot
from inventory.actions.lines import OfLot
from inventory.models import StockMovement
from orders.actions import allocation, approval, held, picking, taking
from orders.models import Shipment, ShipmentLine
from orders.queries.verify import all_differences
from tests import make
from tests.flow import Division
from tests.race import crashes, hand_over, meet_before, race, refusals, without_locks
from tests.recalls import NDC, recall, record, take

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
both_ways = pytest.mark.parametrize("locked", [True, False], ids=["locked", "control"])


def locks(locked):
    return nullcontext() if locked else without_locks()


@pytest.fixture
def division():
    return Division()


@pytest.fixture
def naloxone(division):
    item = make.item(name="Naloxone", ndc=NDC)
    make.par(division.station, item, par=50)
    make.stock(division.warehouse, item, on_hand=10, number="A17", expires_on=make.TODAY.replace(year=2027))
    return item


def promised_of_held() -> int:
    lines = ShipmentLine.objects.filter(level__lot__number="A17", shipment__state__in=Shipment.NOT_LEFT)
    return sum(lines.values_list("quantity", flat=True))


@both_ways
def test_a_lot_that_is_recalled_while_it_is_picked_is_out_of_the_tote(division, naloxone, monkeypatch, locked):
    division.approved({naloxone.pk: 10})
    shipment = picking.start_picking(shipment=division.to_pick(), **division.by(division.logistics))
    picked = dict.fromkeys(shipment.lines.values_list("pk", flat=True), 4)
    # Four of the ten are found. The six are about to be given back when the lot is recalled and the ten are taken back.
    first, second = hand_over(monkeypatch, taking, "release")

    with locks(locked):
        answers = race(
            first(
                picking.confirm_picks,
                shipment=shipment,
                version=shipment.version,
                picked=picked,
                reason="Not there",
                **division.by(division.logistics),
            ),
            second(take),
        )

    if locked:
        assert not crashes(answers)
        assert (promised_of_held(), all_differences()) == (0, [])
    else:
        assert crashes(answers) or all_differences() != [], "both gave back the same"


@contextmanager
def nobody_waits(patch: pytest.MonkeyPatch, *, is_on: bool):
    """The control of the wait for whoever promises."""
    if is_on:
        patch.setattr(held, "_wait_for_promises", lambda lots: None)
    yield


@pytest.mark.parametrize("waits", [True, False], ids=["waits", "control"])
def test_a_lot_that_is_recalled_while_it_is_promised_is_not_promised_after(division, naloxone, monkeypatch, waits):
    order = division.submitted({naloxone.pk: 10})
    # It was read as usable and is about to be promised when it is recalled.
    first, second = hand_over(monkeypatch, allocation, "_promise")
    with nobody_waits(monkeypatch, is_on=not waits):
        answers = race(
            first(approval.approve_order, order=order, version=order.version, **division.by(division.logistics)),
            second(take),
        )

    assert not crashes(answers)
    assert not refusals(answers)
    assert all_differences() == []
    assert promised_of_held() == (0 if waits else 10)


@both_ways
def test_two_who_pull_the_last_units_pull_them_once(division, naloxone, monkeypatch, locked):
    take()
    level = RecalledLot.objects.get().lot.stock_levels.get()
    facts: dict[str, Any] = {"recall": recall(), "location": level.location, "lines": [OfLot(level.lot_id, 10)]}
    meet_before(monkeypatch, pulling, "post_movements")

    with locks(locked):
        answers = race(*(partial(pull_recalled, **facts, **division.by(make.logistics())) for _ in range(2)))

    if locked:
        assert (len(refusals(answers)), len(crashes(answers))) == (1, 0)
    else:
        assert crashes(answers), "only the database itself refused the second"
    assert StockMovement.objects.filter(reason="pulled").count() == 1
    assert recall().state == "closed"


def test_two_who_take_the_same_file_take_it_once(division, naloxone):
    answers = race(*(partial(take, record("D-1-2026"), record("D-2-2026")) for _ in range(2)))

    assert not crashes(answers)
    assert not refusals(answers)
    assert (Recall.objects.count(), RecalledLot.objects.count()) == (2, 2)
