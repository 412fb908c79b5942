"""No page asks the database more than 12 questions: those for the session and the person count, savepoints do not."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.once import once, reading
from stations.models import User
from tests import make
from tests.test_auditor import Scene, addresses

pytestmark = pytest.mark.django_db
MOST = 12
# The first of these who may open a page opens it; homes differ by role.
ROLES = (User.Role.LOGISTICS, User.Role.OFFICER, User.Role.CHIEF, User.Role.DRIVER, User.Role.AUDITOR)
PERIOD = "?from=2026-08-01&to=2026-08-31"
NO_QUESTIONS = ("BEGIN", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK", "COMMIT")


def opened(scene):
    """(role, page, address, client): every page of the site once, the home of each role, and the chief's with a
    period."""
    left = dict(addresses(scene))
    home = left.pop("home")
    for role in ROLES:
        person = User.objects.get(pk=scene.person) if role == User.Role.OFFICER else make.person(role)
        client = Client()
        client.force_login(person)
        seen = [name for name, address in left.items() if client.get(address).status_code == 200]
        yield from ((role, name, left.pop(name), client) for name in seen)
        yield role, "home", home, client
        if role == User.Role.CHIEF:
            yield role, "home with a period", home + PERIOD, client


def asked(client, address):
    """How many questions a page asks that was opened before."""
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
    assert answer.status_code in (200, 302), address
    return questions(queries)


def questions(queries):
    return sum(not query["sql"].startswith(NO_QUESTIONS) for query in queries)


def test_no_page_asks_more_than_12_questions():
    found = {(role, name): asked(client, address) for role, name, address, client in opened(Scene())}

    assert {page: count for page, count in found.items() if count > MOST} == {}
    assert len(found) > 100


def test_what_a_page_needs_again_and_again_is_read_once_and_never_kept_for_the_next():
    days = iter((1, 2, 3, 4, 5))
    read = once(lambda: next(days))

    with reading():
        assert [read(), read()] == [1, 1]
    with reading():
        assert [read(), read()] == [2, 2]
    assert [read(), read()] == [3, 4]
