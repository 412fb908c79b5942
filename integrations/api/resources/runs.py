"""Delivery runs and their stops: planned, loaded, sent, delivered, completed."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.asked import ITSELF, Nothing, Reason, by_code, lines_field, one_by_code, refuse_twice
from integrations.api.base import Reads, ReadsVersions
from integrations.api.fields import Codes, Id, Moment, Quantity, Text
from integrations.api.filters import filters
from integrations.api.once import command_of
from integrations.api.serializers import Asked
from integrations.api.shown.orders import RunShown, StopShown
from integrations.api.verbs import creates, verb
from integrations.api.versions import version_seen
from orders.access import run_for, stop_for, visible_runs
from orders.actions import planner
from orders.actions import runs as actions
from orders.actions.collecting import collect_stop
from orders.actions.schedule import plan_run
from orders.forms.runs import drivers
from orders.models import DeliveryRun, Stop
from stations.access import require_role, visible_stations
from stations.models import Station, Unit, User

NO_STATION = "There is no station {} that you may see."
NO_DRIVER = "{} is not a driver."


class NewRun(Asked):
    depot = Text(max_length=20, help_text="Code of the station that it leaves from.")
    van = Text(max_length=20, help_text="Call sign.")
    leaves_at = Moment()
    stations = Codes(min_length=1, help_text="Codes of those to which something waits to go.")
    driver = Text(max_length=150, required=False, help_text="User name.")


class Driver(Asked):
    driver = Text(max_length=150, help_text="User name.")


class NewOrderOfStops(Asked):
    stations = Codes(min_length=1, help_text="Codes of all its stations, in their new order.")


class HandOver(Asked):
    handed_to = Text(max_length=80, help_text="Who took it, or where it was left.")


class LineCollected(Asked):
    id = Id(help_text="The shipment line's id.")
    quantity = Quantity(least=0)


class Collected(Asked):
    given_by = Text(max_length=80, help_text="Who gave it, or where it was taken.")
    lines = lines_field(LineCollected, default=list, help_text="Those of which less is taken; the rest in full.")
    reason = Text(max_length=200, default="", allow_blank=True, help_text="Needed where less is taken.")


class Runs(ReadsVersions):
    """A van's way on a day, and its stops in order."""

    area = "runs"
    queryset = DeliveryRun.objects.all()
    serializer_class = RunShown
    filterset_class = filters(
        DeliveryRun, "run_on", "state", depot="depot__code", van="van__code", driver="driver__username"
    )

    def seen_by(self, person: User) -> QuerySet[DeliveryRun]:
        runs = visible_runs(person).select_related("depot", "van", "driver")
        return runs.prefetch_related("stops__station")

    @creates(NewRun, RunShown)
    def create(self, request: Request) -> Response:
        """Plan a run by hand: this van, leaving then, to these stations with all that waits for them."""
        asked = self.body(NewRun).validated_data
        require_role(self.person, User.Role.LOGISTICS)
        depot = one_by_code(visible_stations(self.person), asked["depot"], field="code", says=NO_STATION, key="depot")
        vans = Unit.objects.filter(station=depot, kind=Unit.Kind.VAN)
        says = f"There is no van {{}} at {depot}."
        made = plan_run(
            depot=depot,
            van=one_by_code(vans, asked["van"], field="code", says=says, key="van"),
            leaves_at=asked["leaves_at"],
            stations=list(self._stations(asked["stations"])),
            driver=self._driver(asked) if "driver" in asked else None,
            **command_of(request),
        )
        return self.done(made, status=201)

    @verb(Driver, RunShown)
    def assign_driver(self, request: Request, pk: str) -> Response:
        """Say who drives."""
        asked = self.body(Driver).validated_data
        run = run_for(self.person, int(pk), write=True)
        return self._step(actions.assign_driver, run, driver=self._driver(asked))

    @verb(NewOrderOfStops, RunShown)
    def reorder(self, request: Request, pk: str) -> Response:
        """Put its stops into this order; the schedule then leaves it as it is."""
        asked = self.body(NewOrderOfStops).validated_data
        run = run_for(self.person, int(pk), write=True)
        stations = [station.pk for station in self._stations(asked["stations"])]
        return self._step(actions.reorder_stops, run, station_ids=stations)

    @verb(Nothing, RunShown)
    def lock(self, request: Request, pk: str) -> Response:
        """Decide a planned run: neither the schedule nor a move changes its stops."""
        self.body(Nothing)
        return self._step(planner.lock_run, run_for(self.person, int(pk), write=True))

    @verb(Nothing, RunShown)
    def unlock(self, request: Request, pk: str) -> Response:
        """Open it to changes again."""
        self.body(Nothing)
        return self._step(planner.unlock_run, run_for(self.person, int(pk), write=True))

    @verb(Nothing, RunShown)
    def load(self, request: Request, pk: str) -> Response:
        """Begin to load: from now on the schedule leaves it as it is."""
        self.body(Nothing)
        return self._step(actions.load_run, run_for(self.person, int(pk), write=True))

    @verb(Nothing, RunShown, name="dispatch")
    def leave(self, request: Request, pk: str) -> Response:
        """The van leaves with what is packed. What is not stays and waits for another run."""
        self.body(Nothing)
        return self._step(actions.dispatch_run, run_for(self.person, int(pk), write=True))

    @verb(Nothing, RunShown)
    def complete(self, request: Request, pk: str) -> Response:
        """The van is back. What was not delivered goes back to its shelf."""
        self.body(Nothing)
        return self._step(actions.complete_run, run_for(self.person, int(pk), write=True))

    @verb(Reason, RunShown)
    def cancel(self, request: Request, pk: str) -> Response:
        """Call off a run that has not left."""
        reason = self.body(Reason).validated_data["reason"]
        return self._step(actions.cancel_run, run_for(self.person, int(pk), write=True), reason=reason)

    def _step(self, act: Any, run: DeliveryRun, **asked: Any) -> Response:
        return self.done(act(run=run, version=version_seen(self.request), **asked, **command_of(self.request)))

    def _stations(self, codes: list[str]) -> list[Station]:
        refuse_twice("stations", ITSELF, codes, "This station is named twice.")
        found = by_code(
            visible_stations(self.person), codes, field="code", says=NO_STATION, path="stations", key=ITSELF
        )
        return [found[code] for code in codes]

    def _driver(self, asked: dict[str, Any]) -> User:
        driver: User = one_by_code(drivers(), asked["driver"], field="username", says=NO_DRIVER, key="driver")
        return driver


class Stops(Reads):
    """One station on a run: its window, when the van came, and the proof of delivery."""

    area = "runs"
    queryset = Stop.objects.all()
    serializer_class = StopShown
    filterset_class = filters(Stop, "run", "state", station="station__code")

    def seen_by(self, person: User) -> QuerySet[Stop]:
        return Stop.objects.filter(run__in=visible_runs(person)).select_related("station")

    @verb(Nothing, StopShown, has_version=False)
    def arrive(self, request: Request, pk: str) -> Response:
        """The van stands there."""
        self.body(Nothing)
        return self._step(actions.arrive_at_stop, pk)

    @verb(HandOver, StopShown, has_version=False)
    def deliver(self, request: Request, pk: str) -> Response:
        """Hand everything over, with the proof. The station still has to receive it."""
        return self._step(actions.deliver_stop, pk, **self.body(HandOver).validated_data)

    @verb(Collected, StopShown, has_version=False)
    def collect(self, request: Request, pk: str) -> Response:
        """Take along what is to go from here to other stations."""
        asked = self.body(Collected).validated_data
        refuse_twice("lines", "id", [line["id"] for line in asked["lines"]], "This line is named twice.")
        taken = {line["id"]: line["quantity"] for line in asked["lines"]}
        return self._step(collect_stop, pk, taken=taken, given_by=asked["given_by"], reason=asked["reason"])

    @verb(Reason, StopShown, has_version=False)
    def miss(self, request: Request, pk: str) -> Response:
        """Say why nothing could be delivered. What was for it comes back with the van."""
        return self._step(actions.miss_stop, pk, **self.body(Reason).validated_data)

    def _step(self, act: Any, pk: str, **asked: Any) -> Response:
        stop = stop_for(self.person, int(pk), write=True)
        return self.done(act(stop=stop, **asked, **command_of(self.request)))
