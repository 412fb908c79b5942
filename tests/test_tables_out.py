"""Every table comes out in the columns in which it goes in, and going in again changes nothing."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from core import exports
from core.exports import guarded, unguarded
from inventory.actions.division import NothingToLoad
from inventory.actions.ledger import reverse_movement
from inventory.imports.columns import TABLES, Table
from inventory.imports.planning import plan_division
from inventory.imports.sources import Source, from_bytes, from_file, from_folder
from inventory.imports.values import BadValue, clean
from inventory.models import Item, Lot, Pack, ParLevel, StockLevel, StockMovement, Substitute
from orders.models import TravelTime
from orders.queries.tables_out import TABLES_OUT
from orders.queries.travel_file import plan_travel_times
from stations.models import Location, Station, Unit, User
from tests import make
from tests.divisions import EXAMPLE, load
from tests.flow import Division
from tests.pages import questions
from tests.test_auditor import everything

pytestmark = pytest.mark.django_db
ODD = ("=1+1", "-5 gauge", "-5", "'quoted", "'=1", "+x", "@home", 'a; "b", c', "0012", "1E5", "Æther – µg")
FORMATS = ("csv", "xlsx")


@pytest.fixture
def division() -> Division:
    """The example, a day of work on it, and names that spreadsheets take for something else."""
    load(*from_folder(EXAMPLE)[0])
    division = Division(at=timezone.now())
    for number, name in enumerate(ODD):
        item = make.item(name=name, sku=f"ODD-{number}", issue_pack=5)
        make.stock(division.warehouse, item, on_hand=50, number=name)
        make.par(division.station, item, par=9, minimum=4, bin=name)
    make.station(supplied_by=division.warehouse, latitude=47.600_000_000_123, longitude=-0.000_012_5)
    division.received({Item.objects.get(sku="ODD-0").pk: 5})
    move = StockMovement.objects.filter(reason="opening", lot__item__sku="ODD-1").get()
    reverse_movement(movement=move, reason="typed twice", **division.by(division.logistics))
    safe = make.safe(division.station)
    make.stock(safe, make.item(name="Ketamine", kind="medication", schedule="III", sku="KET"), on_hand=3)
    TravelTime.objects.create(origin=division.warehouse, destination=division.station, metres=900, seconds=80)
    return division


def taken(kind: str, client: Client) -> list[Source]:
    files = []
    for name in TABLES_OUT.keys() - {"people"}:
        answer = client.get(reverse("export_table", args=[name]), {"format": kind})
        assert f'filename="{name}.{kind}"' in answer["Content-Disposition"]
        files.append(from_bytes(f"{name}.{kind}", answer.content))
    return files


def nothing_changes(files: list[Source], by: User) -> None:
    [travel] = [file for file in files if file.stem == "travel_times"]
    others = [file for file in files if file is not travel and file.stem != "people"]
    plan = plan_division(others, today=timezone.localdate())
    assert plan.report.problems == []
    assert plan.is_nothing, [preview.first_changed or preview.first_new for preview in plan.previews if preview.changes]
    assert {preview.table.name: preview.same for preview in plan.previews}.keys() == TABLES.keys()
    assert all(preview.same for preview in plan.previews)
    before = everything()
    with pytest.raises(NothingToLoad):
        load(*others, by=by)
    assert everything() == before
    ways = plan_travel_times(travel)
    assert (ways.report.problems, ways.changes, ways.same) == ([], [], 1)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_round_trip_changes_nothing(client, division, kind):
    client.force_login(division.logistics)
    nothing_changes(taken(kind, client), division.logistics)


@pytest.mark.parametrize("kind", FORMATS)
def test_the_command_writes_the_same_files(client, division, tmp_path, kind):
    out = io.StringIO()
    call_command("export_tables", to=tmp_path / "out", format=kind, json=True, stdout=out)
    files = [from_file(path) for path in sorted((tmp_path / "out").iterdir())]
    assert [file.name for file in files] == [f"{name}.{kind}" for name in sorted(TABLES_OUT)]
    assert json.loads(out.getvalue())["rows"]["items"] == Item.objects.count()
    nothing_changes(files, division.logistics)
    sources, beside = from_folder(tmp_path / "out")
    assert {source.stem for source in sources} == set(TABLES), "the folder is loaded again as it was written"
    assert beside == [f"people.{kind}", f"travel_times.{kind}"]

    with pytest.raises(CommandError, match="holds stations"):
        call_command("export_tables", to=tmp_path / "out", format=kind, stdout=io.StringIO())


@pytest.mark.parametrize("kind", FORMATS)
def test_an_empty_system_gets_the_same_catalogue_places_and_openings(client, division, tmp_path, kind):
    client.force_login(division.chief)
    files = [file for file in taken(kind, client) if file.stem in TABLES]
    opened = summary()
    for model in (TravelTime, ParLevel, Substitute, Pack):
        model.objects.all().delete()
    Item.objects.update(name="?", unit_cost_cents=0, gtin="")
    Station.objects.update(latitude=0)

    load(*files, by=division.logistics)

    assert summary() == opened


def summary() -> dict[str, object]:
    return {
        "items": list(Item.objects.order_by("sku").values_list("sku", "name", "unit_cost_cents", "gtin")),
        "stations": list(Station.objects.order_by("code").values_list("code", "latitude", "longitude", "supplied_by")),
        "units": list(Unit.objects.order_by("code").values_list("code", "max_weight_g", "shift_start")),
        "par levels": sorted(ParLevel.objects.values_list("location", "item", "par", "minimum", "short_below", "bin")),
        "packs": sorted(Pack.objects.values_list("item", "name", "quantity", "is_issue_pack")),
        "substitutes": sorted(Substitute.objects.values_list("item", "substitute", "quantity", "per", "note")),
        "places": Location.objects.count(),
        "lots": Lot.objects.count(),
        "levels": list(StockLevel.objects.order_by("pk").values_list("pk", "on_hand")),
    }


# --- A text stays a text ----------------------------------------------------------------------------------------------


@given(st.text(alphabet="'=+-@ 5a.", max_size=12))
def test_what_is_guarded_is_read_as_it_was(text):
    kept = guarded(text.strip())
    assert kept == kept.lstrip("=+@")
    assert clean(kept) == unguarded(kept) == text.strip()


def test_a_formula_of_a_file_is_refused_all_the_same():
    with pytest.raises(BadValue, match="formula"):
        clean("=1+1")


# --- The page ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", User.Role.values)
def test_logistics_and_the_chief_take_tables(client, division, role):
    client.force_login(make.person(role))
    allowed = 200 if role in ("logistics", "chief") else 403
    assert client.get(reverse("export_tables")).status_code == allowed
    assert client.get(reverse("export_table", args=["items"]), {"format": "csv"}).status_code == allowed


def test_a_table_that_is_too_long_says_what_to_do(client, division, monkeypatch):
    client.force_login(division.logistics)
    monkeypatch.setattr(exports, "MOST", {"csv": 1})
    answer = client.get(reverse("export_table", args=["items"]), {"format": "csv"}, follow=True)
    assert answer.redirect_chain == [(reverse("export_tables"), 302)]
    assert "manage.py export_tables" in answer.content.decode()


def test_a_table_that_there_is_not_and_a_format_that_we_do_not_know(client, division):
    client.force_login(division.logistics)
    assert client.get(reverse("export_table", args=["patients"])).status_code == 404
    assert client.get(reverse("export_table", args=["items"]), {"format": "pdf"}).status_code == 302


@pytest.mark.parametrize("name", sorted(TABLES_OUT))
def test_a_table_asks_as_many_questions_whatever_is_in_it(client, division, name):
    client.force_login(division.chief)
    address = f"{reverse('export_table', args=[name])}?format=csv"
    few = questions(client, address)
    for _ in range(20):
        make.par(division.station, make.item(issue_pack=2), par=9)
        make.stock(station := make.station(supplied_by=division.warehouse), make.item(), on_hand=5)
        make.officer(station)
    assert questions(client, address) == few <= 6


def test_every_table_is_written_down(division):
    text = (Path(__file__).parent.parent / "docs" / "import.md").read_text()
    tables: list[Table] = [*TABLES.values(), TABLES_OUT["people"]]
    assert all(f"## {table.name}" in text for table in tables)
