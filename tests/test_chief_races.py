"""Two chiefs at the same target, and one person in two windows; each race with its control, without the locks."""

from contextlib import nullcontext
from functools import partial

import pytest

from dashboard.actions import targets
from dashboard.models import FigureTarget
from stations.actions.saved_views import MOST, save_view
from stations.models import Event, SavedView
from tests import make
from tests.race import crashes, meet_before, race, refusals, without_locks

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
both_ways = pytest.mark.parametrize("locked", [True, False], ids=["locked", "control"])


def locks(locked):
    return nullcontext() if locked else without_locks()


@both_ways
def test_of_two_chiefs_one_is_told_what_the_other_has_set(monkeypatch, locked):
    FigureTarget.objects.create(figure="line-fill", tenths=980)
    meet_before(monkeypatch, targets, "target_of")

    with locks(locked):
        answers = race(
            *(
                partial(
                    targets.set_target,
                    figure="line-fill",
                    tenths=tenths,
                    seen=980,
                    by=make.chief(),
                    at=make.AT,
                    request_id=make.rid(),
                )
                for tenths in (900, 950)
            )
        )

    assert not crashes(answers)
    told = Event.objects.filter(verb="set")
    if locked:
        [refused] = refusals(answers)
        tenths = FigureTarget.objects.get().tenths
        assert ("90 % or more" if tenths == 900 else "95 % or more") in str(refused)
        assert told.count() == 1
    else:
        assert told.count() == 2, "one of the two targets is lost"


@both_ways
def test_two_windows_do_not_pass_the_limit_of_views(monkeypatch, locked):
    person = make.logistics()
    for number in range(MOST - 1):
        SavedView.objects.create(person=person, page="orders", title=f"View {number}")
    meet_before(monkeypatch, SavedView.objects, "create")

    with locks(locked):
        answers = race(
            *(
                partial(save_view, page="orders", title=title, query="", by=person, at=make.AT, request_id=make.rid())
                for title in ("One", "Other")
            )
        )

    assert not crashes(answers)
    assert SavedView.objects.count() == (MOST if locked else MOST + 1)
    assert len(refusals(answers)) == (1 if locked else 0)
