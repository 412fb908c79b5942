"""Two people at the same par levels, and at the same import; each race with its control, in which the locks are out."""

from contextlib import nullcontext
from functools import partial

import pytest
from django.db import IntegrityError

from core.errors import StaleEdit
from inventory.actions import division, par_levels
from inventory.actions.division import load_division
from inventory.actions.par_levels import ParChange, set_par_levels
from inventory.models import ParLevel, StockMovement
from orders.queries.verify import all_differences
from stations.models import Event
from tests import divisions, make
from tests.race import crashes, meet_before, race, refusals, without_locks

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
both_ways = pytest.mark.parametrize("locked", [True, False], ids=["locked", "control"])


def locks(locked):
    return nullcontext() if locked else without_locks()


def edit(change):
    return partial(set_par_levels, changes=[change], by=make.logistics(), at=make.AT, request_id=make.rid())


@both_ways
def test_of_two_edits_of_a_par_level_one_is_told_what_the_other_made_it(monkeypatch, locked):
    level = make.par(make.station(), make.item(name="Gauze"), par=10, minimum=5)
    meet_before(monkeypatch, par_levels, "_write")

    with locks(locked):
        answers = race(
            *(edit(ParChange(level.location_id, level.item_id, par, 5, version=level.version)) for par in (20, 30))
        )

    level.refresh_from_db()
    told = Event.objects.about(level).filter(verb="changed")
    assert not crashes(answers)
    if locked:
        [refused] = refusals(answers)
        assert isinstance(refused, StaleEdit)
        assert f"par {level.par}, minimum 5" in refused.problems[0]
        assert [event.details["par"] for event in told] == [[10, level.par]]
        assert level.version == 2
    else:
        assert {event.details["par"][0] for event in told} == {10}, "both changed what they had seen"
        assert (told.count(), level.version) == (2, 2), "one of the two edits is lost"


@both_ways
def test_of_two_who_add_the_same_par_level_one_is_refused_and_nobody_crashes(monkeypatch, locked):
    place, item = make.room(make.station()), make.item(name="Gauze")
    meet_before(monkeypatch, par_levels, "_write")

    with locks(locked):
        answers = race(*(edit(ParChange(place.pk, item.pk, par, 5)) for par in (20, 30)))

    assert ParLevel.objects.count() == 1
    if locked:
        assert ([type(one).__name__ for one in refusals(answers)], crashes(answers)) == (["ParLevelsChanged"], [])
    else:
        assert [type(one) for one in crashes(answers)] == [IntegrityError]


def loading(**tables):
    """An import of these tables, which its person has looked at already."""
    seen = divisions.plan(**tables).mark
    files = divisions.sources(**tables)
    return partial(load_division, sources=files, seen=seen, by=make.logistics(), at=make.AT, request_id=make.rid())


@both_ways
def test_of_two_imports_one_is_told_to_look_again(monkeypatch, locked):
    divisions.load(**divisions.division())
    head = "place,location,sku,par,minimum,bin\n"
    mine, yours = (loading(par_levels=f"{head}S1,,GLV-M,{par},5,\n") for par in (20, 30))
    meet_before(monkeypatch, division, "apply_plan")

    with locks(locked):
        answers = race(mine, yours)

    level = ParLevel.objects.get(item__sku="GLV-M", location__station__code="S1")
    assert not crashes(answers)
    if locked:
        assert [type(one).__name__ for one in refusals(answers)] == ["PlanChanged"]
        assert Event.objects.filter(verb="loaded").count() == 2  # the division, and one of the two
    else:
        assert refusals(answers) == []
        assert Event.objects.filter(verb="loaded").count() == 3, f"both were loaded, one is lost: {level.par}"


def test_two_first_imports_at_once_load_once_though_there_is_nothing_to_lock_yet(monkeypatch):
    stock = "place,location,sku,lot,serial,expires_on,on_hand\nS1,,GLV-M,A1,,2028-01-31,40\n"
    tables = divisions.division(opening_stock=stock)
    both = loading(**tables), loading(**tables)
    meet_before(monkeypatch, division, "apply_plan")

    answers = race(*both)

    assert (len(refusals(answers)), crashes(answers)) == (1, [])
    assert Event.objects.filter(verb="loaded").count() == 1
    assert list(StockMovement.objects.values_list("quantity", flat=True)) == [40]
    assert all_differences() == []
