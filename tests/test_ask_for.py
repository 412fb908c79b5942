"""The chief asks a station for what fails next there: its officers are told, and order it themselves."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from core.errors import DomainError
from dashboard.actions.asking import ask_for
from dashboard.actions.telling import tell_events
from dashboard.models import Notice
from dashboard.queries.notices import in_words
from orders.models import ResupplyOrder
from stations.models import Event
from tests import make
from tests.make import AT, rid
from tests.pages import form_in, has_form, text_of
from tests.test_being_done import division, naloxone, now

__all__ = ["division", "naloxone", "now"]
pytestmark = pytest.mark.django_db
PAGE = reverse("fails_next")


def ask(division, item, by=None, at=AT, request_id=None):
    ask_for(station=division.station, item=item, by=by or division.chief, at=at, request_id=request_id or rid())


def address(division):
    return reverse("ask_for", args=[division.station.code])


@pytest.mark.parametrize("on_page", [PAGE, "/"])
def test_what_nobody_is_doing_anything_about_is_asked_for_in_one_tap(client, division, naloxone, on_page):
    client.force_login(division.chief)
    page = client.get(on_page)

    answer = client.post(address(division), form_in(page, address(division)), follow=True)

    assert f"{division.station} is told to ask for Naloxone." in text_of(answer)
    assert "The station was asked" in text_of(client.get(on_page))
    assert not has_form(client.get(on_page), address(division))
    assert not ResupplyOrder.objects.exists()
    event = Event.objects.get(verb="asked for")
    assert (event.command.by, event.comment) == (division.chief, "Naloxone")


def test_who_may_request_for_the_station_is_told_and_led_to_the_request(client, division, naloxone):
    make.officer(division.station, read_only=True)
    make.officer(make.station())
    ask(division, naloxone)
    tell_events(at=AT)

    [notice] = Notice.objects.all()
    assert notice.person == division.officer
    assert in_words([notice])[0].text == f"The chief asks that {division.station} requests Naloxone."
    client.force_login(division.officer)
    assert "Naloxone" in text_of(client.get(notice.target))


def test_it_is_asked_for_once_a_day(division, naloxone):
    first = rid()
    for _ in range(2):
        ask(division, naloxone, request_id=first)
    with pytest.raises(DomainError, match="today already"):
        ask(division, naloxone, by=make.chief())
    ask(division, naloxone, at=AT + timedelta(days=1))
    assert Event.objects.filter(verb="asked for").count() == 2


def test_only_what_a_station_should_hold_and_is_supplied_with_is_asked_for(division, naloxone):
    with pytest.raises(DomainError, match="not meant to hold"):
        ask(division, make.item())
    with pytest.raises(DomainError, match="logistics buys"):
        ask_for(station=division.warehouse, item=naloxone, by=division.chief, at=AT, request_id=rid())


@pytest.mark.parametrize("role", ["officer", "logistics", "auditor", "driver"])
def test_nobody_but_a_chief_asks(client, division, naloxone, role):
    person = getattr(division, role)
    with pytest.raises(PermissionDenied):
        ask(division, naloxone, by=person)
    client.force_login(person)
    assert client.post(address(division), {"request_id": rid(), "item": naloxone.sku}).status_code == 403
    assert not has_form(client.get(PAGE), address(division))


def test_what_does_not_exist_is_not_found(client, division, naloxone):
    client.force_login(division.chief)
    nowhere = reverse("ask_for", args=["nowhere"])
    assert client.post(nowhere, {"request_id": rid(), "item": naloxone.sku}).status_code == 404
    assert client.post(address(division), {"request_id": rid(), "item": "no\0thing"}).status_code == 404
    assert client.get(address(division)).url == PAGE
