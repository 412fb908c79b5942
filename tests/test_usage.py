"""Daily use: what left a place for good, over four weeks."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from inventory.actions.ledger import Move, post_movements
from inventory.models import StockLevel, StockMovement
from inventory.queries.usage import DEMAND, USE_PERIOD, daily_use
from stations.models import Command, Location
from tests import make

pytestmark = pytest.mark.django_db
Reason = StockMovement.Reason


@transaction.atomic
def take(level: StockLevel, quantity: int, reason: str, *, at: datetime = make.AT) -> None:
    """Let some of a lot leave its place for good, for this reason."""
    command = Command.objects.begin("take", by=None, at=at)
    gone = Location.objects.virtual(Location.Kind.CONSUMED)
    post_movements(command, [Move(level.lot_id, level.location_id, gone.pk, quantity, Reason(reason))], by=None, at=at)


def test_daily_use_is_the_mean_of_four_weeks_of_all_that_left_for_good():
    level = make.stock(make.station(), make.item(), on_hand=1000)
    for reason in DEMAND:
        take(level, 7, reason)

    assert daily_use(at=make.AT) == {(level.location_id, level.lot.item_id): 1.0}


def test_a_transfer_a_discard_and_an_older_use_are_no_use():
    level = make.stock(make.station(), make.item(), on_hand=1000)
    take(level, 7, Reason.TRANSFERRED)
    take(level, 7, Reason.DISCARDED)
    take(level, 7, Reason.USED, at=make.AT - USE_PERIOD)
    take(level, 7, Reason.USED, at=make.AT + timedelta(minutes=1))

    assert daily_use(at=make.AT) == {}


def test_daily_use_of_some_places_and_items_only(django_assert_num_queries):
    item, other = make.item(), make.item()
    here, there = make.station(), make.station()
    levels = [make.stock(place, thing, on_hand=100) for place in (here, there) for thing in (item, other)]
    for level in levels:
        take(level, 28, Reason.USED)

    with django_assert_num_queries(2):
        only = daily_use(at=make.AT, locations=[make.room(here).pk], items=[item.pk])

    assert only == {(levels[0].location_id, item.pk): 1.0}
    assert daily_use(at=make.AT, locations=[]) == {}
    assert len(daily_use(at=make.AT)) == 4
