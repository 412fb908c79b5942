"""What was just done is taken back twice at once, or while it is used; each race with its control, without locks."""

from contextlib import nullcontext

import pytest

from inventory.actions import undoing
from inventory.actions.stock import OfLot, Used, transfer_stock, use_stock
from inventory.actions.undoing import undo_moves
from inventory.models import StockMovement
from orders.queries.verify import all_differences
from tests import make
from tests.make import AT, on_hand, rid
from tests.race import crashes, hand_over, race, refusals, without_locks

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
both_ways = pytest.mark.parametrize("locked", [True, False], ids=["locked", "control"])


@pytest.fixture
def north():
    return make.station()


@pytest.fixture
def officer(north):
    return make.officer(north)


def by(officer):
    return {"by": officer, "at": AT, "request_id": rid()}


@both_ways
def test_what_is_taken_back_in_two_windows_goes_back_once(north, officer, monkeypatch, locked):
    level, done = make.stock(north, make.item(), on_hand=10), by(officer)
    use_stock(location=level.location, lines=[Used(level.lot.item_id, 4)], **done)
    first, second = hand_over(monkeypatch, undoing, "post_movements")

    with nullcontext() if locked else without_locks():
        answers = race(
            first(undo_moves, done=done["request_id"], **by(officer)),
            second(undo_moves, done=done["request_id"], **by(officer)),
        )

    assert on_hand(north, level.lot.item) == 10
    assert StockMovement.objects.filter(reverses__isnull=False).count() == 1
    assert all_differences() == []
    if locked:
        assert not crashes(answers)
        assert [str(one) for one in refusals(answers)] == ["This has already been undone."]
    else:
        assert crashes(answers), "both checked before either wrote: only the constraint was left"


@both_ways
def test_what_was_moved_and_is_being_used_does_not_go_back(north, officer, monkeypatch, locked):
    unit, level, done = make.unit(north), make.stock(north, make.item(), on_hand=5), by(officer)
    transfer_stock(source=level.location, destination=unit.location, lines=[OfLot(level.lot_id, 5)], **done)
    first, second = hand_over(monkeypatch, undoing, "post_movements")

    with nullcontext() if locked else without_locks():
        answers = race(
            first(undo_moves, done=done["request_id"], **by(officer)),
            second(use_stock, location=unit.location, lines=[Used(level.lot.item_id, 5)], **by(officer)),
        )

    there, here = on_hand(unit.location, level.lot.item), on_hand(north, level.lot.item)
    assert all_differences() == []
    if locked:
        assert (there, here) == (0, 5), "the use waited, and found nothing aboard"
        assert not crashes(answers)
        assert refusals(answers) == [answers[1]]
    else:
        assert (there, here) == (0, 0), "what was checked as there was used before it went back"
        assert not isinstance(answers[1], Exception)
        assert isinstance(answers[0], Exception)
