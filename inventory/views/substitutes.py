"""What may be sent instead of an item: named on the item's page."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.htmx import redirect_to
from inventory.actions import substitutes as actions
from inventory.forms.substitutes import RemoveSubstituteForm, SubstituteForm
from inventory.models import Item
from inventory.views.items import show_item
from stations.access import SignedInRequest, for_roles
from stations.models import User


@for_roles(User.Role.LOGISTICS)
@require_http_methods(["GET", "POST"])
def set_substitute(request: SignedInRequest, sku: str) -> HttpResponse:
    """Name a substitute, or change what was said of it."""
    found = get_object_or_404(Item, sku=sku)
    if request.method == "GET":
        return redirect_to(request, found)
    form = SubstituteForm(request.POST, item=found)
    if not form.is_valid():
        return show_item(request, found, form=form)
    told = {name: form.cleaned_data[name] for name in ("substitute", "quantity", "per", "preference", "note")}
    try:
        made = actions.set_substitute(item=found, by=request.user, at=timezone.now(), **told, **form.command)
    except DomainError as refusal:
        return show_item(request, found, form=form, refusal=refusal)
    said = {"other": made.substitute, "item": found}
    messages.success(request, _("%(other)s is offered when %(item)s is lacking.") % said)
    return redirect_to(request, found)


@for_roles(User.Role.LOGISTICS)
@require_http_methods(["GET", "POST"])
def remove_substitute(request: SignedInRequest, sku: str) -> HttpResponse:
    """Offer it no more."""
    found = get_object_or_404(Item, sku=sku)
    form = RemoveSubstituteForm(request.POST)
    if request.method == "POST" and form.is_valid():
        other = form.cleaned_data["substitute"]
        try:
            actions.remove_substitute(item=found, substitute=other, by=request.user, at=timezone.now(), **form.command)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            said = {"other": other, "item": found}
            messages.success(request, _("%(other)s is not offered instead of %(item)s any more.") % said)
    return redirect_to(request, found)
