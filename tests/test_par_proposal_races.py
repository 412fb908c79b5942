"""A proposal accepted while its par level is edited, with the control that shows it without the locks."""

from functools import partial

import pytest

from inventory.actions import par_levels
from inventory.actions.par_levels import ParChange, set_par_levels
from inventory.actions.proposals import accept_proposals, decline_proposals, propose_par_levels
from inventory.models import ParProposal
from stations.models import Event
from tests import make
from tests.make import AT, rid
from tests.race import crashes, meet_before, race, refusals
from tests.test_races import both_ways, locks

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@both_ways
def test_a_proposal_is_accepted_or_its_par_level_edited_and_the_other_is_told(monkeypatch, locked):
    level = make.par(make.station(), make.item(), 400, 300)
    propose_par_levels(at=AT)
    row = ParProposal.objects.open().get()
    change = ParChange(level.location_id, level.item_id, 390, 300, "", 1)
    meet_before(monkeypatch, par_levels, "_write")

    with locks(locked):
        answers = race(
            partial(accept_proposals, proposals=[row.pk], by=make.chief(), at=AT, request_id=rid()),
            partial(set_par_levels, changes=[change], by=make.logistics(), at=AT, request_id=rid()),
        )

    level.refresh_from_db()
    row.refresh_from_db()
    if locked:
        assert not crashes(answers)
        assert len(refusals(answers)) == 1
        assert (level.par, row.state) in {(row.par, "accepted"), (390, "outdated")}
        assert (level.version, Event.objects.about(level).count()) == (2, 1)
    else:
        assert not refusals(answers)  # nobody is told: the later write wins, or the database finds the knot


def test_two_people_decide_differently_and_one_is_told():
    level = make.par(make.station(), make.item(), 400, 300)
    propose_par_levels(at=AT)
    row = ParProposal.objects.open().get()

    answers = race(
        partial(accept_proposals, proposals=[row.pk], by=make.chief(), at=AT, request_id=rid()),
        partial(decline_proposals, proposals=[row.pk], reason="No", by=make.logistics(), at=AT, request_id=rid()),
    )

    level.refresh_from_db()
    row.refresh_from_db()
    assert not crashes(answers)
    assert len(refusals(answers)) == 1
    assert (row.state, level.version) in {("accepted", 2), ("declined", 1)}
