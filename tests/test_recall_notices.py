"""Who hears of a recall: each station that has some, once for all its lots; logistics of what must be read."""

import pytest

from dashboard.actions.telling import tell_events
from dashboard.models import Notice
from dashboard.models import NoticeKind as Kind
from dashboard.notice_words import sentence
from inventory.actions.lots import set_lot_status
from stations.models import Membership
from tests import make
from tests.recalls import NDC, record, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def naloxone():
    return make.item(name="Naloxone", kind="medication", ndc=NDC)


@pytest.fixture
def stations(naloxone):
    """Two of the same officer with lots of it, and one without; and a warehouse that has some."""
    near, far, other = make.station(), make.station(), make.station()
    for station in (near, far, make.warehouse()):
        make.stock(make.room(station), naloxone, on_hand=10, number="A17")
    make.stock(make.room(near), naloxone, on_hand=10, number="A18")
    return near, far, other


def heard(person):
    tell_events(at=make.AT)
    return [
        (notice.target, sentence(notice)) for notice in Notice.objects.filter(person=person).order_by("station", "pk")
    ]


def test_each_station_that_has_some_hears_once_what_to_put_aside(stations):
    near, far, other = stations
    officer, elsewhere = make.officer(near), make.officer(other)
    Membership.objects.create(user=officer, station=far)
    logistics = make.logistics()
    take(record(lots="Lots A17, A18"))

    assert heard(officer) == [
        (near.get_absolute_url(), f"2 lots at {near} may no longer be used: Naloxone. Put them aside."),
        (far.get_absolute_url(), f"1 lot at {far} may no longer be used: Naloxone. Put it aside."),
    ]
    assert heard(elsewhere) == []
    assert list(Notice.objects.filter(person=logistics).values_list("kind", flat=True)) == [Kind.HELD]


def test_a_lot_on_a_unit_is_told_to_its_station(naloxone):
    unit = make.unit(make.station())
    make.stock(unit.location, naloxone, on_hand=2, number="A17")
    officer = make.officer(unit.station)
    take(record())
    assert [page for page, _ in heard(officer)] == [unit.station.get_absolute_url()]


def test_what_logistics_holds_by_hand_is_told_and_what_was_released_again_is_not(stations, naloxone):
    near, _, _ = stations
    officer, logistics = make.officer(near), make.logistics()
    lots = {lot.number: lot for lot in naloxone.lots.all()}
    for number, states in (("A17", ["quarantined"]), ("A18", ["quarantined", "usable"])):
        for state in states:
            set_lot_status(
                lot=lots[number], status=state, reason="Seal", by=logistics, at=make.AT, request_id=make.rid()
            )
    assert [text for _, text in heard(officer)] == [f"1 lot at {near} may no longer be used: Naloxone. Put it aside."]


def test_logistics_hears_once_a_file_how_many_recalls_must_be_read(naloxone):
    make.stock(make.room(make.station()), naloxone, on_hand=10, number="A17")
    logistics, officer = make.logistics(), make.officer()
    take(record("D-1-2026", lots="Some lots, see the label"), record("D-2-2026", lots="As marked"))
    assert [text for _, text in heard(logistics)] == ["2 recalls wait to be read."]
    assert heard(officer) == []
