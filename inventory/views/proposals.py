"""Proposals for par levels: the list, one with all that it was worked out from, and what is decided on them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from core.errors import DomainError
from core.htmx import redirect_to, render_part
from core.pagination import page_of
from inventory.access import visible_proposals
from inventory.actions.proposals import accept_proposals, decline_proposals
from inventory.forms.proposals import LOWER, RAISE, STATES, DecisionForm, ProposalFilter
from inventory.models import Item, ParProposal, ParReview
from inventory.policy import Reason
from inventory.queries import par_proposals as queries
from stations.access import SignedInRequest, for_roles, visible_stations
from stations.choice import choose_station
from stations.models import Command, Event, User

READERS = ("officer", "logistics", "chief", "auditor")
DECIDERS = (User.Role.LOGISTICS, User.Role.CHIEF)
ROWS = 100
LIST, ONE = "inventory/par_proposals.html", "inventory/par_proposal.html"


@for_roles(*READERS)
@require_GET
def par_proposals(request: SignedInRequest) -> HttpResponse:
    """What should change, what it would save and cost, and why."""
    return show_list(request, DecisionForm())


def show_list(request: SignedInRequest, form: DecisionForm) -> HttpResponse:
    seen = visible_stations(request.user)
    choice = choose_station(request, seen)
    if refused := choice.refuse_unknown(request):
        return refused
    visible = visible_proposals(request.user)
    chosen = ProposalFilter(request.GET).chosen
    if choice.chosen:
        chosen["station"] = choice.chosen.code
    rows = queries.filtered(visible, chosen)
    counts = queries.counts(visible, chosen)
    reviews = ParReview.objects.filter(station__in=seen).order_by("reviewed_at")
    may_decide = request.user.role in DECIDERS
    context = {
        "page": page_of(request, queries.listed(rows), size=ROWS),
        "summary": queries.summary(rows),
        "chosen": chosen,
        "is_filtered": bool(set(chosen) - {"state"}),
        "choice": choice,
        "station": choice.chosen,
        **chips(counts),
        "last": reviews.last(),
        "form": form,
        "may_decide": may_decide and chosen["state"] == ParProposal.State.OPEN,
        "may_start": may_decide,
    }
    return render_part(request, LIST, "rows", context, status=form.http_status if form.is_bound else 200)


def chips(counts: queries.Counts) -> dict[str, object]:
    """The filters of the list, each with what it would show."""
    ways = ((RAISE, _("Raise")), (LOWER, _("Lower")))
    return {
        "classes": [(value, label, counts.criticality.get(value, 0)) for value, label in Item.Criticality.choices],
        "directions": [(value, label, counts.direction.get(value, 0)) for value, label in ways],
        "reasons": [(one.value, counts.reason[one.value]) for one in Reason if counts.reason.get(one.value)],
        "states": [(state.value if state != ParProposal.State.OPEN else "", state.label) for state in STATES],
    }


@for_roles(*READERS)
@require_GET
def par_proposal(request: SignedInRequest, pk: int) -> HttpResponse:
    """One proposal: today's beside the proposed, why, and each number with where it comes from."""
    return show_one(request, pk, DecisionForm())


def show_one(request: SignedInRequest, pk: int, form: DecisionForm) -> HttpResponse:
    proposal = get_object_or_404(queries.listed(visible_proposals(request.user)), pk=pk)
    weeks = queries.use_by_week(proposal)
    place = proposal.location
    context = {
        "proposal": proposal,
        "item": proposal.item,
        "place": place,
        "station": place.owner,
        "weeks": weeks,
        "until": timezone.localdate(proposal.computed_at),
        "highest": max((week.units for week in weeks), default=0),
        "chart": queries.bars(weeks),
        "events": Event.objects.about(proposal),
        "form": form,
        "may_decide": request.user.role in DECIDERS and proposal.state == ParProposal.State.OPEN,
        "may_set": request.user.role in DECIDERS,
    }
    return render(request, ONE, context, status=form.http_status if form.is_bound else 200)


@for_roles(*DECIDERS)
@require_POST
def decide_par_proposals(request: SignedInRequest) -> HttpResponse:
    """Accept or decline those that were chosen, or all that the filters of the address show. Back to the list."""
    form = DecisionForm(request.POST)
    if form.is_valid() and decide(request, form):
        return redirect_to(request, f"{request.path.removesuffix('decide/')}?{request.GET.urlencode()}")
    one = request.POST.get("proposal", "")
    if request.POST.get("page") == "one" and one.isascii() and one.isdigit():
        return show_one(request, int(one[:18]), form)
    return show_list(request, form)


def decide(request: SignedInRequest, form: DecisionForm) -> bool:
    """Whether it was decided; otherwise the form says why not."""
    data = form.cleaned_data
    try:
        pks = everything(request, form) if data["everything"] else data["proposal"]
        if data["act"] == "accept":
            done = accept_proposals(proposals=pks, by=request.user, at=timezone.now(), **form.command)
        else:
            done = decline_proposals(
                proposals=pks, reason=data["reason"], by=request.user, at=timezone.now(), **form.command
            )
    except DomainError as refusal:
        form.refusal = refusal
        return False
    count = len(done)
    if data["act"] == "accept":
        said = ngettext("Accepted %(count)s par level.", "Accepted %(count)s par levels.", count)
    else:
        said = ngettext("Declined %(count)s proposal.", "Declined %(count)s proposals.", count)
    messages.success(request, said % {"count": f"{count:,}"})
    return True


def everything(request: SignedInRequest, form: DecisionForm) -> list[int]:
    """All that the filters show, if they are those that the page counted; of a repeated press, those of the first."""
    earlier = Command.objects.filter(request_id=form.cleaned_data["request_id"]).first()
    if earlier is not None:
        return list(earlier.events.filter(subject_kind="parproposal").values_list("subject_id", flat=True))
    rows = queries.filtered(visible_proposals(request.user), ProposalFilter(request.GET).chosen)
    found = queries.summary(rows)
    if (found.count, found.newest) != (form.cleaned_data["shown"], form.cleaned_data["newest"]):
        raise DomainError(_("The list has changed since you opened it. Nothing was decided; look at it again."))
    return list(rows.values_list("pk", flat=True))
