"""What is stored has no words of a language: they are said when somebody reads it."""

import ast
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from core.english import in_english
from dashboard.queries.chief_page import division_now
from stations.models import Location
from stations.verbs import VERBS, verb_in_words, verbs_that_begin
from tests import make
from tests.test_dashboard_figures import fill_with_trouble

ROOT = Path(__file__).resolve().parent.parent
APPS = ("dashboard", "orders", "inventory", "integrations", "stations")


@pytest.mark.django_db
def test_the_kept_division_holds_facts_and_no_sentences():
    fill_with_trouble(make.station())

    now = division_now(at=make.AT)
    kept = pickle.dumps(now)

    said = [now.sentence, *(one.reading.made_of for one in now.figures), *(one.target.text for one in now.figures)]
    assert all(said[: 1 + len(now.figures)])
    for text in (*said, "stations ready", "Used on patients", "Wasted", "Line fill rate"):
        assert not text or str(text).encode() not in kept, text
    assert pickle.loads(kept).sentence == now.sentence  # noqa: S301  # our own


def verbs_in_code() -> Iterator[tuple[str, str]]:
    """Every verb that stands as a word in a call of a command's ``log`` or ``event``, with its file."""
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text())):
                if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.args):
                    continue
                verb = call.args[0]
                if (
                    call.func.attr in ("log", "event")
                    and isinstance(verb, ast.Constant)
                    and isinstance(verb.value, str)
                ):
                    yield verb.value, path.name


def test_every_verb_of_the_log_can_be_said():
    found = set(verbs_in_code())

    assert len(found) > 80
    assert {(verb, file) for verb, file in found if verb not in VERBS} == set()
    assert verb_in_words("sent back") == "sent back"
    assert "sent back" in verbs_that_begin("Sent B")


@pytest.mark.django_db
def test_the_ends_of_the_ledger_are_stored_in_english():
    with translation.override("es"):
        made = Location.objects.virtual(Location.Kind.CONSUMED)

    assert Location.objects.get(pk=made.pk).name == in_english(Location.Kind.CONSUMED.label) == "Used on patients"
