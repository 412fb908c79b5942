"""Short stock in an order's life: promised by fair share, kept for those who still wait, with its reason."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core.errors import DomainError, RequestIdReused, StaleEdit
from inventory.actions.ledger import Move, post_movements
from inventory.models import Item, StockLevel, StockMovement
from inventory.queries.horizons import Horizons
from inventory.queries.spread import USUAL_SPREAD, daily_spread
from orders.actions import approval, drafts
from orders.actions.allocation import allocate_backorders, allocate_order
from orders.actions.granting import LineDecision
from orders.actions.shares import share_stock
from orders.models import OrderLine, ResupplyOrder, ShipmentLine
from orders.queries.claims import shortages
from orders.queries.needs import needs
from orders.queries.shares import proposals_for
from orders.queries.verify import all_differences
from stations.models import Command, Event, Location
from tests import make
from tests.flow import Division

pytestmark = pytest.mark.django_db
URGENT, STAT = ResupplyOrder.Priority.URGENT, ResupplyOrder.Priority.STAT


@pytest.fixture
def division():
    division = Division()
    yield division
    assert all_differences() == []


@pytest.fixture
def gauze():
    return make.item(name="Gauze 4x4")


def another(division, item, *, par=100, has=0, **fields):
    """A station of the same warehouse, with an officer of its own."""
    other = Division(warehouse=division.warehouse, at=division.at)
    for name, value in fields.items():
        setattr(other.station, name, value)
    other.station.save()
    make.par(other.station, item, par=par)
    if has:
        make.stock(other.station, item, on_hand=has, number="HERE")
    return other


@transaction.atomic
def use(level: StockLevel, quantity, *, at):
    command = Command.objects.begin("use", by=None, at=at)
    gone = Location.objects.virtual(Location.Kind.CONSUMED)
    move = Move(level.lot_id, level.location_id, gone.pk, quantity, StockMovement.Reason.USED)
    post_movements(command, [move], by=None, at=at)


def promised(order):
    return sum(order.lines.values_list("allocated", flat=True))


def proposal_of(division, item):
    key = (division.warehouse.pk, item.pk)
    return proposals_for({key}, at=division.at, horizons=Horizons(division.at.date())).get(key)


def last_events(order, verb):
    return list(Event.objects.about(order).filter(verb=verb))


# --- Who gets what ----------------------------------------------------------------------------------------------------


def test_the_first_to_be_approved_does_not_take_what_an_empty_station_needs(division, gauze):
    make.stock(division.warehouse, gauze, on_hand=60)
    stocked, empty = another(division, gauze, has=80), another(division, gauze)
    first = stocked.submitted({gauze.pk: 60})
    waiting = empty.submitted({gauze.pk: 60})

    first = approval.approve_order(order=first, version=first.version, **division.by(division.logistics))

    assert promised(first) == 0
    [event] = last_events(first, "held back")
    assert "Gauze 4x4: 60 owed" in event.comment
    assert "2 stations together asked for 120, 60 are here." in event.comment
    approval.approve_order(order=waiting, version=waiting.version, **division.by(division.logistics))
    assert promised(waiting) == 60


def test_equals_get_alike_whoever_comes_first(division, gauze):
    make.stock(division.warehouse, gauze, on_hand=60)
    orders = [another(division, gauze).submitted({gauze.pk: 50}) for _ in range(3)]

    for order in orders:
        approval.approve_order(order=order, version=order.version, **division.by(division.logistics))

    assert [promised(order) for order in orders] == [20, 20, 20]


def test_what_is_enough_for_all_is_promised_as_before(division, gauze):
    make.stock(division.warehouse, gauze, on_hand=100)
    another(division, gauze).submitted({gauze.pk: 50})

    order = another(division, gauze, has=90).approved({gauze.pk: 50})

    assert promised(order) == 50
    assert last_events(order, "held back") == []


def test_backorders_share_what_comes_and_a_second_time_changes_nothing(division, gauze):
    full, empty = another(division, gauze, has=70), another(division, gauze)
    first, second = full.approved({gauze.pk: 50}), empty.approved({gauze.pk: 50})
    make.stock(division.warehouse, gauze, on_hand=40)

    assert allocate_backorders(at=division.at) == 40

    assert (promised(first), promised(second)) == (0, 40)
    assert allocate_backorders(at=division.at) == 0


def test_batches_of_backorders_share_as_one(division, gauze, monkeypatch):
    orders = [another(division, gauze, has=has).approved({gauze.pk: 30}) for has in (0, 5, 10, 40)]
    make.stock(division.warehouse, gauze, on_hand=50)
    shares = proposal_of(division, gauze).by_line
    monkeypatch.setattr("orders.actions.allocation.BATCH", 1)

    allocate_backorders(at=division.at)

    assert [promised(order) for order in orders] == [shares[order.lines.get().pk] for order in orders]


def test_a_stat_order_comes_first_up_to_what_its_station_will_use(division, gauze):
    make.stock(division.warehouse, gauze, on_hand=50)
    routine = another(division, gauze).submitted({gauze.pk: 40})
    stat = another(division, gauze).submitted({gauze.pk: 40}, priority=STAT)

    for order in (routine, stat):
        approval.approve_order(order=order, version=order.version, **division.by(division.logistics))

    assert (promised(stat), promised(routine)) == (40, 10)


def test_a_stat_order_of_a_well_stocked_station_does_not_take_all(division, gauze):
    make.stock(division.warehouse, gauze, on_hand=40)
    quiet, empty = another(division, gauze, has=100), another(division, gauze)
    use(StockLevel.objects.get(location=make.room(quiet.station)), 28, at=division.at - timedelta(days=1))
    waiting = empty.submitted({gauze.pk: 40})

    stat = quiet.approved({gauze.pk: 40}, priority=STAT)

    assert promised(stat) == 1
    approval.approve_order(order=waiting, version=waiting.version, **division.by(division.logistics))
    assert promised(waiting) == 39


def test_an_urgent_request_weighs_twice(division, gauze):
    make.stock(division.warehouse, gauze, on_hand=60)
    plain, urgent = another(division, gauze), another(division, gauze)
    first, second = plain.submitted({gauze.pk: 60}), urgent.submitted({gauze.pk: 60}, priority=URGENT)
    make.stock(plain.station, gauze, on_hand=1, number="HERE")
    make.stock(urgent.station, gauze, on_hand=1, number="HERE")
    assert f"{urgent.station} asked urgently" in proposal_of(division, gauze).sentence

    for order in (first, second):
        approval.approve_order(order=order, version=order.version, **division.by(division.logistics))

    assert promised(second) > promised(first) > 0
    assert promised(first) + promised(second) == 60


def test_whole_packs_first_and_a_broken_one_at_last(division):
    item = make.item(issue_pack=10)
    make.stock(division.warehouse, item, on_hand=34)
    orders = [another(division, item).submitted({item.pk: 30}) for _ in range(2)]

    for order in orders:
        approval.approve_order(order=order, version=order.version, **division.by(division.logistics))

    assert [promised(order) for order in orders] == [20, 14]


def test_lots_that_expire_too_soon_go_only_to_those_who_may_use_them(division):
    item = make.item(kind=Item.Kind.MEDICATION)
    soon = make.TODAY + timedelta(days=6)
    make.stock(division.warehouse, item, on_hand=20, number="SOON", expires_on=soon)
    make.stock(division.warehouse, item, on_hand=10, number="LATE", expires_on=soon + timedelta(days=90))
    make.stock(division.warehouse, item, on_hand=50, number="GONE", expires_on=make.TODAY - timedelta(days=1))
    make.stock(division.warehouse, item, on_hand=50, number="HELD", status="quarantined")
    often = another(division, item, review_days=3, lead_days=1)
    seldom = another(division, item, review_days=14, lead_days=2)
    orders = [one.submitted({item.pk: 30}) for one in (often, seldom)]

    for order in orders:
        approval.approve_order(order=order, version=order.version, **division.by(division.logistics))

    lots = ShipmentLine.objects.values_list("order_line__order__station", "level__lot__number", "quantity")
    assert set(lots) == {(often.station.pk, "SOON", 20), (seldom.station.pk, "LATE", 10)}


def test_a_stat_order_may_take_what_nobody_else_may(division):
    item = make.item(kind=Item.Kind.MEDICATION)
    make.stock(division.warehouse, item, on_hand=20, number="SOON", expires_on=make.TODAY + timedelta(days=2))
    stat = another(division, item, has=500).submitted({item.pk: 30}, priority=STAT)
    another(division, item).submitted({item.pk: 30})

    approval.approve_order(order=stat, version=stat.version, **division.by(division.logistics))

    assert promised(stat) == 20


def test_what_is_on_its_way_counts_as_there(division, gauze):
    make.stock(division.warehouse, gauze, on_hand=30)
    supplied, empty = another(division, gauze), another(division, gauze)
    before = supplied.approved({gauze.pk: 30})
    make.stock(division.warehouse, gauze, on_hand=30, number="NEW")
    more, first = supplied.submitted({gauze.pk: 30}), empty.submitted({gauze.pk: 30})

    for order in (more, first):
        approval.approve_order(order=order, version=order.version, **division.by(division.logistics))

    assert promised(before) == 30
    assert (promised(more), promised(first)) == (0, 30)


# --- What a place needs -----------------------------------------------------------------------------------------------


def test_use_is_what_left_the_shelf_and_a_quiet_place_is_like_the_others(division, gauze):
    busy, quiet = another(division, gauze, par=40, has=100), another(division, gauze, par=20, has=10)
    level = StockLevel.objects.get(location=make.room(busy.station))
    use(level, 56, at=division.at - timedelta(days=1))
    orders = [one.submitted({gauze.pk: 10}) for one in (busy, quiet)]
    lines = list(OrderLine.objects.claims().select_related("item", "order__station"))

    found = needs(lines, at=division.at, horizons=Horizons(make.TODAY))

    own, guess = (found[make.room(order.station).pk, gauze.pk] for order in orders)
    assert (own.per_day, own.is_guess, own.usable, own.days) == (2.0, False, 44, 9)
    assert own.cover_days() == 22
    # Two a day for a par of 60 in all: a par of 20 is two thirds of one a day.
    assert guess.per_day == pytest.approx(2 * 20 / 60)
    assert guess.is_guess


def test_where_nobody_used_any_the_par_is_what_it_needs(division, gauze):
    another(division, gauze, par=36).submitted({gauze.pk: 10})
    [line] = OrderLine.objects.claims().select_related("item", "order__station")

    [need] = needs([line], at=division.at, horizons=Horizons(make.TODAY)).values()

    assert need.mean == pytest.approx(36)


def test_the_spread_of_use_is_pooled_over_places_and_drawn_to_the_usual(division, gauze):
    even, uneven = (make.stock(make.station(), gauze, on_hand=1_000) for _ in range(2))
    for days in range(28):
        use(even, 3, at=division.at - timedelta(days=days, hours=1))
    places = {even.location_id, uneven.location_id}
    steady = daily_spread(at=division.at, locations=places, items=[gauze.pk])
    use(uneven, 84, at=division.at - timedelta(days=3))

    bursts = daily_spread(at=division.at, locations=places, items=[gauze.pk])

    assert steady == {gauze.pk: 1.0}
    # 28 days: one of 84 and the rest nothing, beside a place without any variance. (84² − 84²/28)·28/27 ÷ (84 + 84).
    assert bursts[gauze.pk] == pytest.approx((84 * 84 + USUAL_SPREAD * 5) / (168 + 5), rel=1e-6)
    assert daily_spread(at=division.at, locations=[], items=[gauze.pk]) == {}


# --- The approver's own choice ----------------------------------------------------------------------------------------


@pytest.fixture
def rivals(division, gauze):
    """Two equal stations that want 50 each of 60; the first one's request."""
    make.stock(division.warehouse, gauze, on_hand=60)
    another(division, gauze).submitted({gauze.pk: 50})
    return another(division, gauze).submitted({gauze.pk: 50})


def choose(division, order, quantity, reason=""):
    decision = LineDecision(order.lines.get().pk, 50, promise=quantity, promise_reason=reason)
    return approval.approve_order(
        order=order, version=order.version, decisions=[decision], **division.by(division.logistics)
    )


def test_another_quantity_is_promised_with_a_reason_that_is_logged(division, rivals):
    order = choose(division, rivals, 45, "Mass gathering on Saturday")

    assert promised(order) == 45
    [event] = last_events(order, "shared otherwise")
    assert event.comment == "Gauze 4x4: 45 now instead of 30. Mass gathering on Saturday"
    assert (event.details["proposed"], event.details["promised"]) == (30, 45)


@pytest.mark.parametrize(
    ("quantity", "reason", "words"),
    [
        (45, "", "say why 45 and not 30"),
        (20, "", "say why 20 and not 30"),
        (51, "Much", "promise from 0 to 50"),
        (-1, "Much", "promise from 0 to 50"),
    ],
)
def test_a_choice_without_ground_is_refused_and_nothing_is_approved(division, rivals, quantity, reason, words):
    with pytest.raises(DomainError) as refusal:
        choose(division, rivals, quantity, reason)

    assert words in refusal.value.problems[0]
    rivals.refresh_from_db()
    assert rivals.state == ResupplyOrder.State.SUBMITTED


def test_no_more_than_is_free_can_be_chosen(division, gauze):
    make.stock(division.warehouse, gauze, on_hand=20)
    order = another(division, gauze).submitted({gauze.pk: 50})

    with pytest.raises(DomainError) as refusal:
        choose(division, order, 45, "Mass gathering")

    assert "20 can be promised, not 45" in refusal.value.problems[0]


def test_the_share_itself_needs_no_reason(division, rivals):
    order = choose(division, rivals, 30)

    assert promised(order) == 30
    assert last_events(order, "shared otherwise") == []


def test_only_the_last_approver_decides_what_is_promised(division):
    drug = make.item(kind=Item.Kind.MEDICATION, schedule="II")
    make.stock(division.warehouse, drug, on_hand=20)
    order = another(division, drug).submitted({drug.pk: 50})

    with pytest.raises(DomainError, match="decided last, by chief"):
        choose(division, order, 10, "Because")


# --- Promising as proposed --------------------------------------------------------------------------------------------


@pytest.fixture
def owed(division, gauze):
    """Two stations that are owed 50 each, one that waits for 50, and 60 that came in."""
    orders = [another(division, gauze).approved({gauze.pk: 50}) for _ in range(2)]
    another(division, gauze).submitted({gauze.pk: 50})
    make.stock(division.warehouse, gauze, on_hand=60)
    return orders


def share(division, item, seen, **other):
    command = division.by(division.logistics) | other
    return share_stock(source=division.warehouse, item=item, seen=seen, **command)


def test_what_was_seen_is_promised_and_the_rest_kept_for_who_waits(division, gauze, owed):
    seen = proposal_of(division, gauze)
    assert (seen.promised_now, seen.kept, seen.left) == (40, 20, 0)
    command = division.by(division.logistics)

    assert share_stock(source=division.warehouse, item=gauze, seen=seen.mark, **command) == 40

    assert [promised(order) for order in owed] == [20, 20]
    assert share_stock(source=division.warehouse, item=gauze, seen=seen.mark, **command) == 40
    assert [promised(order) for order in owed] == [20, 20]
    with pytest.raises(RequestIdReused):
        share_stock(source=division.warehouse, item=gauze, seen="other", **command)
    with pytest.raises(DomainError, match="kept for requests that wait"):
        share(division, gauze, proposal_of(division, gauze).mark)


@pytest.mark.parametrize("change", ["stock", "claim", "use", "nothing short"])
def test_a_proposal_that_has_changed_is_not_promised(division, gauze, owed, change):
    seen = proposal_of(division, gauze).mark
    if change == "stock":
        make.stock(division.warehouse, gauze, on_hand=5, number="MORE")
    elif change == "claim":
        another(division, gauze).submitted({gauze.pk: 5})
    elif change == "use":
        make.stock(owed[0].station, gauze, on_hand=30)
    else:
        make.stock(division.warehouse, gauze, on_hand=500, number="MORE")

    with pytest.raises(StaleEdit, match="has changed since"):
        share(division, gauze, seen)

    assert [promised(order) for order in owed] == [0, 0]


def test_other_lines_of_the_same_orders_stay_as_they_are(division, gauze):
    other = make.item()
    one = another(division, gauze)
    order = one.approved({gauze.pk: 50, other.pk: 5})
    make.stock(division.warehouse, gauze, on_hand=20)
    make.stock(division.warehouse, other, on_hand=5)

    share(division, gauze, proposal_of(division, gauze).mark)

    assert dict(order.lines.values_list("item", "allocated")) == {gauze.pk: 20, other.pk: 0}


def test_looking_for_stock_takes_no_more_than_the_share(division, gauze, owed):
    order = allocate_order(order=owed[0], **division.by(division.logistics))

    assert promised(order) == 20


# --- How much is asked of the database --------------------------------------------------------------------------------


def test_the_worst_is_named_first_and_questions_do_not_grow(division):
    def shortage(count, **fields):
        items = [make.item(**fields) for _ in range(count)]
        for item in items:
            make.stock(division.warehouse, item, on_hand=10)
        for _ in range(count):
            one = Division(warehouse=division.warehouse, at=division.at)
            one.submitted({item.pk: 30 for item in items})
        return items

    def asked():
        with CaptureQueriesContext(connection) as captured:
            found = shortages(Horizons(make.TODAY))
            proposed = proposals_for([one.key for one in found], at=division.at, horizons=Horizons(make.TODAY))
        assert len(proposed) == len(found)
        return len(captured), found

    shortage(2)
    few, _ = asked()
    [worst] = shortage(1, criticality="A")
    shortage(4)
    many, found = asked()

    assert many == few
    assert found[0].item_id == worst.pk
    assert len(found) == 7


def test_approving_what_is_short_asks_as_often_for_twenty_lines_as_for_three():
    def approving(count):
        division = Division()
        items = [make.item() for _ in range(count)]
        for item in items:
            make.stock(division.warehouse, item, on_hand=30)
            make.par(division.station, item, par=40)
        rival = Division(warehouse=division.warehouse, at=division.at)
        rival.submitted({item.pk: 40 for item in items})
        order = division.submitted({item.pk: 40 for item in items})
        with CaptureQueriesContext(connection) as captured:
            approval.approve_order(order=order, version=order.version, **division.by(division.logistics))
        assert 0 < promised(order) < 40 * count
        return len(captured)

    few, many = approving(3), approving(20)

    assert many == few
    assert few <= 40


def test_a_draft_is_no_claim(division, gauze):
    make.stock(division.warehouse, gauze, on_hand=10)
    one = another(division, gauze)
    drafts.create_order(station=one.station, quantities={gauze.pk: 50}, **one.by(one.officer))

    assert shortages(Horizons(make.TODAY)) == []
