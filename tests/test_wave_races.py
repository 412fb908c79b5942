"""Two people at one walk or one bay at once; each race with its control, which shows it without the locks."""

from contextlib import nullcontext
from functools import partial

import pytest

from core.errors import StaleEdit
from orders.actions import bays, picking, receipts, taking, waves
from orders.models import Shipment, ShipmentLine
from orders.queries.verify import all_differences
from stations.models import Event
from tests import make
from tests.flow import Division
from tests.race import crashes, hand_over, meet_before, race, refusals, without_locks
from tests.waves import run_for, shipments_of

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
    make.stock(division.warehouse, item, on_hand=100)
    return item


@pytest.fixture
def run(division, gauze):
    return run_for(division, {gauze.pk: 10}, {gauze.pk: 10})


def versions_of(shipments):
    return {one.pk: one.version for one in shipments}


def listed(shipments):
    return dict(ShipmentLine.objects.filter(shipment__in=shipments).values_list("pk", "quantity"))


# --- The bay ----------------------------------------------------------------------------------------------------------


@both_ways
def test_a_bay_is_received_once(division, gauze, monkeypatch, locked):
    shipments = division.in_the_bay({gauze.pk: 10})
    # Somebody else's stock in the same van: a second receipt would take it.
    make.stock(division.van.location, gauze, on_hand=20)
    meet_before(monkeypatch, receipts, "_accept")
    versions = versions_of(shipments)

    with locks(locked):
        answers = race(
            *(partial(bays.receive_shipments, versions=versions, **division.by(division.officer)) for _ in range(2))
        )

    if locked:
        assert (len(refusals(answers)), crashes(answers)) == (1, [])
        assert make.on_hand(division.station, gauze) == 20
        assert all_differences() == []
    else:
        assert make.on_hand(division.station, gauze) == 40


@both_ways
def test_one_of_a_bay_is_not_received_with_the_others_too(division, gauze, monkeypatch, locked):
    shipments = division.in_the_bay({gauze.pk: 10})
    make.stock(division.van.location, gauze, on_hand=20)
    # The officer reports one as short, while a colleague is about to receive all of them as sent.
    alone, together = hand_over(monkeypatch, receipts, "_accept")
    line = shipments[0].lines.get()
    missing = receipts.ReceivedLine(line.pk, accepted=4, missing=6, reason="Box is short")

    with locks(locked):
        answers = race(
            alone(
                receipts.receive_shipment,
                shipment=shipments[0],
                version=None,
                lines=[missing],
                **division.by(division.officer),
            ),
            together(
                bays.receive_shipments,
                versions=versions_of(shipments),
                **division.by(make.officer(division.station)),
            ),
        )

    if locked:
        assert (len(refusals(answers)), crashes(answers)) == (1, [])
        assert make.on_hand(division.station, gauze) == 4, "nothing of the bay is received but what was reported"
        assert all_differences() == []
    else:
        assert not refusals(answers), "both were told that they received it"


# --- The walk ---------------------------------------------------------------------------------------------------------


@both_ways
def test_a_walk_is_confirmed_by_one_of_two_pickers(division, run, monkeypatch, locked):
    waves.start_wave(run=run, **division.by(division.logistics))
    shipments = shipments_of(run)
    meet_before(monkeypatch, taking, "_check")

    with locks(locked):
        answers = race(
            *(
                partial(
                    waves.confirm_wave,
                    versions=versions_of(shipments),
                    picked=listed(shipments),
                    **division.by(make.logistics()),
                )
                for _ in range(2)
            )
        )

    assert not crashes(answers)
    times = Event.objects.filter(verb="picked").count()
    if locked:
        assert isinstance(refusals(answers)[0], StaleEdit)
        assert times == 2, "once for each shipment"
    else:
        assert times == 4, "both were told that it lies in the totes by their hand"


@both_ways
def test_what_two_find_short_at_once_is_given_back_once(division, run, gauze, monkeypatch, locked):
    waves.start_wave(run=run, **division.by(division.logistics))
    shipments = shipments_of(run)
    half = {pk: quantity // 2 for pk, quantity in listed(shipments).items()}
    first = shipments[0].lines.get()
    meet_before(monkeypatch, taking, "_check")

    with locks(locked):
        answers = race(
            partial(
                waves.confirm_wave,
                versions=versions_of(shipments),
                picked=half,
                reason="Half was there",
                **division.by(division.logistics),
            ),
            partial(
                picking.confirm_picks,
                shipment=shipments[0],
                version=None,
                picked={first.pk: 5},
                reason="Half was there",
                **division.by(make.logistics()),
            ),
        )

    if locked:
        assert not crashes(answers)
        assert ShipmentLine.objects.get(pk=first.pk).quantity == 5
        assert all_differences() == []
    else:
        assert all_differences() != [] or crashes(answers), "given back twice, or the database stopped the second"


@both_ways
def test_a_shipment_is_begun_by_one_person(division, run, monkeypatch, locked):
    all_of_it, one_of_it = hand_over(monkeypatch, waves, "write_rows")
    shipment, colleague = shipments_of(run)[0], make.logistics()

    with locks(locked):
        answers = race(
            all_of_it(waves.start_wave, run=run, **division.by(division.logistics)),
            one_of_it(picking.start_picking, shipment=shipment, **division.by(colleague)),
        )

    assert not crashes(answers)
    begun = Event.objects.about(shipment).filter(verb="began picking").count()
    if locked:
        assert (len(refusals(answers)), begun) == (1, 1)
        assert Shipment.objects.get(pk=shipment.pk).picker == division.logistics
    else:
        assert begun == 2, "both were told that they have it"
