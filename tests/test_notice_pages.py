"""The bell, the notices of a person, and how they choose to be told."""

import pytest
from django.urls import reverse

from dashboard.actions.telling import tell_events
from dashboard.models import Notice, NoticeChoice
from dashboard.models import NoticeKind as Kind
from stations.models import Membership
from tests import make
from tests.flow import Division
from tests.pages import form_in, forms_in, has_form, questions, text_of

pytestmark = pytest.mark.django_db
PAGE, BELL, CHOICES = "/notices/", "/notices/unseen/", "/notices/choices/"


@pytest.fixture
def division():
    return Division()


@pytest.fixture
def gauze(division):
    item = make.item(name="Gauze")
    make.par(division.station, item, par=1000)
    make.stock(division.warehouse, item, on_hand=500)
    return item


@pytest.fixture
def officer(client, division):
    client.force_login(division.officer)
    return division.officer


def approve(division, gauze, count=1):
    orders = [division.approved({gauze.pk: 5}) for _ in range(count)]
    tell_events(at=division.at)
    return orders


def newest(person):
    return Notice.objects.filter(person=person).order_by("-pk")[0]


def test_the_bell_says_how_many_are_new(client, division, gauze, officer):
    assert text_of(client.get(BELL)) == ""
    approve(division, gauze, 3)
    assert text_of(client.get(BELL)) == "3 new"


def test_the_bell_says_no_more_than_99(client, division, officer):
    facts = {"order": "R1", "station": "S", "how": "full"}
    common = {"person": officer, "role": "officer", "kind": Kind.APPROVED, "station": division.station, "facts": facts}
    Notice.objects.bulk_create(Notice(key=str(n), target="/", made_at=make.AT, **common) for n in range(101))
    assert text_of(client.get(BELL)) == "99+ new"


def test_the_bell_asks_one_question_for_any_number(client, division, gauze, officer):
    approve(division, gauze)
    signed_in = questions(client, reverse("outbox"))  # a page that asks for nothing
    assert questions(client, BELL) == signed_in + 1
    approve(division, gauze, 5)
    assert questions(client, BELL) == signed_in + 1


def test_every_page_has_the_bell_and_asks_nothing_for_it(client, officer):
    page = client.get(reverse("outbox")).content.decode()
    assert f'hx-get="{BELL}" hx-trigger="load, every 60s"' in page


def test_notices_are_listed_newest_first_each_with_what_acts_on_it(client, division, gauze, officer):
    first, second = approve(division, gauze, 2)
    page = client.get(PAGE)

    text = text_of(page)
    assert "2 are new" in text
    assert text.index(f"{second} for") < text.index(f"{first} for")
    answer = client.post(reverse("see_notice", args=[newest(officer).pk]), {"open": "1"})
    assert answer.url == second.get_absolute_url()
    assert client.get(answer.url).status_code == 200
    assert text_of(client.get(BELL)) == "1 new"


def test_one_is_marked_as_seen_and_stays_so(client, division, gauze, officer):
    approve(division, gauze)
    address = reverse("see_notice", args=[newest(officer).pk])
    assert client.post(address).url == PAGE
    seen_at = newest(officer).seen_at
    client.post(address)
    assert newest(officer).seen_at == seen_at is not None
    assert not has_form(client.get(PAGE), reverse("see_all_notices"))


def test_all_that_stood_on_the_page_are_marked_and_what_came_since_stays_new(client, division, gauze, officer):
    approve(division, gauze, 2)
    typed = form_in(client.get(PAGE), reverse("see_all_notices"))
    approve(division, gauze)

    answer = client.post(reverse("see_all_notices"), typed, follow=True)

    assert "2 notices are marked as seen." in text_of(answer)
    assert text_of(client.get(BELL)) == "1 new"


@pytest.mark.parametrize("up_to", [None, "", "x", "-1", str(2**70)])
def test_a_broken_form_marks_nothing(client, division, gauze, officer, up_to):
    approve(division, gauze)
    client.post(reverse("see_all_notices"), {} if up_to is None else {"up_to": up_to})
    assert newest(officer).seen_at is None


def test_only_the_new_ones_are_shown_if_asked(client, division, gauze, officer):
    first, second = approve(division, gauze, 2)
    client.post(reverse("see_notice", args=[newest(officer).pk]))
    text = text_of(client.get(PAGE, {"show": "unseen"}))
    assert f"{first} for" in text
    assert f"{second} for" not in text


def test_an_empty_page_says_what_fills_it(client, officer):
    assert "You are told here of: Request approved" in text_of(client.get(PAGE))
    assert "Nothing new" in text_of(client.get(PAGE, {"show": "unseen"}))


def test_nobody_sees_or_marks_the_notices_of_others(client, division, gauze):
    approve(division, gauze)
    client.force_login(make.officer(division.station))
    address = reverse("see_notice", args=[newest(division.officer).pk])

    assert client.post(address).status_code == 404
    client.post(reverse("see_all_notices"), {"up_to": 2**40})
    assert "No notices yet" in text_of(client.get(PAGE))
    assert newest(division.officer).seen_at is None


def test_who_left_the_station_sees_its_notices_no_more(client, division, gauze, officer):
    approve(division, gauze)
    Membership.objects.filter(user=officer).delete()
    assert text_of(client.get(BELL)) == ""
    assert "No notices yet" in text_of(client.get(PAGE))
    assert client.post(reverse("see_notice", args=[newest(officer).pk]), {"open": "1"}).status_code == 404


def test_a_long_list_costs_no_more_questions(client, division, gauze, officer):
    approve(division, gauze, 2)
    few = questions(client, PAGE)
    approve(division, gauze, 30)
    assert questions(client, PAGE) == few
    assert "Page 1" in text_of(client.get(PAGE))


@pytest.mark.parametrize(("role", "kinds"), [("officer", 10), ("logistics", 10), ("chief", 3), ("driver", 1)])
def test_each_role_chooses_for_its_own_kinds(client, role, kinds):
    client.force_login(make.person(role))
    [fields] = [form for form in forms_in(client.get(CHOICES), "") if "csrfmiddlewaretoken" in form]
    assert len(fields) == kinds + 1


def test_a_choice_is_kept_and_shown(client, officer):
    typed = form_in(client.get(CHOICES), "", approved="digest", out="off")
    assert client.post(CHOICES, typed).url == CHOICES
    shown = form_in(client.get(CHOICES), "")
    assert (shown["approved"], shown["out"], shown["expiring"]) == (["digest"], ["off"], ["digest"])
    assert NoticeChoice.objects.filter(person=officer).count() == 10

    client.post(CHOICES, typed | {"out": "at_once"})
    assert NoticeChoice.objects.get(person=officer, kind="out").channel == "at_once"


def test_a_choice_that_is_none_changes_nothing(client, officer):
    typed = form_in(client.get(CHOICES), "", approved="pigeon")
    answer = client.post(CHOICES, typed)
    assert answer.status_code == 422
    assert "Choose one of these." in text_of(answer)
    assert not NoticeChoice.objects.exists()


@pytest.mark.parametrize(
    ("sender", "email", "said"),
    [
        ("", "lee@example.org", "E-mail is not set up on this site"),
        ("supply@example.org", "", "You have no e-mail address here"),
        ("supply@example.org", "lee@example.org", "E-mails go to lee@example.org"),
    ],
)
def test_the_page_says_whether_emails_can_go(client, officer, settings, sender, email, said):
    settings.EMAIL_HOST = sender
    officer.email = email
    officer.save()
    assert said in text_of(client.get(CHOICES))


def test_the_auditor_is_told_of_nothing_and_has_no_bell(client):
    client.force_login(make.auditor())
    assert {client.get(address).status_code for address in (PAGE, BELL, CHOICES)} == {403}
    assert "bell-count" not in client.get("/").content.decode()


def test_nobody_who_is_not_signed_in_is_told(client):
    assert {client.get(address).status_code for address in (PAGE, BELL, CHOICES)} == {302}


def test_those_just_marked_as_seen_are_new_again_by_the_toast_and_no_others(client, division, gauze, officer):
    approve(division, gauze)
    client.post(reverse("see_notice", args=[newest(officer).pk]))
    approve(division, gauze, 2)
    answer = client.post(reverse("see_all_notices"), form_in(client.get(PAGE), reverse("see_all_notices")), follow=True)
    toast = form_in(answer, reverse("unsee_notices"))

    client.force_login(make.officer(division.station))
    assert "nothing to take back" in text_of(client.post(reverse("unsee_notices"), toast, follow=True))
    client.force_login(officer)
    assert text_of(client.get(BELL)) == ""
    assert "2 notices are new again." in text_of(client.post(reverse("unsee_notices"), toast, follow=True))
    assert text_of(client.get(BELL)) == "2 new"

    client.post(reverse("see_notice", args=[newest(officer).pk]))
    assert "nothing to take back" in text_of(client.post(reverse("unsee_notices"), toast, follow=True))
    assert text_of(client.get(BELL)) == "1 new"
    assert client.post(reverse("unsee_notices"), {"seen_at": "x"}).url == client.get(reverse("unsee_notices")).url
