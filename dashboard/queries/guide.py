"""The first steps of each role: what to do, where, and whether this person has done it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from stations.models import Command, Station, User


@dataclass(frozen=True)
class Step:
    """One step. ``verbs`` are the commands by which it is done; none for what is only looked at."""

    title: str
    text: str
    page: str
    verbs: tuple[str, ...] = ()
    at_station: bool = False


@dataclass(frozen=True)
class Shown:
    """A step with its address, and whether it is done."""

    step: Step
    address: str
    is_done: bool


OFFICER = (
    Step("Look at your station", "What is short, what is coming, what expires.", "home"),
    Step(
        "Send the suggested request",
        "It is worked out already: look, change what you know better, send it.",
        "suggested_order",
        ("submit_order",),
        at_station=True,
    ),
    Step("Use something", "Scan it or find it, and say how many.", "scan", ("use_stock",)),
    Step("Count a shelf", "Bin by bin; what is as expected takes one tap.", "counts", ("record_count", "post_count")),
    Step(
        "Receive a delivery",
        "All as sent in one tap, or what is damaged or missing line by line.",
        "shipments",
        ("receive_shipment", "receive_shipments"),
    ),
)
LOGISTICS = (
    Step("Look at the work", "To approve, to pick, to send, from left to right.", "queue"),
    Step(
        "Approve a request",
        "Beside what the warehouse has. Several at once: tick them first.",
        "queue",
        ("approve_order", "approve_orders"),
    ),
    Step(
        "Pick and pack",
        "By bin, lot by lot; scan to confirm.",
        "shipments",
        ("confirm_picks", "confirm_wave", "pack_shipment"),
    ),
    Step("Send a run", "Give it a driver, load it, send it.", "runs", ("dispatch_run",)),
    Step("Set a par level", "Items by station in one grid.", "par_grid", ("set_par_levels",)),
)
DRIVER = (
    Step("Open your run", "The next stop stands large, the rest below.", "driver_run"),
    Step("Arrive and hand over", "One button a step; who took it signs.", "driver_run", ("deliver_stop",)),
    Step("Complete the run", "When the van is back.", "driver_run", ("complete_run",)),
)
CHIEF = (
    Step("Look at readiness", "Which stations are ready, and what fails next.", "home"),
    Step(
        "Approve what needs you",
        "Scheduled drugs, cost over the limit, items off the list.",
        "queue",
        ("approve_order",),
    ),
    Step("Enter your people", "Each gets a link to choose a password.", "people", ("add_person",)),
    Step("Read the week", "As a PDF, or by e-mail on Mondays.", "reports"),
)
AUDITOR = (
    Step("See that the ledger adds up", "Every level against its movements.", "ledger"),
    Step("Read the log", "Who did what, when, and why.", "log"),
)
STEPS: Mapping[str, Sequence[Step]] = {
    User.Role.OFFICER: OFFICER,
    User.Role.LOGISTICS: LOGISTICS,
    User.Role.DRIVER: DRIVER,
    User.Role.CHIEF: CHIEF,
    User.Role.AUDITOR: AUDITOR,
}


def guide(person: User, own: Station | None) -> list[Shown]:
    """The steps of this person's role. ``own`` is the station at which they act, if there is one. One query."""
    steps = [step for step in STEPS[person.role] if own is not None or not step.at_station]
    wanted = {verb for step in steps for verb in step.verbs}
    done = set(Command.objects.filter(by=person, verb__in=wanted).values_list("verb", flat=True).distinct())
    return [Shown(step, _address(step, own), not done.isdisjoint(step.verbs)) for step in steps]


def _address(step: Step, own: Station | None) -> str:
    return reverse(step.page, args=[own.code]) if step.at_station and own else reverse(step.page)
