"""Several deliveries received with one button: all as sent, or none of them."""

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.actions.receipts import receive_shipment
from orders.models import OrderLine, ResupplyOrder, Shipment
from orders.queries.verify import all_differences
from stations.models import Event
from tests import make
from tests.flow import Division
from tests.pages import form_in, has_form

pytestmark = pytest.mark.django_db
ADDRESS = "/shipments/receive/"


@pytest.fixture
def division():
    return Division(at=timezone.now())


@pytest.fixture
def gloves(division):
    item = make.item(name="Nitrile gloves", issue_pack=50)
    make.stock(division.warehouse, item, on_hand=5_000, number="A17")
    return item


def bay(division, gloves, count=2):
    """So many deliveries of 100 that stand at the station."""
    return division.in_the_bay({gloves.pk: 100}, count)


def chosen(shipments, **also):
    return {"request_id": make.rid(), "chosen": [f"{one.pk}:{one.version}" for one in shipments], **also}


def states(shipments):
    return set(Shipment.objects.filter(pk__in=[one.pk for one in shipments]).values_list("state", flat=True))


def test_home_receives_all_in_one_tap(client, division, gloves):
    shipments = bay(division, gloves)
    client.force_login(division.officer)
    home = client.get(reverse("home"))
    assert b"Receive all 2 as sent" in home.content
    form = form_in(home, ADDRESS)

    response = client.post(ADDRESS, form, follow=True)

    assert b"2 deliveries are received: everything as sent." in response.content
    assert states(shipments) == {Shipment.State.RECEIVED}
    assert make.on_hand(division.station, gloves) == 200
    assert set(OrderLine.objects.values_list("received", flat=True)) == {100}
    assert set(ResupplyOrder.objects.values_list("state", flat=True)) == {ResupplyOrder.State.CLOSED}
    assert all_differences() == []
    for one in shipments:
        assert [event.verb for event in Event.objects.about(one)][-1] == "received"


def test_pressed_twice_it_receives_once(client, division, gloves):
    data = chosen(bay(division, gloves))
    client.force_login(division.officer)
    answers = [client.post(ADDRESS, data) for _ in range(2)]
    assert [(one.status_code, one.url) for one in answers] == [(302, division.station.get_absolute_url())] * 2
    assert make.on_hand(division.station, gloves) == 200


def test_one_that_was_received_meanwhile_stops_all(client, division, gloves):
    shipments = first, second = bay(division, gloves)
    data = chosen(shipments)
    receive_shipment(shipment=first, version=None, **division.by(division.logistics))
    client.force_login(division.officer)

    response = client.post(ADDRESS, data)

    assert response.status_code == 422
    assert f"{first} is received." in response.content.decode()
    assert make.on_hand(division.station, gloves) == 100
    form = form_in(response, ADDRESS)
    assert form["chosen"] == [f"{second.pk}:{second.version}"]
    client.post(ADDRESS, form)
    assert make.on_hand(division.station, gloves) == 200


def test_one_that_has_changed_or_was_never_there_stops_all(client, division, gloves):
    shipments = bay(division, gloves)
    Shipment.objects.filter(pk=shipments[1].pk).update(version=99)
    client.force_login(division.officer)
    assert b"was changed while you had it open" in client.post(ADDRESS, chosen(shipments)).content
    assert b"Choose at least one" in client.post(ADDRESS, chosen([])).content
    assert client.post(ADDRESS, {"chosen": ["x", f"{shipments[0].pk}:1"], "request_id": "?"}).status_code == 422
    assert client.post(ADDRESS, chosen([], chosen=["999999:1"])).status_code == 404
    assert states(shipments) == {Shipment.State.DELIVERED}


def test_one_on_the_road_is_received_by_itself_not_with_the_others(client, division, gloves):
    shipment, on_the_road = bay(division, gloves)
    Shipment.objects.filter(pk=on_the_road.pk).update(state=Shipment.State.DISPATCHED, delivered_at=None)
    client.force_login(division.officer)
    response = client.post(ADDRESS, chosen([shipment, on_the_road]))
    assert f"{on_the_road} is on its way." in response.content.decode()
    assert make.on_hand(division.station, gloves) == 0


@pytest.mark.parametrize(
    ("who", "status"), [("outsider", 404), ("reader", 403), ("driver", 403), ("chief", 403), ("auditor", 403)]
)
def test_only_writers_of_the_station_receive(client, division, gloves, who, status):
    shipments = bay(division, gloves)
    people = {
        "outsider": make.officer,
        "reader": lambda: make.officer(division.station, read_only=True),
        "driver": lambda: division.driver,
        "chief": make.chief,
        "auditor": make.auditor,
    }
    client.force_login(people[who]())
    assert client.post(ADDRESS, chosen(shipments)).status_code == status
    assert states(shipments) == {Shipment.State.DELIVERED}


def test_who_writes_at_one_station_only_does_not_receive_for_two(client, division, gloves):
    here = bay(division, gloves, 1)
    other = Division(at=timezone.now())
    make.stock(other.warehouse, gloves, on_hand=100)
    there = bay(other, gloves, 1)
    division.officer.memberships.create(station=other.station, is_read_only=True)
    client.force_login(division.officer)
    assert client.post(ADDRESS, chosen([*here, *there])).status_code == 403
    assert states([*here, *there]) == {Shipment.State.DELIVERED}


def test_the_bays_are_shown_by_station_and_to_who_may_act_there(client, division, gloves):
    shipments = bay(division, gloves)
    client.force_login(make.officer())
    assert b"Nothing waits to be received" in client.get(ADDRESS).content
    for person in (division.officer, division.logistics):
        client.force_login(person)
        page = client.get(ADDRESS).content.decode()
        assert all(str(one) in page for one in shipments)
        assert "Receive all 2 as sent" in page


def test_logistics_receives_for_a_stop_and_for_a_run(client, division, gloves):
    shipments = bay(division, gloves)
    client.force_login(division.logistics)
    for page in (reverse("stop", args=[shipments[0].stop_id]), shipments[0].stop.run.get_absolute_url()):
        form = form_in(client.get(page), ADDRESS)
        assert len(form["chosen"]) == 2
    client.force_login(make.auditor())
    assert not has_form(client.get(page), ADDRESS)


def test_ten_deliveries_take_as_many_questions_as_two(client, gloves, django_assert_max_num_queries):
    seen = []
    for count in (2, 10):
        division = Division(at=timezone.now())
        make.stock(division.warehouse, gloves, on_hand=1_000)
        data = chosen(bay(division, gloves, count))
        client.force_login(division.officer)
        with django_assert_max_num_queries(10) as looked:
            client.get(ADDRESS)
        with django_assert_max_num_queries(40) as received:
            assert client.post(ADDRESS, data).status_code == 302
        seen.append((len(looked), len(received)))
    assert seen[0] == seen[1]
