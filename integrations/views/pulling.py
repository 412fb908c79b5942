"""Pulling recalled stock off a shelf or a unit."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.htmx import redirect_to
from integrations.access import recall_for
from integrations.actions.pulling import pull_recalled
from integrations.forms.recalls import PullForm
from integrations.models import Recall
from integrations.queries.recalls import rows_to_pull
from inventory.access import location_for
from inventory.views.choices import posted
from stations.access import SignedInRequest, for_roles
from stations.models import Location, User
from stations.signatures import WrongPassword, sign


@sensitive_post_parameters("witness_password")
@for_roles(User.Role.OFFICER, User.Role.LOGISTICS)
@require_http_methods(["GET", "POST"])
def pull_recall(request: SignedInRequest, recall: str, location: int) -> HttpResponse:
    """Say how much of a recall was taken off this place; all that is there is filled in."""
    shown = recall_for(request.user, recall)
    place = location_for(request.user, location, write=True)
    form = PullForm(posted(request), station=place.owner, by=request.user)
    if form.is_valid() and _pull(request, shown, place, form):
        return redirect_to(request, shown)
    context = {"recall": shown, "place": place, "form": form, "rows": form.fill(rows_to_pull(shown, place))}
    return render(request, "integrations/pull_recall.html", context, status=form.http_status)


def _pull(request: SignedInRequest, shown: Recall, place: Location, form: PullForm) -> bool:
    witness = form.cleaned_data["witness"]
    try:
        after = pull_recalled(
            recall=shown,
            location=place,
            lines=form.lines(),
            is_destroyed=form.is_destroyed,
            witness=sign(request, witness, form.cleaned_data["witness_password"]) if witness else None,
            by=request.user,
            at=timezone.now(),
            **form.command,
        )
    except WrongPassword as refusal:
        form.add_error("witness_password", str(refusal))
    except DomainError as refusal:
        form.refusal = refusal
    else:
        words = _("Pulled %(count)d at %(place)s.") % {"count": sum(form.quantities.values()), "place": place}
        ended = _("Nothing is left anywhere: the recall is closed.") if after.state == Recall.State.CLOSED else ""
        messages.success(request, f"{words} {ended}".strip())
    return not form.refusal and not form.errors
