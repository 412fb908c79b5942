"""The limits of a place and its station, from the page of its par levels."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import DomainError
from core.htmx import redirect_to
from inventory.actions.limits import set_limits
from inventory.forms.par_levels import ParGridForm
from inventory.forms.proposals import LimitsForm
from inventory.queries.par_levels import places_of
from inventory.views.choices import chosen_place
from inventory.views.par_levels import show
from stations.access import SignedInRequest, for_roles, station_for


@for_roles("logistics", "chief")
@require_POST
def limits(request: SignedInRequest, code: str) -> HttpResponse:
    """Set what the place holds and what the station's stock may be worth."""
    station = station_for(request.user, code)
    places = places_of(station)
    place = chosen_place(request, places)
    if place is None:
        raise Http404
    form = LimitsForm(request.POST)
    if form.is_valid():
        try:
            set_limits(
                place=place, limits=form.limits, seen=form.seen, by=request.user, at=timezone.now(), **form.command
            )
        except DomainError as refusal:
            form.refusal = refusal
        else:
            messages.success(request, _("Saved. The next proposals keep within these limits."))
            return redirect_to(request, f"{reverse('station_par_levels', args=[code])}?place={place.pk}")
    return show(request, ParGridForm(), station, places, place, limits=form)
