"""The ways in which files of patient-care records come: command, folder and API; and two at once."""

import io
import json
import os
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from integrations.actions import records
from integrations.models import CareCode, CareRecord, CareUse
from integrations.tasks import book_records, take_records
from inventory.models import StockMovement
from tests import make
from tests.api import Api, problem
from tests.race import crashes, race, refusals, without_locks
from tests.records import dataset, medication, record, take

pytestmark = pytest.mark.django_db
GOOD, BAD = dataset(record(medication())), dataset(record(medication()))[:-9]


def command(*arguments: Any, **options: Any) -> str:
    out = io.StringIO()
    call_command(*map(str, arguments), stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.xml").write_bytes(GOOD)
    (tmp_path / "b.XML").write_bytes(BAD)
    (tmp_path / "notes.txt").write_text("not a record")
    return tmp_path


class TestCommand:
    def test_it_takes_files_and_says_what_came_of_each(self, folder):
        found = json.loads(command("take_records", folder / "a.xml", "--json"))
        counts = {"new": 1, "same": 0, "corrected": 0, "used": 0, "waiting": 1, "not_counted": 0}
        assert found == {"files": [{"file": "a.xml"} | counts]}

    def test_a_file_that_is_refused_ends_it_with_an_error_and_the_others_are_taken(self, folder, capsys):
        out = io.StringIO()
        with pytest.raises(CommandError, match="1 of 2 files refused") as refused:
            call_command("take_records", str(folder), "--json", stdout=out)
        assert refused.value.returncode == 1
        assert [bool(one.get("refused")) for one in json.loads(out.getvalue())["files"]] == [False, True]
        assert CareRecord.objects.count() == 1

    def test_who_takes_them_is_somebody_of_logistics(self, folder):
        person = make.logistics()
        command("take_records", folder / "a.xml", by=person.username)
        assert CareRecord.objects.get().command.by == person
        with pytest.raises(CommandError, match="not of logistics"):
            command("take_records", folder / "a.xml", by=make.chief().username)
        with pytest.raises(CommandError, match="nobody named"):
            command("take_records", folder / "a.xml", by="nobody")

    def test_a_place_that_is_not_there_is_refused(self, tmp_path):
        with pytest.raises(CommandError, match="There is no"):
            command("take_records", tmp_path / "none.xml")

    def test_codes_are_named_from_the_divisions_list(self, shared):
        lists = shared / "nemsis" / "lists"
        assert command("name_codes", lists / "Medication.csv").startswith("70 codes read, 70 named")
        command("name_codes", lists / "Procedure.csv")
        assert command("name_codes", lists / "Procedure.csv") == "115 codes read, 0 named.\n"
        assert CareCode.objects.get(system="rxnorm", code="296").name == "Adenosine (Adenocard)"

    @pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "Value,CodeType,SuggestedLabel\n!,RxNorm,x\n", "\xff"])
    def test_a_list_that_cannot_be_right_names_nothing(self, tmp_path, text):
        (tmp_path / "list.csv").write_text(text, encoding="latin-1")
        with pytest.raises(CommandError):
            command("name_codes", tmp_path / "list.csv")
        assert not CareCode.objects.exists()


class TestFolder:
    @pytest.fixture
    def quiet(self, folder, settings):
        settings.EMS_RECORDS_FOLDER = str(folder)
        for path in folder.iterdir():
            os.utime(path, (time.time() - 60,) * 2)
        return folder

    def names(self, folder: Path) -> set[str]:
        return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}

    def test_files_go_to_done_or_to_refused_with_why(self, quiet):
        assert take_records() == {"taken": 1, "refused": 1}
        assert self.names(quiet) == {"done/a.xml", "refused/b.XML", "refused/b.txt", "notes.txt"}
        assert "broken in line 1" in (quiet / "refused" / "b.txt").read_text()
        assert take_records() == {"taken": 0, "refused": 0}

    def test_a_file_that_is_still_written_is_left_alone(self, quiet):
        os.utime(quiet / "a.xml")
        assert take_records() == {"taken": 0, "refused": 1}
        assert (quiet / "a.xml").exists()

    def test_a_file_of_a_machine_whose_clock_is_ahead_is_taken(self, quiet):
        os.utime(quiet / "a.xml", (time.time() + 3600,) * 2)
        assert take_records()["taken"] == 1

    def test_the_same_name_again_is_kept_beside_the_first(self, quiet):
        take_records()
        for name in ("a.xml", "b.XML"):
            (quiet / name).write_bytes(GOOD if name == "a.xml" else BAD)
            os.utime(quiet / name, (time.time() - 60,) * 2)
        take_records()
        assert len(list((quiet / "done").iterdir())) == 2
        assert len(list((quiet / "refused").iterdir())) == 4
        assert CareRecord.objects.count() == 1

    def test_a_folder_that_is_not_there_breaks_nothing(self, settings, tmp_path):
        settings.EMS_RECORDS_FOLDER = str(tmp_path / "none")
        assert take_records() == {"taken": 0, "refused": 0}

    def test_the_worker_books_what_became_known(self):
        unit = make.unit(make.station(), code="M7")
        item = make.item()
        make.stock(unit.location, item, on_hand=3)
        take(GOOD)
        CareCode.objects.update(item=item)
        assert (book_records(), book_records()) == (1, 0)
        assert make.on_hand(unit.location, item) == 2


class TestApi:
    def post(self, api: Api, content: bytes, key: str = "", kind: str = "application/xml") -> Any:
        headers = {"Idempotency-Key": key or str(uuid4()), "Authorization": f"Bearer {api.text}"}
        return api.client.post("/api/v1/care-records/", content, content_type=kind, headers=headers)

    @pytest.fixture
    def api(self):
        return Api(make.logistics(), "usage:write")

    @pytest.mark.parametrize("kind", ["application/xml", "text/xml", "application/xml; charset=utf-8"])
    def test_a_file_is_taken_and_read_back_as_what_it_used(self, api, kind):
        response = self.post(api, GOOD, kind=kind)
        assert (response.status_code, response.json()["new"], response.json()["waiting"]) == (201, 1, 1)
        [shown] = api.get("/care-records/?number=R1").json()["results"]
        assert (shown["agency"], shown["call_sign"], shown["unit"]) == ("A1", "M7", None)
        [one] = shown["uses"]
        assert (one["system"], one["code"], one["state"], one["item"]) == ("rxnorm", "7242", "unmapped", None)

    def test_the_same_key_gives_the_first_answer_and_a_new_one_changes_nothing(self, api):
        first = self.post(api, GOOD, key="a")
        again = self.post(api, GOOD, key="a")
        assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")
        assert self.post(api, GOOD, key="b").json()["same"] == 1
        problem(self.post(api, dataset(record(medication(), number="R2")), key="a"), 422, "idempotency_key_reused")
        assert CareUse.objects.count() == 1

    def test_what_cannot_be_taken_is_a_problem(self, api, settings):
        found = problem(self.post(api, BAD, key="a"), 422, "file_refused")
        assert "broken in line 1" in found["detail"]
        settings.EMS_RECORDS_MB = 1
        problem(self.post(api, GOOD + b" " * 1_100_000), 422, "file_refused")
        problem(api.post("/care-records/", {}), 415, "unsupported_media_type")
        assert "body is empty" in problem(self.post(api, b""), 422, "refused")["detail"]
        problem(self.post(api, b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), 422, "file_refused")
        assert not CareRecord.objects.exists()

    def test_only_logistics_with_the_scope_sends_them(self):
        problem(self.post(Api(make.logistics(), "usage:read"), GOOD), 403, "scope_missing")
        problem(self.post(Api(make.chief(), "usage:write"), GOOD), 403, "permission_denied")

    @pytest.mark.parametrize(("role", "seen"), [("chief", 1), ("auditor", 1), ("officer", 0), ("driver", 0)])
    def test_who_reads_all_reads_them(self, role, seen):
        take(GOOD)
        assert len(Api(make.person(role), "usage:read").get("/care-records/").json()["results"]) == seen


def two_at_once() -> tuple[list[object], int, int]:
    """The same file twice at once, mapped, with stock: (answers, records, movements)."""
    unit = make.unit(make.station(), code="M7")
    item = make.item()
    make.stock(unit.location, item, on_hand=9)
    content = dataset(*[record(medication(), number=f"R{number}") for number in range(3)])
    take(dataset(record(medication(), number="R0", agency="A0")))
    CareCode.objects.update(item=item)
    answers = race(lambda: take(content), lambda: take(content))
    found = CareRecord.objects.filter(agency="A1")
    return answers, found.count(), StockMovement.objects.filter(reason="used").count()


def read_then_insert(read: Any, known: Any, command: Any, at: Any) -> Any:
    """The control: look whether the record is there, then add it."""
    rows = [
        CareRecord(
            agency=one.agency, number=one.number, call_sign=known.signs[one.call_sign], at=at, command=command,
            unit_id=known.signs[one.call_sign].unit_id, digest=one.digest,
        )
        for one in read
        if not CareRecord.objects.filter(agency=one.agency, number=one.number).exists()
    ]  # fmt: skip
    time.sleep(0.4)
    CareRecord.objects.bulk_create(rows)
    return {(one.agency, one.number): one for one in rows}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locks", [nullcontext, without_locks])
def test_of_two_uploads_of_the_same_file_one_is_booked(locks):
    """The unique insert alone decides it; the locks on codes only let them come one after the other."""
    with locks():
        answers, kept, moved = two_at_once()
    assert (crashes(answers), refusals(answers)) == ([], [])
    assert sorted(answer.new for answer in answers) == [0, 3]  # type: ignore[attr-defined]
    assert (kept, moved) == (3, 3)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_without_it_two_uploads_of_the_same_file_collide(monkeypatch):
    """The control: who looks first and adds then does not see the other."""
    monkeypatch.setattr(records, "_insert", read_then_insert)
    with without_locks():
        answers, _, _ = two_at_once()
    assert [type(answer) for answer in crashes(answers)] == [IntegrityError]
