"""Items from the registers: upload, choose, look, take."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.htmx import redirect_to
from core.pagination import page_of
from inventory.actions.catalogue import import_catalogue
from inventory.forms.catalogue import ChooseForm
from inventory.forms.imports import UploadForm
from inventory.imports.catalogue.offers import Offer
from inventory.imports.catalogue.planning import CataloguePlan, Standing, plan_catalogue, standings
from inventory.imports.catalogue.reading import read_catalogue
from inventory.imports.uploads import keep, opened
from inventory.views.choices import posted, searched
from stations.access import SignedInRequest, for_roles
from stations.models import User

STATES = {
    "new": gettext_lazy("New"),
    "partly": gettext_lazy("Partly"),
    "known": gettext_lazy("Known"),
    "doubtful": gettext_lazy("Doubtful"),
}
ROWS = 50
SHOWN_PROBLEMS = 200


@for_roles(User.Role.LOGISTICS)
@require_http_methods(["GET", "POST"])
def import_registers(request: SignedInRequest) -> HttpResponse:
    """Choose the files of a register. They are only read here."""
    form = UploadForm(posted(request), request.FILES or None)
    if form.is_valid():
        files = [(str(file.name), file.read()) for file in form.cleaned_data["tables"]]
        return redirect_to(request, "choose_entries", token=keep(files, user=request.user))
    context = {"form": form, "most": settings.EMS_IMPORT_UPLOAD_MB}
    return render(request, "inventory/import_registers.html", context, status=422 if form.errors else 200)


@for_roles(User.Role.LOGISTICS)
@require_http_methods(["GET", "POST"])
def choose_entries(request: SignedInRequest, token: UUID) -> HttpResponse:
    """The entries beside the catalogue: tick what is stocked, say its SKU, look at what comes of it, take it."""
    upload = opened(token, user=request.user)
    if upload is None:
        messages.warning(request, _("That upload is gone: only the last one is kept, for an hour. Choose it again."))
        return redirect_to(request, "import_registers")
    offered = read_catalogue(upload.sources)
    form = ChooseForm(posted(request))
    plan = plan_catalogue(offered.offers, form.chosen) if form.is_bound else CataloguePlan()
    if form.is_valid() and form.cleaned_data["seen"] == plan.mark and _taken(request, form, offered.offers):
        return redirect_to(request, request.get_full_path())
    if form.is_bound:
        form.renew(seen="" if plan.problems else plan.mark)
        if plan.problems:
            form.refusal = DomainError(_("These cannot be taken as they are."), problems=plan.problems)
    rows = _shown(request, standings(offered.offers))
    context = {
        "form": form,
        "plan": plan,
        "chosen": form.chosen if form.is_bound else {},
        "page": page_of(request, rows, size=ROWS),
        "text": searched(request),
        "state": request.GET.get("state", ""),
        "states": STATES,
        "count": len(rows),
        "files": [source.name for source in upload.sources],
        "problems": offered.report.problems[:SHOWN_PROBLEMS],
        "left_out": offered.report.warnings[:SHOWN_PROBLEMS],
    }
    return render(request, "inventory/choose_entries.html", context, status=form.http_status if form.is_bound else 200)


def _taken(request: SignedInRequest, form: ChooseForm, offers: list[Offer]) -> bool:
    """Whether the chosen were taken; otherwise the form says why not."""
    facts: dict[str, Any] = {"chosen": form.chosen, "seen": form.cleaned_data["seen"]}
    try:
        event = import_catalogue(offers=offers, by=request.user, at=timezone.now(), **facts, **form.command)
    except DomainError as refusal:
        form.refusal = refusal
        return False
    made, completed = event.details["items_made"], event.details["items_completed"]
    said = ngettext("%(made)d item is new", "%(made)d items are new", made) % {"made": made}
    messages.success(request, _("%(said)s, %(completed)d got packs or codes.") % {"said": said, "completed": completed})
    return True


def _shown(request: SignedInRequest, rows: list[Standing]) -> list[Standing]:
    """Those of ``?state=`` that hold every word of ``?q=``."""
    if (state := request.GET.get("state", "")) in STATES:
        rows = [row for row in rows if row.state == state]
    words = searched(request).casefold().split()
    return [row for row in rows if all(word in _words(row.offer) for word in words)]


def _words(offer: Offer) -> str:
    return " ".join(
        (offer.key, offer.sku, offer.name, offer.maker, *(code.value for _, code in offer.sizes))
    ).casefold()
