"""The division's policies for each kind of item and each class."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.htmx import redirect_to
from inventory.actions.policies import set_policies
from inventory.forms.policies import PoliciesForm
from inventory.queries.policies import criticality_weights, last_change
from inventory.queries.policies import policies as current
from inventory.views.choices import posted
from stations.access import SignedInRequest, for_roles

WRITERS = ("logistics", "chief")


@for_roles(*WRITERS, readers=["auditor"])
@require_http_methods(["GET", "POST"])
def policies(request: SignedInRequest) -> HttpResponse:
    """How far ahead stock must last, what counts as expiring, and what must be there when it is asked for."""
    last = last_change()
    classes = list(criticality_weights().values())
    seen = {"seen": last.pk if last else 0}
    form = PoliciesForm(posted(request), policies=current(), classes=classes, initial=seen)
    if form.is_valid():
        try:
            set_policies(
                policies=form.chosen(),
                classes=form.chosen_classes(),
                seen=form.cleaned_data["seen"],
                by=request.user,
                at=timezone.now(),
                **form.command,
            )
        except DomainError as refusal:
            form.refusal = refusal
        else:
            messages.success(request, _("Saved. Stock pages, the next sweep and the next proposals go by these."))
            return redirect_to(request, "policies")
    context = {"form": form, "last": last, "may_write": request.user.role in WRITERS}
    return render(request, "inventory/policies.html", context, status=form.http_status)
