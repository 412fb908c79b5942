"""A recall that a person must read: which lots it names, or that it is not ours."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import DomainError, StaleEdit
from core.htmx import redirect_to
from integrations.access import recall_for
from integrations.actions import reviewing
from integrations.forms.recalls import ChosenForm, ReviewForm
from integrations.models import Recall
from integrations.queries.recalls import candidates
from inventory.views.choices import posted, searched
from stations.access import SignedInRequest, for_roles
from stations.models import User


@for_roles(User.Role.LOGISTICS)
@require_http_methods(["GET", "POST"])
def review_recall(request: SignedInRequest, recall: str) -> HttpResponse:
    """The record's text beside the lots that it may be about; ``?q=`` looks for others. POST names those ticked."""
    shown = recall_for(request.user, recall)
    form = ReviewForm(posted(request), initial={"version": shown.version})
    if form.is_valid() and _match(request, shown, form):
        return redirect_to(request, shown)
    found = candidates(shown, searched(request), also=form.chosen)
    context = {
        "recall": shown,
        "form": form,
        "dismiss": ChosenForm(auto_id="dismiss-%s"),
        "found": found,
        "text": searched(request),
        "ticked": set(form.chosen) if form.is_bound else {row.lot.pk for row in found.lots if row.is_named},
    }
    return render(request, "integrations/review_recall.html", context, status=form.http_status)


def _match(request: SignedInRequest, shown: Recall, form: ReviewForm) -> bool:
    try:
        reviewing.match_by_hand(
            recall=shown,
            lots=form.chosen,
            reason=form.cleaned_data["reason"],
            version=form.cleaned_data["version"],
            by=request.user,
            at=timezone.now(),
            **form.command,
        )
    except StaleEdit as refusal:
        form.refusal = refusal
        shown.refresh_from_db()
        form.renew(version=shown.version)
    except DomainError as refusal:
        form.refusal = refusal
    else:
        messages.success(request, _("What it names is held everywhere now."))
    return form.refusal is None


@for_roles(User.Role.LOGISTICS)
@require_POST
def dismiss_recalls(request: SignedInRequest) -> HttpResponse:
    """Say of the ticked recalls that nothing of them is ours."""
    form = ChosenForm(request.POST)
    if form.is_valid():
        try:
            count = reviewing.dismiss_recalls(
                recalls=form.chosen,
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=timezone.now(),
                **form.command,
            )
        except DomainError as refusal:
            messages.error(request, " ".join([str(refusal), *refusal.problems]))
        else:
            words = ngettext("%(count)d recall is not ours.", "%(count)d recalls are not ours.", count)
            messages.success(request, words % {"count": count})
    else:
        messages.error(request, _("Say why they are not ours. Nothing was changed."))
    return redirect_to(request, "recalls")
