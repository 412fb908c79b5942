"""Shipments and runs on paper: pick lists, the packing slip, tote labels, the run sheet."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core.errors import DomainError
from core.paper.answers import asked_number, asked_skip, printed, printed_sheet
from core.paper.papers import Paper
from core.paper.sheets import Stamp
from orders.access import run_for, shipment_for
from orders.models import DeliveryRun, Shipment
from orders.papers.packing_slip import PackingSlip, print_packing_slip
from orders.papers.pick_list import PickList, print_pick_list
from orders.papers.run_sheet import RunSheet, print_run_sheet
from orders.papers.tote_labels import print_tote_labels
from orders.queries import papers, runs, shipments
from orders.views.runs import READERS
from stations.access import SignedInRequest, for_roles
from stations.models import User

LOGISTICS = User.Role.LOGISTICS


@for_roles(LOGISTICS)
@require_GET
def pick_list(request: SignedInRequest, pk: int) -> HttpResponse:
    """The pick list of a shipment that has not left; its code opens the list on the screen."""
    found = shipment_for(request.user, pk)

    def draw(stamp: Stamp) -> bytes:
        if found.state not in Shipment.AT_SOURCE:
            facts = {"shipment": found, "state": found.get_state_display().lower()}
            raise DomainError(_("%(shipment)s is %(state)s: there is nothing to pick.") % facts)
        return print_pick_list(_picks([found]), stamp)

    return printed_sheet(request, reverse("pick_shipment", args=[pk]), f"pick list {found}", draw)


@for_roles(LOGISTICS)
@require_GET
def run_pick_list(request: SignedInRequest, pk: int) -> HttpResponse:
    """One walk for all that a run takes and nobody has packed yet; its code opens the walk on the screen."""
    found = run_for(request.user, pk)

    def draw(stamp: Stamp) -> bytes:
        waiting = runs.not_packed(found)
        if not waiting:
            raise DomainError(_("Everything for %(run)s is packed: there is nothing to pick.") % {"run": found})
        return print_pick_list(_picks(waiting, found), stamp)

    return printed_sheet(request, reverse("pick_run", args=[pk]), f"pick list {found}", draw)


def _picks(found: list[Shipment], run: DeliveryRun | None = None) -> PickList:
    lines = shipments.lines_of(*found)
    owed = papers.owed_lines({line.order_line.order_id for line in lines})
    return PickList(found, shipments.by_bin(lines, {}), owed, run)


@require_GET
def packing_slip(request: SignedInRequest, pk: int) -> HttpResponse:
    """What is in a shipment, for who unpacks it; its code opens the shipment."""
    found = shipment_for(request.user, pk)

    def draw(stamp: Stamp) -> bytes:
        lines = shipments.lines_of(found)
        orders = {line.order_line.order_id for line in lines}
        others = papers.lines_elsewhere(orders, {line.order_line_id for line in lines})
        return print_packing_slip(PackingSlip(found, lines, others), stamp)

    return printed_sheet(request, found.get_absolute_url(), f"packing slip {found}", draw)


@require_GET
def tote_labels(request: SignedInRequest, pk: int) -> HttpResponse:
    """A label for each of ``?totes=``, else of those packed; ``?skip=`` of the first sheet are used already."""
    found = shipment_for(request.user, pk)
    address = request.build_absolute_uri(reverse("receive_shipment", args=[pk]))

    def draw(paper: Paper) -> bytes:
        refusal = _("Write how many totes it fills, as a number.")
        totes = asked_number(request, "totes", default=found.totes or 1, refusal=refusal)
        marks = papers.shipment_marks([pk]).get(pk, ())
        return print_tote_labels(found, paper, totes=totes, marks=marks, address=address, skip=asked_skip(request))

    return printed(request, found.get_absolute_url(), f"tote labels {found}", draw)


@for_roles(*READERS)
@require_GET
def run_sheet(request: SignedInRequest, pk: int) -> HttpResponse:
    """The stops of a run, for the driver's clipboard; its code opens the run."""
    found = run_for(request.user, pk)

    def draw(stamp: Stamp) -> bytes:
        cards = runs.stops_of(found, at=stamp.printed_at)
        marks = papers.shipment_marks([one.pk for card in cards for one in (*card.shipments, *card.pickups)])
        return print_run_sheet(RunSheet(found, cards, marks, runs.legs_of(found, cards)), stamp)

    return printed_sheet(request, found.get_absolute_url(), f"run sheet {found}", draw)
