"""What is short, in a division too large to be compared for each visit: kept, and still of now."""

from datetime import timedelta

import pytest
from django.utils import timezone

from inventory.actions.disposal import discard_stock
from inventory.actions.lines import OfLot
from inventory.actions.lots import set_lot_status
from inventory.queries.horizons import Horizons
from orders.actions import approval, picking
from orders.models import Shipment
from orders.queries.claims import shortages
from orders.queries.doubt import SETTLED, forget_doubt, keep_doubt, read_doubt
from tests import make
from tests.flow import Division

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    """Twenty of each of three items, and nothing asked for; what is short was kept an hour ago."""
    division = Division(at=timezone.now() - timedelta(hours=1))
    division.items = [make.item() for _ in range(3)]  # type: ignore[attr-defined]
    division.levels = [make.stock(division.warehouse, item, on_hand=20) for item in division.items]  # type: ignore[attr-defined]
    for item in division.items:  # type: ignore[attr-defined]
        make.par(division.station, item, par=60)
    keep_doubt(read_doubt(at=division.at + SETTLED / 2))
    return division


def both():
    """What a page says with the kept keys, and what it says without."""
    horizons = Horizons(timezone.localdate())
    kept = shortages(horizons)
    forget_doubt()
    return kept, shortages(horizons)


def submitted(division):
    division.submitted({division.items[0].pk: 30})


def approved(division):
    division.approved({item.pk: 20 for item in division.items})
    division.approved({division.items[1].pk: 5})


def stock_left_the_shelf(division):
    division.submitted({division.items[2].pk: 15})
    keep_doubt(read_doubt(at=division.at + SETTLED * 2))
    lines = [OfLot(division.levels[2].lot_id, 10)]
    discard_stock(location=division.levels[2].location, lines=lines, reason="wet", **division.by(division.logistics))


def lot_was_held(division):
    division.submitted({division.items[0].pk: 15})
    keep_doubt(read_doubt(at=division.at + SETTLED * 2))
    lot = division.levels[0].lot
    set_lot_status(lot=lot, status="quarantined", reason="a call", **division.by(division.logistics))


def picked_short(division):
    division.approved({division.items[0].pk: 20})
    keep_doubt(read_doubt(at=division.at + SETTLED * 2))
    shipment = picking.start_picking(shipment=Shipment.objects.get(), **division.by(division.logistics))
    picked = {line.pk: 5 for line in shipment.lines.all()}
    picking.confirm_picks(
        shipment=shipment, version=shipment.version, picked=picked, reason="gone", **division.by(division.logistics)
    )


@pytest.mark.parametrize("happens", [submitted, approved, stock_left_the_shelf, lot_was_held, picked_short])
def test_whatever_happened_since_it_was_kept_is_seen(division, happens):
    happens(division)
    kept, live = both()
    assert kept == live
    assert live


def test_what_is_covered_again_is_not_shown(division):
    order = division.submitted({division.items[0].pk: 30})
    keep_doubt(read_doubt(at=division.at + SETTLED * 2))
    assert len(shortages(Horizons(timezone.localdate()))) == 1
    approval.reject_order(order=order, version=order.version, reason="no", **division.by(division.logistics))
    assert both() == ([], [])


def test_a_longer_wait_between_deliveries_is_compared_anew(division):
    level = division.levels[0]
    type(level.lot).objects.filter(pk=level.lot_id).update(expires_on=timezone.localdate() + timedelta(days=30))
    keep_doubt(read_doubt(at=timezone.now()))
    division.submitted({division.items[0].pk: 10})
    keep_doubt(read_doubt(at=division.at + SETTLED * 2))
    assert shortages(Horizons(timezone.localdate())) == []
    type(division.station).objects.update(review_days=40)
    assert len(shortages(Horizons(timezone.localdate()))) == 1


def test_what_was_kept_yesterday_is_compared_anew(division):
    division.submitted({division.items[0].pk: 30})
    tomorrow = Horizons(timezone.localdate() + timedelta(days=1))
    assert len(shortages(tomorrow)) == 1
