"""The station field of a page's filters: a list of few stations, typing among many."""

import pytest

from stations.choice import FEW
from stations.models import Station
from tests import make

pytestmark = pytest.mark.django_db
PAGES = ("/stock/", "/counts/", "/par-levels/proposals/", "/figures/stock-outs/")


@pytest.fixture
def many():
    """One more station than a list holds, of a warehouse."""
    warehouse = make.warehouse()
    stations = [make.station(supplied_by=warehouse) for _ in range(FEW)]
    Station.objects.filter(pk=stations[-1].pk).update(code="EM-7", name="Harbour")
    Station.objects.filter(pk__in=[one.pk for one in stations[:2]]).update(name="Twin")
    return stations


@pytest.fixture
def desk(client):
    client.force_login(make.logistics())
    return client


@pytest.mark.parametrize("page", PAGES)
def test_few_stations_are_a_list(desk, page):
    station = make.station()
    shown = desk.get(page).content.decode()
    assert f'<option value="{station.code}"' in shown
    assert "stations-found" not in shown


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("text", ["EM-7", "em-7", " harbour "])
def test_among_many_a_station_is_typed_by_code_or_name(desk, many, page, text):
    answer = desk.get(page, {"station": text})
    assert answer.status_code == 200
    assert answer.context["choice"].chosen.code == "EM-7"
    assert '<select id="station"' not in answer.content.decode()
    assert 'value="EM-7" list="stations-found"' in answer.content.decode()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("text", ["Harb", "Twin", "a\0b"])
def test_what_is_no_station_or_two_is_said_and_nothing_is_guessed(desk, many, page, text):
    answer = desk.get(page, {"station": text}, follow=True)
    assert answer.redirect_chain == [(page, 302)]
    assert "Which station is" in answer.content.decode()


def test_a_code_that_no_list_offered_is_not_there(desk):
    make.station()
    assert desk.get("/stock/", {"station": "NOWHERE"}).status_code == 404


@pytest.mark.parametrize(("text", "codes"), [("harb", ["EM-7"]), ("em", ["EM-7"]), ("zzz", [])])
def test_the_field_offers_what_begins_or_is_called_so(desk, many, text, codes):
    answer = desk.get("/station-options/", {"station": text})
    assert [one.code for one in answer.context["stations"]] == codes


def test_an_empty_field_offers_the_first_stations(desk, many):
    assert desk.get("/station-options/").content.decode().count("<option") == 20


def test_nobody_is_offered_a_station_that_they_may_not_see(client, many):
    client.force_login(make.officer(many[0]))
    assert "Harbour" not in client.get("/station-options/", {"station": "harb"}).content.decode()
    assert client.get("/stock/", {"station": "EM-7"}).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_as_many_queries_among_many_as_among_few(desk, django_assert_max_num_queries, page):
    make.par(make.station(), make.item(), par=5)
    desk.get(page)
    with django_assert_max_num_queries(40) as few:
        desk.get(page)
    warehouse = make.warehouse()
    for _ in range(FEW):
        make.station(supplied_by=warehouse)
    with django_assert_max_num_queries(len(few)):
        desk.get(page)
