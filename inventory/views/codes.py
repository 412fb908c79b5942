"""Which codes name an item: linked and taken back by logistics."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.htmx import redirect_to
from inventory.actions import codes as actions
from inventory.codes import read_code
from inventory.errors import UnknownCode
from inventory.forms.codes import LinkCodeForm, UnlinkCodeForm
from inventory.models import Item
from inventory.queries.codes import find_by_code
from inventory.views.choices import posted
from stations.access import SignedInRequest, for_roles
from stations.choice import typed
from stations.models import User


@for_roles(User.Role.LOGISTICS)
@require_http_methods(["GET", "POST"])
def link_code(request: SignedInRequest) -> HttpResponse:
    """Say what a code is that nobody here knows: ``?code=`` as scanned, ``?item=`` its item if that is known."""
    sku = typed(request, "item")
    of = Item.objects.prefetch_related("packs").filter(sku=sku).first() if sku else None
    scan = request.GET.get("code", "").replace("\0", "")[:500]
    known = _known(scan)
    of = of or (known["alike"][0] if len(known["alike"]) == 1 else None)
    initial = {"code": scan, "item": f"{of.sku} · {of.name}" if of else ""}
    form = LinkCodeForm(posted(request), of=of, initial=initial)
    if form.is_valid():
        try:
            item = actions.link_code(by=request.user, at=timezone.now(), **form.link, **form.command)
        except DomainError as refusal:
            form.refusal = refusal
        else:
            said = {"code": form.link["code"], "item": item}
            messages.success(request, _("%(code)s names %(item)s from now on.") % said)
            return redirect_to(request, item)
    catalogue = Item.objects.filter(is_active=True).values_list("sku", "name")
    context = {"form": form, "of": of, "catalogue": catalogue, **known}
    return render(request, "inventory/link_code.html", context, status=form.http_status if form.is_bound else 200)


@for_roles(User.Role.LOGISTICS)
@require_http_methods(["GET", "POST"])
def unlink_code(request: SignedInRequest, sku: str) -> HttpResponse:
    """The code names the item no more."""
    found = get_object_or_404(Item, sku=sku)
    form = UnlinkCodeForm(request.POST)
    if request.method == "POST" and form.is_valid():
        linked = form.cleaned_data["code"]
        try:
            actions.unlink_code(linked=linked, by=request.user, at=timezone.now(), **form.command)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("%(code)s names %(item)s no more.") % {"code": linked, "item": found})
    return redirect_to(request, found)


def _known(scan: str) -> dict[str, Any]:
    """What the scan names already, or what stands in the way: ``found``, ``why``; and ``alike``, what it may be."""
    told: dict[str, Any] = {"found": None, "why": "", "alike": []}
    if not scan:
        return told
    try:
        told["found"] = find_by_code(read_code(scan))
    except UnknownCode as refusal:
        told |= {"why": str(refusal), "alike": list(refusal.items)}
    except DomainError as refusal:
        told["why"] = str(refusal)
    return told
