"""What is kept is kept in no language: whoever reads it later may speak another one than who wrote it."""

import pytest
from django.utils.translation import override

from inventory.actions.lots import set_lot_status
from inventory.imports.catalogue.planning import plan_catalogue
from inventory.imports.catalogue.reading import read_catalogue
from inventory.imports.sources import from_bytes
from stations.models import Event
from tests import make, words
from tests.divisions import load, plan, problems, workbook

pytestmark = pytest.mark.django_db
SPANISH = {
    "%(file)s, sheet %(sheet)s": "%(file)s, hoja %(sheet)s",
    "%(pack)s of %(quantity)s": "%(pack)s de %(quantity)s",
    "Quarantined": "En cuarentena",
    "is empty.": "está vacío.",
    "line %(number)s": "línea %(number)s",
}
ITEMS = [["sku", "name"], ["GLV-M", "Gloves, medium"]]
BOXES = """primary_di,package_di,contains_di,quantity,package_status,brand_name
00614141123452,10614141123459,00614141123452,10,,Gloves
"""


def spanish():
    catalog = words.empty("es")
    for text, said in SPANISH.items():
        catalog.add(text, said)
    return words.mo_bytes(catalog)


@pytest.fixture(autouse=True)
def _spanish(settings, tmp_path):
    folder = tmp_path / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.mo").write_bytes(spanish())
    settings.LOCALE_PATHS = [tmp_path]


def test_problems_are_said_in_the_language_of_who_reads_them():
    bad = workbook(items=[ITEMS[0], ["GLV-M", ""]])

    assert problems(bad) == ["division.xlsx, sheet items, line 2, name: is empty."]
    with override("es"):
        assert problems(bad) == ["division.xlsx, hoja items, línea 2, name: está vacío."]


def test_the_log_names_the_sheet_the_same_in_all_languages():
    with override("es"):
        assert plan(workbook(items=ITEMS)).previews[0].label == "division.xlsx, hoja items"
        load(workbook(items=ITEMS))

    assert Event.objects.get(verb="loaded").details["tables"]["items"]["file"] == "division.xlsx, sheet items"


def test_a_lot_that_is_held_in_spanish_is_held_for_everybody():
    lot = make.stock(make.station(), make.item(), on_hand=5).lot
    person = make.logistics()

    with override("es"):
        set_lot_status(
            lot=lot, status="quarantined", reason="una llamada", by=person, at=make.AT, request_id=make.rid()
        )

    assert Event.objects.about(lot).get().verb == "quarantined"


def test_what_a_register_would_do_has_one_mark_in_all_languages():
    offers = read_catalogue([from_bytes("boxes.csv", BOXES.encode())]).offers
    chosen = {offer.key: "GLV" for offer in offers}
    english = plan_catalogue(offers, chosen)

    with override("es"):
        spanish = plan_catalogue(offers, chosen)
        assert " de 10" in spanish.steps[0].said
    assert spanish.mark == english.mark
    assert spanish.steps[0].kept == english.steps[0].said
