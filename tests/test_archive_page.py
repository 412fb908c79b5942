"""The archive on a page: asked for by a chief, made by a worker, fetched once it is there, gone after a day."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from integrations import tasks
from integrations.actions import archives
from integrations.archives.writing import MANIFEST
from integrations.models import ArchivePart, KeptArchive
from integrations.tasks import forget_archives, make_archive, rows_done
from stations.models import Event, User
from tests import make
from tests.conftest import wait_until
from tests.pages import questions

PAGE = "/archive/"


@pytest.fixture
def chief(client, db):
    chief = make.chief()
    make.stock(make.station(), make.item(), on_hand=7)
    client.force_login(chief)
    return chief


@pytest.fixture
def sent(monkeypatch):
    """The ids that were sent to the worker, who does nothing yet."""
    ids: list[str] = []
    monkeypatch.setattr(tasks.make_archive, "apply_async", lambda kwargs, task_id: ids.append(kwargs["request_id"]))
    return ids


def ask(client):
    request_id = make.rid()
    answer = client.post(PAGE, {"request_id": request_id}, follow=True)
    return request_id, answer.content.decode()


def file_of(request_id):
    return reverse("archive_file", args=[request_id])


def test_a_chief_asks_waits_and_takes_it(client, chief, sent):
    request_id, page = ask(client)
    assert sent == [str(request_id)]
    assert "waits for a free worker" in page
    assert client.get(file_of(request_id)).status_code == 404

    make_archive(str(request_id))

    done = rows_done(request_id)
    assert done
    assert done[0] == done[1] > 0
    page = client.get(PAGE).content.decode()
    assert file_of(request_id) in page
    answer = client.get(file_of(request_id))
    content = b"".join(answer.streaming_content)
    assert int(answer["Content-Length"]) == len(content)
    assert answer["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert file.testzip() is None
        assert MANIFEST in file.namelist()
    assert [event.command.by for event in Event.objects.filter(verb="exported")] == [chief]


def test_how_far_it_is_is_shown(client, chief, sent):
    request_id, _ = ask(client)
    cache.set(f"archive:{request_id}", (1_200, 5_000), 60)
    page = client.get(PAGE).content.decode()
    assert "1,200 of 5,000 rows" in page
    assert 'max="5000"' in page


@pytest.mark.parametrize("role", sorted(set(User.Role.values) - {"chief"}))
def test_it_is_the_chiefs_alone(client, chief, sent, role):
    request_id, _ = ask(client)
    make_archive(str(request_id))
    client.force_login(make.person(role))
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"request_id": make.rid()}).status_code == 403
    assert client.get(file_of(request_id)).status_code == 403


def test_made_twice_it_is_one_and_a_new_one_takes_its_place(client, chief, sent):
    first, _ = ask(client)
    client.post(PAGE, {"request_id": first})
    make_archive(str(first))
    parts = list(ArchivePart.objects.values_list("pk", flat=True))
    make_archive(str(first))
    assert list(ArchivePart.objects.values_list("pk", flat=True)) == parts
    assert Event.objects.filter(verb="exported").count() == 1

    second, _ = ask(client)

    assert client.get(file_of(first)).status_code == 404
    assert ArchivePart.objects.count() == 0
    make_archive(str(first))  # the worker comes late: nothing waits for it
    assert [str(one.request_id) for one in KeptArchive.objects.all()] == [str(second)]


def test_after_a_day_it_is_gone(client, chief, sent):
    request_id, _ = ask(client)
    make_archive(str(request_id))
    KeptArchive.objects.update(asked_at=timezone.now() - timedelta(hours=25))
    assert client.get(file_of(request_id)).status_code == 404

    forget_archives()

    assert (KeptArchive.objects.count(), ArchivePart.objects.count()) == (0, 0)


@pytest.mark.parametrize("limit", ["size", "time"])
def test_what_is_too_large_for_a_page_is_refused_with_what_to_do(client, chief, sent, monkeypatch, settings, limit):
    if limit == "size":
        settings.EMS_ARCHIVE_MB = 0.001
    else:
        settings.TASK_SECONDS = 0
    request_id, _ = ask(client)
    make_archive(str(request_id))
    assert "manage.py export_division" in client.get(PAGE).content.decode()
    assert client.get(file_of(request_id)).status_code == 404
    assert ArchivePart.objects.count() == 0


def test_it_is_kept_in_parts(client, chief, sent, monkeypatch):
    monkeypatch.setattr(archives, "PART", 1_000)
    request_id, _ = ask(client)
    make_archive(str(request_id))
    archive = KeptArchive.objects.get()
    assert archive.parts.count() == -(-archive.size // 1_000) > 2
    with zipfile.ZipFile(io.BytesIO(b"".join(archive.content()))) as file:
        assert file.testzip() is None


def test_the_page_asks_few_questions(client, chief, sent):
    request_id, _ = ask(client)
    waiting = questions(client, PAGE)
    make_archive(str(request_id))
    assert questions(client, PAGE) <= waiting <= 8


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_makes_it(client, celery_worker):
    client.force_login(make.chief())
    request_id, _ = ask(client)
    wait_until(lambda: KeptArchive.objects.filter(made_at__isnull=False).exists(), "the archive", log=celery_worker.log)
    assert client.get(file_of(request_id)).status_code == 200
