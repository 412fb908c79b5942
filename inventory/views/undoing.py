"""What was done to stock, said with the button that takes it back, and that button."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.forms import CommandForm
from core.htmx import redirect_to
from core.toasts import said_with_undo
from inventory.actions.undoing import undo_moves as undo
from inventory.models import StockMovement
from inventory.queries.undoing import UNDOABLE, is_undoable
from inventory.views.choices import address_of
from stations.access import SignedInRequest
from stations.models import Command


def said_of(request: SignedInRequest, words: str, first: StockMovement) -> None:
    """Say what the command of this movement did; with an undo where that is safe."""
    if is_undoable(first.command):
        said_with_undo(request, words, reverse("undo_moves", args=[first.command.request_id]))
    else:
        messages.success(request, words)


@require_http_methods(["GET", "POST"])
def undo_moves(request: SignedInRequest, done: UUID) -> HttpResponse:
    """Take back what one did a moment ago, all lines of it; back to the place where it was done."""
    before = get_object_or_404(Command, request_id=done, by=request.user, verb__in=UNDOABLE)
    first = before.movements.select_related("source__station", "destination__unit").order_by("pk")[0]
    form = CommandForm(request.POST)
    if request.method == "POST" and form.is_valid():
        try:
            back = undo(done=done, by=request.user, at=timezone.now(), **form.command)
        except DomainError as refusal:
            messages.error(request, " ".join([str(refusal), *refusal.problems]))
        else:
            said = ngettext("Undone: %(count)d line is back.", "Undone: %(count)d lines are back.", len(back))
            messages.success(request, said % {"count": len(back)})
    return redirect_to(request, address_of(first.destination if before.verb == "restock_unit" else first.source))
