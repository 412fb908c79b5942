"""``ems transfer`` and ``ems discrepancy``."""

from typing import Any

from django.db.models import QuerySet

from integrations.api.shown.orders import DiscrepancyShown, OrderShown, TransferShown
from integrations.command_line.readers import items_of, place_for, shown, shows
from integrations.command_line.table import ID, ITEM, REASON, Asked, Field, Noun, Verb, listing, whole
from orders.access import discrepancy_for, visible_orders, visible_shipments
from orders.actions.settling import settle_discrepancy
from orders.actions.transfers import Accepted, accept_transfers
from orders.models import Discrepancy, TransferProposal
from orders.queries.discrepancies import PHOTOS
from orders.queries.transfers import visible_proposals
from stations.access import require_role
from stations.models import User


def _proposals(asked: Asked) -> QuerySet[TransferProposal]:
    rows = visible_proposals(asked.by).select_related("item")
    return rows.filter(item__sku=asked["item"]) if asked["item"] else rows


def _accept(asked: Asked) -> Any:
    """All or none: one order for each that gives and gets."""
    require_role(asked.by, User.Role.LOGISTICS)
    texts = {line[end] for line in asked.lines for end in ("donor", "receiver")}
    places = {text: place_for(asked.by, text).pk for text in sorted(texts)}
    accepted = [
        Accepted(item.pk, places[line["donor"]], places[line["receiver"]], line["quantity"], line["instead_of"])
        for item, line in zip(items_of(asked.lines), asked.lines, strict=True)
    ]
    made = accept_transfers(accepted=accepted, comment=asked["comment"], **asked.command)
    orders = visible_orders(asked.by).filter(pk__in=[order.pk for order in made]).order_by("pk")
    rows = orders.select_related("station", "source", "requested_by").prefetch_related("lines__item")
    return {"orders": shows(OrderShown)(rows)}


TRANSFERS = Noun(
    "transfer",
    "stock between stations",
    (
        listing("list", "what could be moved, as last worked out", _proposals, shows(TransferShown), ITEM),
        Verb(
            "accept",
            "decide that this moves, all or none",
            _accept,
            None,
            (Field("comment", "what its readers should know", default=""),),
            (
                Field("item", "SKU", needed=True),
                Field("donor", "the place that gives: S7, S7:safe", needed=True),
                Field("receiver", "the place that gets", needed=True),
                Field("quantity", "base units", whole, needed=True),
                Field("instead_of", "id of a request's line that asks for so much less then", whole),
            ),
            needs_lines=True,
        ),
    ),
)


def _discrepancies(by: User) -> QuerySet[Discrepancy]:
    if by.role == User.Role.DRIVER:
        return Discrepancy.objects.none()
    rows = Discrepancy.objects.filter(line__shipment__in=visible_shipments(by))
    return rows.select_related("line__order_line__item", "line__level", "settled_by").prefetch_related(PHOTOS)


def _listed(asked: Asked) -> QuerySet[Discrepancy]:
    rows = _discrepancies(asked.by)
    return rows.filter(resolution="") if asked["open"] else rows


def _settle(asked: Asked) -> Any:
    done = settle_discrepancy(
        discrepancy=discrepancy_for(asked.by, asked["id"], write=True),
        resolution=asked["resolution"],
        reason=asked["reason"],
        **asked.command,
    )
    return shown(DiscrepancyShown, _discrepancies(asked.by), done.pk)


DISCREPANCIES = Noun(
    "discrepancy",
    "what left and was not accepted",
    (
        listing(
            "list",
            "what this person may see",
            _listed,
            shows(DiscrepancyShown),
            Field("open", "only those that are not settled", is_flag=True),
        ),
        Verb(
            "settle",
            "say where it went, and how one knows",
            _settle,
            ID,
            (Field("resolution", "where it went", needed=True, choices=Discrepancy.Resolution.values), REASON),
        ),
    ),
)
