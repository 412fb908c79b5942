"""The chief enters people and lets them go; nobody chooses a password for another."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from core.errors import DomainError
from core.pagination import PAGE_SIZE
from stations.actions.people import Duty, change_person, duty_of
from stations.models import Event, Membership, User
from tests import make

pytestmark = pytest.mark.django_db
PASSWORD = "seven narrow lanterns"


def filled_in(**fields):
    return {
        "request_id": make.rid(),
        "username": "ana.ruiz",
        "first_name": "Ana",
        "last_name": "Ruiz",
        "email": "",
        "role": "officer",
        **fields,
    }


def test_a_chief_enters_an_officer_who_chooses_a_password_and_signs_in(client, django_user_model):
    station = make.station()
    client.force_login(make.chief())

    client.post(reverse("new_person"), filled_in(acts_at=[station.pk]))
    ana = User.objects.get(username="ana.ruiz")
    shown = client.post(reverse("sign_in_link", args=[ana.pk]), {"request_id": make.rid()})
    link = shown.context["link"]
    client.logout()
    page = client.get(link, follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})

    assert shown["Cache-Control"] == "no-store"
    assert client.login(username="ana.ruiz", password=PASSWORD)
    assert Membership.objects.get(user=ana).station == station
    assert [event.verb for event in Event.objects.about(ana)] == ["entered", "gave a sign-in link to"]


def test_a_link_works_once(client):
    chief, person = make.chief(), make.driver()
    client.force_login(chief)
    link = client.post(reverse("sign_in_link", args=[person.pk]), {"request_id": make.rid()}).context["link"]
    client.logout()
    page = client.get(link, follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})
    client.logout()
    client.session.flush()

    again = client.get(link, follow=True)

    assert b"password1" not in again.content


def test_entering_twice_by_a_double_tap_enters_once(client):
    client.force_login(make.chief())
    form = filled_in(role="driver")

    for _ in range(2):
        client.post(reverse("new_person"), form)

    assert User.objects.filter(username="ana.ruiz").count() == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"username": "has space"}, "valid username"),
        ({"role": "officer"}, "choose at least one"),
        ({"role": "sheriff"}, "valid choice"),
        ({"email": "nowhere"}, "valid email"),
    ],
)
def test_a_bad_person_is_refused_with_all_that_was_typed(client, fields, said):
    client.force_login(make.chief())

    answer = client.post(reverse("new_person"), filled_in(**fields))

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert 'value="Ruiz"' in answer.content.decode()
    assert not User.objects.filter(last_name="Ruiz").exists()


def test_a_user_name_is_taken_however_it_is_written(client):
    User.objects.create(username="Ana.Ruiz", role="driver")
    client.force_login(make.chief())

    answer = client.post(reverse("new_person"), filled_in(role="driver"))

    assert "already called" in answer.content.decode()


def test_somebody_let_go_is_signed_out_and_what_they_did_stays(client):
    chief, officer = make.chief(), make.officer(make.station())
    client.force_login(officer)

    change_person(
        person=officer,
        first_name="Lee",
        last_name="Ott",
        email="",
        duty=duty_of(officer),
        is_active=False,
        by=chief,
        at=make.AT,
        request_id=make.rid(),
    )

    assert client.get("/").status_code == 302
    assert Membership.objects.filter(user=officer).exists()


def test_a_chief_does_not_lock_the_division_out(client):
    chief = make.chief()

    for role, is_active in (("chief", False), ("driver", True)):
        with pytest.raises(DomainError, match="Another chief"):
            change_person(
                person=chief,
                first_name="A",
                last_name="B",
                email="",
                duty=Duty(role),
                is_active=is_active,
                by=chief,
                at=make.AT,
                request_id=make.rid(),
            )


def test_an_officer_who_becomes_a_driver_leaves_the_stations(client):
    officer = make.officer(make.station())

    change_person(
        person=officer,
        first_name="A",
        last_name="B",
        email="",
        duty=Duty("driver"),
        is_active=True,
        by=make.chief(),
        at=make.AT,
        request_id=make.rid(),
    )

    assert not Membership.objects.filter(user=officer).exists()


@pytest.mark.parametrize(
    ("who", "looks", "enters"),
    [("chief", 200, 200), ("logistics", 200, 403), ("auditor", 200, 403), ("driver", 403, 403), ("officer", 403, 403)],
)
def test_only_the_chief_enters_people(client, who, looks, enters):
    client.force_login(make.person(who))

    assert client.get(reverse("people")).status_code == looks
    assert client.get(reverse("new_person")).status_code == enters
    assert client.post(reverse("sign_in_link", args=[make.driver().pk])).status_code in {enters, 422}


def test_the_list_asks_as_often_for_many_as_for_few(client, django_assert_max_num_queries):
    client.force_login(make.chief())
    station = make.station()
    for _ in range(PAGE_SIZE):
        make.officer(station)

    with django_assert_max_num_queries(6):
        page = client.get(reverse("people"), {"q": "officer"})

    assert len(page.context["page"].rows) == PAGE_SIZE


def test_the_first_person_is_entered_from_the_command_line(capsys, client):
    call_command("add_person", "bartlett", role="chief", first_name="Jo", last_name="Bartlett")

    path = capsys.readouterr().out.strip()
    assert client.get(path, follow=True).status_code == 200
    assert User.objects.get(username="bartlett").role == "chief"
    with pytest.raises(CommandError, match="already called"):
        call_command("add_person", "bartlett", role="chief")
    with pytest.raises(CommandError, match="No such station"):
        call_command("add_person", "x", role="officer", station=["NOWHERE"])
