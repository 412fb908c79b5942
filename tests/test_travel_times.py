"""The division's own travel times: looked at, loaded all or nothing, and nothing the second time."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from core.errors import DomainError
from inventory.imports.sources import from_bytes
from orders.actions.travel_times import load_travel_times
from orders.models import TravelTime
from orders.queries.travel_file import missing_ways, plan_travel_times
from tests import make
from tests.divisions import csv_text, workbook
from tests.pages import form_in, questions, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def stations():
    warehouse = make.warehouse(code="WH")
    return warehouse, make.station(code="ST1", supplied_by=warehouse), make.station(code="ST2", supplied_by=warehouse)


@pytest.fixture
def logistics(client, stations):
    person = make.logistics()
    client.force_login(person)
    client.person = person
    return client


def way(a, b, metres=5_000, seconds=600):
    return {"from": a, "to": b, "metres": metres, "seconds": seconds}


def file(*rows, name="times.csv"):
    return from_bytes(name, csv_text(rows).encode())


def load(source, by=None, request_id=None):
    seen = plan_travel_times(source).mark
    return load_travel_times(source=source, seen=seen, by=by, at=make.AT, request_id=request_id or make.rid())


def kept():
    rows = TravelTime.objects.order_by("origin__code", "destination__code")
    return list(rows.values_list("origin__code", "destination__code", "metres", "seconds"))


GOOD = [way("WH", "ST1"), way("ST1", "WH", 5_100, 660), way("ST1", "ST1", 0, 0)]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_ways_are_loaded_from_a_file_and_the_rest_stays(stations, kind):
    source = file(*GOOD) if kind == "csv" else workbook(ways=[list(GOOD[0]), *(list(row.values()) for row in GOOD)])

    event = load(source)

    assert kept() == [("ST1", "WH", 5_100, 660), ("WH", "ST1", 5_000, 600)]
    assert (event.details["new"], event.details["changed"], event.details["same"]) == (2, 0, 0)
    assert missing_ways() == (2, 4)


def test_the_same_file_again_changes_nothing_and_a_newer_one_what_differs(stations):
    load(file(*GOOD))
    assert plan_travel_times(file(*GOOD)).is_nothing
    with pytest.raises(DomainError, match="nothing to change"):
        load(file(*GOOD))

    event = load(file(way("WH", "ST1", 4_000, 500), way("WH", "ST2")))

    assert kept() == [("ST1", "WH", 5_100, 660), ("WH", "ST1", 4_000, 500), ("WH", "ST2", 5_000, 600)]
    assert (event.details["new"], event.details["changed"]) == (1, 1)


def test_a_second_tap_loads_once(stations):
    request_id, source = make.rid(), file(*GOOD)
    seen = plan_travel_times(source).mark

    events = {
        load_travel_times(source=source, seen=seen, by=None, at=make.AT, request_id=request_id).pk for _ in range(2)
    }

    assert len(events) == 1


def test_what_changed_since_it_was_looked_at_is_not_loaded_over(stations):
    source = file(*GOOD)
    seen = plan_travel_times(source).mark
    load(file(way("WH", "ST1", 9_000, 900)))

    with pytest.raises(DomainError, match="have changed since you looked"):
        load_travel_times(source=source, seen=seen, by=None, at=make.AT, request_id=make.rid())


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (way("WH", "ST9"), "line 3, to: there is no station ST9. Did you mean ST"),
        (way("", "ST1"), "line 3, from"),
        (way("WH", "ST1", 5.5), "line 3, metres"),
        (way("WH", "ST1", -1), "line 3, metres"),
        (way("WH", "ST1", 1, 10**12), "line 3, seconds"),
        (way("WH", "ST1", 5_000, 0), "line 3, seconds: must be above 0"),
        (way("ST2", "ST2", 5, 5), "line 3, to: a way from a station to itself"),
        (way("ST1", "WH"), "line 3, to: this way is in line 2 already"),
        (way("WH", "=A1"), "line 3, to: is a formula"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_loaded(stations, row, said):
    source = file(way("ST1", "WH"), row)

    plan = plan_travel_times(source)

    assert any(said in str(problem) for problem in plan.report.problems), [str(one) for one in plan.report.problems]
    with pytest.raises(DomainError, match="Nothing was loaded"):
        load(source)
    assert kept() == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("times.csv", b"from,to,metres\nWH,ST1,5\n"),
        ("times.csv", b"from,to,metres,seconds,hours\n"),
        ("times.csv", b"\xff\xfe\x00"),
        ("times.xlsx", b"this is no workbook"),
    ],
)
def test_a_file_that_is_none_is_refused(stations, name, content):
    assert plan_travel_times(from_bytes(name, content)).is_refused


def test_metres_and_seconds_that_changed_places_deserve_a_second_look(stations):
    plan = plan_travel_times(file(way("WH", "ST1", 6_000, 60)))

    assert "360 km/h" in str(plan.report.warnings[0])


# --- The page ---------------------------------------------------------------------------------------------------------

ADDRESS = "travel_times"


def upload(client, rows, name="times.csv"):
    upload = SimpleUploadedFile(name, csv_text(rows).encode())
    return client.post(reverse(ADDRESS), {"file": upload}, follow=True)


def test_logistics_uploads_looks_and_loads(logistics):
    assert "All 6 ways go by great circle" in text_of(logistics.get(reverse(ADDRESS)))

    preview = upload(logistics, GOOD)
    page = text_of(preview)
    assert "2 ways would change" in page
    assert "ST1 → WH" in page
    assert kept() == []

    address = preview.request["PATH_INFO"]
    done = logistics.post(address, form_in(preview, ""), follow=True)

    assert "Loaded: 2 new, 0 changed." in text_of(done)
    assert "2 ways as you measured them; 4 by great circle" in text_of(done)
    assert len(kept()) == 2
    assert "Nothing would change" in text_of(upload(logistics, GOOD))


def test_problems_are_listed_on_the_page_by_line_and_column(logistics):
    page = text_of(upload(logistics, [way("WH", "ST1"), way("WH", "NOWHERE")]))

    assert "1 thing to mend" in page
    assert "Line 3, to" in page
    assert "There is no station NOWHERE" in page


def test_a_file_of_another_kind_and_none_at_all_are_refused_on_the_page(logistics):
    assert logistics.post(reverse(ADDRESS), {}).status_code == 422
    response = logistics.post(reverse(ADDRESS), {"file": SimpleUploadedFile("times.pdf", b"x")})
    assert response.status_code == 422
    assert "only CSV and XLSX" in text_of(response)


def test_an_upload_that_is_gone_leads_back(logistics):
    response = logistics.get(reverse("travel_times_preview", args=[make.rid()]), follow=True)

    assert "That upload is gone" in text_of(response)


@pytest.mark.parametrize("role", ["officer", "driver", "chief", "auditor"])
def test_only_logistics_loads_travel_times(client, stations, role):
    client.force_login(make.person(role))

    assert client.get(reverse(ADDRESS)).status_code == 403
    assert client.post(reverse("travel_times_preview", args=[make.rid()])).status_code == 403


def test_the_page_asks_the_same_however_many_ways_there_are(logistics):
    before = questions(logistics, reverse(ADDRESS))
    load(file(*GOOD, way("WH", "ST2"), way("ST2", "WH")))

    assert questions(logistics, reverse(ADDRESS)) <= before + 1


# --- The command ------------------------------------------------------------------------------------------------------


def command(tmp_path, rows, *options):
    path = tmp_path / "times.csv"
    path.write_text(csv_text(rows))
    out = io.StringIO()
    call_command("load_travel_times", path, *options, stdout=out, stderr=out)
    return out.getvalue()


def test_the_command_only_looks_with_check_and_loads_with_yes(stations, tmp_path):
    assert "2 new, 0 changed, 0 the same" in command(tmp_path, GOOD, "--check")
    assert kept() == []

    assert "4 ways go by great circle still" in command(tmp_path, GOOD, "--yes")
    assert len(kept()) == 2


def test_the_command_refuses_bad_files(stations, tmp_path):
    with pytest.raises(CommandError, match="1 to mend"):
        command(tmp_path, [way("WH", "NOWHERE")], "--yes")
    with pytest.raises(CommandError, match="is not a file"):
        call_command("load_travel_times", tmp_path / "none.csv")
