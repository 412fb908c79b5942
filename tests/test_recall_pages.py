"""Recalls on pages: who sees which, taking a file, reading one, pulling by one tap, and what the homes say."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from integrations.models import Recall
from inventory.models import Lot, StockLevel, StockMovement
from tests import make
from tests.flow import Division
from tests.pages import form_in, has_form, questions, text_of
from tests.recalls import NDC, recall, record, take

pytestmark = pytest.mark.django_db
PASSWORD = "seven narrow lanterns"


@pytest.fixture
def division():
    return Division()


@pytest.fixture
def naloxone():
    return make.item(name="Naloxone", kind="medication", ndc=NDC)


@pytest.fixture
def level(division, naloxone) -> StockLevel:
    """Four of lot A17 at the station, which is recalled."""
    made = make.stock(division.station, naloxone, on_hand=4, number="A17")
    take()
    return made


def upload(client, content: bytes, name: str = "recalls.json") -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post(reverse("take_recalls"), {"file": file, "request_id": make.rid()}, follow=True)


def address(name: str, *more: object) -> str:
    return reverse(name, args=["D-1-2026", *more])


# --- Who sees what ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "lists", "takes"),
    [("officer", 200, 403), ("logistics", 200, 200), ("driver", 403, 403), ("chief", 200, 403), ("auditor", 200, 403)],
)
def test_roles(client, level, role, lists, takes):
    client.force_login(make.person(role))

    assert client.get(reverse("recalls")).status_code == lists
    assert client.get(reverse("take_recalls")).status_code == takes
    assert client.get(address("review_recall")).status_code == takes
    assert client.post(reverse("dismiss_recalls"), {"request_id": make.rid()}).status_code == (
        302 if takes == 200 else 403
    )


def test_an_officer_sees_the_recalls_of_their_stations_and_their_own_units(client, division, naloxone, level):
    make.stock(make.station(name="Elsewhere"), naloxone, on_hand=50, number="A17")
    client.force_login(division.officer)

    page = client.get(address("recall"))

    assert "4 units are left to pull" in text_of(page)
    assert "Elsewhere" not in text_of(page)
    assert "What became" not in text_of(page), "that is of the whole division"
    assert [row.left for row in client.get(reverse("recalls")).context["page"].rows] == [4]
    client.force_login(make.officer(make.station()))
    assert client.get(address("recall")).status_code == 404
    assert not client.get(reverse("recalls")).context["page"].rows


def test_nobody_pulls_where_they_may_not_act(client, division, level):
    for person, status in (
        (make.officer(make.station()), 404),
        (make.officer(division.station, read_only=True), 403),
        (division.chief, 403),
        (division.driver, 403),
    ):
        client.force_login(person)
        answer = client.post(
            address("pull_recall", level.location_id), {f"q-{level.lot_id}": "4", "request_id": make.rid()}
        )
        assert answer.status_code == status
    assert not StockMovement.objects.filter(reason="pulled").exists()


def test_who_only_looks_sees_no_button(client, division, level):
    for person in (division.chief, division.auditor, make.officer(division.station, read_only=True)):
        client.force_login(person)
        page = client.get(address("recall"))
        assert not has_form(page, address("pull_recall", level.location_id))
        assert not has_form(client.get(reverse("station", args=[division.station.code])), address("recall"))


# --- A file ----------------------------------------------------------------------------------------------------------


def test_a_file_is_taken_and_what_came_of_it_is_said(client, division, naloxone):
    make.stock(division.station, naloxone, number="A17")
    client.force_login(division.logistics)
    content = json.dumps({"results": [json.loads(record().source)]}).encode()

    assert "1 new, 0 changed, 0 known already; 1 lots held, 0 to review." in text_of(upload(client, content))
    assert "0 new, 0 changed, 1 known already" in text_of(upload(client, content))

    assert (recall().state, Lot.objects.get().status) == ("acting", "recalled")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"%PDF-1.7", "neither JSON nor XML"),
        (b"[]", "no recall record in it"),
        (b"\xff\xfe", "not UTF-8"),
        (b'<!DOCTYPE a [<!ENTITY b "b">]><recall-number id="&b;"/>', "no XML that can be read"),
        (b" " * 1_000_001, "It has more than 1 MB."),
        (b'[{"recall_number": ""}' + b',{"recall_number": ""}' * 2_000 + b"]", "2,000 is the most here"),
    ],
    ids=range(7),
)
def test_a_file_that_cannot_be_read_is_refused_on_the_page(client, division, settings, content, said):
    settings.EMS_RECALL_MB = 1
    client.force_login(division.logistics)

    answer = upload(client, content)

    assert answer.status_code == 422
    assert said in text_of(answer)
    assert not Recall.objects.exists()


# --- Reading one -----------------------------------------------------------------------------------------------------


def test_a_person_reads_it_and_ticks_the_lots(client, division, naloxone):
    lot = make.stock(division.station, naloxone, number="A17").lot
    take(record(lots="Lots A10 to A20"))
    client.force_login(division.logistics)
    page = client.get(address("review_recall"))
    assert "Its lots are given as a range." in text_of(page)
    assert [(row.lot, row.is_named) for row in page.context["found"].lots] == [(lot, False)]

    typed = form_in(page, address("review_recall"), chosen=[lot.pk], reason="A17 lies in the range")
    answer = client.post(address("review_recall"), typed, follow=True)

    assert "What it names is held everywhere now." in text_of(answer)
    lot.refresh_from_db()
    assert (lot.status, recall().state) == ("recalled", "acting")


def test_a_review_without_lots_is_refused_with_all_that_was_typed(client, division, naloxone):
    make.stock(division.station, naloxone, number="A17")
    take(record(lots="Lots A10 to A20"))
    client.force_login(division.logistics)

    answer = client.post(
        address("review_recall"), {"request_id": make.rid(), "version": 1, "reason": "I read it", "chosen": "x"}
    )

    assert answer.status_code == 422
    assert "Choose the lots that it names" in text_of(answer)
    assert 'value="I read it"' in answer.text


def test_a_review_of_an_older_text_is_refused_and_shows_the_new_one(client, division, naloxone):
    lot = make.stock(division.station, naloxone, number="A17").lot
    take(record(lots="Lots A10 to A20"))
    client.force_login(division.logistics)
    typed = form_in(client.get(address("review_recall")), address("review_recall"), chosen=[lot.pk], reason="x")
    take(record(lots="Lots A10 to A12"))

    answer = client.post(address("review_recall"), typed)

    assert answer.status_code == 422
    assert "changed while you had it open" in text_of(answer)
    assert "Lots A10 to A12" in text_of(answer)
    assert client.post(address("review_recall"), form_in(answer, address("review_recall"))).status_code == 302


def test_other_lots_are_found_by_name(client, division):
    lot = make.stock(division.station, make.item(name="Gauze"), number="G1").lot
    take(record(ndc="none"))
    client.force_login(division.logistics)

    page = client.get(address("review_recall"), {"q": "gauze"})
    assert [row.lot for row in page.context["found"].lots] == [lot]
    refused = client.post(address("review_recall"), {"request_id": make.rid(), "version": 1, "chosen": lot.pk})

    assert refused.status_code == 422
    assert f'id="lot-{lot.pk}" checked' in refused.text, "what was ticked stays, though it is no longer looked for"


def test_many_that_are_not_ours_are_dismissed_together(client, division):
    take(*(record(f"D-{number}-2026", lots="", ndc="none") for number in range(1, 4)))
    client.force_login(division.logistics)
    page = client.get(reverse("recalls"), {"state": "to_review"})
    ticked = [row.pk for row in page.context["page"].rows][:2]

    typed = form_in(page, reverse("dismiss_recalls"), chosen=ticked, reason="Blood products")
    answer = client.post(reverse("dismiss_recalls"), typed, follow=True)

    assert "2 recalls are not ours." in text_of(answer)
    assert Recall.objects.filter(state="not_ours", decision="Blood products").count() == 2


def test_dismissing_says_why_it_is_refused(client, division, level):
    client.force_login(division.logistics)
    facts = {"request_id": make.rid(), "chosen": recall().pk}

    without = client.post(reverse("dismiss_recalls"), facts, follow=True)
    held = client.post(reverse("dismiss_recalls"), facts | {"reason": "x"}, follow=True)

    assert "Say why they are not ours" in text_of(without)
    assert "Release them first" in text_of(held)


# --- Pulling ---------------------------------------------------------------------------------------------------------


def test_one_tap_on_the_stations_page_pulls_all_and_closes_the_recall(client, division, level):
    client.force_login(division.officer)
    home = client.get(reverse("home"))
    assert "Recalled: pull 4 of lot A17" in text_of(home)
    assert "Pulled 4" in text_of(home)
    pull = address("pull_recall", level.location_id)

    answer = client.post(pull, form_in(home, pull), follow=True)

    assert "Nothing is left anywhere: the recall is closed." in text_of(answer)
    assert make.on_hand(division.station, level.lot.item) == 0
    assert (recall().state, StockMovement.objects.get(reason="pulled").reference) == ("closed", "D-1-2026")
    assert "Recalled" not in text_of(client.get(reverse("home")))


def test_the_same_tap_twice_pulls_once(client, division, level):
    client.force_login(division.officer)
    pull = address("pull_recall", level.location_id)
    typed = form_in(client.get(address("recall")), pull) | {f"q-{level.lot_id}": "1"}

    assert [client.post(pull, typed).status_code for _ in range(2)] == [302, 302]

    assert make.on_hand(division.station, level.lot.item) == 3


def test_another_number_and_more_than_there_is(client, division, level):
    client.force_login(division.officer)
    pull = address("pull_recall", level.location_id)
    typed = form_in(client.get(pull), "")
    assert typed[f"q-{level.lot_id}"] == ["4"]

    refused = client.post(pull, typed | {f"q-{level.lot_id}": "5"})
    assert refused.status_code == 422
    assert "There is not enough stock" in text_of(refused)
    client.post(pull, typed | {f"q-{level.lot_id}": "3", "where": "destroyed"})

    assert StockMovement.objects.get(reason="pulled").destination.kind == "discarded"
    assert "1 unit is left to pull" in text_of(client.get(address("recall")))
    assert client.post(pull, typed | {"request_id": make.rid(), f"q-{level.lot_id}": ""}).status_code == 422


def test_a_scheduled_drug_is_pulled_on_a_page_where_the_witness_signs(client, division):
    fentanyl = make.item(name="Fentanyl", kind="medication", schedule="II", ndc=NDC)
    level = make.stock(make.safe(division.station), fentanyl, on_hand=2, number="A17")
    take()
    colleague = make.officer(division.station)
    colleague.set_password(PASSWORD)
    colleague.save()
    client.force_login(division.officer)
    pull = address("pull_recall", level.location_id)
    home = client.get(reverse("home"))
    assert "Pull before a witness" in text_of(home)
    assert not has_form(home, pull)
    typed = form_in(client.get(pull), "")

    assert "before a witness" in text_of(client.post(pull, typed))
    wrong = client.post(pull, typed | {"witness": colleague.pk, "witness_password": "wrong"})
    assert "not the password" in text_of(wrong)
    assert client.post(pull, typed | {"witness": colleague.pk, "witness_password": PASSWORD}).status_code == 302

    assert StockMovement.objects.get(reason="pulled").witness == colleague


def test_a_station_is_told_of_what_is_still_on_its_way(client, division, naloxone):
    make.par(division.station, naloxone, par=10)
    make.stock(division.warehouse, naloxone, on_hand=10, number="A17")
    shipment = division.dispatched({naloxone.pk: 10})
    take()
    client.force_login(division.officer)

    said = text_of(client.get(reverse("home")))

    assert f"On its way and recalled: 10 of lot A17 in {shipment}" in said
    assert "Receive it, do not use it, then pull it." in said


def test_an_officer_of_two_stations_is_told_before_choosing(client, division, level):
    client.force_login(make.officer(division.station, make.station()))

    assert "Recalled: pull 4 of lot A17" in text_of(client.get(reverse("home")))


def test_logistics_and_the_chief_see_how_many_are_open(client, division, level):
    take(record("D-2-2026", ndc="none"))
    client.force_login(division.logistics)
    assert "2 recalls, 4 to pull, 1 to read" in text_of(client.get(reverse("queue")))
    client.force_login(division.chief)
    assert "2 recalls open , 4 units still to pull" in text_of(client.get(reverse("home")))


def test_the_page_reckons_with_every_unit(client, division, level):
    client.force_login(division.chief)

    said = text_of(client.get(address("recall")))

    assert "Found when it was matched 4 Left now 4 Pulled or discarded since 0 Used on patients since 0" in said


def test_the_pages_ask_as_often_for_many_as_for_few(client, division, naloxone, level):
    def grow() -> None:
        for number in range(6):
            make.stock(make.station(supplied_by=division.warehouse), naloxone, number="A17")
            make.stock(make.unit(division.station).location, naloxone, number=f"B{number}")
        take(record(lots="Lot A17, B0, B1, B2, B3, B4, B5"), *(record(f"D-{n}-2027") for n in range(9)))

    client.force_login(division.logistics)
    pages = [
        reverse("recalls"),
        address("recall"),
        address("review_recall"),
        address("pull_recall", level.location_id),
        reverse("station", args=[division.station.code]),
    ]
    grow_first = make.stock(make.unit(division.station).location, naloxone, number="A17")
    few = [questions(client, page) for page in pages]
    grow()

    many = [questions(client, page) for page in pages]

    assert grow_first.on_hand == 10
    assert many == few, list(zip(pages, few, many, strict=True))
    assert max(few[:4]) <= 24
