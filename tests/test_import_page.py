"""Importing by upload: look first, then load, whatever is uploaded and however often it is sent."""

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory import tasks
from inventory.imports import uploads
from inventory.models import Item
from inventory.tasks import load_upload, rows_loaded
from stations.models import Command, Event, Station
from tests import make
from tests.conftest import wait_until
from tests.divisions import EXAMPLE, GLOVES, as_bytes, division, load, workbook

pytestmark = pytest.mark.django_db


def files_of(**tables):
    return [SimpleUploadedFile(f"{name}.csv", as_bytes(rows)) for name, rows in tables.items()]


def upload(client, *files, **tables):
    return client.post("/import/", {"tables": [*files, *files_of(**tables)]})


def confirm(client, address, **changed):
    form = client.get(address).context["form"]
    return {"request_id": str(form["request_id"].value()), "seen": form["seen"].value(), **changed}


@pytest.fixture
def person(client):
    person = make.logistics()
    client.force_login(person)
    return person


def test_the_example_is_uploaded_looked_at_and_loaded(client, person):
    files = [SimpleUploadedFile(path.name, path.read_bytes()) for path in sorted(EXAMPLE.glob("*.csv"))]
    response = upload(client, *files)
    assert response.status_code == 302
    page = client.get(response.url).content.decode()
    assert "742 rows would change" in page
    assert "WH · Supply room · Bag valve mask, adult" in page
    assert Station.objects.count() == 0

    loaded = client.post(response.url, confirm(client, response.url))

    assert loaded.status_code == 302
    assert loaded.url == "/import/"
    assert Station.objects.count() == 8
    assert Command.objects.get(verb="load_division").by == person
    page = client.get("/import/").content.decode()
    assert "Loaded: stations: 8 new; units: 12 new; items: 41 new" in page
    assert "Nothing would change" in client.get(upload(client, *rewound(files)).url).content.decode()


def rewound(files):
    for file in files:
        file.seek(0)
    return files


def test_changes_are_shown_before_and_after(client, person):
    load(**division())
    page = client.get(upload(client, items=[{**GLOVES, "unit_cost": "0.15"}]).url).content.decode()
    assert "1 row would change" in page
    assert "unit_cost <del>0.13</del> → <ins>0.15</ins>" in page


def test_every_problem_is_listed_and_nothing_can_be_loaded(client, person):
    response = upload(client, items="sku,name\nA,\nB,\n", units="code\nM1\n")
    page = client.get(response.url).content.decode()
    assert "3 things to mend" in page
    assert page.count("Is empty.") == 2
    assert 'name="seen"' not in page
    refused = client.post(response.url, {"request_id": make.rid(), "seen": "x"})
    assert refused.status_code == 422
    assert Item.objects.count() == 0


def test_a_double_click_loads_once(client, person):
    address = upload(client, **division()).url
    posted = confirm(client, address)
    for _ in range(2):
        assert client.post(address, posted).status_code == 302
    assert Command.objects.count() == 1
    assert Event.objects.filter(verb="loaded").count() == 1


def test_a_division_that_changed_meanwhile_is_shown_again(client, person):
    load(**division())
    address = upload(client, items=[{**GLOVES, "unit_cost": "0.15"}]).url
    posted = confirm(client, address)
    Item.objects.filter(sku="GLV-M").update(unit_cost_cents=14)

    response = client.post(address, posted)

    page = response.content.decode()
    assert response.status_code == 422
    assert "The division has changed since you looked" in page
    assert "unit_cost <del>0.14</del> → <ins>0.15</ins>" in page
    assert Item.objects.get(sku="GLV-M").unit_cost_cents == 14
    again = {"request_id": posted["request_id"], "seen": response.context["form"]["seen"].value()}
    assert client.post(address, again).status_code == 302
    assert Item.objects.get(sku="GLV-M").unit_cost_cents == 15


def test_an_upload_belongs_to_one_person_and_goes_with_the_next(client, person):
    first = upload(client, **division()).url
    client.force_login(make.logistics())
    assert client.get(first).url == "/import/"
    client.force_login(person)
    assert client.get(first).status_code == 200
    second = upload(client, items=[GLOVES]).url
    assert client.get(first).url == "/import/"
    assert "That upload is gone" in client.get("/import/").content.decode()
    cache.clear()
    assert client.post(second, {"request_id": make.rid(), "seen": "x"}).url == "/import/"
    assert Item.objects.count() == 0


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ([], "Choose at least one file."),
        ([SimpleUploadedFile("a.exe", b"x")], "a.exe: only CSV and XLSX files can be read."),
        ([SimpleUploadedFile("items.csv", b"")], "items.csv: it is empty."),
        ([SimpleUploadedFile(f"items{n}.csv", b"x") for n in range(21)], "Choose at most 20 files."),
        ([SimpleUploadedFile("items.csv", b"x")] * 2, "there are two files of this name"),
    ],
)
def test_what_cannot_be_read_is_refused_at_the_door(client, person, files, reason):
    response = upload(client, *rewound(files))
    assert response.status_code == 422
    assert reason in response.content.decode()


def test_large_files_are_refused_at_the_door(client, person, settings):
    settings.EMS_IMPORT_UPLOAD_MB = 1
    settings.EMS_IMPORT_TOGETHER_MB = 1
    response = upload(client, SimpleUploadedFile("items.csv", b"x" * 1_100_000))
    assert "it has 1 MB; 1 MB is the most" in response.content.decode()
    assert "Together the files have more than 1 MB" in response.content.decode()


def test_long_tables_are_for_the_command(client, person, settings):
    settings.EMS_IMPORT_UPLOAD_ROWS = 2
    address = upload(client, items=[{"sku": f"A{n}", "name": "x"} for n in range(3)]).url
    assert (
        "Has more than 2 rows. Load it in parts, or with manage.py load_division."
        in client.get(address).content.decode()
    )


def test_what_stands_in_a_file_is_shown_as_text(client, person):
    page = client.get(upload(client, items="sku,name\nA,<script>alert(1)</script>\n<b>,x\n").url).content.decode()
    assert "<script>alert" not in page
    assert "&lt;b&gt;" in page


def test_a_workbook_is_uploaded_like_any_file(client, person):
    with workbook(items=[["sku", "name"], ["A", "Gloves"]]).open() as stream:
        file = SimpleUploadedFile("division.xlsx", stream.read())
    assert "1 row would change" in client.get(upload(client, file).url).content.decode()


@pytest.mark.parametrize("role", ["officer", "driver", "chief", "auditor"])
def test_only_logistics_imports(client, person, role):
    address = upload(client, **division()).url
    client.force_login(make.person(role))
    for path in ("/import/", address):
        assert client.get(path).status_code == 403
        assert client.post(path, {"request_id": make.rid(), "seen": "x"}).status_code == 403
    client.logout()
    assert client.get("/import/").status_code == 302


def test_queries_do_not_grow_with_what_was_loaded_or_uploaded(client, person):
    def queries(path):
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    def count(rows):
        tables = division(items=[{"sku": f"A{n}", "name": "x"} for n in range(rows)])
        before = queries("/import/"), queries(upload(client, **tables).url)
        load(**tables)
        return before

    assert count(3) == count(30)


# --- What takes longer ------------------------------------------------------------------------------------------------


@pytest.fixture
def long(monkeypatch):
    """Every upload counts as a long one."""
    monkeypatch.setattr(uploads, "LOADED_AT_ONCE", 0)


def test_a_long_load_is_the_workers_and_says_how_far_it_is(client, person, long, monkeypatch):
    sent = []
    monkeypatch.setattr(tasks.load_upload, "apply_async", lambda kwargs, task_id: sent.append(kwargs))
    preview = upload(client, **division()).url
    form = confirm(client, preview)

    begun = client.post(preview, form)

    assert begun.url == f"{preview}loading/{form['request_id']}/"
    assert "Checking the files" in client.get(begun.url).content.decode()
    assert Station.objects.count() == 0
    assert load_upload(**sent[0])["loaded"].startswith("stations: 2 new")
    assert load_upload(**sent[0])["loaded"].startswith("stations: 2 new")
    assert rows_loaded(form["request_id"]) == (6, 6)
    assert Command.objects.filter(verb="load_division").count() == 1
    assert "6 of 6 rows" in client.get(begun.url).content.decode()


def test_a_long_load_that_is_refused_says_why(person):
    gone = load_upload(str(make.rid()), "x", person.pk, str(make.rid()))
    token = uploads.keep([("items.csv", b"sku,name\nA,Aether\n")], user=person)
    changed = load_upload(str(token), "x", person.pk, str(make.rid()))
    assert "gone" in gone["refused"]
    assert "has changed since you looked" in changed["refused"]
    assert Item.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_loads_it(client, long, celery_worker):
    client.force_login(make.logistics())
    preview = upload(client, **division()).url
    page = client.post(preview, confirm(client, preview)).url
    wait_until(lambda: "Loaded: stations: 2 new" in client.get(page).content.decode(), "it", log=celery_worker.log)
    assert Station.objects.count() == 2
