"""A1: the API, by one client and by eight, beside the SQL that the same answers need."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import get_context
from statistics import quantiles
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test import Client
from rest_framework.throttling import UserRateThrottle

from ems_supply.bench.api_by_hand import ByHand
from ems_supply.bench.asked import Asked, Tell
from ems_supply.bench.division import Size, load
from ems_supply.bench.measuring import in_turn
from ems_supply.bench.report import Figure
from integrations.actions.tokens import issue_token
from inventory.models import Item
from stations.models import Station, User

SIZE = Size(20, 200, movements=2)
LINES, ROWS, CLIENTS = 20, 1_000, 8
READS = 150
Call = Callable[[], object]


class Caller:
    """Another system with the token of logistics. An answer that is none of success is an error."""

    def __init__(self, asked: Asked) -> None:
        person = User.objects.get(username="logistics1")
        _, text = issue_token(
            name="Bench", user=person, scopes=["all:write"], days=1, by=None, at=asked.at, request_id=uuid4()
        )
        self.client, self.token = Client(SERVER_NAME="localhost"), f"Bearer {text}"
        self.skus = list(Item.objects.order_by("pk").values_list("sku", flat=True)[:LINES])
        self.stations = list(Station.objects.filter(kind="station").order_by("pk").values_list("code", flat=True))

    def get(self, path: str) -> Any:
        return self._read(self.client.get(f"/api/v1{path}", headers={"Authorization": self.token}))

    def post(self, path: str, body: object) -> Any:
        headers = {"Authorization": self.token, "Idempotency-Key": str(uuid4())}
        sent = json.dumps(body)
        return self._read(self.client.post(f"/api/v1{path}", sent, content_type="application/json", headers=headers))

    def _read(self, answer: Any) -> Any:
        if answer.status_code not in (200, 201):
            raise AssertionError(f"{answer.request['PATH_INFO']} answered {answer.status_code}: {answer.content!r}")
        return answer.json()

    def listed(self) -> object:
        return self.get("/stock/?limit=100")

    def draft(self) -> Any:
        lines = [{"item": sku, "quantity": 10} for sku in self.skus]
        return self.post("/orders/", {"station": self.stations[0], "lines": lines})

    def bulk(self) -> object:
        row = {"kind": "receive", "station": self.stations[0], "quantity": 1}
        rows = [row | {"item": self.skus[number % LINES], "lot_number": "B"} for number in range(ROWS)]
        return self.post("/movements/bulk/", {"movements": rows})


def measure(asked: Asked, tell: Tell) -> Iterator[Figure]:
    """Reads at one and at eight clients; then an order of twenty lines, and a thousand movements in a call."""
    tell(f"A1: loading {SIZE}")
    load(SIZE, at=asked.at)
    rates = UserRateThrottle.THROTTLE_RATES
    UserRateThrottle.THROTTLE_RATES = {"user": None}
    try:
        caller = Caller(asked)
        order = caller.draft()["id"]
        hand = ByHand(order, asked.at)
        reads: dict[str, tuple[Call, Call]] = {
            "A list of 100 stock levels": (caller.listed, hand.listed),
            f"An order of {LINES} lines": (lambda: caller.get(f"/orders/{order}/"), hand.detail),
        }
        for what, (system, floor) in reads.items():
            for clients in (1, CLIENTS):
                tell(f"A1: {what}, {clients} clients")
                yield from _reads(what, system, floor, clients, 20 if asked.quick else READS)
        tell("A1: writing")
        yield _writes(f"Drafting an order of {LINES} lines", caller.draft, hand.draft, asked.runs, 1)
        yield _writes(f"A call of {ROWS:,} movements", caller.bulk, lambda: hand.bulk(ROWS), asked.runs, ROWS)
    finally:
        UserRateThrottle.THROTTLE_RATES = rates


def _reads(what: str, system: Call, floor: Call, clients: int, times: int) -> Iterator[Figure]:
    """The median and the slowest twentieth of both."""
    least, taken = (_latencies(call, clients, times) for call in (floor, system))
    size = "1 client" if clients == 1 else f"{clients} clients"
    for name, part in (("p50", 49), ("p95", 94)):
        cuts = (quantiles(taken, n=100)[part], quantiles(least, n=100)[part])
        yield Figure("A1", f"{what}, {name}", size, cuts[0], "s", cuts[1], details={"calls": len(taken)})


def _writes(what: str, system: Call, floor: Call, runs: int, rows: int) -> Figure:
    timed = in_turn(system, floor, runs=runs)
    rate = {"per_second": rows / timed.seconds, "floor_per_second": rows / timed.floor_seconds}
    return Figure("A1", what, "1 client", timed.seconds, "s", timed.floor_seconds, details=rate)


def _latencies(call: Call, clients: int, times: int) -> Sequence[float]:
    """Seconds of each call by as many processes at once, from when all are ready."""
    context = get_context("fork")
    connection.close()  # no process may use another's
    ready, answers = context.Barrier(clients), context.SimpleQueue()

    def work() -> None:
        call()
        ready.wait(timeout=60)
        answers.put([_seconds(call) for _ in range(times)])

    processes = [context.Process(target=work) for _ in range(clients)]
    for process in processes:
        process.start()
    found = [answers.get() for _ in processes]
    for process in processes:
        process.join()
    return [seconds for some in found for seconds in some]


def _seconds(call: Call) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
