"""What every page is built from: icons, chips, quantities, times, navigation; and the policy that it must keep."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.template import Context, Template
from django.template.loader import get_template
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from core.templatetags.ui import CHIPS, STATES
from ems_supply.navigation import PLACES
from ems_supply.vendor import icon_names
from inventory.models import Pack
from inventory.quantities import in_words
from stations.models import User
from tests import make

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=[\"']|javascript:|hx-on|\bhx-vals=.js:", re.IGNORECASE
)


def rendered(source, **context):
    return Template(source).render(Context(context))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_page_needs_an_exception_from_the_policy(path):
    assert INLINE.search(path.read_text()) is None


def test_every_icon_that_pages_name_is_copied():
    listed = set(icon_names((settings.BASE_DIR / "ems_supply" / "icons.txt").read_text()))
    used = {icon for _, icon, _ in CHIPS.values()} | {icon for _, icon in STATES.values()}
    used |= {place.icon for places in PLACES.values() for place in places}
    for path in TEMPLATES:
        used |= set(re.findall(r'\{% icon "([^"]+)"', path.read_text()))
        used |= set(re.findall(r'icon_name="([^"]+)"', path.read_text()))
    assert used - {""} <= listed


@pytest.mark.django_db
@pytest.mark.parametrize("role", User.Role.values)
def test_everybody_reaches_each_of_their_pages(client, role):
    client.force_login(make.person(role))
    places = [place for entry in PLACES[role] for place in (entry, *entry.tabs)]
    assert len(PLACES[role]) <= 6
    for place in places:
        response = client.get(place.address)
        assert response.status_code == 200, place
        assert 'aria-current="page"' in response.content.decode(), place


@pytest.mark.django_db
def test_nobody_signed_in_sees_no_navigation(client):
    page = client.get(reverse("account_login")).content.decode()
    assert "bottom-bar" not in page
    assert "Your account" not in page


@pytest.mark.django_db
def test_quantities_are_read_in_packs_and_each():
    gloves = make.item(issue_pack=50)
    vial = make.item(unit_of_measure="vial")
    Pack.objects.create(item=vial, name="tray", quantity=25)
    assert [in_words(count, gloves) for count in (0, 1, 49, 50, 100, 120, 1500, -100)] == [
        "0 each",
        "1 each",
        "49 each",
        "1 box · 50",
        "2 boxes · 100",
        "2 boxes + 20 · 120",
        "30 boxes · 1,500",
        "−2 boxes · −100",
    ]
    assert [in_words(count, vial) for count in (1, 2, 50)] == ["1 vial", "2 vials", "2 trays · 50"]


@pytest.mark.parametrize(
    ("off", "words"),
    [
        (timedelta(seconds=10), "now"),
        (timedelta(minutes=5), "in 5 min"),
        (timedelta(hours=-2), "2 h ago"),
        (timedelta(days=-3), "3 days ago"),
    ],
)
def test_times_are_relative_with_the_exact_one_on_hover(off, words):
    element = rendered("{{ at|ago }}", at=timezone.now() + off)
    assert f">{words}</time>" in element
    assert re.search(r'title="\w+day, \w{3} \d+, \d{4}, \d\d:\d\d"', element)


@pytest.mark.parametrize(("cents", "words"), [(123450, "$1,234.50"), (5, "$0.05"), (-250, "−$2.50"), (None, "–")])
def test_money_is_cents(cents, words):
    assert rendered("{% money cents %}", cents=cents) == words


def test_a_status_is_a_word_and_an_icon_as_well_as_a_colour():
    chip = rendered('{% chip "short" %}')
    assert "chip-amber" in chip
    assert "<svg" in chip
    assert chip.endswith("Short</span>")


def test_words_in_a_chip_are_never_markup():
    assert "&lt;b&gt;" in rendered('{% chip "short" word %}', word="<b>")


def test_a_filter_keeps_the_others_and_begins_at_the_first_page():
    request = RequestFactory().get("/", {"state": "draft", "q": "north", "page": "4"})
    chip = rendered('{% filter_chip "state" "ended" "Ended" 3 %}', request=request)
    assert "?q=north&amp;state=ended" in chip
    assert "aria-current" not in chip
    assert "aria-current" in rendered('{% filter_chip "state" "draft" "Drafts" %}', request=request)


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "409", "429", "500"])
def test_errors_say_what_to_do_next_even_without_a_request(name):
    page = get_template(f"{name}.html")
    for request in (None, RequestFactory().get("/")):
        assert "my home page" in page.render({}, request)


@pytest.mark.django_db
def test_a_page_of_another_station_is_not_found_in_our_frame(client):
    client.force_login(make.officer())
    response = client.get("/requests/1/")
    assert response.status_code == 404
    assert b"belongs to a station that is not yours" in response.content
