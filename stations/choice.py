"""Choosing a station on a page: from a list where there are few, by typing where there are many."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Case, Q, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from stations.models import Station

# A select of more is slow to send and to scroll through on a phone.
FEW = 60
FOUND = 20


@dataclass(frozen=True)
class StationChoice:
    """What a page's station field shows. ``options``: all that may be chosen, or nothing where there are too many.
    ``unknown``: what was written and is no station."""

    chosen: Station | None
    options: Sequence[Station]
    is_typed: bool
    unknown: str = ""

    @property
    def is_offered(self) -> bool:
        return self.is_typed or len(self.options) > 1

    def refuse_unknown(self, request: HttpRequest) -> HttpResponse | None:
        """The page again without the station that was typed wrongly, and the word that says so; None if it is known."""
        if not self.unknown:
            return None
        words = gettext("Which station is “{text}”? Choose one that the field offers.")
        messages.error(request, words.format(text=self.unknown))
        return redirect(request.path)


def choose_station(request: HttpRequest, stations: "QuerySet[Station]", *, needs_one: bool = False) -> StationChoice:
    """The station that ``?station=`` names among these, by code or name; where the page ``needs_one`` and none is
    named, the first, warehouses before the rest; there, 404 for a code that its list could not have sent.

    Two queries at most, however many stations there are.
    """
    warehouses = Case(When(kind=Station.Kind.WAREHOUSE, then=Value(0)), default=Value(1))
    listed = list(stations.order_by(warehouses, "code")[: FEW + 1])
    is_typed = len(listed) > FEW
    options = [] if is_typed else listed
    text = typed(request, "station")
    if not text:
        return StationChoice(listed[0] if needs_one and listed else None, options, is_typed)
    named = list(stations.filter(Q(code__iexact=text) | Q(name__iexact=text)).order_by("code")[:2])
    by_code = [one for one in named if one.code.casefold() == text.casefold()]
    chosen = by_code[0] if by_code else named[0] if len(named) == 1 else None
    if chosen is None and needs_one and not is_typed:
        raise Http404
    return StationChoice(chosen, options, is_typed, "" if chosen else text)


def found(stations: "QuerySet[Station]", text: str) -> "QuerySet[Station]":
    """The first stations whose code begins with this text, or whose name holds it."""
    return stations.filter(Q(code__istartswith=text) | Q(name__icontains=text)).order_by("code")[:FOUND]


def typed(request: HttpRequest, name: str) -> str:
    """What was written into a field of the address: short, and without the one letter that PostgreSQL cannot hold."""
    return request.GET.get(name, "").replace("\0", "").strip()[:80]
