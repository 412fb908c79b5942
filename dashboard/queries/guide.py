"""The first steps of each role: what to do, where, and whether this person has done it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stations.models import Command, Station, User


@dataclass(frozen=True)
class Step:
    """One step. ``verbs`` are the commands by which it is done; none for what is only looked at."""

    title: Promise
    text: Promise
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
    Step(_("Look at your station"), _("What is short, what is coming, what expires."), "home"),
    Step(
        _("Send the suggested request"),
        _("It is worked out already: look, change what you know better, send it."),
        "suggested_order",
        ("submit_order",),
        at_station=True,
    ),
    Step(_("Use something"), _("Scan it or find it, and say how many."), "scan", ("use_stock",)),
    Step(
        _("Count a shelf"),
        _("Bin by bin; what is as expected takes one tap."),
        "counts",
        ("record_count", "post_count"),
    ),
    Step(
        _("Receive a delivery"),
        _("All as sent in one tap, or what is damaged or missing line by line."),
        "shipments",
        ("receive_shipment", "receive_shipments"),
    ),
)
LOGISTICS = (
    Step(_("Look at the work"), _("To approve, to pick, to send, from left to right."), "queue"),
    Step(
        _("Approve a request"),
        _("Beside what the warehouse has. Several at once: tick them first."),
        "queue",
        ("approve_order", "approve_orders"),
    ),
    Step(
        _("Pick and pack"),
        _("By bin, lot by lot; scan to confirm."),
        "shipments",
        ("pack_shipment",),
    ),
    Step(_("Send a run"), _("Give it a driver, load it, send it."), "runs", ("dispatch_run",)),
    Step(_("Set a par level"), _("Items by station in one grid."), "par_grid", ("set_par_levels",)),
)
DRIVER = (
    Step(_("Open your run"), _("The next stop stands large, the rest below."), "driver_run"),
    Step(
        _("Load the van"),
        _("Logistics sees that you have begun, and sends you off."),
        "driver_run",
        ("load_run",),
    ),
    Step(_("Arrive and hand over"), _("One button a step; who took it signs."), "driver_run", ("deliver_stop",)),
    Step(_("Complete the run"), _("When the van is back."), "driver_run", ("complete_run",)),
)
CHIEF = (
    Step(_("Look at readiness"), _("Which stations are ready, and what fails next."), "home"),
    Step(
        _("Approve what needs you"),
        _("Scheduled drugs, cost over the limit, items off the list."),
        "queue",
        ("approve_order", "approve_orders"),
    ),
    Step(_("Enter your people"), _("Each gets a link to choose a password."), "people", ("add_person",)),
    Step(_("Read the week"), _("As a PDF, or by e-mail on Mondays."), "reports"),
)
AUDITOR = (
    Step(_("See that the ledger adds up"), _("Every level against its movements."), "ledger"),
    Step(_("Read the log"), _("Who did what, when, and why."), "log"),
    Step(_("Take a list with you"), _("Every movement by place, reason and day, as CSV or XLSX."), "movements"),
)
STEPS: Mapping[str, Sequence[Step]] = {
    User.Role.OFFICER: OFFICER,
    User.Role.LOGISTICS: LOGISTICS,
    User.Role.DRIVER: DRIVER,
    User.Role.CHIEF: CHIEF,
    User.Role.AUDITOR: AUDITOR,
}


def guide(person: User, own: Station | None) -> list[Shown]:
    """The steps of this person's role, done by what they did since they joined. ``own`` is the station at which they
    act, if there is one. One query."""
    steps = [step for step in STEPS[person.role] if own is not None or not step.at_station]
    wanted = {verb for step in steps for verb in step.verbs}
    own_commands = Command.objects.filter(by=person, at__gt=person.date_joined, verb__in=wanted)
    done = set(own_commands.values_list("verb", flat=True).distinct())
    return [Shown(step, _address(step, own), not done.isdisjoint(step.verbs)) for step in steps]


def _address(step: Step, own: Station | None) -> str:
    return reverse(step.page, args=[own.code]) if step.at_station and own else reverse(step.page)
