"""Every text is translatable, and translated: no page says a word that is not in the catalogue."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from babel.messages import Catalog
from django.apps import apps
from django.conf import settings as site
from django.db.models import CharField, JSONField, TextField
from django.utils import dates, translation

from integrations.queries.kinds import KINDS
from tests import words
from tests.test_auditor import OURS
from tests.test_axe_browser import pages_by_person

OPENS, CLOSES = "⟦", "⟧"
SPOKEN = ("aria-label", "title", "placeholder", "alt")
VOID = {
    "input",
    "img",
    "link",
    "meta",
    "br",
    "hr",
    "use",
    "source",
    "wbr",
    "path",
    "rect",
    "circle",
    "line",
    "polyline",
}
MARKS = re.compile(r"%\(\w+\)[sd]|\{\w*\}|</?[a-z][^>]*>|#|\|")
WORD = re.compile(r"[^\W\d_]{3,}")
# What is the same in every language: names of things and of formats, units, keys of a keyboard, codes.
SAME = {
    *("CSV", "XLSX", "PDF", "API", "JSON", "GTIN", "NDC", "HIBC", "FHIR", "NEMSIS", "XML", "SKU"),
    *("RxNorm", "Enter", "Español", "English", "OpenStreetMap", "min", "Tab", "Ctrl"),
}


def marked() -> Catalog:
    """A language in which each text of ours is itself between brackets."""
    catalog = words.empty("es")
    for message in words.gathered():
        if message.id:
            texts = message.id if isinstance(message.id, tuple) else (message.id,)
            said = [f"{OPENS}{text}{CLOSES}" for text in texts]
            catalog.add(message.id, said if len(said) > 1 else said[0], context=message.context)
    return catalog


@pytest.fixture
def brackets(settings, tmp_path):
    path = tmp_path / "es" / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(words.mo_bytes(marked()))
    settings.LOCALE_PATHS = [tmp_path]
    yield
    settings.LOCALE_PATHS = site.LOCALE_PATHS


class _Spoken(HTMLParser):
    """What a page says, to eyes and to ears: its text as one, and each attribute that is read out."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.attributes: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self._open.append((tag, tag in ("script", "style") or ("translate", "no") in attrs))
        self.text.append(" ")
        for name, value in attrs:
            is_sentence = name.startswith("data-") and " " in (value or "") and (value or "")[0].isupper()
            if value and (name in SPOKEN or is_sentence):
                self.attributes.append(value)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass  # what HTML lets stay open ends with what it stands in
        self.text.append(" ")

    def handle_data(self, data: str) -> None:
        if not any(is_silent for _, is_silent in self._open):
            self.text.append(data)


def outside(text: str) -> str:
    """What stands outside all brackets."""
    depth, kept = 0, []
    for character in text:
        depth += character == OPENS
        kept.append(character if depth <= 0 else " ")
        depth -= character == CLOSES
    return "".join(kept)


def unmarked(page: str) -> Iterator[str]:
    """Every word of a page that did not come out of the catalogue."""
    spoken = _Spoken()
    spoken.feed(page)
    for text in ("".join(spoken.text), *spoken.attributes):
        yield from WORD.findall(outside(text))


def words_of_data() -> set[str]:
    """Every word that the database holds, and the API's: names, notes and codes are said as they were written."""
    found = set(WORD.findall(" ".join([site.EMS_DIVISION_NAME, *(kind.name for kind in KINDS)]))) | SAME
    for app in OURS:
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.concrete_fields:
                if isinstance(field, CharField | TextField | JSONField):
                    for value in model._base_manager.values_list(field.attname, flat=True):
                        found.update(WORD.findall(str(value)))
    return found


def words_of_dates() -> set[str]:
    tables = (dates.WEEKDAYS, dates.WEEKDAYS_ABBR, dates.MONTHS, dates.MONTHS_3)
    with translation.override("es"):
        return {word for table in tables for name in table.values() for word in WORD.findall(str(name))}


@pytest.mark.django_db
def test_no_page_says_what_cannot_be_translated(brackets):
    found, opened = {}, 0
    data = words_of_dates()
    for client, mine in pages_by_person():
        for address in mine:
            shown = client.get(address, headers={"Accept-Language": "es"})
            opened += 1
            known = data | words_of_data()
            if left := [word for word in unmarked(shown.content.decode()) if word not in known]:
                found[address] = " ".join(left)
    assert not found, "\n".join(f"{address}: {said}" for address, said in found.items())
    assert opened > 50


def test_the_catalogue_is_what_the_project_says_and_says_all_of_it():
    """``make words`` brings it up to date; whoever adds a text translates it there."""
    gathered = words.gathered()
    for language in words.LANGUAGES:
        path = words.path_of(language)
        catalog = words.read(path, language)
        assert [message.id for message in words.missing(catalog)] == []
        renewed = words.renewed(catalog, gathered, language)
        assert words.po_text(renewed) == path.read_bytes()
        assert words.mo_bytes(renewed) == path.with_suffix(".mo").read_bytes()
        assert [(message.id, problems) for message in renewed if (problems := list(message.check(renewed)))] == []


def test_a_translation_has_the_places_and_the_marks_of_its_text():
    """Facts, tags and the number sign of a script's sentence: none lost, none made up."""
    wrong = []
    for message in words.read(words.path_of("es"), "es"):
        texts, said = (one if isinstance(one, tuple | list) else (one,) for one in (message.id, message.string))
        if message.id and set(MARKS.findall(str(texts[-1]))) != set(MARKS.findall(str(said[-1]))):
            wrong.append((texts[-1], said[-1]))
    assert wrong == []
