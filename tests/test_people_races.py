"""Two chiefs who let each other go at once: one of them stays. Each race with a control, in which the locks are out."""

from contextlib import nullcontext
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from inventory.actions.people import load_people
from inventory.imports.sources import from_bytes
from inventory.queries.people_file import plan_people
from stations.actions import people
from stations.actions.people import Duty, change_person
from stations.models import User
from tests import make
from tests.race import meet_before, race, without_locks

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def on_the_page(by: User, other: User) -> Any:
    return partial(
        change_person,
        person=other,
        first_name=other.first_name,
        last_name=other.last_name,
        email="",
        duty=Duty("driver"),
        is_active=False,
        by=by,
        at=make.AT,
        request_id=make.rid(),
    )


def by_a_file(by: User, other: User) -> Any:
    source = from_bytes("people.csv", f"username,role,active\n{other.username},driver,no\n".encode())
    seen = plan_people(source, by=by).mark
    return partial(load_people, source=source, seen=seen, by=by, at=make.AT, request_id=make.rid())


@pytest.mark.parametrize("locked", [True, False], ids=["locked", "control"])
@pytest.mark.parametrize("ways", [(on_the_page, on_the_page), (on_the_page, by_a_file), (by_a_file, by_a_file)])
def test_of_two_chiefs_who_let_each_other_go_one_stays(monkeypatch, ways, locked):
    dana, kim = make.chief(), make.chief()
    commands = ways[0](dana, kim), ways[1](kim, dana)
    meet_before(monkeypatch, people, "_write_memberships")

    with nullcontext() if locked else without_locks():
        answers = race(*commands)

    left = User.objects.filter(role="chief", is_active=True).count()
    if locked:
        assert left == 1
        [refused] = [one for one in answers if isinstance(one, Exception)]
        assert isinstance(refused, PermissionDenied)
    else:
        assert left == 0
