"""Proposals for par levels: when they are made, when not, and what a decision on them does."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.errors import DomainError, RequestIdReused, StaleEdit
from inventory.actions import proposals as actions
from inventory.actions.limits import Limits, set_limits
from inventory.actions.par_levels import ParChange, set_par_levels
from inventory.actions.proposals import accept_proposals, decline_proposals, due_stations, propose_par_levels
from inventory.models import Item, ParLevel, ParProposal, ParReview
from inventory.policy import Reason
from inventory.queries.par_review import review
from inventory.queries.states import State as Judged
from inventory.queries.states import state_of
from inventory.tasks import propose_par_levels as task
from stations.models import Command, Event
from tests import make
from tests.make import AT, rid
from tests.past import steady

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=28)
State = ParProposal.State
CHANGED = "its par level has changed, or it was worked out anew."


@pytest.fixture
def station():
    return make.station()


@pytest.fixture
def high(station):
    """Far more than its use asks for: one a day, and a par of 400."""
    return steady(station, par=400, minimum=300)


@pytest.fixture
def low(station):
    """Far less: five a day, delivered once a week, and a par of 6."""
    return steady(station, a_day=5, par=6, minimum=2)


def proposal_of(level):
    return ParProposal.objects.open().get(location=level.location, item=level.item)


def set_by_hand(level, par, minimum, *, by=None, where=None, version=None):
    level.refresh_from_db()
    change = ParChange(
        level.location_id, level.item_id, par, minimum, level.bin if where is None else where, version or level.version
    )
    return set_par_levels(changes=[change], by=by or make.logistics(), at=AT, request_id=rid())


def accept(*rows, by=None, request_id=None):
    return accept_proposals(
        proposals=[row.pk for row in rows], by=by or make.chief(), at=AT, request_id=request_id or rid()
    )


def decline(*rows, by=None, reason="A festival each May", request_id=None):
    return decline_proposals(
        proposals=[row.pk for row in rows],
        reason=reason,
        by=by or make.chief(),
        at=AT,
        request_id=request_id or rid(),
    )


# --- Working out -----------------------------------------------------------------------------------------------------


def test_what_is_far_off_is_proposed_with_its_numbers_and_nothing_is_applied(station, high, low):
    done = propose_par_levels(at=AT)

    assert (done.stations, done.levels, done.proposals, done.left) == (1, 2, 2, ())
    down, up = proposal_of(high), proposal_of(low)
    assert (down.is_raise, up.is_raise) == (False, True)
    assert down.par < 100 < down.was_par == 400
    assert up.fill > up.was_fill
    assert up.fill >= up.floor == 0.97
    assert down.stock_cents < down.was_stock_cents
    assert (down.used, down.calls, down.review_days, down.lead_days) == (29, 29, 7, 2)
    assert down.exposure_days == pytest.approx(30, abs=0.1)
    assert down.mean_per_day == pytest.approx(1, rel=0.2)
    assert list(ParLevel.objects.values_list("par", "version").order_by("par")) == [(6, 1), (400, 1)]
    event = Event.objects.get(verb="worked out")
    assert (event.subject_id, event.details) == (station.pk, {"levels": 2, "proposed": 2})


def test_a_station_is_due_every_28_days(station, high):
    assert list(due_stations(AT)) == [station]
    propose_par_levels(at=AT)

    assert not due_stations(AT + timedelta(days=27)).exists()
    assert list(due_stations(LATER - timedelta(hours=5))) == [station]  # a tick a day never slips by an hour
    assert propose_par_levels(at=AT + timedelta(days=27)).stations == 0
    assert propose_par_levels(at=LATER).stations == 1
    assert ParReview.objects.get().reviewed_at == LATER


def test_the_same_proposal_stays_and_another_takes_its_place(high, low):
    propose_par_levels(at=AT)
    before = proposal_of(high)
    propose_par_levels(at=AT, stations=[high.location.owner])
    assert proposal_of(high).pk == before.pk

    ParProposal.objects.filter(pk=before.pk).update(par=before.par + 50)  # as if its numbers had been others
    propose_par_levels(at=LATER)

    before.refresh_from_db()
    assert (before.state, before.closed_at, before.decided_by) == (State.OUTDATED, LATER, None)
    assert proposal_of(high).computed_at == LATER


def test_what_is_near_enough_is_left_alone(high):
    propose_par_levels(at=AT)
    wanted = proposal_of(high)
    set_by_hand(high, wanted.par + 1, wanted.minimum)

    propose_par_levels(at=AT, stations=[high.location.owner])

    assert not ParProposal.objects.open().exists()


def test_what_was_declined_is_not_proposed_again_until_its_numbers_move(high):
    propose_par_levels(at=AT)
    first = proposal_of(high)
    decline(first)

    propose_par_levels(at=AT, stations=[high.location.owner])
    assert not ParProposal.objects.open().exists()

    ParProposal.objects.filter(pk=first.pk).update(par=first.par * 2)  # as if it had asked for twice as many
    propose_par_levels(at=AT, stations=[high.location.owner])
    assert proposal_of(high).par == first.par


def test_a_declined_cut_says_nothing_about_a_raise(high):
    propose_par_levels(at=AT)
    decline(proposal_of(high))
    set_by_hand(high, 1, 1)

    propose_par_levels(at=AT, stations=[high.location.owner])

    assert proposal_of(high).is_raise


def test_equipment_and_what_is_out_of_use_is_not_proposed(station):
    steady(station, par=400, item=make.item(kind=Item.Kind.EQUIPMENT))
    steady(station, par=400, item=make.item(is_active=False))
    assert propose_par_levels(at=AT).proposals == 0


def test_what_is_mandated_is_never_undercut(high):
    high.mandated_minimum = 120
    high.save()

    propose_par_levels(at=AT)

    found = proposal_of(high)
    assert (found.par, found.minimum, found.reason) == (120, 120, Reason.MANDATED)


def test_the_list_aboard_is_only_shortened_where_it_says_what_is_mandated(station):
    item = make.item(unit_cost_cents=5_000)
    aboard = make.par(make.unit(station).location, item, 40, 3)
    steady(station, item=item)
    propose_par_levels(at=AT)
    assert not ParProposal.objects.filter(location=aboard.location).exists()

    aboard.mandated_minimum = 1
    aboard.save()
    propose_par_levels(at=AT, stations=[station])

    found = proposal_of(aboard)
    assert 1 <= found.par < 40
    assert found.minimum == min(3, found.par)  # what is acted on aboard stays
    assert found.short_below is None


def test_a_par_level_that_changes_while_it_is_worked_out_waits_for_the_next_time(high, low, monkeypatch):
    def slow(*args):
        found = review(*args)
        set_by_hand(high, 390, 300)
        return found

    monkeypatch.setattr(actions, "review", slow)
    assert propose_par_levels(at=AT).proposals == 1
    assert proposal_of(low)


def test_it_stops_between_two_chunks_when_its_time_is_over(high, monkeypatch):
    other = steady(make.station(), par=400)
    monkeypatch.setattr(actions, "CHUNK", 1)
    told = []

    first = propose_par_levels(at=AT, is_over=lambda: True, report=lambda *numbers: told.append(numbers))

    assert (first.stations, first.left) == (1, (other.location.owner.pk,))
    assert told == [(0, 2), (1, 2)]
    assert list(due_stations(AT)) == [other.location.owner]
    assert propose_par_levels(at=AT).stations == 1
    assert ParProposal.objects.open().count() == 2


def test_the_task_finds_what_is_due(high):
    def run(**kwargs):
        result: Any = task.apply(kwargs=kwargs).result
        return result

    assert run() == {"stations": 1, "levels": 1, "proposals": 1, "left": 0}
    assert run()["stations"] == 0
    assert run(stations=[high.location.owner.pk])["stations"] == 1


@pytest.mark.parametrize("size", [3, 30])
def test_queries_of_a_chunk_do_not_grow_with_rows(size):
    station = make.station()
    for _ in range(size):
        make.par(station, make.item(), 400, 300)
    with CaptureQueriesContext(connection) as asked:
        assert propose_par_levels(at=AT).levels == size
    assert len(asked) <= 36


def test_volume_and_budget_are_asked_for_and_kept(station, high):
    chief, free = make.chief(), Limits(None, None)
    with pytest.raises(DomainError, match="cannot be right"):
        set_limits(place=high.location, limits=Limits(0, -1), seen=free, by=chief, at=AT, request_id=rid())
    with pytest.raises(PermissionDenied):
        set_limits(place=high.location, limits=free, seen=free, by=make.officer(station), at=AT, request_id=rid())
    tight = Limits(40_000, 200_000)
    set_limits(place=high.location, limits=tight, seen=free, by=chief, at=AT, request_id=rid())
    with pytest.raises(StaleEdit, match="changed these limits"):
        set_limits(place=high.location, limits=free, seen=free, by=chief, at=AT, request_id=rid())

    high.location.refresh_from_db()
    station.refresh_from_db()
    assert (high.location.volume_ml, station.stock_budget_cents) == (40_000, 200_000)
    assert Event.objects.about(station, high.location).count() == 2
    propose_par_levels(at=AT)
    assert proposal_of(high).par * high.item.unit_cost_cents <= 200_000


# --- Deciding --------------------------------------------------------------------------------------------------------


def test_accepting_sets_the_par_levels_and_keeps_the_bins(high, low):
    ParLevel.objects.filter(pk=high.pk).update(bin="A-7")
    propose_par_levels(at=AT)
    down, up = proposal_of(high), proposal_of(low)
    chief = make.chief()

    accept(down, up, by=chief)

    for level, row in ((high, down), (low, up)):
        level.refresh_from_db()
        row.refresh_from_db()
        assert (level.par, level.minimum, level.version) == (row.par, row.minimum, 2)
        assert level.short_below == row.short_below
        assert (row.state, row.decided_by, row.closed_at) == (State.ACCEPTED, chief, AT)
    assert high.bin == "A-7"
    [event] = Event.objects.about(high)
    changes = {"par": [400, down.par], "minimum": [300, down.minimum], "short_below": [None, down.short_below]}
    assert event.details == changes
    assert event.command == Event.objects.about(down).get(verb="accepted").command


def test_a_shelf_that_orders_early_is_not_short_for_it(station):
    """What is dear and quick to come is ordered one by one: that says nothing of danger."""
    level = steady(station, par=400, minimum=300, item=make.item(criticality="A", unit_cost_cents=90_000))
    propose_par_levels(at=AT)
    row = proposal_of(level)
    assert row.short_below is not None
    assert row.short_below < row.minimum
    accept(row)
    level.refresh_from_db()
    assert level.short_below == row.short_below
    for usable, state in ((row.minimum - 1, Judged.READY), (row.short_below - 1, Judged.SHORT)):
        assert state_of(usable=usable, par=row.par, short_below=row.short_below) is state


def test_another_level_for_short_closes_the_proposal(high):
    propose_par_levels(at=AT)
    row = proposal_of(high)
    change = ParChange(high.location_id, high.item_id, high.par, high.minimum, high.bin, 1, None, 100)
    set_par_levels(changes=[change], by=make.logistics(), at=AT, request_id=rid())
    row.refresh_from_db()
    assert row.state == State.OUTDATED


def test_editing_a_par_level_closes_its_proposal_and_a_new_bin_does_not(high, low):
    propose_par_levels(at=AT)
    down, up = proposal_of(high), proposal_of(low)

    set_by_hand(high, 390, 300)
    set_by_hand(low, low.par, low.minimum, where="B-2")

    down.refresh_from_db()
    up.refresh_from_db()
    assert (down.state, up.state, up.was_version) == (State.OUTDATED, State.OPEN, 2)
    with pytest.raises(StaleEdit) as refusal:
        accept(down, up)
    assert refusal.value.problems == (
        f"{high.item} at {high.location}: its par level has changed, or it was worked out anew.",
    )
    low.refresh_from_db()
    assert low.par == 6  # all or none
    accept(up)
    low.refresh_from_db()
    assert (low.par, low.bin) == (up.par, "B-2")


def test_a_stale_version_is_refused_even_where_the_proposal_was_left_open(high):
    propose_par_levels(at=AT)
    row = proposal_of(high)
    ParLevel.objects.filter(pk=high.pk).update(par=390, version=2)  # by a hand that closes nothing

    with pytest.raises(StaleEdit, match="Somebody changed some of these"):
        accept(row)

    row.refresh_from_db()
    assert row.state == State.OPEN


def test_a_repeated_request_decides_once(high, low):
    propose_par_levels(at=AT)
    down, up = proposal_of(high), proposal_of(low)
    chief, once, twice = make.chief(), rid(), rid()

    assert accept(down, by=chief, request_id=once) == accept(down, by=chief, request_id=once) == [down]
    assert decline(up, by=chief, request_id=twice) == decline(up, by=chief, request_id=twice) == [up]

    high.refresh_from_db()
    assert high.version == 2
    assert Command.objects.filter(by=chief).count() == 2
    with pytest.raises(RequestIdReused):
        accept(up, by=chief, request_id=once)
    with pytest.raises(StaleEdit) as refusal:
        accept(up)
    assert f"{chief} declined it" in refusal.value.problems[0]


def test_declining_needs_a_reason_and_changes_no_par_level(high):
    propose_par_levels(at=AT)
    row = proposal_of(high)

    with pytest.raises(DomainError, match="Say why"):
        decline(row, reason="  ")
    with pytest.raises(DomainError, match="at least one"):
        decline()
    decline(row)

    row.refresh_from_db()
    high.refresh_from_db()
    assert (row.state, row.decline_reason, high.version) == (State.DECLINED, "A festival each May", 1)
    assert Event.objects.about(row).get().comment == "A festival each May"


@pytest.mark.parametrize("who", ["officer", "auditor", "driver"])
def test_only_logistics_and_the_chief_decide(high, who):
    propose_par_levels(at=AT)
    for act in (accept, decline):
        with pytest.raises(PermissionDenied):
            act(proposal_of(high), by=make.person(who))


@pytest.mark.parametrize("size", [3, 30])
def test_queries_of_accepting_do_not_grow_with_rows(size):
    station = make.station()
    for _ in range(size):
        make.par(station, make.item(), 400, 300)
    propose_par_levels(at=AT)
    rows = list(ParProposal.objects.open())
    assert len(rows) == size
    by = make.logistics()
    with CaptureQueriesContext(connection) as asked:
        accept(*rows, by=by)
    assert len(asked) <= 24


# --- What the database itself refuses --------------------------------------------------------------------------------


def refused(row, **fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        ParProposal.objects.filter(pk=row.pk).update(**fields)


def test_the_database_holds_the_rules(high):
    propose_par_levels(at=AT)
    row = proposal_of(high)
    refused(row, state=State.ACCEPTED)
    refused(row, state=State.DECLINED, closed_at=AT, decided_by=make.chief())
    refused(row, par=row.was_par, minimum=row.was_minimum)
    refused(row, minimum=row.par + 1)
    refused(row, fill=1.5)
    refused(row, short_below=row.minimum)
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        ParLevel.objects.filter(pk=high.pk).update(mandated_minimum=301)
