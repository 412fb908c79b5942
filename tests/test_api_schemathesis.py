"""The API is called with everything that its schema allows and forbids, by each role: nothing breaks, and every answer
is one that the schema promises. ``EMS_SCHEMATHESIS_SECONDS`` is for how long, over all roles."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from rest_framework.throttling import UserRateThrottle
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup

from integrations.actions.webhooks import add_webhook, send_test
from integrations.models import CareUse, Recall
from inventory.actions import counts
from inventory.actions.stock import Used, use_stock
from inventory.models import Item, Lot, StockLevel
from orders.actions.transfers import propose_transfers
from orders.models import DeliveryRun, Discrepancy
from stations.models import Command, Location, Station, Unit, User
from tests import make, planned_day
from tests.api import token_for
from tests.flow import Division
from tests.recalls import NDC, record, take
from tests.records import dataset, medication
from tests.records import record as care_record
from tests.records import take as take_care
from tests.telling import by
from tests.transfers import Neighbours

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]
EVERY = list(HealthCheck)
ROLES = ("officer", "logistics", "driver", "chief", "auditor")
SECONDS = float(os.environ.get("EMS_SCHEMATHESIS_SECONDS", "120")) / len(ROLES)
CONFIG = {
    "generation": {"allow-x00": False, "allow-extra-parameters": False},
    "checks": {
        # What the schema allows may still be refused by a rule of the trade, or for the version that it names.
        "missing_required_header": {"expected-statuses": ["400", "401", "403", "404", "406", "415", "422", "428"]},
        "positive_data_acceptance": {"expected-statuses": ["2xx", "401", "403", "404", "409", "412", "422"]},
    },
}


@pytest.fixture
def site():
    """The whole site, on the connection of this test."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield get_wsgi_application()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def division(monkeypatch):
    """One of each thing, some of it half-way."""
    monkeypatch.setattr(UserRateThrottle, "THROTTLE_RATES", {"user": None})
    division = Division(at=timezone.now())
    gauze = make.item(name="Gauze", sku="GAUZE", issue_pack=10)
    make.par(division.station, gauze, par=100)
    make.stock(division.warehouse, gauze, on_hand=5_000, number="A17")
    make.unit(division.station)
    make.safe(division.station)
    shipment = division.delivered({gauze.pk: 100})
    Discrepancy.objects.create(line=shipment.lines.get(), kind="missing", quantity=1, reported_at=division.at)
    division.approved({gauze.pk: 50})
    division.submitted({gauze.pk: 20})
    planned_day.runs(division, 2, day=planned_day.tomorrow())
    for place in (make.room(division.station), make.room(division.warehouse)):
        make.stock(place, make.item(), on_hand=50)
        counts.open_count(location=place, **division.by(division.logistics))
    use_stock(location=make.room(division.warehouse), lines=[Used(gauze.pk, 1)], **division.by(division.logistics))
    for station in (division.station, division.warehouse):
        make.stock(station, make.item(ndc=NDC), on_hand=50, number="A17")
    take(*(record(f"D-{number}-2026", lots=lots) for number, lots in enumerate(("Lot A17", "As marked"))))
    take_care(dataset(*[care_record(medication(), number=f"R{number}", unit=f"U{number}") for number in range(4)]))
    webhook, _ = add_webhook(
        name="Finance", url="https://hooks.example.org/", kinds=[], user=division.logistics, **by(division.chief)
    )
    send_test(webhook=webhook, **by(division.chief))
    Neighbours(at=division.at)
    propose_transfers(at=division.at)
    return division


def known() -> dict[str, list[Any]]:
    """What there is, by the name under which addresses and bodies ask for it."""
    codes = {
        "station": Station, "depot": Station, "stations": Station, "unit": Unit, "van": Unit, "item": Item,
        "location": Location, "source": Location, "destination": Location, "lot": Lot, "level": StockLevel,
        "lots": Lot, "run": DeliveryRun, "recalls": Recall, "substitute": Item, "command": Command,
        "use": CareUse, "user": User,
    }  # fmt: skip
    column = {Station: "code", Unit: "code", Item: "sku", Recall: "number", User: "username"}
    found = {
        name: list(model._default_manager.order_by("pk").values_list(column.get(model, "pk"), flat=True)[:40])
        for name, model in codes.items()
    }
    return found | {"driver": list(User.objects.filter(role="driver").values_list("username", flat=True))}


class Aim:
    """Of generated ids and codes, those that could be of anything, half are turned to what there is."""

    def __init__(self) -> None:
        self.known = known()

    def path(self, path: str, parameters: dict[str, Any]) -> dict[str, Any]:
        pk, code, sku, number = (parameters.get(name) for name in ("id", "code", "sku", "number"))
        if isinstance(pk, str) and pk.isascii() and pk.isdigit() and len(pk) <= 18 and int(pk) % 2:
            parameters["id"] = str(int(pk) % 12 + 1)
        if isinstance(code, str) and len(code) % 2:
            name = "unit" if "/units/" in path else "station"
            parameters["code"] = self._known(name, len(code))
        if isinstance(sku, str) and len(sku) % 2:
            parameters["sku"] = self._known("item", len(sku))
        if isinstance(number, str) and len(number) % 2:
            parameters["number"] = self._known("recalls", len(number))
        return parameters

    def body(self, body: Any, name: str = "") -> Any:
        if isinstance(body, dict):
            return {key: self.body(value, key) for key, value in body.items()}
        if isinstance(body, list):
            return [self.body(value, name) for value in body]
        options = self.known.get(name)
        if options and isinstance(options[0], int) and isinstance(body, int) and 0 < body < 2**63 and body % 4:
            return self._known(name, body)
        if options and isinstance(options[0], str) and isinstance(body, str) and body.strip() and len(body) <= 20:
            return self._known(name, len(body)) if len(body) % 4 else body
        return body

    def _known(self, name: str, number: int) -> Any:
        return self.known[name][number % len(self.known[name])]


def loaded(site: Any) -> Any:
    """The schema as it is served, in front of the whole site."""
    document = SchemaGenerator(urlconf=None).get_schema(request=None, public=True)
    # Answers with ?fields= lack what the schema says of whole ones; test_api_reads has them.
    for operation in (one for path in document["paths"].values() for one in path.values()):
        operation["parameters"] = [one for one in operation.get("parameters", []) if one["name"] != "fields"]
    config = schemathesis.Config.from_dict(CONFIG)
    schema = schemathesis.openapi.from_dict(document, config=config)
    schema.app = site
    aim = Aim()

    @schema.hook
    def map_path_parameters(context: Any, path_parameters: Any) -> Any:
        return aim.path(context.operation.path, path_parameters or {})

    @schema.hook
    def map_body(context: Any, body: Any) -> Any:
        return aim.body(body)

    return schema


def strategies(schema: Any) -> Iterator[Any]:
    """Every operation in turn, allowed and forbidden, again and again."""
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 70
    for operation in cycle(operations):
        for mode in GenerationMode:
            yield operation.as_strategy(generation_mode=mode)


class Caller:
    """Calls until its time is over, and keeps one of each kind of failure."""

    def __init__(self, token: str) -> None:
        self.headers = {"Authorization": f"Bearer {token}"}
        self.until = time.monotonic() + SECONDS
        self.statuses: Counter[int] = Counter()
        self.failures: dict[str, str] = {}

    def is_late(self) -> bool:
        return time.monotonic() > self.until

    def call(self, strategy: Any) -> None:
        @given(case=strategy)
        @settings(max_examples=4, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=EVERY)
        def one(case: Any) -> None:
            if self.is_late():
                return
            try:
                self.statuses[case.call_and_validate(headers=self.headers).status_code] += 1
            except FailureGroup as group:
                for failure in group.exceptions:
                    self.failures.setdefault(f"{case.operation.label}: {failure.title}", _told(group))

        one()


def _told(group: FailureGroup) -> str:
    return "\n".join(line for line in str(group).splitlines() if line.strip())


@pytest.mark.parametrize("role", ROLES)
def test_nothing_breaks_and_every_answer_is_promised(division, site, role):
    caller = Caller(token_for(getattr(division, role))[1])
    for strategy in strategies(loaded(site)):
        if caller.is_late():
            break
        caller.call(strategy)
    print(sorted(caller.statuses.items()))
    assert not caller.failures, "\n\n".join(f"{name}\n{told}" for name, told in caller.failures.items())
    assert caller.statuses[200] > 0
