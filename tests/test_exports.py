"""A list as a file: exactly what the page shows, under its filters and to the same people, safe to open."""

import csv
from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from core import exports
from dashboard.queries.figures import DEFINITIONS
from inventory.actions import counts
from inventory.models import CycleCount, Item, ParLevel, StockMovement
from orders.models import Discrepancy, ResupplyOrder, TransferProposal
from stations.models import Station, User
from tests import make
from tests.flow import Division
from tests.pages import questions

pytestmark = pytest.mark.django_db
LISTS = (
    *("stock", "items", "lots", "expiring", "movements", "orders", "shipments", "runs", "discrepancies", "counts"),
    *("count", "par_levels", "station_par_levels", "shortages", "transfers", "log", "stations"),
    *(f"figure {figure.slug}" for figure in DEFINITIONS),
)
# Pages that show their lines in groups, or not page by page: how many lines they show.
GROUPED: dict[str, Callable[[Any], int]] = {
    "count": lambda shown: shown["total"],
    "shortages": lambda shown: sum(len(proposal.shares) for proposal in shown["proposals"]),
}


@pytest.fixture
def division():
    """Something on every list."""
    division = Division(at=timezone.now())
    item = make.item(name="Gauze", sku="GZ-1", issue_pack=10)
    make.par(division.station, item, par=100, minimum=20)
    soon = timezone.localdate() + timedelta(days=10)
    make.stock(division.warehouse, item, on_hand=500, number="A17")
    make.stock(division.station, item, on_hand=30, number="B4", expires_on=soon)
    shipment = division.received({item.pk: 100})
    line = shipment.lines.get()
    Discrepancy.objects.create(line=line, kind="missing", quantity=1, reported_at=division.at)
    division.submitted({item.pk: 20})
    counts.open_count(location=make.room(division.station), **division.by(division.officer))
    owed = division.approved({make.item(name="Naloxone", criticality="A").pk: 12})
    ResupplyOrder.objects.filter(pk=owed.pk).update(needed_by=division.at - timedelta(days=2))
    make.par(division.station, make.item(name="Splint", criticality="A"), par=10)
    old = timezone.localdate() - timedelta(days=3)
    make.stock(division.station, make.item(name="Saline"), on_hand=5, number="OLD", expires_on=old)
    propose(division.warehouse, division.station, item)
    return division


def propose(donor: Station, receiver: Station, item: Item) -> None:
    TransferProposal.objects.create(
        item=item, donor=make.room(donor), receiver=make.room(receiver), quantity=5, is_short=True, expiring=0,
        donor_usable=40, donor_daily=1, donor_keeps=10, receiver_usable=0, receiver_daily=2, receiver_lacks=5,
        value_cents=0, metres=900, worked_out_at=timezone.now(),
    )  # fmt: skip


def address(name: str) -> str:
    """Where a list is, of the one thing there is."""
    page, _, slug = name.partition(" ")
    if slug:
        return reverse(page, args=[slug])
    if page == "count":
        return reverse(page, args=[CycleCount.objects.latest("pk").pk])
    if page == "station_par_levels":
        return reverse(page, args=[ParLevel.objects.earliest("pk").location.owner.code])
    return reverse(page)


def reader(division: Division, name: str) -> User:
    """Who may see this list: the log is the chief's and the auditor's."""
    return division.chief if name == "log" else division.logistics


def rows_of(answer: Any) -> list[dict[str, str]]:
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))


def sheet_of(answer: Any) -> Any:
    return load_workbook(BytesIO(answer.content)).active


def asked(client, name, **query):
    return client.get(address(name), {"format": "csv", **query})


@pytest.mark.parametrize("name", LISTS)
def test_every_list_gives_what_its_page_shows_as_both_files(client, division, name):
    client.force_login(reader(division, name))
    query = {"station": division.station.code} if name == "stock" else {}
    found = client.get(address(name), query)
    shown = GROUPED.get(name, lambda context: len(context["page"].rows))(found.context)
    assert "format=xlsx" in found.content.decode()

    rows = rows_of(asked(client, name, **query))
    sheet = sheet_of(asked(client, name, **query | {"format": "xlsx"}))

    assert 0 < shown == len(rows) == sheet.max_row - 1
    assert [cell.value for cell in sheet[1]] == list(rows[0])
    assert sheet.freeze_panes == "A2"


@pytest.mark.parametrize("role", User.Role.values)
def test_a_file_is_for_who_may_see_the_page(client, division, role):
    client.force_login(make.officer(division.station) if role == User.Role.OFFICER else make.person(role))
    pages = {name: client.get(address(name)).status_code for name in LISTS}
    assert {name: asked(client, name).status_code for name in LISTS} == pages


def test_an_officer_takes_only_what_is_of_the_own_station(client, division):
    elsewhere = make.station(supplied_by=division.warehouse)
    make.stock(elsewhere, make.item(name="Elsewhere"), on_hand=5, number="C9")
    client.force_login(division.officer)
    for name in ("lots", "movements", "expiring", "stock"):
        assert b"Elsewhere" not in asked(client, name).content
    client.force_login(division.logistics)
    assert b"Elsewhere" in asked(client, "lots").content


def test_the_filters_of_the_page_are_those_of_the_file(client, division):
    client.force_login(division.logistics)
    assert {row["Lot"] for row in rows_of(asked(client, "lots"))} == {"A17", "B4", "OLD"}
    assert {row["Lot"] for row in rows_of(asked(client, "lots", show="expiring"))} == {"B4"}
    assert rows_of(asked(client, "orders", q="no such")) == []


def test_all_pages_are_in_it_in_the_order_of_the_page(client, division):
    for number in range(60):
        make.item(name=f"Item {number:03d}")
    client.force_login(division.logistics)
    pages = [client.get(reverse("items"), {"page": number}).context["page"].rows for number in (1, 2, 3)]
    assert [row["SKU"] for row in rows_of(asked(client, "items"))] == [one.sku for page in pages for one in page]


def test_numbers_days_and_moments_are_what_they_are(client, division):
    client.force_login(division.logistics)
    answer = asked(client, "movements", format="xlsx")
    sheet = sheet_of(answer)
    line = {head.value: cell.value for head, cell in zip(sheet[1], sheet[2], strict=True)}
    movement = StockMovement.objects.get(pk=line["Number"])
    assert (line["Quantity"], type(line["Quantity"])) == (movement.quantity, int)
    assert line["When"] == timezone.localtime(movement.moved_at).replace(tzinfo=None, microsecond=0)
    assert "attachment; filename=" in answer["Content-Disposition"]
    lot = rows_of(asked(client, "lots", show="expiring"))[0]
    assert date.fromisoformat(lot["Expires"]) == timezone.localdate() + timedelta(days=10)
    assert datetime.fromisoformat(rows_of(asked(client, "movements"))[0]["When"]).tzinfo is not None


@pytest.mark.parametrize("evil", ['=HYPERLINK("http://x","y")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "a\x07b"])
def test_a_text_is_never_run_as_a_formula(client, division, evil):
    make.item(name=evil, sku="EVIL")
    client.force_login(division.logistics)
    named = next(row for row in rows_of(asked(client, "items")) if row["SKU"] == "EVIL")
    assert named["Item"] == (evil if evil[0] == "a" else f"'{evil}")
    sheet = sheet_of(asked(client, "items", format="xlsx"))
    cell = next(row[0] for row in sheet.iter_rows() if row[1].value == "EVIL")
    assert (cell.data_type, cell.value) == ("s", evil.replace("\x07", ""))


def test_more_than_a_file_holds_is_refused_with_what_to_do(client, division, monkeypatch):
    client.force_login(division.logistics)
    monkeypatch.setattr(exports, "MOST", {"csv": 1})
    answer = client.get(reverse("movements"), {"format": "csv", "reason": ""}, follow=True)
    assert answer.redirect_chain == [(f"{reverse('movements')}?reason=", 302)]
    assert "Narrow the list" in answer.content.decode()


@pytest.mark.parametrize("name", LISTS)
def test_a_file_asks_as_many_questions_whatever_is_in_it(client, division, name):
    client.force_login(reader(division, name))
    page = f"{address(name)}?format=csv&station={division.station.code}"
    few = questions(client, page)
    for _ in range(30):
        made = make.item(issue_pack=5)
        make.stock(division.station, made, on_hand=5, expires_on=timezone.localdate() + timedelta(days=3))
        make.stock(division.warehouse, made, on_hand=50)
        division.submitted({made.pk: 5})
        make.par(division.station, made, par=20)
        propose(division.warehouse, division.station, made)
    assert questions(client, page) == few


def test_a_blind_count_gives_no_file_of_what_is_expected(client, division):
    place = make.room(division.warehouse)
    count = counts.open_count(location=place, is_blind=True, **division.by(division.logistics))
    client.force_login(division.logistics)

    rows = rows_of(client.get(count.get_absolute_url(), {"format": "csv"}))
    listed = rows_of(asked(client, "counts"))[0]

    assert {(row["Expected"], row["Difference"]) for row in rows} == {("", "")}
    assert (listed["Count"], listed["Differing"]) == (str(count.pk), "")


def test_a_format_that_we_do_not_know_is_the_page(client, division):
    client.force_login(division.logistics)
    assert "text/html" in asked(client, "items", format="pdf")["Content-Type"]


def test_the_page_offers_both_under_its_filters(client, division):
    client.force_login(division.logistics)
    page = client.get(reverse("lots"), {"show": "expiring", "page": "1"}).content.decode()
    assert "?show=expiring&amp;format=csv" in page
    assert "?show=expiring&amp;format=xlsx" in page
