"""People as a table: out and in again without a change, errors by row, and a chief always stays."""

import io
import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from core.errors import DomainError
from inventory.actions.people import PeopleRefused, load_people
from inventory.imports.sources import Source, from_bytes
from inventory.queries.people_file import plan_people
from stations.models import Command, Event, Membership, User
from tests import make
from tests.divisions import csv_text
from tests.pages import form_in, questions, text_of
from tests.test_auditor import everything

pytestmark = pytest.mark.django_db
CHIEF_ONLY = [(role, 200 if role == "chief" else 403) for role in User.Role.values]


@pytest.fixture
def stations():
    warehouse = make.warehouse(code="WH")
    return [make.station(code=code, supplied_by=warehouse) for code in ("S1", "Battalion 2")]


def named(role: str, username: str, **fields: Any) -> User:
    person = make.person(role)
    User.objects.filter(pk=person.pk).update(username=username, **fields)
    person.refresh_from_db()
    return person


@pytest.fixture
def chief():
    return named("chief", username="dana", first_name="Dana", last_name="Voss")


@pytest.fixture
def people(stations, chief):
    """One of each, and an officer who acts at one station and only looks at another; one was let go."""
    first, second = stations
    officer = named("officer", username="lee", first_name="Lee", email="lee@example.org")
    Membership.objects.create(user=officer, station=first)
    Membership.objects.create(user=officer, station=second, is_read_only=True)
    for role in ("logistics", "driver", "auditor"):
        named(role, username=role, first_name="=1+1", last_name="-5")
    named("driver", username="gone", is_active=False)


def person(username: str = "ana", **fields: Any) -> dict[str, Any]:
    told = {"username": username, "first_name": "Ana", "last_name": "Ruiz", "email": "", "role": "officer"}
    return told | {"acts_at": "S1", "looks_at": "", "active": "yes"} | fields


def file(*rows: dict[str, Any]) -> Source:
    return from_bytes("people.csv", csv_text(rows).encode())


def load(source: Source, by: User, request_id: Any = None) -> Event:
    seen = plan_people(source, by=by).mark
    return load_people(source=source, seen=seen, by=by, at=make.AT, request_id=request_id or make.rid())


def refused(source: Source, by: User) -> list[str]:
    """The problems of a file, which then loads nothing."""
    before = everything()
    with pytest.raises(PeopleRefused) as refusal:
        load(source, by)
    assert everything() == before
    return list(refusal.value.problems)


# --- Out and in -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_round_trip_changes_nothing(client, chief, people, kind):
    client.force_login(chief)
    answer = client.get(reverse("export_table", args=["people"]), {"format": kind})
    source, before = from_bytes(f"people.{kind}", answer.content), everything()

    plan = plan_people(source, by=chief)

    assert (plan.report.problems, plan.changes, plan.same) == ([], [], User.objects.count())
    with pytest.raises(DomainError, match="nothing to change"):
        load(source, chief)
    assert everything() == before
    assert b"password" not in answer.content


def test_people_are_entered_changed_and_let_go_and_the_rest_stays(chief, people, stations):
    event = load(
        file(
            person("ana", acts_at="Battalion 2, S1"),
            person("lee", first_name="Leo", email="", acts_at="", looks_at="S1"),
            person("driver", role="Logistics", acts_at="", active="no"),
            person("old", role="driver", acts_at="", active="no"),
        ),
        chief,
    )

    assert (event.details["new"], event.details["changed"]) == (2, 2)
    ana, lee = User.objects.get(username="ana"), User.objects.get(username="lee")
    assert not ana.has_usable_password()
    assert {one.station.code for one in ana.memberships.all()} == {"S1", "Battalion 2"}
    assert [(one.station.code, one.is_read_only) for one in lee.memberships.all()] == [("S1", True)]
    assert (lee.first_name, lee.email) == ("Leo", "")
    driver = User.objects.get(username="driver")
    assert (driver.role, driver.is_active) == ("logistics", False)
    assert not User.objects.get(username="old").is_active
    assert User.objects.get(username="logistics").role == "logistics"
    assert [one.verb for one in Event.objects.about(lee)] == ["changed"]


def test_a_column_that_is_not_there_stays_as_it_is(chief, people):
    load(file({"username": "lee", "last_name": "Marsh"}), chief)

    lee = User.objects.get(username="lee")
    assert (lee.first_name, lee.last_name, lee.email, lee.role) == ("Lee", "Marsh", "lee@example.org", "officer")
    assert lee.memberships.count() == 2


def test_a_second_tap_loads_once(chief, stations):
    request_id, source = make.rid(), file(person())
    seen = plan_people(source, by=chief).mark
    facts: dict[str, Any] = {"source": source, "seen": seen, "by": chief, "at": make.AT, "request_id": request_id}

    assert load_people(**facts) == load_people(**facts)
    assert Command.objects.filter(verb="add_person").count() == 1


def test_what_changed_since_it_was_looked_at_is_looked_at_again(chief, people):
    source = file(person("lee", acts_at="S1"))
    seen = plan_people(source, by=chief).mark
    User.objects.filter(username="lee").update(first_name="Lea")

    with pytest.raises(DomainError, match="changed since you looked"):
        load_people(source=source, seen=seen, by=chief, at=make.AT, request_id=make.rid())


# --- What is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"username": ""}, "line 3, username: is empty"),
        ({"username": "a b"}, "line 3, username: Enter a valid username"),
        ({"username": "LEE"}, "line 3, username: somebody is called lee"),
        ({"username": "first"}, "line 3, username: is in line 2 already"),
        ({"email": "nowhere"}, "line 3, email: Enter a valid email"),
        ({"role": "boss"}, "line 3, role: 'boss' is not one of"),
        ({"role": ""}, "line 3, role: is empty"),
        ({"acts_at": "S1, S9"}, "line 3, acts_at: there is no station S9."),
        ({"acts_at": ""}, "line 3, acts_at: An officer belongs to a station"),
        ({"looks_at": "S1"}, "line 3, acts_at: Choose for"),
        ({"role": "driver"}, "line 3, role: only officers belong to stations"),
        ({"active": "perhaps"}, "line 3, active: 'perhaps' is neither yes nor no"),
    ],
)
def test_each_row_says_what_is_wrong_and_nothing_is_loaded(chief, people, fields, says):
    problems = refused(file(person("first"), person(**fields)), chief)
    assert len(problems) == 1
    assert says in problems[0]


def test_somebody_new_needs_a_role(chief, stations):
    assert "needs a role" in refused(file({"username": "ana"}), chief)[0]


@pytest.mark.parametrize("fields", [{"role": "logistics"}, {"active": "no"}])
def test_nobody_takes_their_own_role_or_lets_themselves_go(chief, people, fields):
    own = person("dana", role="chief", acts_at="") | fields
    assert "this is you" in refused(file(own), chief)[0]


def test_one_chief_always_stays(chief, people):
    other = named("chief", username="kim")
    load(file(person("kim", role="driver", acts_at="")), chief)
    other.refresh_from_db()
    assert other.role == "driver"

    with pytest.raises(PermissionDenied):
        load(file(person("dana", role="driver", acts_at="")), other)
    assert "this is you" in refused(file(person("dana", role="driver", acts_at="")), chief)[0]
    assert User.objects.get(role="chief", is_active=True) == chief


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"PK\x03\x04", b"a,b\n1,2\n", b"username\n\x00\n"])
@pytest.mark.parametrize("name", ["people.csv", "people.xlsx"])
def test_a_file_that_is_none_is_refused(chief, people, content, name):
    plan = plan_people(from_bytes(name, content), by=chief)
    assert plan.is_refused
    assert plan.is_nothing


def test_reading_asks_as_many_questions_whatever_is_in_it(chief, people, django_assert_num_queries):
    rows = [person(f"p{number}") for number in range(50)]
    with django_assert_num_queries(4):
        plan_people(file(*rows[:1]), by=chief)
    load(file(*rows), chief)
    with django_assert_num_queries(4):
        plan_people(file(*rows), by=chief)


# --- The pages --------------------------------------------------------------------------------------------------------


def upload(client, source: Source) -> Any:
    chosen = SimpleUploadedFile(source.name, source.open().read())
    return client.post(reverse("import_people"), {"file": chosen}, follow=True)


def test_a_chief_looks_at_a_file_and_loads_it(client, chief, people):
    client.force_login(chief)
    page = upload(client, file(person(), person("lee", first_name="Leo", email="lee@example.org", acts_at="S1")))
    assert "2 people would change" in text_of(page)
    assert "Leo" in text_of(page)
    assert not User.objects.filter(username="ana").exists()

    page = client.post(page.request["PATH_INFO"], form_in(page, ""), follow=True)

    assert "1 new, 1 changed" in text_of(page)
    assert User.objects.get(username="lee").first_name == "Leo"


def test_a_bad_file_is_shown_with_its_rows(client, chief, people):
    client.force_login(chief)
    page = upload(client, file(person(role="boss"), person("b", acts_at="S9")))
    assert "2 things to mend" in text_of(page)
    assert "Line 3" in text_of(page)
    assert client.post(reverse("import_people"), {}).status_code == 422


def test_an_upload_that_is_gone_leads_back(client, chief):
    client.force_login(chief)
    page = client.get(reverse("import_people_preview", args=[make.rid()]), follow=True)
    assert "That upload is gone" in text_of(page)


@pytest.mark.parametrize(("role", "status"), CHIEF_ONLY)
def test_only_a_chief_takes_and_loads_people(client, role, status):
    client.force_login(make.person(role))
    assert client.get(reverse("import_people")).status_code == status
    assert client.get(reverse("import_people_preview", args=[make.rid()])).status_code == (
        302 if status == 200 else 403
    )
    taken = client.get(reverse("export_table", args=["people"]), {"format": "csv"}).status_code
    assert taken == {"chief": 200, "logistics": 404}.get(role, 403)
    if role in ("chief", "logistics"):
        listed = reverse("export_table", args=["people"]) in client.get(reverse("export_tables")).content.decode()
        assert listed == (role == "chief")
    assert (reverse("import_people") in client.get(reverse("people")).content.decode()) == (role == "chief")


def test_the_pages_ask_few_questions(client, chief, people):
    client.force_login(chief)
    page = upload(client, file(*[person(f"p{number}") for number in range(30)]))
    assert questions(client, reverse("import_people")) <= 6
    assert questions(client, page.request["PATH_INFO"]) <= 10


# --- The command ------------------------------------------------------------------------------------------------------


def run(path: Any, *words: str, by: str = "dana") -> Any:
    out = io.StringIO()
    call_command("import_people", str(path), *words, "--by", by, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_the_command_shows_and_with_apply_does_it(chief, people, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(csv_text([person()]))

    shown = run(path)
    assert (shown["new"], shown["applied"], shown["people"][0]["username"]) == (1, False, "ana")
    assert not User.objects.filter(username="ana").exists()
    assert run(path, "--apply")["applied"]
    assert User.objects.get(username="ana").role == "officer"
    assert run(path, "--apply") == {"new": 0, "changed": 0, "same": 1, "applied": False, "people": []}


@pytest.mark.parametrize(
    ("by", "role", "code"),
    [("dana", "boss", "people_refused"), ("logistics", "driver", "permission_denied"), ("nobody", "driver", "refused")],
)
def test_the_command_refuses(chief, people, tmp_path, by, role, code):
    path, out = tmp_path / "people.csv", io.StringIO()
    path.write_text(csv_text([person(role=role, acts_at="")]))
    with pytest.raises(CommandError) as refusal:
        call_command("import_people", str(path), "--apply", "--by", by, "--json", stdout=out)
    assert refusal.value.returncode == 1
    assert json.loads(out.getvalue())["problem"]["code"] == code
    assert not User.objects.filter(username="ana").exists()
