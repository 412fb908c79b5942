"""The systems that may call us."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.errors import DomainError
from core.forms import CommandForm
from core.htmx import redirect_to
from core.pagination import page_of
from integrations.actions.tokens import issue_token, revoke_token
from integrations.forms.tokens import TokenForm
from integrations.models import ApiToken
from stations.access import SignedInRequest, for_roles

MAY_LOOK = ("chief", "auditor")


@for_roles(*MAY_LOOK)
@require_GET
def tokens(request: SignedInRequest) -> HttpResponse:
    """Every token, with what it opens and when it was last used."""
    rows = ApiToken.objects.select_related("user", "issued_by")
    context = {"page": page_of(request, rows), "now": timezone.now(), "revoke": CommandForm()}
    return render(request, "integrations/tokens.html", context)


@for_roles("chief")
@require_http_methods(["GET", "POST"])
def new_token(request: SignedInRequest) -> HttpResponse:
    """Issue a token, and show it once."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            token, text = issue_token(**form.facts, by=request.user, at=timezone.now(), **form.command)
        except DomainError as refusal:
            form.refusal = refusal
        else:
            response = render(request, "integrations/issued_token.html", {"token": token, "text": text})
            response["Cache-Control"] = "no-store"
            return response
    return render(request, "integrations/new_token.html", {"form": form}, status=form.http_status)


@for_roles("chief")
@require_POST
def revoke(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a token away."""
    form = CommandForm(request.POST)
    if form.is_valid():
        token = get_object_or_404(ApiToken, pk=pk)
        revoke_token(token=token, by=request.user, at=timezone.now(), **form.command)
        messages.success(request, _("%(token)s opens nothing any more.") % {"token": token})
    return redirect_to(request, "tokens")
