"""Buttons that give a command: pressed, answered with a message, back to the page."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.htmx import redirect_to
from orders.forms.commands import CommandForm
from stations.access import SignedInRequest

Verb = Callable[[SignedInRequest, int], HttpResponse]


def verb_of(page: str) -> Callable[[Verb], Verb]:
    """A view that only takes POST. Who comes to its address otherwise, after signing in again, is led to the page."""

    def decorate(view: Verb) -> Verb:
        @require_http_methods(["GET", "POST"])
        @wraps(view)
        def posted(request: SignedInRequest, pk: int) -> HttpResponse:
            return view(request, pk) if request.method == "POST" else redirect_to(request, page, pk)

        return posted

    return decorate


def press(request: SignedInRequest, act: Callable[..., object], form: CommandForm, *, done: str = "") -> bool:
    """Carry out ``act`` with the request id (and the version) of the form; say what came of it. Whether it was done."""
    if not form.is_valid():
        messages.error(request, _("The form was incomplete, so nothing was changed. Please try again."))
        return False
    try:
        act(**getattr(form, "versioned", form.command))
    except DomainError as refusal:
        messages.error(request, " ".join([str(refusal), *refusal.problems]))
        return False
    if done:
        messages.success(request, done)
    return True
