"""Wasting a scheduled drug: before another person, who signs with their own password on the same form."""

from typing import Any

import pytest
from django.contrib.auth import get_user
from django.core.cache import cache
from django.urls import reverse

from inventory.models import StockMovement
from stations.models import Command, Event
from tests import make
from tests.make import rid
from tests.pages import text_of

pytestmark = pytest.mark.django_db
PASSWORD = "seven narrow lanterns"


@pytest.fixture(autouse=True)
def _no_failures_yet():
    """The counters of wrong passwords live in the cache, by name."""
    cache.clear()


@pytest.fixture
def north():
    return make.station(name="North")


def with_password(person, password=PASSWORD):
    person.set_password(password)
    person.save()
    return person


@pytest.fixture
def officer(client, north):
    officer = with_password(make.officer(north), "eight broad lanterns")
    client.force_login(officer)
    return officer


@pytest.fixture
def colleague(north):
    return with_password(make.officer(north))


@pytest.fixture
def level(north):
    return make.stock(make.safe(north), make.item(name="Fentanyl", kind="medication", schedule="II"), on_hand=4)


@pytest.fixture
def waste(client, officer, level):
    """Half an ampoule, with what else stands in the form."""

    def post(**data: Any) -> Any:
        line = {f"q-{level.lot_id}": "1", "why": "wasted", "details": "Half given", "request_id": rid()}
        return client.post(reverse("discard_stock", args=[level.location_id]), line | data)

    return post


def wasted() -> Any:
    return StockMovement.objects.filter(reason="wasted")


def test_a_scheduled_drug_is_wasted_before_a_witness_who_signs(client, officer, colleague, waste):
    response = waste(witness=colleague.pk, witness_password=PASSWORD)

    assert response.status_code == 302
    made = wasted().get()
    assert (made.witness, made.reference) == (colleague, "Drawn or opened, and not given: Half given")
    details = Event.objects.about(made).get().details
    assert (details["witnessed_by"], details["signed_with"]) == (str(colleague), "password")
    assert PASSWORD not in str(details)
    assert get_user(client) == officer, "the witness is not signed in"


def test_without_a_witness_or_with_oneself_or_a_stranger_it_is_refused(officer, waste):
    stranger = with_password(make.officer(make.station()))

    assert "before a witness" in text_of(waste())
    assert waste(witness=officer.pk, witness_password="eight broad lanterns").status_code == 422
    assert waste(witness=stranger.pk, witness_password=PASSWORD).status_code == 422
    assert not wasted().exists()


@pytest.mark.parametrize("typed", ["", "seven narrow lantern", "eight broad lanterns", " " + PASSWORD])
def test_a_name_without_its_password_is_no_witness(colleague, waste, typed):
    commands = Command.objects.count()

    response = waste(witness=colleague.pk, witness_password=typed)

    assert response.status_code == 422
    said = "signs with their own password" if not typed else f"not the password of {colleague}"
    assert said in text_of(response)
    assert 'value="1"' in response.text, "what was typed stays"
    assert "lantern" not in response.text, "and the password does not"
    assert (wasted().count(), Command.objects.count()) == (0, commands)


def test_wrong_ones_are_counted_and_then_the_right_one_must_wait_too(colleague, waste):
    for _ in range(5):
        assert "not the password" in text_of(waste(witness=colleague.pk, witness_password="wrong"))

    response = waste(witness=colleague.pk, witness_password=PASSWORD)

    assert response.status_code == 422
    assert "too many wrong passwords" in text_of(response)
    assert not wasted().exists()


def test_the_lock_is_that_of_the_door_so_neither_helps_to_guess_for_the_other(client, colleague, waste):
    for _ in range(5):
        waste(witness=colleague.pk, witness_password="wrong")
    client.logout()

    response = client.post(reverse("account_login"), {"login": colleague.username, "password": PASSWORD})

    assert response.status_code == 200
    assert "_auth_user_id" not in client.session


def test_who_has_left_cannot_witness(colleague, waste):
    colleague.is_active = False
    colleague.save()

    assert waste(witness=colleague.pk, witness_password=PASSWORD).status_code == 422
    assert not wasted().exists()


def test_a_repeat_of_the_same_form_writes_off_once(colleague, waste):
    again = {"request_id": rid(), "witness": colleague.pk, "witness_password": PASSWORD}

    waste(**again)
    waste(**again)

    assert wasted().count() == 1


def test_what_is_not_scheduled_needs_no_witness(client, officer, north):
    level = make.stock(north, make.item(), on_hand=4)
    data = {f"q-{level.lot_id}": "1", "why": "damaged", "request_id": rid()}

    assert client.post(reverse("discard_stock", args=[level.location_id]), data).status_code == 302
