"""The ledger, and undoing a line of it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core.errors import DomainError
from core.exports import exported
from core.htmx import redirect_to, render_part
from core.pagination import page_of
from inventory import columns
from inventory.access import visible_locations, visible_movements
from inventory.actions.ledger import reverse_movement
from inventory.forms.filters import MovementFilter
from inventory.forms.lots import UndoForm
from inventory.queries import movements as queries
from inventory.views.choices import posted
from stations.access import SignedInRequest, for_roles, visible_stations
from stations.choice import choose_station
from stations.models import User


@require_GET
def movements(request: SignedInRequest) -> HttpResponse:
    """What moved where, newest first."""
    choice = choose_station(request, visible_stations(request.user))
    if refused := choice.refuse_unknown(request):
        return refused
    station = choice.chosen or (choice.options[0] if len(choice.options) == 1 else None)
    visible = visible_locations(request.user).select_related("station").only("kind", "name", "station__name")
    form = MovementFilter(request.GET, visible=visible, places=visible.at(station) if station else None)
    chosen = form.chosen
    if choice.chosen:
        chosen["station"] = choice.chosen
    rows = queries.ledger(queries.filtered(visible_movements(request.user), chosen))
    if file := exported(request, "Movements", columns.MOVEMENTS, rows):
        return file
    context = {
        "page": page_of(request, rows),
        "form": form,
        "choice": choice,
        "chosen": chosen,
        "may_undo": request.user.role == User.Role.LOGISTICS,
    }
    return render_part(request, "inventory/movements.html", "rows", context)


@for_roles(User.Role.LOGISTICS)
@require_http_methods(["GET", "POST"])
def undo_movement(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask why, then move it back."""
    movement = get_object_or_404(queries.ledger(visible_movements(request.user)), pk=pk)
    form = UndoForm(posted(request))
    if form.is_valid():
        try:
            reverse_movement(
                movement=movement,
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=timezone.now(),
                **form.command,
            )
        except DomainError as refusal:
            form.refusal = refusal
        else:
            said = {"number": f"{movement.quantity:,}", "item": movement.lot.item, "place": movement.source}
            messages.success(request, _("%(number)s of %(item)s went back to %(place)s.") % said)
            return redirect_to(request, "movements")
    context = {"movement": movement, "form": form}
    return render(request, "inventory/undo_movement.html", context, status=form.http_status)
