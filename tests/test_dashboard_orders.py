"""Figures made of orders: line fill rate, request to receipt, overdue backorders."""

from datetime import datetime, timedelta

import pytest

from dashboard.queries.backorders import overdue_backorders, overdue_by_station
from dashboard.queries.fill import judged_lines, line_fill, line_fill_by_station
from dashboard.queries.receipts import received_orders, waits, waits_by_station
from dashboard.queries.shares import Share
from orders.models import DeliveryRun, OrderLine, ResupplyOrder, Shipment, ShipmentLine, Stop
from stations.models import Station
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def north() -> Station:
    return make.station()


def order(station: Station, *, sent: datetime, state: str = "approved", **fields: object) -> ResupplyOrder:
    source = station.supplied_by
    assert source is not None
    ended = sent + 6 * DAY if state == "closed" else None
    return ResupplyOrder.objects.create(
        **{
            "station": station,
            "source": source,
            "state": state,
            "requested_by": make.officer(station),
            "created_at": sent,
            "submitted_at": sent,
            "approved_at": sent,
            "closed_at": ended,
            **fields,
        }
    )


def line(order: ResupplyOrder, asked: int = 10, **fields: object) -> OrderLine:
    place = make.room(order.station)
    fields = {"approved": asked, "approval_reason": "Short in the warehouse", **fields}
    return OrderLine.objects.create(order=order, item=make.item(), location=place, asked=asked, **fields)


def ship(line: OrderLine, quantity: int, *, left: datetime, received: datetime | None = None) -> Shipment:
    """A shipment of one lot that left, and perhaps arrived, written as its actions leave it."""
    order = line.order
    run = DeliveryRun.objects.create(
        depot=order.source, van=make.van(order.source), driver=make.driver(), run_on=left.date(), leaves_at=left,
        left_at=left, state="completed", completed_at=left + HOUR,
    )  # fmt: skip
    stop = Stop.objects.create(
        run=run, station=order.station, position=1, window_start=left, window_end=left + HOUR, planned_at=left
    )
    shipment = Shipment.objects.create(
        source=order.source, destination=order.station, stop=stop, created_at=left, packed_at=left, dispatched_at=left,
        state="received" if received else "dispatched", delivered_at=received, received_at=received,
        received_by=make.officer(order.station) if received else None,
    )  # fmt: skip
    level = make.stock(order.source, line.item, on_hand=quantity)
    ShipmentLine.objects.create(
        shipment=shipment, order_line=line, level=level, quantity=quantity, accepted=quantity if received else None
    )
    line.shipped += quantity
    line.received += quantity if received else 0
    line.save()
    return shipment


def test_a_line_is_filled_when_its_first_shipment_carries_all_of_it(north):
    whole, parts, late = (line(order(north, sent=make.AT - 3 * DAY)) for _ in range(3))
    ship(whole, 10, left=make.AT - DAY)
    ship(parts, 4, left=make.AT - 2 * DAY)
    ship(parts, 6, left=make.AT - DAY)
    ship(late, 10, left=make.AT - HOUR)

    assert line_fill(at=make.AT) == Share(2, 3)


def test_lots_of_one_shipment_fill_a_line_together(north):
    asked = line(order(north, sent=make.AT - 3 * DAY))
    shipment = ship(asked, 4, left=make.AT - DAY)
    other = make.stock(asked.order.source, asked.item, number="B", on_hand=6)
    ShipmentLine.objects.create(shipment=shipment, order_line=asked, level=other, quantity=6)

    assert line_fill(at=make.AT) == Share(1, 1)


def test_less_approved_than_asked_is_not_filled(north):
    ship(line(order(north, sent=make.AT - 3 * DAY), approved=6), 6, left=make.AT - DAY)

    assert line_fill(at=make.AT) == Share(0, 1)


def test_a_line_that_nothing_left_for_is_judged_when_it_falls_due(north):
    line(order(north, sent=make.AT - 6 * DAY))
    line(order(north, sent=make.AT - 2 * DAY))
    line(order(north, sent=make.AT - 2 * DAY, needed_by=make.AT - DAY))

    assert line_fill(at=make.AT) == Share(0, 2)


def test_lines_judged_before_the_period_or_never_approved_do_not_count(north):
    ship(line(order(north, sent=make.AT - 60 * DAY)), 10, left=make.AT - 29 * DAY)
    line(order(north, sent=make.AT - 40 * DAY, state="closed"), cancelled=10)
    line(order(north, sent=make.AT - 9 * DAY, state="submitted", approved_at=None), approved=None)
    line(order(north, sent=make.AT - 9 * DAY, state="cancelled", closed_at=make.AT - 8 * DAY), cancelled=10)

    assert line_fill(at=make.AT) == Share()
    assert line_fill(at=make.AT).percent is None


def test_line_fill_of_the_division_is_the_sum_of_its_stations_and_of_its_lines(north):
    south = make.station()
    for station, quantity in [(north, 10), (north, 3), (south, 10)]:
        ship(line(order(station, sent=make.AT - 3 * DAY)), quantity, left=make.AT - DAY)

    by_station = line_fill_by_station(at=make.AT)
    lines = list(judged_lines(at=make.AT))

    assert by_station == {north.pk: Share(1, 2), south.pk: Share(1, 1)}
    assert (
        line_fill(at=make.AT) == Share(sum(one.first_quantity >= one.asked for one in lines), len(lines)) == Share(2, 3)
    )
    assert line_fill(at=make.AT, station=north) == by_station[north.pk]


def test_the_wait_is_from_the_request_to_the_last_receipt(north):
    sent = make.AT - 10 * DAY
    asked = line(order(north, sent=sent, state="closed", closed_at=make.AT - DAY))
    ship(asked, 4, left=sent + DAY, received=sent + 2 * DAY)
    ship(asked, 6, left=sent + 3 * DAY, received=sent + 4 * DAY)

    [found] = received_orders(at=make.AT)

    assert found.waited == 4 * DAY
    assert waits(at=make.AT).median == 4 * DAY


def test_the_median_and_the_ninetieth_are_waits_of_real_orders(north):
    sent = make.AT - 12 * DAY
    hours = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]
    for wait in hours:
        asked = line(order(north, sent=sent, state="closed", closed_at=make.AT - DAY))
        ship(asked, 10, left=sent + HOUR, received=sent + wait * HOUR)

    found = waits(at=make.AT)

    assert (found.median, found.ninetieth) == (50 * HOUR, 90 * HOUR)
    assert [one.waited for one in received_orders(at=make.AT).order_by("waited")] == [*found.sorted]
    assert waits_by_station(at=make.AT)[north.pk] == found


def test_orders_that_brought_nothing_or_closed_before_the_period_have_no_wait(north):
    line(order(north, sent=make.AT - 9 * DAY, state="closed", closed_at=make.AT - DAY), cancelled=10)
    old = line(order(north, sent=make.AT - 60 * DAY, state="closed", closed_at=make.AT - 29 * DAY))
    ship(old, 10, left=make.AT - 31 * DAY, received=make.AT - 30 * DAY)

    assert waits(at=make.AT).median is None


def test_a_backorder_is_overdue_past_needed_by_or_else_after_five_days(north):
    overdue = [
        line(order(north, sent=make.AT - 5 * DAY - HOUR)),
        line(order(north, sent=make.AT - DAY, needed_by=make.AT - HOUR)),
    ]
    line(order(north, sent=make.AT - 4 * DAY))
    line(order(north, sent=make.AT - 9 * DAY, needed_by=make.AT + HOUR))
    line(order(north, sent=make.AT - 9 * DAY), allocated=10)
    line(order(north, sent=make.AT - 9 * DAY), cancelled=10)

    assert {one.pk for one in overdue_backorders(at=make.AT)} == {one.pk for one in overdue}
    assert [one.owed_quantity for one in overdue_backorders(at=make.AT)] == [one.owed for one in overdue]
    assert overdue_by_station(at=make.AT) == {north.pk: 2}
