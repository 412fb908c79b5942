"""Whatever people do, in whatever order, the books add up: invariants 1 and 2 of the ledger."""

from collections import Counter
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from core.errors import DomainError
from inventory.actions import counts, stock
from inventory.actions.count_lines import Counted
from inventory.actions.stock import OfLot, ReceivedLot, Used
from inventory.models import CycleCount, Item, Lot, StockLevel, StockMovement
from stations.models import Location
from stations.signatures import Signature
from tests import make
from tests.make import AT, TODAY, rid

few = st.integers(min_value=-1, max_value=12)
places = st.sampled_from(["room", "safe", "unit", "other"])
whole = st.integers(min_value=0, max_value=3)


class Ledger(RuleBasedStateMachine):
    """A station, its safe and its unit, another station; three items, one of them scheduled; lots of all kinds."""

    def __init__(self) -> None:
        super().__init__()
        self.history = transaction.atomic()
        self.history.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.history.__exit__(None, None, None)

    @initialize()
    def a_division(self) -> None:
        north = make.station()
        unit, other = make.unit(north), make.station()
        self.station, self.unit = north, unit
        self.places = {
            "room": make.room(north),
            "safe": make.safe(north),
            "unit": unit.location,
            "other": make.room(other),
        }
        self.items: list[Item] = [make.item(), make.item(), make.item(kind="medication", schedule="II")]
        self.by, self.witness = make.logistics(), make.officer(north)
        self.last: tuple[object, dict[str, object]] | None = None

    def act(self, action, **arguments: object) -> None:
        """Do it, or be refused: never anything else."""
        given = {**arguments, "by": self.by, "at": AT, "request_id": rid()}
        try:
            action(**given)
        except (DomainError, PermissionDenied):
            return
        self.last = action, given

    def lot(self, number: int) -> Lot | None:
        return Lot.objects.order_by("pk")[number : number + 1].first()

    @rule(item=whole, number=st.sampled_from(["A", "B", ""]), days=st.integers(-1, 30), quantity=few)
    def receive(self, item: int, number: str, days: int, quantity: int) -> None:
        expires_on = TODAY + timedelta(days=days) if number else None
        line = ReceivedLot(self.items[item % 3].pk, number, expires_on, quantity)
        self.act(stock.receive_stock, station=self.station, lines=[line], reference="")

    @rule(place=places, item=whole, first=few, second=few)
    def use(self, place: str, item: int, first: int, second: int) -> None:
        lines = [Used(self.items[item % 3].pk, first), Used(self.items[(item + 1) % 3].pk, second)]
        self.act(stock.use_stock, location=self.places[place], lines=lines, reference="")

    @rule(item=whole, quantity=few)
    def restock(self, item: int, quantity: int) -> None:
        self.act(stock.restock_unit, unit=self.unit, lines=[Used(self.items[item % 3].pk, quantity)])

    @rule(number=whole, quantity=few)
    def give_back(self, number: int, quantity: int) -> None:
        if lot := self.lot(number):
            self.act(stock.return_to_station, unit=self.unit, lines=[OfLot(lot.pk, quantity)])

    @rule(source=places, destination=places, number=whole, quantity=few)
    def move(self, source: str, destination: str, number: int, quantity: int) -> None:
        if lot := self.lot(number):
            ends = {"source": self.places[source], "destination": self.places[destination]}
            self.act(stock.transfer_stock, lines=[OfLot(lot.pk, quantity)], **ends)

    @rule(place=places, number=whole, quantity=few, is_waste=st.booleans(), is_seen=st.booleans())
    def write_off(self, place: str, number: int, quantity: int, is_waste: bool, is_seen: bool) -> None:
        if lot := self.lot(number):
            action = stock.waste_stock if is_waste else stock.discard_stock
            witness = Signature(self.witness) if is_seen else None
            lines = [OfLot(lot.pk, quantity), OfLot(lot.pk, 1)]
            self.act(action, location=self.places[place], lines=lines, reason="x", witness=witness)

    @rule(number=whole, status=st.sampled_from(Lot.Status.values))
    def hold(self, number: int, status: str) -> None:
        if lot := self.lot(number):
            self.act(stock.set_lot_status, lot=lot, status=status, reason="x")

    @rule(number=st.integers(0, 20))
    def undo(self, number: int) -> None:
        if movement := StockMovement.objects.order_by("pk")[number : number + 1].first():
            self.act(stock.reverse_movement, movement=movement, reason="x")

    @rule(number=whole, quantity=whole)
    def promise(self, number: int, quantity: int) -> None:
        level = StockLevel.objects.order_by("pk")[number : number + 1].first()
        if level and level.available >= quantity:
            StockLevel.objects.filter(pk=level.pk).update(allocated=level.allocated + quantity)

    @rule(place=places)
    def begin_count(self, place: str) -> None:
        self.act(counts.open_count, location=self.places[place])

    @rule(quantity=few, difference=st.integers(-3, 3))
    def count(self, quantity: int, difference: int) -> None:
        if count := CycleCount.objects.filter(state="open").first():
            lines = [Counted(line.lot_id, line.expected + difference, line.counted) for line in count.lines.all()]
            self.act(counts.record_count, count=count, lines=lines)

    @rule()
    def finish_and_post(self) -> None:
        if count := CycleCount.objects.filter(state__in=["open", "counted"]).first():
            self.act(counts.finish_count, count=count, version=None)
            reasons = dict.fromkeys(count.lines.values_list("lot_id", flat=True), "x")
            self.act(counts.post_count, count=count, version=None, reasons=reasons)

    @rule()
    def repeat(self) -> None:
        if self.last is not None:
            action, given = self.last
            before = StockMovement.objects.count()
            action(**given)  # type: ignore[operator]  # an action with its own arguments
            assert StockMovement.objects.count() == before

    @invariant()
    def levels_are_the_sums_of_their_movements(self) -> None:
        sums: Counter[tuple[int, int]] = Counter()
        for lot, source, destination, quantity in StockMovement.objects.values_list(
            "lot_id", "source_id", "destination_id", "quantity"
        ):
            sums[source, lot] -= quantity
            sums[destination, lot] += quantity
        physical = set(Location.objects.filter(kind__in=Location.PHYSICAL).values_list("pk", flat=True))
        levels = {(level.location_id, level.lot_id): level.on_hand for level in StockLevel.objects.all()}
        assert {pair: sums[pair] for pair in sums if pair[0] in physical} == levels
        per_lot: Counter[int] = Counter()
        for (_, lot), quantity in sums.items():
            per_lot[lot] += quantity
        assert not any(per_lot.values())

    @invariant()
    def nothing_is_negative_and_promises_are_on_hand(self) -> None:
        assert all(0 <= level.allocated <= level.on_hand for level in StockLevel.objects.all())


@pytest.mark.django_db
def test_the_books_add_up_after_any_history():
    checks = settings(max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Ledger, settings=checks)
