"""Cycle counts: several people, movements meanwhile, and orders that already have a claim on what is there."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from core.errors import DomainError, StaleEdit
from inventory.actions import counts
from inventory.actions.count_lines import Counted
from inventory.actions.stock import Used, use_stock
from inventory.models import CycleCount, Lot, StockLevel, StockMovement
from inventory.queries.counts import lines_by_bin, unlisted_items
from stations.models import Location, Station, User
from tests import make
from tests.make import AT, TODAY, rid

pytestmark = pytest.mark.django_db


@pytest.fixture
def north() -> Station:
    return make.station(name="North")


@pytest.fixture
def officer(north: Station) -> User:
    return make.officer(north)


def begin(place: Location, by: User, **more) -> CycleCount:
    return counts.open_count(location=place, by=by, at=AT, request_id=rid(), **more)


def record(count: CycleCount, by: User, *lines: Counted) -> CycleCount:
    return counts.record_count(count=count, lines=lines, by=by, at=AT, request_id=rid())


def finish(count: CycleCount, by: User) -> CycleCount:
    return counts.finish_count(count=count, version=None, by=by, at=AT, request_id=rid())


def post(count: CycleCount, by: User, *reasons: tuple[int, str], version: int | None = None) -> CycleCount:
    return counts.post_count(
        count=count,
        version=version,
        reasons=dict(reasons),
        by=by,
        at=AT,
        request_id=rid(),
    )


def counted(level: StockLevel, quantity: int, by: User) -> CycleCount:
    """A finished count of one place in which this lot was counted, and the rest as expected."""
    count = begin(level.location, by)
    rest = [Counted(line.lot_id, line.expected) for line in count.lines.exclude(lot=level.lot)]
    record(count, by, Counted(level.lot_id, quantity), *rest)
    return finish(count, by)


def because(level: StockLevel, reason: str = "Miscounted") -> tuple[int, str]:
    return level.lot_id, reason


def test_a_count_lists_what_is_here_and_what_should_be_in_the_order_of_bins(north, officer):
    shelved, empty, unseen, loose = (make.item(name=name) for name in ("Shelved", "Empty", "Unseen", "Loose"))
    room = make.room(north)
    make.stock(north, shelved, on_hand=4, number="A")
    make.stock(north, loose, on_hand=1)
    gone = make.stock(north, empty, on_hand=2, number="Z")
    use_stock(location=room, lines=[Used(empty.pk, 2)], reference="", by=officer, at=AT, request_id=rid())
    for item, name in ((shelved, "A10"), (empty, "A2"), (unseen, "A1")):
        make.par(room, item, 5, bin=name)

    count = begin(room, officer)

    assert [(shelf.name, [(line.lot, line.expected) for line in shelf.lines]) for shelf in lines_by_bin(count)] == [
        ("A2", [(gone.lot, 0)]),
        ("A10", [(Lot.objects.get(number="A"), 4)]),
        ("", [(Lot.objects.get(item=loose), 1)]),
    ]
    assert list(unlisted_items(count)) == [unseen]


def test_one_count_at_a_time_and_another_once_it_is_over(north, officer):
    make.stock(north, make.item())
    first = begin(make.room(north), officer)

    with pytest.raises(DomainError, match="already being counted"):
        begin(make.room(north), officer)
    counts.cancel_count(count=first, version=1, reason="Alarm", by=officer, at=AT, request_id=rid())

    assert begin(make.room(north), officer).pk != first.pk


def test_an_empty_place_without_par_levels_is_not_counted(north, officer):
    with pytest.raises(DomainError, match="receive stock or set par levels"):
        begin(make.room(north), officer)


def test_a_variance_is_moved_with_its_reason(north, officer):
    less, more = make.stock(north, make.item(), on_hand=10), make.stock(north, make.item(), on_hand=10)
    count = begin(make.room(north), officer)
    record(count, officer, Counted(less.lot_id, 7), Counted(more.lot_id, 11))
    finish(count, officer)

    with pytest.raises(DomainError, match="Say why the count differs") as refusal:
        post(count, officer, because(less))
    assert refusal.value.problems == (f"{more.lot.item} (lot no lot): 11 counted, 10 expected.",)
    posted = post(count, officer, because(less), because(more, "Found behind a box"))

    assert (make.on_hand(north, less.lot.item), make.on_hand(north, more.lot.item)) == (7, 11)
    assert (posted.state, posted.posted_at) == ("posted", AT)
    assert sorted(posted.lines.values_list("reason", flat=True)) == ["Found behind a box", "Miscounted"]
    assert set(StockMovement.objects.filter(reason="counted").values_list("reference", flat=True)) == {
        f"Count {count.pk}"
    }


def test_what_moves_between_counting_and_posting_is_neither_lost_nor_counted_twice(north, officer):
    level = make.stock(north, make.item(), on_hand=10)
    count = counted(level, 9, officer)

    use_stock(
        location=make.room(north),
        lines=[Used(level.lot.item_id, 4)],
        reference="",
        by=officer,
        at=AT,
        request_id=rid(),
    )
    post(count, officer, because(level))

    assert make.on_hand(north, level.lot.item) == 5  # 10 in the books, 1 missing, 4 used


def test_what_moved_between_opening_and_counting_is_expected_no_more(north, officer):
    level = make.stock(north, make.item(), on_hand=10)
    count = begin(make.room(north), officer)

    use_stock(location=make.room(north), lines=[Used(level.lot.item_id, 4)], by=officer, at=AT, request_id=rid())
    record(count, officer, Counted(level.lot_id, 6))

    assert count.lines.get().variance == 0
    assert post(finish(count, officer), officer).state == "posted"


def test_a_variance_that_would_take_promised_stock_is_refused(north, officer):
    level = make.stock(north, make.item(name="Gauze"), on_hand=10, number="A")
    StockLevel.objects.filter(pk=level.pk).update(allocated=8)
    count = counted(level, 5, officer)

    with pytest.raises(DomainError) as refusal:
        post(count, officer, because(level))

    assert refusal.value.problems == (
        "Gauze (lot A): 8 are promised to orders and 5 would be left; pick those orders short first, then post.",
    )
    assert make.on_hand(north, level.lot.item) == 10


def test_a_variance_of_what_has_left_since_is_refused(north, officer):
    level = make.stock(north, make.item(), on_hand=10)
    count = counted(level, 2, officer)
    use_stock(location=make.room(north), lines=[Used(level.lot.item_id, 9)], by=officer, at=AT, request_id=rid())

    with pytest.raises(DomainError) as refusal:
        post(count, officer, because(level))

    assert "only 1 are left since it was counted; count it again." in refusal.value.problems[0]


def test_two_people_do_not_overwrite_each_other_unseen(north, officer):
    level = make.stock(north, make.item(name="Gauze"), on_hand=10)
    other = make.officer(north)
    count = begin(make.room(north), officer)
    record(count, officer, Counted(level.lot_id, 10))

    with pytest.raises(StaleEdit) as refusal:
        record(count, other, Counted(level.lot_id, 9))
    record(count, other, Counted(level.lot_id, 10))  # the same number is no clash
    record(count, other, Counted(level.lot_id, 9, seen=10))

    assert refusal.value.problems == (f"Gauze, lot no lot: {officer} counted 10, you 9.",)
    assert count.lines.get().counted == 9


def test_who_posts_has_seen_the_last_number(north, officer):
    level = make.stock(north, make.item(), on_hand=10)
    count = counted(level, 9, officer)
    record(count, officer, Counted(level.lot_id, 8, seen=9))

    with pytest.raises(StaleEdit):
        post(count, officer, because(level), version=count.version)


def test_a_lot_that_nobody_expected_is_counted_too(north, officer):
    level = make.stock(north, make.item(), on_hand=1, number="A")
    found = make.item(name="Found")
    count = begin(make.room(north), officer)
    given: dict[str, Any] = {"count": count, "item": found, "by": officer, "at": AT}

    def find(**more):
        wanted: dict[str, Any] = {"number": "F1", "expires_on": TODAY, "counted": 3} | more
        return counts.add_found_lot(request_id=rid(), **wanted, **given)

    with pytest.raises(DomainError, match="from 0 to 1,000,000"):
        find(counted=-1)
    with pytest.raises(DomainError, match="belongs to a lot"):
        find(number="")
    find()
    with pytest.raises(DomainError, match="on the list already"):
        find()
    with pytest.raises(DomainError, match="another expiry"):
        find(expires_on=TODAY + timedelta(days=1))
    record(count, officer, Counted(level.lot_id, 1))
    finish(count, officer)
    post(count, officer, (Lot.objects.get(number="F1").pk, "Came with a crew"))

    assert make.on_hand(north, found) == 3


def test_counting_is_over_only_when_all_is_counted(north, officer):
    level = make.stock(north, make.item())
    count = begin(make.room(north), officer)

    with pytest.raises(DomainError, match="1 lot is not counted yet"):
        finish(count, officer)
    with pytest.raises(DomainError, match="This count is open"):
        post(count, officer)
    record(count, officer, Counted(level.lot_id, 10))
    finish(count, officer)
    post(count, officer)
    with pytest.raises(DomainError, match="This count is posted"):
        record(count, officer, Counted(level.lot_id, 9, seen=10))


@pytest.mark.parametrize("quantity", [-1, 1_000_001])
def test_counts_are_bounded(north, officer, quantity):
    level = make.stock(north, make.item())
    count = begin(make.room(north), officer)

    with pytest.raises(DomainError, match="from 0 to 1,000,000"):
        record(count, officer, Counted(level.lot_id, quantity))
    with pytest.raises(DomainError, match="not on this count's list"):
        record(count, officer, Counted(10**9, 1))


def test_only_who_may_act_at_the_station_counts(north, officer):
    level = make.stock(north, make.item())
    count = begin(make.room(north), officer)

    for person in (make.officer(make.station()), make.officer(north, read_only=True), make.chief(), make.auditor()):
        with pytest.raises(PermissionDenied):
            begin(make.safe(north), person)
        with pytest.raises(PermissionDenied):
            record(count, person, Counted(level.lot_id, 1))
        with pytest.raises(PermissionDenied):
            finish(count, person)


def test_a_van_is_not_counted(north, officer):
    van = make.van(north)
    make.stock(van.location, make.item())

    with pytest.raises(DomainError, match="belongs to its deliveries"):
        begin(van.location, officer)


def test_repeating_each_step_changes_nothing(north, officer):
    level = make.stock(north, make.item(), on_hand=10)
    steps: list[tuple[Any, Any]] = [
        (counts.open_count, lambda count: {"location": level.location}),
        (counts.record_count, lambda count: {"count": count, "lines": [Counted(level.lot_id, 8)]}),
        (counts.finish_count, lambda count: {"count": count, "version": 1}),
        (counts.post_count, lambda count: {"count": count, "version": 2, "reasons": {level.lot_id: "Lost"}}),
    ]
    count: Any = None
    for step, arguments in steps:
        given: dict[str, Any] = {**arguments(count), "by": officer, "at": AT, "request_id": rid()}
        count = step(**given)
        assert step(**given) == count

    assert make.on_hand(north, level.lot.item) == 8
    assert StockMovement.objects.filter(reason="counted").count() == 1
