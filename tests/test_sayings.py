"""What is kept in English is said again in the language of whoever reads it, and never kept in another."""

import struct
from datetime import UTC, datetime

import pytest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext, override

from core.sayings import again
from orders.actions.drafts import cancel_order
from orders.actions.moves import Move
from orders.errors import WrongState
from orders.models import DeliveryRun
from orders.queries.requests import reasons_held_back
from orders.routing.reasons import TOO_HEAVY
from orders.sayings import BY_TRANSFER, LOT_TAKEN_BACK, OF_LOT, TAKE_OUT, WAITING_LIST
from stations.models import Event
from tests import make
from tests.flow import Division

SPANISH = {
    "Too heavy for any van: %(weight)s kg, and the most is %(most)s kg.": "Pesa %(weight)s kg, más que %(most)s kg.",
    "%(quantity)s come from %(station)s by transfer %(transfer)s.": "%(quantity)s de %(station)s: %(transfer)s.",
    "%(quantity)s of lot %(lot)s, %(item)s": "%(quantity)s del lote %(lot)s, %(item)s",
    "%(why)s: lot %(lot)s.": "%(why)s: lote %(lot)s.",
    "Recalled": "Retirado",
    "Recalled.": "Retirado.",
    "Take out of the totes: %(lots)s.": "Saque de las cajas: %(lots)s.",
    "%(item)s: %(owed)s owed.": "%(item)s: faltan %(owed)s.",
    "%(source)s is short of it: %(asked)s, %(here)s.": "A %(source)s le falta: %(asked)s, %(here)s.",
    "%(count)s stations together asked for %(wanted)s": "%(count)s estaciones pidieron %(wanted)s",
    "%(free)s are here": "hay %(free)s",
    "%(station)s: %(was)s → waits": "%(station)s: %(was)s → espera",
    "%(subject)s is %(state)s: %(todo)s": "%(subject)s está %(state)s: %(todo)s",
    "the waiting list": "la lista de espera",
    "Nothing more is available.": "No hay más.",
    "what was done\4approved": "aprobado",
    "Decided for": "Decidido por",
    "Logistics": "Logística",
    "Every request": "Toda solicitud",
    "Nothing has happened yet.": "Aún no ha pasado nada.",
}


@pytest.fixture
def spanish(settings, tmp_path):
    """A small catalogue, as ``msgfmt`` would write it."""
    pairs = {"": "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"} | SPANISH
    texts = [(key.encode(), value.encode()) for key, value in sorted(pairs.items(), key=lambda pair: pair[0].encode())]
    tables, strings = [], b""
    start = 28 + 16 * len(texts)
    for side in (0, 1):
        for pair in texts:
            tables.append((len(pair[side]), start + len(strings)))
            strings += pair[side] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(texts), 28, 28 + 8 * len(texts), 0, 0)
    folder = tmp_path / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.mo").write_bytes(head + b"".join(struct.pack("<2I", *row) for row in tables) + strings)
    settings.LOCALE_PATHS = [tmp_path]
    with override("es"):
        assert gettext("Recalled") == "Retirado"
        yield


@pytest.fixture
def division(db):
    return Division()


def test_what_is_kept_is_english_whoever_writes_it(spanish):
    said = TOO_HEAVY(weight="12.0", most="9.5")

    assert said == "Too heavy for any van: 12.0 kg, and the most is 9.5 kg."
    assert again(said) == "Pesa 12.0 kg, más que 9.5 kg."
    with override("en"):
        assert again(said) == said


def test_sentences_clauses_and_words_of_people_stand_side_by_side(spanish):
    lots = "; ".join(OF_LOT(quantity=number, lot="A17", item="Gauze 4. by 4") for number in (3, 2))

    assert again(LOT_TAKEN_BACK(why="Recalled", lot="A17")) == "Retirado: lote A17."
    taken_out = f"Recalled. {TAKE_OUT(lots='3 of lot A17, Gauze')}"
    assert again(taken_out) == "Retirado. Saque de las cajas: 3 del lote A17, Gauze."
    assert again(lots) == "3 del lote A17, Gauze 4. by 4; 2 del lote A17, Gauze 4. by 4"
    kept = f"The chief agreed. {BY_TRANSFER(quantity=10, station='North', transfer='R000007')}"
    assert again(kept) == "The chief agreed. 10 de North: R000007."
    assert again("Dropped it; sorry.") == "Dropped it; sorry."
    assert again(WAITING_LIST()) == "la lista de espera"
    assert again("") == ""


def test_a_stop_that_moved_names_its_weekday(spanish, division):
    run = DeliveryRun(pk=1, van=make.van(division.warehouse), leaves_at=timezone.now())
    was, now = (datetime(2026, 3, day, 9, 30, tzinfo=UTC) for day in (2, 3))
    waits = str(Move(division.station, (run, was)))
    other = str(Move(division.station, (run, was), run.van, now))

    assert again(waits).endswith("→ espera")
    assert again(waits).startswith(f"{division.station}: ")
    assert "Mon" in other
    assert "lun" in again(other)
    assert "mar" in again(other)


def test_refusals_and_event_lists_speak_the_language_of_the_reader(spanish, division):
    order = division.approved({make.item(name="Gauze").pk: 10})
    with pytest.raises(WrongState, match="está"):
        cancel_order(order=order, version=None, reason="No", **division.by(division.officer))

    approved = Event.objects.about(order).filter(verb="approved")[0]
    page = render_to_string("components/events.html", {"events": Event.objects.about(order)})

    assert "Aprobado" in page
    assert approved.details["step"] == "Logistics: every request"
    assert "Decidido por: Logística: toda solicitud" in page
    assert "Aún no" in render_to_string("components/events.html", {"events": []})


def test_why_something_is_held_back_is_kept_in_english_and_said_to_the_reader(spanish, division):
    item = make.item(name="Gauze")
    make.stock(division.warehouse, item, on_hand=60)
    order = division.approved({item.pk: 100})
    [event] = Event.objects.about(order).filter(verb="held back")

    assert "Gauze: 40 owed." in event.comment
    assert again(event.comment).startswith("Gauze: faltan 40. A ")
    [why] = reasons_held_back(order).values()
    assert "le falta: this station alone asked for 100, hay 60." in why
    kept = "Gauze: 60 owed. Central is short of it: 2 stations together asked for 120, 60 are here."
    assert again(kept) == "Gauze: faltan 60. A Central le falta: 2 estaciones pidieron 120, hay 60."
