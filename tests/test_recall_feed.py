"""Recalls from the command line and from the daily feed, which is fetched only where one is set."""

import io
import json
from typing import Any
from urllib.request import Request

import pytest
from django.core.management import CommandError, call_command

from ems_supply.settings import CELERY_BEAT_SCHEDULE
from integrations.models import Recall
from integrations.recalls import feed
from integrations.recalls.files import Unreadable
from integrations.tasks import fetch_recalls, match_recalls
from inventory.models import Lot
from tests import make
from tests.recalls import NDC, record, take

pytestmark = pytest.mark.django_db
FEED = "https://api.example.org/enforcement.json"


@pytest.fixture
def answers(monkeypatch):
    """What stands at which address; each that is asked for is noted."""
    found: dict[str, bytes | Exception] = {}
    asked: list[str] = []

    class Opener:
        def open(self, request: Request, timeout: float) -> Any:
            asked.append(request.full_url)
            answer = found[request.full_url]
            if isinstance(answer, Exception):
                raise answer
            return io.BytesIO(answer)

    monkeypatch.setattr(feed, "build_opener", lambda *handlers: Opener())
    return found, asked


def as_file(*records: Any) -> bytes:
    return json.dumps({"results": [json.loads(one.source) for one in records]}).encode()


# --- The command -----------------------------------------------------------------------------------------------------


def taken(*sources: Any, **options: Any) -> Any:
    out = io.StringIO()
    call_command("take_recalls", *map(str, sources), stdout=out, stderr=io.StringIO(), **options)
    return json.loads(out.getvalue()) if options.get("json") else out.getvalue()


def test_files_are_taken_each_by_itself(shared):
    folder = shared / "recalls"
    said = taken(folder / "fda_recall_ndc-4-4-2.xml", folder / "fda_enforcement_report_2012-06-13.json", json=True)

    assert [(one["new"], one["same"]) for one in said] == [(1, 0), (36, 0)]
    assert Recall.objects.count() == 37
    assert "0 new, 0 changed, 1 known already" in taken(folder / "fda_recall_ndc-4-4-2.xml")


def test_one_that_cannot_be_read_is_named_and_hinders_no_other(tmp_path):
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_bytes(as_file(record()))
    bad.write_text("<html>")

    with pytest.raises(CommandError, match=r"Nothing was taken from .*bad.json, .*none.json"):
        taken(bad, tmp_path / "none.json", good, json=True)

    assert Recall.objects.get().number == "D-1-2026"


def test_a_source_that_was_refused_makes_it_exit_with_1(tmp_path):
    with pytest.raises(CommandError) as ended:
        taken(tmp_path / "none.json")

    assert ended.value.returncode == 1


def test_an_address_is_fetched_only_in_https(answers):
    found, asked = answers
    found[FEED] = as_file(record())

    assert taken(FEED, json=True) == [{"source": FEED, "new": 1, "changed": 0, "same": 0, "lots": 0, "to_review": 0}]
    for address in ("http://api.example.org/", "file:///etc/passwd", "ftp://api.example.org/"):
        with pytest.raises(CommandError):
            taken(address)

    assert asked == [FEED]


def test_a_redirect_leads_to_https_or_nowhere():
    handler = feed._OnlyHttps()
    request = Request(FEED)

    with pytest.raises(Unreadable, match="only addresses in https"):
        handler.redirect_request(request, io.BytesIO(), 302, "Found", {}, "http://127.0.0.1/")  # type: ignore[arg-type]
    moved = handler.redirect_request(request, io.BytesIO(), 302, "Found", {}, FEED + "?v=2")  # type: ignore[arg-type]
    assert moved is not None
    assert moved.full_url == FEED + "?v=2"


# --- The feed --------------------------------------------------------------------------------------------------------


def test_nothing_is_fetched_unless_a_feed_is_set(answers, settings):
    assert settings.EMS_RECALL_FEED == []
    assert fetch_recalls() == {"new": 0, "changed": 0, "lots": 0, "to_review": 0, "unread": 0}
    assert answers[1] == []
    assert "fetch_recalls" not in CELERY_BEAT_SCHEDULE
    assert "match_recalls" in CELERY_BEAT_SCHEDULE


def test_each_feed_is_taken_and_one_that_fails_hinders_no_other(answers, settings):
    make.stock(make.station(), make.item(ndc=NDC), number="A17")
    found, _ = answers
    settings.EMS_RECALL_FEED = [FEED + "?one", FEED + "?two", FEED + "?three", FEED + "?four"]
    settings.EMS_RECALL_MB = 1
    found[FEED + "?one"] = TimeoutError("timed out")
    found[FEED + "?two"] = b" " * 2_000_000
    found[FEED + "?three"] = b'{"error": {"code": "NOT_FOUND"}}'
    found[FEED + "?four"] = as_file(record(), record("D-2-2026", ndc="none"))

    assert fetch_recalls() == {"new": 2, "changed": 0, "lots": 1, "to_review": 1, "unread": 3}
    assert fetch_recalls()["new"] == 0


def test_the_clock_compares_what_came_since(answers):
    take()
    make.stock(make.station(), make.item(ndc=NDC), number="A17")

    assert (match_recalls(), match_recalls()) == ({"lots": 1}, {"lots": 0})
    assert Lot.objects.get().status == "recalled"
