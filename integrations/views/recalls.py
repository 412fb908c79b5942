"""Recalls: the list, one of them with where its units are, and taking them from a file."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core.errors import DomainError
from core.forms import CommandForm
from core.htmx import redirect_to
from core.pagination import page_of
from integrations.access import recall_for, visible_recalls
from integrations.actions.recalls import Taken
from integrations.actions.recalls import take_recalls as take
from integrations.forms.recalls import ChosenForm, TakeForm
from integrations.models import Recall
from integrations.queries import recalls as queries
from integrations.queries.recall_places import reckoning
from integrations.recalls.files import read_file
from inventory.access import visible_levels
from inventory.views.choices import posted, searched
from stations.access import READS_ALL, SignedInRequest, can_write, for_roles
from stations.models import Event, User

MOST = 2_000  # what a page can take while somebody waits; the command takes more
READERS = (User.Role.OFFICER, User.Role.LOGISTICS, User.Role.CHIEF, User.Role.AUDITOR)


@for_roles(*READERS)
@require_GET
def recalls(request: SignedInRequest) -> HttpResponse:
    """Those that are open, the gravest first; ``?state=`` shows the others."""
    found, levels = visible_recalls(request.user), visible_levels(request.user)
    state, text = request.GET.get("state", ""), searched(request)
    counts = queries.counts_by_state(found)
    context = {
        "page": page_of(request, queries.recall_rows(found, levels, state=state, text=text)),
        "states": [(value, label, counts.get(value, 0)) for value, label in Recall.State.choices],
        "open": sum(counts.get(value, 0) for value in Recall.OPEN),
        "to_review": counts.get(Recall.State.TO_REVIEW, 0),
        "state": state,
        "text": text,
        "may_decide": request.user.role == User.Role.LOGISTICS,
        "dismiss": ChosenForm(),
    }
    return render(request, "integrations/recalls.html", context)


@for_roles(*READERS)
@require_GET
def recall(request: SignedInRequest, recall: str) -> HttpResponse:
    """What is recalled and why, its lots, where each unit is, and what became of the others."""
    shown = recall_for(request.user, recall)
    places = queries.places_of(shown, visible_levels(request.user))
    owners = {place.location.owner.pk: place.location.owner for place in places}
    mine = {pk for pk, station in owners.items() if can_write(request.user, station)}
    context = {
        "recall": shown,
        "places": [(place, place.location.owner.pk in mine and not place.is_van) for place in places],
        "left": sum(place.units for place in places),
        "lots": shown.lots.select_related("lot__item").order_by("lot__item__name", "lot__number", "pk"),
        "reckoning": reckoning(shown) if request.user.role in READS_ALL else None,
        "events": Event.objects.about(shown),
        "may_decide": request.user.role == User.Role.LOGISTICS,
        "pull": CommandForm(),
    }
    return render(request, "integrations/recall.html", context)


@for_roles(User.Role.LOGISTICS)
@require_http_methods(["GET", "POST"])
def take_recalls(request: SignedInRequest) -> HttpResponse:
    """Take the records of a file: what they name is held at once."""
    form = TakeForm(posted(request), request.FILES or None)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            records = read_file(str(file.name), file.read(), most_mb=settings.EMS_RECALL_MB, most=MOST)
            taken = take(records=records, by=request.user, at=timezone.now(), **form.command)
        except DomainError as refusal:
            form.refusal = refusal
        else:
            messages.success(request, _said(taken))
            return redirect_to(request, "recalls")
    context = {"form": form, "most": settings.EMS_RECALL_MB}
    return render(request, "integrations/take_recalls.html", context, status=form.http_status)


def _said(taken: Taken) -> str:
    return _(
        "%(new)d new, %(changed)d changed, %(same)d known already; %(lots)d lots held, %(to_review)d to review."
    ) % {
        "new": taken.new,
        "changed": taken.changed,
        "same": taken.same,
        "lots": taken.lots,
        "to_review": taken.to_review,
    }
