"""The pages of patient-care records: who may see and do what, refusals that keep what was typed, counts of queries."""

from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from integrations.models import CallSign, CareCode, CareRecord, CareUse
from tests import make
from tests.make import rid
from tests.pages import form_in, has_form, questions, text_of
from tests.records import dataset, medication, procedure, record, take

pytestmark = pytest.mark.django_db
State = CareUse.State
PASSWORD = "seven narrow lanterns"


@pytest.fixture
def unit():
    unit = make.unit(make.station(), code="M7")
    make.stock(unit.location, make.item(sku="NAL", name="Naloxone", kind="medication"), on_hand=5)
    return unit


@pytest.fixture
def logistics(client, unit):
    cache.clear()
    person = make.logistics()
    client.force_login(person)
    return person


def upload(client: Any, *contents: bytes) -> Any:
    files = [SimpleUploadedFile(f"file{n}.xml", content) for n, content in enumerate(contents)]
    return client.post(reverse("upload_records"), {"xml": files, "request_id": rid()}, follow=True)


def taken(*groups: str, **facts: Any) -> CareRecord:
    take(dataset(record(*groups, **facts)), at=timezone.now())
    return CareRecord.objects.order_by("-pk")[0]


def post(client: Any, record: CareRecord, step: str, **typed: Any) -> Any:
    address = reverse(step, args=[record.pk])
    return client.post(address, form_in(client.get(record.get_absolute_url()), address, **typed), follow=True)


def test_files_are_taken_and_the_page_says_what_came_of_them(client, logistics):
    response = upload(client, dataset(record(medication()), record(medication(), number="R2")))
    assert "2 records taken, 2 wait." in text_of(response)
    assert "1 code to map" in text_of(response)
    again = upload(client, dataset(record(medication())))
    assert "0 records taken, 1 known already." in text_of(again)


def test_of_several_files_the_refused_one_says_why_and_the_others_are_taken(client, logistics):
    response = upload(client, dataset(record(medication())), b"<DEMDataSet xmlns='http://www.nemsis.org'/>")
    assert response.status_code == 422
    assert "file1.xml : This is a DEMDataSet" in text_of(response)
    assert "file0.xml : 1 taken" in text_of(response)
    assert CareRecord.objects.count() == 1


def test_an_upload_that_is_too_large_or_missing_is_refused(client, logistics, settings):
    settings.EMS_RECORDS_MB = 1
    response = upload(client, b" " * 1_100_000)
    assert (response.status_code, CareRecord.objects.count()) == (422, 0)
    assert "more than 1 MB" in text_of(response)
    assert upload(client).status_code == 422
    assert "Choose at most 20" in text_of(upload(client, *[b"x"] * 21))


def test_a_code_is_mapped_on_its_page_and_what_waited_is_booked(client, logistics, unit):
    taken(medication())
    address = CareCode.objects.get().get_absolute_url()
    assert address in client.get(reverse("care_codes")).text

    wrong = client.post(address, _form(client, address, item="Aspirin"))
    assert (wrong.status_code, "not in the catalogue" in text_of(wrong)) == (422, True)
    assert client.post(address, _form(client, address)).status_code == 422
    both = client.post(address, _form(client, address, item="NAL", uses_nothing="on"))
    assert "not both" in text_of(both)
    done = client.post(address, _form(client, address, item="NAL · Naloxone", quantity="2"), follow=True)

    assert done.status_code == 200
    assert CareUse.objects.get().state == State.USED
    assert "Naloxone" in text_of(client.get(reverse("care_codes") + "?show=mapped"))
    assert 'value="NAL · Naloxone"' in client.get(address).text


def _form(client: Any, address: str, **typed: Any) -> dict[str, Any]:
    """The page's own form; it posts to the page."""
    return form_in(client.get(address), "", **typed)


def test_a_code_may_use_nothing_and_a_stale_page_is_refused(client, logistics):
    taken(medication())
    address = CareCode.objects.get().get_absolute_url()
    stale = _form(client, address, item="NAL")
    client.post(address, _form(client, address, uses_nothing="on"))
    assert CareUse.objects.get().why == "nothing"
    refused = client.post(address, stale)
    assert (refused.status_code, "Somebody mapped this code" in text_of(refused)) == (422, True)


def test_a_call_sign_is_said_to_be_a_unit(client, logistics, unit):
    taken(medication(), unit="DF A1")
    CareCode.objects.update(uses_nothing=False, item=make.item())
    address = reverse("call_sign", args=[CallSign.objects.get().pk])
    assert address in client.get(reverse("call_signs")).text
    wrong = client.post(address, _form(client, address, unit="M99"))
    assert (wrong.status_code, "no such unit" in text_of(wrong)) == (422, True)
    client.post(address, _form(client, address, unit="M7"))
    assert CareRecord.objects.get().unit == unit


def test_what_the_books_lack_is_tried_again_or_left_out(client, logistics, unit):
    found = taken(medication())
    item = make.item(name="Gauze")
    CareCode.objects.update(item=item)
    page = post(client, found, "try_record_again")
    assert "1 missing: count the unit" in text_of(page)
    assert reverse("open_count", args=[unit.location.pk]) in page.text
    make.stock(unit.location, item, on_hand=1)
    assert "Undo" in text_of(post(client, found, "try_record_again"))
    assert CareUse.objects.get().state == State.USED

    other = taken(medication("161"), number="R2")
    leave = reverse("leave_out_use", args=[other.uses.get().pk])
    form = form_in(client.get(other.get_absolute_url()), leave)
    assert client.post(leave, form).status_code == 422
    client.post(leave, form | {"reason": "Entered by hand"})
    assert "Left out by hand" in text_of(client.get(other.get_absolute_url()))


def test_a_scheduled_drug_is_booked_before_a_witness_who_signs_on_the_page(client, logistics, unit):
    fentanyl = make.item(name="Fentanyl", kind="medication", schedule="II")
    make.stock(unit.location, fentanyl, on_hand=2)
    witness = make.officer(unit.station)
    witness.set_password(PASSWORD)
    witness.save()
    CareCode.objects.create(system="rxnorm", code="4337", item=fentanyl)
    found = taken(medication("4337"))

    wrong = post(client, found, "witness_record", witness=witness.pk, witness_password="no")
    assert (wrong.status_code, "not the password" in text_of(wrong)) == (422, True)
    missing = post(client, found, "witness_record")
    assert missing.status_code == 422
    assert make.on_hand(unit.location, fentanyl) == 2
    done = post(client, found, "witness_record", witness=witness.pk, witness_password=PASSWORD)

    assert f"Booked before {witness}" in text_of(done)
    assert PASSWORD not in done.text
    assert make.on_hand(unit.location, fentanyl) == 1


def test_a_corrected_record_shows_what_changed_and_is_settled(client, logistics, unit):
    CareCode.objects.create(system="rxnorm", code="7242", item_id=unit.location.stock_levels.get().lot.item_id)
    found = taken(medication())
    taken(medication("161"))
    page = client.get(found.get_absolute_url())
    assert "came again" in text_of(page)
    assert "No longer in the record" in text_of(page)
    assert has_form(page, reverse("settle_record", args=[found.pk]))
    assert "1" in text_of(client.get(reverse("care_records") + "?show=corrected"))
    post(client, found, "settle_record", takes_added="yes")
    found.refresh_from_db()
    assert not found.is_corrected
    assert found.uses.get(code__code="161").state == State.UNMAPPED


READ = ("care_records", "care_codes", "call_signs", "care_record", "care_code", "call_sign")
ACT = ("try_record_again", "witness_record", "settle_record", "leave_out_use", "care_code", "call_sign")


def addresses() -> dict[str, str]:
    ids: dict[str, Any] = {"care_code": CareCode, "call_sign": CallSign, "leave_out_use": CareUse}
    lists = ("care_records", "care_codes", "call_signs")
    names = {*READ, *ACT} - set(lists)
    made = {name: reverse(name, args=[ids.get(name, CareRecord).objects.get().pk]) for name in names}
    return made | {name: reverse(name) for name in lists}


@pytest.mark.parametrize(
    ("role", "reads"), [("logistics", 200), ("chief", 200), ("auditor", 200), ("officer", 403), ("driver", 403)]
)
def test_who_reads_and_who_acts(client, unit, role, reads):
    taken(medication())
    client.force_login(make.officer(unit.station) if role == "officer" else make.person(role))
    pages = addresses()
    assert {name: client.get(pages[name]).status_code for name in READ} == dict.fromkeys(READ, reads)
    assert client.get(reverse("upload_records")).status_code == (200 if role == "logistics" else 403)
    if role != "logistics":
        assert {client.post(pages[name], {"request_id": rid()}).status_code for name in ACT} == {403}
        assert upload(client, dataset(record())).status_code == 403
        assert CareUse.objects.get().state == State.UNMAPPED


def test_pages_ask_as_many_questions_for_many_rows_as_for_one(client, logistics, unit):
    CareCode.objects.create(system="rxnorm", code="7242", item_id=unit.location.stock_levels.get().lot.item_id)
    found = taken(medication(), procedure())
    pages = [*map(reverse, ("care_records", "care_codes", "call_signs")), found.get_absolute_url()]
    before = [questions(client, page) for page in pages]

    take(dataset(*[record(medication(), procedure(str(n)), number=f"N{n}", unit=f"U{n}") for n in range(20)]))
    CareUse.objects.bulk_create(
        CareUse(record=found, code=one.code, kind=one.kind, state=one.state, why=one.why)
        for one in CareUse.objects.filter(state=State.UNMAPPED).select_related("code")
    )

    assert [questions(client, page) for page in pages] == before


def test_a_file_is_taken_in_as_many_questions_for_many_records_as_for_one(unit):
    def asked(*records: str) -> int:
        with CaptureQueriesContext(connection) as found:
            take(dataset(*records))
        return len(found)

    one = asked(record(medication()))
    assert asked(*[record(medication("7242"), medication(f"8{n}"), number=f"N{n}") for n in range(30)]) <= one
