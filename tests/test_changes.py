"""The change feed: everything that happened, once, in an order that nothing falls out of."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from dashboard.queries.event_log import SUBJECTS
from integrations.actions import numbering
from integrations.actions.numbering import number_all_changes, number_changes
from integrations.models import Change
from integrations.queries import changes
from integrations.queries.kinds import BY_SUBJECT
from inventory.actions import stock
from inventory.actions.lines import OfLot, Used
from inventory.models import StockMovement
from stations.models import Command, Event
from tests import make
from tests.api import Api, problem
from tests.flow import Division

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    division = Division()
    item = make.item(name="Gauze", sku="GAUZE", issue_pack=10)
    make.par(division.station, item, par=100)
    make.stock(division.warehouse, item, on_hand=500, number="A17")
    division.received({item.pk: 100})
    return division


def whole_feed(api: Api, *, limit: int = 7, more: str = "") -> list[dict[str, Any]]:
    """Everything, a page at a time, as an integration reads it."""
    rows: list[dict[str, Any]] = []
    after, has_more = 0, True
    while has_more:
        body = api.get(f"/changes/?after={after}&limit={limit}{more}").json()
        rows += body["results"]
        after, has_more = body["after"], body["next"] is not None
    return rows


def happened(count: int, subject: Any) -> list[Event]:
    command = Command.objects.begin("something", by=None, at=make.AT)
    return [command.log("happened", subject) for _ in range(count)]


def test_every_event_is_told_once_in_order_and_each_resource_can_be_read(division):
    api = Api(division.logistics)

    rows = whole_feed(api)

    assert [row["position"] for row in rows] == list(range(1, Event.objects.count() + 1))
    told = sorted((row["id"], row["verb"]) for row in rows)
    assert told == sorted(Event.objects.values_list("subject_id", "verb"))
    received = next(row for row in rows if (row["kind"], row["verb"]) == ("shipment", "received"))
    assert received["by"] == division.officer.username
    for address in {row["resource"] for row in rows if row["resource"]}:
        assert api.get(address.removeprefix("/api/v1")).status_code == 200, address


def test_the_answer_says_where_to_go_on_and_after_the_end_nothing_comes_twice(division):
    api = Api(division.logistics)
    body = api.get("/changes/?limit=3").json()
    assert body["next"].endswith("/api/v1/changes/?after=3&limit=3")
    assert body["after"] == 3
    end = api.get("/changes/?limit=1000").json()
    assert end["next"] is None

    assert api.get(f"/changes/?after={end['after']}").json() == {"next": None, "after": end["after"], "results": []}
    happened(1, division.station)
    [one] = api.get(f"/changes/?after={end['after']}").json()["results"]
    assert (one["position"], one["kind"], one["verb"]) == (end["after"] + 1, "station", "happened")
    assert one["resource"] == f"/api/v1/stations/{division.station.code}/"


def test_all_stock_that_moved_is_found_by_the_commands_of_the_feed(division):
    level = make.stock(division.station, item := make.item(), on_hand=20)
    by = division.by(division.officer)
    stock.use_stock(location=level.location, lines=[Used(item.pk, 5)], **by)
    unit = make.unit(division.station)
    moved = [OfLot(level.lot_id, 3)]
    by = division.by(division.officer)
    stock.transfer_stock(source=level.location, destination=unit.location, lines=moved, **by)
    api = Api(division.logistics)

    commands = {row["command"] for row in whole_feed(api)}

    opened = StockMovement.objects.filter(reason="opening").values_list("pk", flat=True)  # by the test's own hand
    found = [row["id"] for one in commands for row in api.get(f"/movements/?command={one}").json()["results"]]
    assert sorted([*found, *opened]) == sorted(StockMovement.objects.values_list("pk", flat=True))


def test_an_officer_is_told_of_their_own_stations_only(division):
    division.approved({make.par(division.station, make.item(), par=5).item_id: 5})
    outsider = Api(make.officer(make.station()))

    own = whole_feed(Api(division.officer))

    assert whole_feed(outsider) == []
    everything = whole_feed(Api(division.logistics))
    assert {row["kind"] for row in own} == {"order", "shipment"}
    assert {row["kind"] for row in everything} > {"order", "shipment", "run", "stop"}
    assert own == [row for row in everything if row["kind"] in ("order", "shipment")]
    assert {row["kind"] for row in whole_feed(Api(division.driver))} == {"run", "stop", "shipment"}


def test_what_belongs_to_no_station_is_for_those_who_read_all(division):
    person = make.officer(division.station)
    happened(1, person)
    for reader, count in ((division.officer, 0), (division.driver, 0), (make.auditor(), 1), (make.chief(), 1)):
        assert [row["kind"] for row in whole_feed(Api(reader), more="&kind=person")].count("person") == count


def test_an_import_is_told_to_those_whose_shelves_it_filled(division):
    command = Command.objects.begin("load_division", by=None, at=make.AT)
    command.log("loaded", command)
    assert "import" not in {row["kind"] for row in whole_feed(Api(division.officer))}
    make.stock(division.station, make.item())
    filled = StockMovement.objects.latest("pk").command
    filled.log("loaded", filled)

    [told] = [row for row in whole_feed(Api(division.officer)) if row["kind"] == "import"]

    assert told["id"] == filled.pk


def test_a_token_is_told_of_what_its_scopes_read(division):
    happened(1, division.officer)
    kinds = {
        scopes: {row["kind"] for row in whole_feed(Api(division.logistics, *scopes))}
        for scopes in (("changes:read",), ("changes:read", "orders:read"), ("all:read",))
    }
    assert kinds[("changes:read",)] == set()
    assert kinds[("changes:read", "orders:read")] == {"order"}
    assert kinds[("all:read",)] > {"order", "shipment", "run", "person"}
    problem(Api(division.logistics, "orders:read").get("/changes/"), 403, "scope_missing")


def test_only_the_kinds_that_were_asked_for(division):
    api = Api(division.logistics)
    assert {row["kind"] for row in whole_feed(api, more="&kind=run,%20order")} == {"run", "order"}
    assert set(whole_feed(api, more="&fields=position,kind")[0]) == {"position", "kind"}
    for wrong in ("kind=odrer", "kind=", "after=-1", "limit=0", "limit=1001", "kinds=order", "fields=stock"):
        problem(api.get(f"/changes/?{wrong}"), 400, "invalid")


def test_a_position_that_the_feed_never_reached_is_refused_and_not_waited_for(division):
    api = Api(division.logistics)
    end = api.get("/changes/?limit=1000").json()["after"]
    body = problem(api.get(f"/changes/?after={end + 1}"), 422, "beyond_the_feed")
    assert f"ends at {end}" in body["detail"]


def test_who_sees_little_goes_on_by_windows_and_misses_nothing(division, monkeypatch):
    monkeypatch.setattr(changes, "WINDOW", 3)
    happened(10, division.officer)
    happened(1, division.station)

    told = whole_feed(Api(division.officer))

    assert [row["verb"] for row in told][-1] == "happened"
    monkeypatch.undo()
    assert whole_feed(Api(division.officer)) == told


def test_the_feed_asks_as_many_questions_for_many_changes_as_for_few(division):
    happened(1, division.station)
    apis = [Api(division.logistics), Api(division.officer)]
    few = [asked(api) for api in apis]
    happened(50, division.station)
    division.approved({make.par(division.station, make.item(), par=5).item_id: 5})
    assert [asked(api) for api in apis] == few
    assert max(few) == 5  # the token, what is unnumbered, the end, the changes, the codes of stations


def asked(api: Api) -> int:
    """How many questions a call is answered with, when all is numbered and the token's use is noted."""
    api.get("/changes/?limit=1")
    with CaptureQueriesContext(connection) as queries:
        assert api.get("/changes/?limit=1000").status_code == 200
    return len(queries)


def test_numbering_takes_a_batch_at_a_time(division, monkeypatch):
    number_all_changes()
    happened(5, division.station)
    monkeypatch.setattr(numbering, "BATCH", 2)
    assert [number_changes() for _ in range(4)] == [2, 2, 1, 0]
    assert list(Change.objects.order_by("event").values_list("position", flat=True)) == list(
        range(1, Event.objects.count() + 1)
    )


def test_a_position_is_given_once_and_stays(division):
    number_all_changes()
    for wrong in (
        lambda: Change.objects.filter(position=3).update(position=1_000),
        lambda: Change.objects.create(position=1_000, event=Change.objects.get(position=3).event),
        lambda: Change.objects.get(position=3).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            wrong()
    assert Change.objects.get(position=3).event_id == Event.objects.order_by("pk")[2].pk


def test_the_command_prints_the_feed(division):
    out = StringIO()
    call_command("changes", "--after", "2", "--limit", "3", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert [one["position"] for one in told["results"]] == [3, 4, 5]
    assert (told["after"], told["more"]) == (5, True)

    out = StringIO()
    call_command("changes", "--kind", "shipment", stdout=out)
    assert f"{division.officer.username} received shipment" in out.getvalue()
    for wrong in (["--after", "-1"], ["--after", "100000"], ["--limit", "0"]):
        with pytest.raises(CommandError):
            call_command("changes", *wrong, stdout=StringIO())


def test_what_the_log_tells_of_has_a_kind_here_or_is_for_those_who_read_all(division):
    assert set(SUBJECTS) - set(BY_SUBJECT) == set()
