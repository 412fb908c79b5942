"""Whatever a day brings: a transfer is collected before it is delivered, owes nothing, and the books add up."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from core.errors import DomainError
from orders.actions.choosing import choose_run
from orders.actions.closing import close_short
from orders.actions.collecting import collect_stop
from orders.actions.placing import place_transfers
from orders.actions.runs import cancel_run, complete_run, deliver_stop, dispatch_run, miss_stop, reorder_stops
from orders.actions.transfers import Accepted, accept_transfers
from orders.models import DeliveryRun, OrderLine, ResupplyOrder, Shipment, Stop
from orders.queries.verify import all_differences
from tests import make
from tests.transfers import Neighbours

nth = st.integers(0, 5)


class Days(RuleBasedStateMachine):
    """Four stations that have and lack the same two items, two vans; people do what they like in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.history = transaction.atomic()
        self.history.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.history.__exit__(None, None, None)

    @initialize(orders=st.tuples(st.permutations(range(4)), st.permutations(range(4))))
    def a_division(self, orders) -> None:
        self.world = world = Neighbours()
        more = [make.station(supplied_by=world.warehouse) for _ in range(2)]
        self.stations = [world.donor, world.receiver, *more]
        self.items = [world.item, make.item(criticality="A")]
        for station in more:
            make.par(station, world.item, 15, 10)
        for number, station in enumerate(self.stations):
            make.par(station, self.items[1], 10 if number % 2 else 4, 2)
            if number % 2 == 0:
                make.stock(station, self.items[1], on_hand=20)
        vans = [world.van, make.van(world.warehouse)]
        for van, order in zip(vans, orders, strict=True):
            world.run_to(*(self.stations[number] for number in order[:3]), van=van)

    def act(self, action, **arguments: object) -> None:
        """Do it, or be refused: never anything else."""
        try:
            with transaction.atomic():
                action(**arguments)
        except (DomainError, PermissionDenied):
            return

    def run_(self, number: int) -> DeliveryRun:
        runs = list(DeliveryRun.objects.order_by("pk"))
        return runs[number % len(runs)]

    def stop_(self, number: int) -> Stop | None:
        stops = list(Stop.objects.filter(run__state="out").select_related("run").order_by("run", "position"))
        return stops[number % len(stops)] if stops else None

    @rule(item=nth, donor=nth, receiver=nth, quantity=st.integers(0, 20))
    def accept(self, item: int, donor: int, receiver: int, quantity: int) -> None:
        giver, taker = (make.room(self.stations[number % 4]).pk for number in (donor, receiver))
        accepted = [Accepted(self.items[item % 2].pk, giver, taker, quantity)]
        self.act(accept_transfers, accepted=accepted, **self.world.by(self.world.logistics))

    @rule()
    def place(self) -> None:
        self.act(place_transfers, at=self.world.later(minutes=1))

    @rule(number=nth, run=nth)
    def choose(self, number: int, run: int) -> None:
        waiting = list(Shipment.objects.filter(state="to_collect").order_by("pk"))
        if waiting:
            found = {"shipment": waiting[number % len(waiting)], "run": self.run_(run), "version": None}
            self.act(choose_run, **found, **self.world.by(self.world.logistics))

    @rule(number=nth, order=st.permutations(range(6)))
    def reorder(self, number: int, order: list[int]) -> None:
        run = self.run_(number)
        stations = list(run.stops.order_by("position").values_list("station_id", flat=True))
        shuffled = [stations[place] for place in order if place < len(stations)]
        self.act(reorder_stops, run=run, version=None, station_ids=shuffled, **self.world.by(self.world.logistics))

    @rule(number=nth)
    def leave(self, number: int) -> None:
        facts = {"version": None, "driver": self.world.driver, **self.world.by(self.world.logistics)}
        self.act(dispatch_run, run=self.run_(number), **facts)

    @rule(number=nth)
    def call_off(self, number: int) -> None:
        run = self.run_(number)
        if DeliveryRun.objects.exclude(state="cancelled").count() > 1:
            self.act(cancel_run, run=run, version=None, reason="Snow", **self.world.by(self.world.logistics))

    @rule(number=nth, less=st.integers(0, 20))
    def collect(self, number: int, less: int) -> None:
        if stop := self.stop_(number):
            lines = Shipment.objects.filter(pickup=stop, state="to_collect").values_list("lines", "lines__quantity")
            taken = {pk: max(0, quantity - less) for pk, quantity in lines}
            told = {"taken": taken, "given_by": "Kim", "reason": "Not there", **self.world.by(self.world.driver)}
            self.act(collect_stop, stop=stop, **told)

    @rule(number=nth)
    def deliver(self, number: int) -> None:
        if stop := self.stop_(number):
            self.act(deliver_stop, stop=stop, handed_to="Lee", **self.world.by(self.world.driver))

    @rule(number=nth)
    def miss(self, number: int) -> None:
        if stop := self.stop_(number):
            self.act(miss_stop, stop=stop, reason="Gate locked", **self.world.by(self.world.driver))

    @rule(number=nth)
    def complete(self, number: int) -> None:
        self.act(complete_run, run=self.run_(number), **self.world.by(self.world.driver))

    @rule(number=nth)
    def give_up(self, number: int) -> None:
        orders = list(ResupplyOrder.objects.under_way().order_by("pk"))
        if orders:
            order = orders[number % len(orders)]
            self.act(close_short, order=order, version=None, reason="No", **self.world.by(self.world.logistics))

    @invariant()
    def a_pickup_comes_before_its_delivery_on_one_run(self) -> None:
        for one in Shipment.objects.select_related("pickup", "stop"):
            if one.pickup is not None:
                assert one.stop is not None
                assert one.pickup.run_id == one.stop.run_id
                assert one.pickup.position < one.stop.position
            elif one.state == Shipment.State.TO_COLLECT:
                assert one.stop is None

    @invariant()
    def nothing_is_collected_after_its_delivery(self) -> None:
        done = (Stop.State.DELIVERED, Stop.State.MISSED)
        for one in Shipment.objects.filter(state="to_collect", stop__isnull=False).select_related("pickup", "stop"):
            assert one.pickup is not None
            assert one.stop is not None
            assert one.pickup.state not in done
            assert one.stop.state not in done

    @invariant()
    def a_transfer_owes_nothing(self) -> None:
        assert not OrderLine.objects.owed().filter(order__kind="transfer").exists()

    @invariant()
    def the_books_add_up(self) -> None:
        assert all_differences() == []


@pytest.mark.django_db
def test_whatever_a_day_brings():
    checks = settings(max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Days, settings=checks)
