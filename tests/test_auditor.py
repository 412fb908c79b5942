"""The auditor reads everything and changes nothing: every address of the site is tried, by GET and by POST."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db.models import Model
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from integrations.actions import deliveries, webhooks
from integrations.models import CallSign, CareCode, CareRecord, CareUse, Recall, RecalledLot
from inventory.actions import counts
from inventory.models import Lot, StockMovement
from orders.models import DeliveryRun, Discrepancy, DiscrepancyPhoto, ResupplyOrder, Shipment, Stop
from stations.models import Location, User
from tests import make
from tests.flow import Division
from tests.records import dataset, medication, record, take

pytestmark = pytest.mark.django_db
OURS = ("stations", "inventory", "orders", "dashboard", "integrations")

# What an auditor must be able to read. A page of the site that is not here is for those who act.
READS = {
    *("home", "stations", "station", "unit", "figure", "spending_lines", "fails_next"),
    *("log", "ledger", "items", "item", "stock", "expiring", "lots"),
    *("lot", "movements", "counts", "count", "par_levels", "station_par_levels", "policies", "orders", "order"),
    *("webhooks", "webhook"),
    *("guide", "scan", "search"),
    *("care_records", "care_record", "care_codes", "care_code", "call_signs", "call_sign"),
    *("queue", "queue_column", "shipments", "shipment", "runs", "run", "stop", "discrepancies", "tokens", "reports"),
    *("recalls", "recall"),
}
# And as PDF or as a photo.
SHEETS = {"shelf_labels", "packing_slip", "tote_labels", "run_sheet", "report", "discrepancy_photo"}
MAY_START = {"verify_ledger"}  # adding the ledger up again changes nothing
OWN = {"save_view", "remove_view", "language"}  # one's own bookmarks and language are nothing of the division


class Scene:
    """A division in the middle of its work: one of each thing that an address may name."""

    def __init__(self) -> None:
        division = Division(at=timezone.now())
        item = make.item(name="Gauze")
        make.par(division.station, item, par=100)
        self.level = make.stock(division.warehouse, item, on_hand=500, number="A17")
        shipment = division.delivered({item.pk: 100})
        line = shipment.lines.get()
        self.discrepancy = Discrepancy.objects.create(line=line, kind="missing", quantity=1, reported_at=division.at)
        self.photo = DiscrepancyPhoto.objects.create(line=line, number=1, content=b"x", width=1, height=1)
        division.approved({item.pk: 50})
        division.submitted({item.pk: 20})
        place = make.room(division.station)
        self.count = counts.open_count(location=self.level.location, **division.by(division.logistics))
        unit = make.unit(division.station)
        chief = make.chief()
        facts: dict[str, Any] = {"name": "Finance", "url": "https://hooks.example.org/", "kinds": []}
        webhook, _ = webhooks.add_webhook(**facts, user=chief, **division.by(chief))
        delivery = deliveries.make_message(webhook, "test", {}, changes=0, at=division.at, is_by_hand=True)
        take(dataset(record(medication(), unit=unit.code)))
        self.by_kind: dict[str, Any] = {
            "code": division.station.code,
            "done": uuid4(),
            "column": "to_approve",
            "delivery": delivery.pk,
            "figure": "stock-outs",
            "kind": "waste",
            "location": place.pk,
            "number": 1,
            "recall": _recall(place).number,
            "page": "items",
            "sku": item.sku,
            "table": "items",
            "task_id": uuid4(),
            "token": uuid4(),
            "webhook": webhook.pk,
        }
        self.unit = unit.code
        self.person = division.officer.pk

    def pk_of(self, name: str, route: str) -> int:
        """The id of one of what this address is about."""
        owners: dict[str, type[Model]] = {
            "requests": ResupplyOrder, "shipments": Shipment, "runs": DeliveryRun, "stops": Stop, "lots": Lot,
            "movements": StockMovement,
        }  # fmt: skip
        root = route.partition("/")[0]
        if name == "discrepancy_photo":
            return self.photo.pk
        if root == "records":
            owners["records"] = {"codes": CareCode, "units": CallSign, "uses": CareUse}.get(
                route.split("/")[1], CareRecord
            )
        known = {"counts": self.count.pk, "discrepancies": self.discrepancy.pk, "people": self.person}
        if root in known:
            return int(known[root])
        model: Any = owners.get(root, Location)
        return int(model.objects.order_by("pk").values_list("pk", flat=True)[0])

    def address(self, name: str, route: str, pattern: URLPattern) -> str:
        given = {}
        for part in pattern.pattern.converters:
            given[part] = self.pk_of(name, route) if part == "pk" else self.by_kind[part]
        if route.startswith(("units/", "restock/")):
            given["code"] = self.unit
        return reverse(name, kwargs=given)


def _recall(place: Location) -> Recall:
    """A recall that a person must read, of a lot at this place."""
    at = timezone.now()
    made = Recall.objects.create(number="D-1-2026", product="Swabs", unread="Why.", received_at=at, changed_at=at)
    lot = make.stock(place, make.item(name="Swabs"), number="R1", status="recalled").lot
    RecalledLot.objects.create(recall=made, lot=lot, how="hand", found=10, matched_at=at)
    return made


def addresses(scene: Scene) -> Iterator[tuple[str, str]]:
    """Every page of ours, by name. Signing in and out, and one's own password, are everybody's. The API's tests are
    elsewhere."""
    for pattern in patterns_of(get_resolver().url_patterns):
        route = str(pattern.pattern)
        if route.startswith("accounts/") or pattern.lookup_str.startswith("allauth"):
            continue
        if pattern.name and not pattern.name.startswith("api_"):
            yield pattern.name, scene.address(pattern.name, route, pattern)


def patterns_of(found: Any) -> Iterator[URLPattern]:
    for one in found:
        if isinstance(one, URLPattern):
            yield one
        else:
            yield from patterns_of(one.url_patterns)


def everything() -> dict[str, list[Any]]:
    """Every row of our tables; but not when a person last signed in."""
    rows = {}
    for app in OURS:
        for model in apps.get_app_config(app).get_models():
            names = [field.attname for field in model._meta.concrete_fields if field.attname != "last_login"]
            rows[model.__name__] = list(model._base_manager.order_by("pk").values_list(*names))
    return rows


def test_the_auditor_reads_everything_and_can_change_nothing(client):
    scene = Scene()
    client.force_login(make.auditor())
    before = everything()
    pages = dict(addresses(scene))
    assert pages.keys() >= READS | SHEETS

    read = {name for name, address in pages.items() if client.get(address).status_code == 200}
    answers = {
        name: client.post(address, {"request_id": make.rid(), "reason": "x", "version": "1"}).status_code
        for name, address in pages.items()
        if name not in MAY_START | OWN
    }

    assert read >= READS | SHEETS
    assert {name: status for name, status in answers.items() if status not in (403, 404, 405)} == {}
    assert everything() == before


def test_the_auditor_sees_no_button_that_would_be_refused(client):
    scene = Scene()
    client.force_login(make.auditor())

    for name, address in addresses(scene):
        if name in READS - {"ledger"}:
            main = client.get(address).content.decode().partition("<main")[2].partition("</main>")[0]
            forms = re.findall(r'<form[^>]*method="post".*?</form>', main, re.DOTALL)
            assert not [form for form in forms if "<button" in form], name
            assert "hx-post" not in main, name


def test_the_auditors_role_alone_decides_it(client):
    """The control: for who acts, addresses that refuse the auditor do not."""
    scene = Scene()
    client.force_login(User.objects.filter(role="logistics").order_by("pk")[0])
    pages = dict(addresses(scene))

    answers = [client.post(pages[name], {"request_id": make.rid()}).status_code for name in ("sweep", "open_count")]

    assert not {403, 404, 405} & set(answers)
