"""What a person may find from anywhere: by a name, a part of it, a number or a code."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _

from inventory.access import visible_lots
from inventory.models import Item, Lot
from inventory.queries.stock import matching
from orders.access import visible_orders, visible_runs, visible_shipments
from orders.models import ResupplyOrder
from stations.access import visible_stations
from stations.models import Unit, User

SHOWN = 6  # of a kind; the rest is in its list
NUMBER = re.compile(r"(?P<letter>[rsd]?)0*(?P<digits>[1-9][0-9]{0,17})", re.IGNORECASE)


@dataclass(frozen=True)
class Hit:
    """One thing that was found: its name, what tells it from others, its page."""

    title: str
    detail: str
    address: str
    row: Any


@dataclass(frozen=True)
class Group:
    """The things of a kind that were found, and the list that has them all."""

    label: str
    icon: str
    hits: Sequence[Hit]
    all_address: str = ""

    @property
    def has_more(self) -> bool:
        return len(self.hits) > SHOWN

    @property
    def shown(self) -> Sequence[Hit]:
        return self.hits[:SHOWN]


def search(user: User, text: str) -> list[Group]:
    """What the person may see and these words name, by kind. At most one query for each kind, and none for no words."""
    if not text:
        return []
    finders = (_stations, _units, _items, _lots, _orders, _shipments, _runs)
    groups = (find(user, text) for find in finders)
    return [group for group in groups if group.hits]


def only_hit(groups: Sequence[Group], text: str) -> Hit | None:
    """The one thing whose number or code is exactly this, if it is only one: it opens at once."""
    exact = [hit for group in groups for hit in group.hits if text.casefold() in _codes(hit.row)]
    return exact[0] if len(exact) == 1 else None


def _codes(row: Any) -> set[str]:
    """The numbers and codes of a row that stand for it alone."""
    names = ("code", "sku", "number", "gtin", "ndc", "serial_number")
    return {str(code).casefold() for name in names if (code := getattr(row, name, ""))}


def _hits(rows: "QuerySet[Any]", title: Callable[[Any], object], detail: Callable[[Any], str]) -> list[Hit]:
    return [Hit(str(title(row)), detail(row), row.get_absolute_url(), row) for row in rows[: SHOWN + 1]]


def _list(page: str, text: str) -> str:
    return f"{reverse(page)}?{urlencode({'q': text})}"


def _stations(user: User, text: str) -> Group:
    rows = visible_stations(user).filter(Q(name__icontains=text) | Q(code__iexact=text))
    hits = _hits(
        _ranked(rows, Q(code__iexact=text), *_begins(text)), str, lambda row: f"{row.code} · {row.get_kind_display()}"
    )
    return Group(_("Stations"), "map-pin", hits, reverse("stations") if user.role != User.Role.OFFICER else "")


def _begins(text: str) -> tuple[Q, Q]:
    """Names that begin with this, and names of which a word does."""
    return Q(name__istartswith=text), Q(name__icontains=f" {text}")


def _units(user: User, text: str) -> Group:
    rows = Unit.objects.filter(station__in=visible_stations(user), code__istartswith=text).exclude(kind=Unit.Kind.VAN)
    rows = rows.select_related("station")
    hits = _hits(_ranked(rows, Q(code__iexact=text)), str, lambda row: f"{row.get_kind_display()} · {row.station}")
    return Group(_("Units"), "ambulance", hits)


def _items(user: User, text: str) -> Group:
    if user.role == User.Role.DRIVER:
        return Group(_("Items"), "package", [])
    rows = matching(Item.objects.filter(is_active=True), text)
    hits = _hits(
        _ranked(rows, Q(sku__iexact=text), *_begins(text)), str, lambda row: f"{row.sku} · {row.get_kind_display()}"
    )
    return Group(_("Items"), "package", hits, _list("items", text))


def _lots(user: User, text: str) -> Group:
    rows = visible_lots(user).filter(Q(number__istartswith=text) | Q(serial_number__istartswith=text))
    hits = [
        Hit(str(lot), f"{lot.item}{_expiry(lot)}", reverse("lot", args=[lot.pk]), lot)
        for lot in rows.select_related("item").order_by("number", "pk")[: SHOWN + 1]
    ]
    return Group(_("Lots"), "barcode", hits, _list("lots", text))


def _expiry(lot: Lot) -> str:
    return " · " + _("expires %(day)s") % {"day": lot.expires_on} if lot.expires_on else ""


def _orders(user: User, text: str) -> Group:
    found = visible_orders(user) if user.role != User.Role.DRIVER else ResupplyOrder.objects.none()
    rows = _numbered(found, text, "r", Q(station__name__icontains=text))
    rows = rows.select_related("station").order_by("-pk")
    hits = _hits(rows, str, lambda row: f"{row.station} · {row.get_state_display()}")
    return Group(_("Requests"), "clipboard-list", hits, _list("orders", text))


def _shipments(user: User, text: str) -> Group:
    rows = _numbered(visible_shipments(user), text, "s", Q(destination__name__icontains=text))
    rows = rows.select_related("destination").order_by("-pk")
    towards = _("to %(station)s")
    hits = _hits(rows, str, lambda row: f"{towards % {'station': row.destination}} · {row.get_state_display()}")
    return Group(_("Shipments"), "package-export", hits, reverse("shipments"))


def _runs(user: User, text: str) -> Group:
    rows = _numbered(visible_runs(user), text, "d", Q(van__code__iexact=text)).select_related("van")
    words = _("%(van)s on %(day)s")
    hits = _hits(rows, str, lambda row: f"{words % {'van': row.van, 'day': row.run_on}} · {row.get_state_display()}")
    return Group(_("Runs"), "route", hits, reverse("runs"))


def _numbered(rows: "QuerySet[Any]", text: str, letter: str, otherwise: Q) -> "QuerySet[Any]":
    """Rows of this number, with or without its letter and zeros; or what else the words may name."""
    number = NUMBER.fullmatch(text)
    if number is None:
        return rows.filter(otherwise)
    return rows.filter(pk=int(number["digits"])) if number["letter"].lower() in ("", letter) else rows.none()


def _ranked(rows: "QuerySet[Any]", *tests: Q) -> "QuerySet[Any]":
    """What passes an earlier test before what passes a later one or none, then in the usual order."""
    ranks = [When(test, then=Value(rank)) for rank, test in enumerate(tests)]
    return rows.order_by(
        Case(*ranks, default=Value(len(ranks)), output_field=IntegerField()), *rows.model._meta.ordering
    )
