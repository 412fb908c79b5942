"""A client that a generator makes of the schema alone does the main job, from a request to its receipt."""

import json
import subprocess
import sys
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from orders.queries.verify import all_differences
from tests import make
from tests.api import token_for
from tests.flow import Division

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "made_client"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """The client, made in a folder of its own."""
    document = tmp_path / "schema.json"
    document.write_text(json.dumps(SchemaGenerator().get_schema(request=None, public=True), default=str))
    command = [Path(sys.executable).parent / "openapi-python-client", "generate", "--path", document, "--meta", "none"]
    made = subprocess.run([*command, "--output-path", tmp_path / NAME], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    monkeypatch.syspath_prepend(tmp_path)
    yield NAME
    for module in [name for name in sys.modules if name.partition(".")[0] == NAME]:
        del sys.modules[module]


class Caller:
    """One person's client. A step is named as its function in the package; its answer must be the one of success."""

    def __init__(self, package: str, url: str, token: str) -> None:
        self.package = package
        self.client = import_module(f"{package}.client").AuthenticatedClient(base_url=url, token=token)

    def model(self, name: str, **fields: Any) -> Any:
        return getattr(import_module(f"{self.package}.models"), name).from_dict(fields)

    def read(self, area: str, step: str, *place: Any, **query: Any) -> Any:
        return self._sent(area, step, *place, **query)

    def do(self, area: str, step: str, *place: Any, body: Any, **headers: Any) -> Any:
        return self._sent(area, step, *place, body=body, idempotency_key=str(uuid4()), **headers)

    def _sent(self, area: str, step: str, *place: Any, **given: Any) -> Any:
        function = import_module(f"{self.package}.api.{area}.{step}").sync_detailed
        response = function(*place, client=self.client, **given)
        assert response.status_code in (200, 201), response.content
        return response.parsed


@pytest.fixture
def people(package, live_server):
    division = Division(at=timezone.now())
    item = make.item(name="Gauze", sku="GAUZE")
    make.par(division.station, item, par=100)
    make.stock(division.warehouse, item, on_hand=500)
    persons = {"officer": division.officer, "logistics": division.logistics, "driver": division.driver}
    callers = {role: Caller(package, live_server.url, token_for(one)[1]) for role, one in persons.items()}
    yield SimpleNamespace(division=division, item=item, **callers)
    for caller in callers.values():
        caller.client.get_httpx_client().close()


def test_a_generated_client_resupplies_a_station(people):
    division, officer, logistics, driver = people.division, people.officer, people.logistics, people.driver
    nothing = officer.model("NothingRequest")
    lines = [{"item": "GAUZE", "quantity": 40}]
    new = officer.model("NewOrderRequest", station=division.station.code, lines=lines, comment="after the fire")
    order = officer.do("orders", "orders_create", body=new)
    order = officer.do(
        "orders",
        "orders_submit_create",
        str(order.id),
        body=officer.model("OrderEditRequest"),
        if_match=f'"v{order.version}"',
    )
    order = logistics.do("orders", "orders_approve_create", str(order.id), body=logistics.model("ApprovalRequest"))
    assert [line.approved for line in order.lines] == [40]

    [shipment] = logistics.read("shipments", "shipments_list", destination=division.station.code).results
    pk = str(shipment.id)
    logistics.do("shipments", "shipments_start_picking_create", pk, body=nothing)
    picks = logistics.model("PicksRequest", lines=[{"id": line.id, "quantity": 40} for line in shipment.lines])
    logistics.do("shipments", "shipments_pick_create", pk, body=picks)
    logistics.do("shipments", "shipments_pack_create", pk, body=logistics.model("PackedRequest", totes=1))
    leaves_at = (timezone.now() + timedelta(hours=1)).isoformat()
    run = logistics.do(
        "runs",
        "runs_create",
        body=logistics.model(
            "NewRunRequest",
            depot=division.warehouse.code,
            van=division.van.code,
            driver=division.driver.username,
            leaves_at=leaves_at,
            stations=[division.station.code],
        ),
    )
    run = logistics.do("runs", "runs_dispatch_create", str(run.id), body=nothing, if_match=f'"v{run.version}"')
    stop = str(run.stops[0].id)
    driver.do("runs", "stops_deliver_create", stop, body=driver.model("HandOverRequest", handed_to="Lee"))
    received = officer.do("shipments", "shipments_receive_create", pk, body=officer.model("ReceiptRequest"))

    assert received.state.value == "received"
    assert officer.read("orders", "orders_retrieve", str(order.id)).state.value == "closed"
    assert make.on_hand(division.station, people.item) == 40
    assert not all_differences()
