"""What recalls and webhooks keep is written in English and said in the language of who reads it."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override, trans_real

from core.sayings import again
from integrations import sentences
from integrations.calling import NotCalled, checked_url
from integrations.models import Recall
from integrations.recalls.lots import UNCERTAIN, read_lots
from integrations.recalls.records import read_record
from tests import make
from tests.pages import text_of

SPANISH = {
    sentences.BAD_CODE.english: "El código %(code)s no se pudo leer.",
    sentences.HOST_INSIDE.english: "%(host)s está en %(address)s: no es pública.",
    sentences.OFF_GONE.english: "Dijo que ya no existe. %(problem)s",
    sentences.ANSWERED.english: "Contestó %(status)s.",
    sentences.NO_ADDRESS.english: "Esto no es una dirección.",
    sentences.LOTS_ARE["a range"].english: "Sus lotes son un rango.",
    "Pulling": "Retirando",
}


@pytest.fixture
def spanish(monkeypatch):
    """A catalogue of a few sentences, and pages in its language."""
    catalogue: Any = trans_real.translation("es")
    words = catalogue._catalog._catalogs[0]
    for english, other in SPANISH.items():
        monkeypatch.setitem(words, english, other)
    with override("es"):
        yield


def test_a_kept_sentence_is_said_with_what_it_quotes(spanish):
    told = [
        (sentences.BAD_CODE(code="0002-51"), "El código 0002-51 no se pudo leer."),
        ("It answered that it is gone. Answered 410 Gone.", "Dijo que ya no existe. Contestó 410 Gone."),
        (
            sentences.HOST_INSIDE(host="db.local", address="10.0.0.1"),
            "db.local está en 10.0.0.1: no es pública.",
        ),
        ("Somebody wrote this.", "Somebody wrote this."),
        ("", ""),
    ]

    assert [again(kept) for kept, _ in told] == [words for _, words in told]


def test_what_is_read_out_of_a_record_is_english_in_every_language(spanish):
    record = read_record({"recall_number": "D-1-2026", "product_description": "Gauze", "code_info": "Lots A10 to A20"})

    assert "Its lots are given as a range." in record.unread
    assert "Sus lotes son un rango." in [again(line) for line in record.unread]


def test_every_way_of_giving_lots_has_its_sentence():
    assert set(UNCERTAIN) <= set(sentences.LOTS_ARE)
    for text in ("", "all lots made before May", "A1234 2)", "12345", "Lot 7, A100-A200", "Lot A1 " * 20_000):
        assert set(read_lots(text).unread) <= set(sentences.LOTS_ARE)


def test_an_address_is_refused_in_words_that_can_be_kept(spanish):
    with pytest.raises(NotCalled) as refused:
        checked_url("https://[")

    assert str(refused.value) == sentences.NO_ADDRESS()
    assert again(str(refused.value)) == "Esto no es una dirección."


@pytest.mark.django_db
def test_the_page_of_a_recall_says_what_was_not_understood_to_its_reader(spanish, client):
    unread = f"{sentences.BAD_CODE(code='0002-51')}\n{sentences.LOTS_ARE['a range']()}"
    now = timezone.now()
    kept = Recall.objects.create(number="D-1-2026", source="{}", unread=unread, received_at=now, changed_at=now)
    client.force_login(make.logistics())

    page = text_of(client.get(reverse("recall", args=[kept.number]), headers={"accept-language": "es"}))

    assert "El código 0002-51 no se pudo leer." in page
    assert "Sus lotes son un rango." in page
    assert "could not be read" not in page
