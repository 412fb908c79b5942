"""Scanning: a page that says what a code is and offers what is done with it, and the answer for pages that scan."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core.camera import with_camera
from core.errors import DomainError
from core.htmx import is_htmx, redirect_to, render_part
from inventory.access import visible_levels, visible_locations, visible_lots
from inventory.errors import UnknownCode
from inventory.models import Item
from inventory.queries import scanning as queries
from inventory.queries.codes import Found, look_up
from stations.access import READS_ALL, SignedInRequest, own_stations
from stations.models import Location, Station, User

LONGEST = 500


@with_camera
@require_GET
def scan(request: SignedInRequest) -> HttpResponse:
    """Scan anything, ``?code=``: what it is, how much of it is here, what may be done. A paper opens its page."""
    text = _code(request)
    if page := queries.page_of(text):
        return redirect_to(request, page) if is_htmx(request) else redirect(page)
    context: dict[str, Any] = {"code": text, "today": timezone.localdate()}
    if text:
        try:
            found = _found(request.user, text)
        except DomainError as refusal:
            context |= {"refusal": refusal, "link": _link(request.user, text, refusal)}
        else:
            context |= {"found": found, "here": _here(request.user, found.item)}
            context["may_act"] = own_stations(request.user).exists() or request.user.role == User.Role.LOGISTICS
    return render_part(request, "inventory/scan.html", "scanned", context)


@require_GET
def scan_lookup(request: SignedInRequest) -> JsonResponse:
    """What a code is, for a page that scans: ``item``, ``lot``, ``quantity``; or ``go``; or ``said``, ``link``."""
    text = _code(request)
    if page := queries.page_of(text):
        return JsonResponse({"go": page})
    try:
        found = _found(request.user, text)
    except DomainError as refusal:
        return JsonResponse({"said": str(refusal), "link": _link(request.user, text, refusal)}, status=404)
    return JsonResponse(_facts(found))


def _found(user: User, text: str) -> Found:
    """What the code names; its lot only where the person may see it."""
    return look_up(text, lots=visible_lots(user))


def _here(user: User, item: Item) -> list[queries.Here]:
    """Where it is for this person: an officer's stations and units, and for those who see all the warehouses."""
    places = visible_locations(user).exclude(kind=Location.Kind.VAN)
    if user.role in READS_ALL:
        places = places.filter(station__kind=Station.Kind.WAREHOUSE)
    return queries.here(places, visible_levels(user), item)


def _facts(found: Found) -> dict[str, object]:
    scanned = found.scanned
    number = scanned.serial or scanned.lot
    words = _("%(item)s, lot %(lot)s") % {"item": found, "lot": number} if number else str(found)
    return {
        "item": found.item.sku,
        "name": found.item.name,
        "words": words,
        "quantity": found.quantity,
        "lot": found.lot.pk if found.lot else None,
        "number": number,
    }


def _code(request: SignedInRequest) -> str:
    return request.GET.get("code", "").replace("\0", "")[: LONGEST + 1]


def _link(user: User, text: str, refusal: DomainError) -> str:
    """Where an unknown code is linked to its item, for those who may."""
    if user.role != User.Role.LOGISTICS or not isinstance(refusal, UnknownCode):
        return ""
    return f"{reverse('link_code')}?{urlencode({'code': text})}"
