"""The language of the pages: chosen by a person, asked by the browser, or the division's."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from core.errors import DomainError
from stations.actions.languages import choose_language
from stations.models import Event, User
from tests import make
from tests.pages import form_in, text_of

pytestmark = pytest.mark.django_db
CHOOSE, ORDERS, SIGN_IN = reverse("language"), reverse("orders"), reverse("account_login")
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def officer(client):
    person = make.officer(make.station())
    client.force_login(person)
    return person


def language_of(answer):
    return answer.content.decode().partition('<html lang="')[2].partition('"')[0]


def choose(client, page, language="es", referer=f"http://testserver{ORDERS}"):
    return client.post(CHOOSE, form_in(page, CHOOSE, language=language), headers={"Referer": referer} | ENGLISH)


def test_what_a_person_chose_is_spoken_on_every_device_and_noted(client, officer):
    shown = client.get(ORDERS, headers=ENGLISH)
    assert "Español" in text_of(shown)
    answer = choose(client, shown, referer=f"http://testserver{ORDERS}?q=a")
    assert (answer.status_code, answer["Location"]) == (302, f"{ORDERS}?q=a")

    client.cookies.pop("django_language")  # on another device
    assert language_of(client.get(ORDERS, headers=ENGLISH)) == "es"
    event = Event.objects.get()
    assert (event.verb, event.subject_id, event.command.by) == ("chose", officer.pk, officer)


def test_before_signing_in_the_browser_asks_and_the_choice_stays_with_it(client):
    assert language_of(client.get(SIGN_IN, headers={"Accept-Language": "es-MX, en;q=0.5"})) == "es"
    shown = client.get(SIGN_IN, headers=ENGLISH)
    assert language_of(shown) == "en"
    choose(client, shown)
    assert language_of(client.get(SIGN_IN, headers=ENGLISH)) == "es"
    assert not Event.objects.exists()


def test_a_language_that_nobody_asked_for_is_the_divisions(client, settings):
    settings.LANGUAGE_CODE = "es"
    assert language_of(client.get(SIGN_IN, headers={"Accept-Language": "fr"})) == "es"
    assert language_of(client.get(SIGN_IN, headers=ENGLISH)) == "en"


@pytest.mark.parametrize("referer", ["https://elsewhere.example/orders/", "http://testserver.elsewhere.example/", ""])
def test_a_choice_never_leads_to_another_site(client, referer):
    assert choose(client, client.get(SIGN_IN), referer=referer)["Location"] == "/"


def test_a_language_that_is_not_ours_changes_nothing(client, officer):
    choose(client, client.get(ORDERS), language="tlh")
    with pytest.raises(DomainError, match="English, Español"):
        choose_language(language="tlh", by=officer, at=make.AT, request_id=make.rid())
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.update(language="tlh")
    assert not User.objects.exclude(language="").exists()


def test_choosing_twice_by_one_tap_is_noted_once(client, officer):
    shown = client.get(ORDERS)
    choose(client, shown)
    choose(client, shown)
    assert Event.objects.count() == 1


def test_numbers_stay_as_the_division_writes_them(client, officer):
    from django.template import Context, Template
    from django.utils import translation

    with translation.override("es"):
        shown = Template("{% load humanize %}{{ n|intcomma }} {{ x|floatformat:1 }} {{ day|day }}").render(
            Context({"n": 12345, "x": 2.5, "day": make.AT.date()})
        )
    assert shown.startswith("12,345 2.5 ")
