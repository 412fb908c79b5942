"""The chief's button beside what fails next."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.forms import CommandForm
from core.htmx import redirect_to
from dashboard.actions.asking import ask_for as ask
from inventory.models import Item
from stations.access import SignedInRequest, for_roles, station_for
from stations.models import User


@for_roles(User.Role.CHIEF)
@require_http_methods(["GET", "POST"])
def ask_for(request: SignedInRequest, code: str) -> HttpResponse:
    """Tell those who keep a station to request the item that ``item`` names, by its SKU."""
    station, form = station_for(request.user, code), CommandForm(request.POST)
    if request.method == "POST" and form.is_valid():
        item = get_object_or_404(Item, sku=request.POST.get("item", "").replace("\0", ""))
        try:
            ask(station=station, item=item, by=request.user, at=timezone.now(), **form.command)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            said = {"station": station, "item": item}
            messages.success(request, _("%(station)s is told to ask for %(item)s.") % said)
    return redirect_to(request, "fails_next")
