"""What changes are about: how the API names it, the scope that opens it, who sees it, and where it is read."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from dashboard.models import FigureTarget
from integrations.models import ApiToken, CallSign, CareCode, CareRecord, Recall, Webhook
from integrations.scopes import EVERYTHING, READ, allows
from inventory.access import (
    visible_counts,
    visible_locations,
    visible_lots,
    visible_movements,
    visible_proposals,
)
from inventory.models import CycleCount, Item, Lot, ParLevel, ParProposal, ParReview, StockMovement
from orders.access import visible_orders, visible_runs, visible_shipments
from orders.models import DeliveryRun, Discrepancy, ResupplyOrder, Shipment, Stop
from stations.access import READS_ALL, visible_stations
from stations.models import Command, Location, SavedView, Station, Unit, User


@dataclass(frozen=True)
class Kind:
    """``seen`` gives the rows that a person sees. ``resource`` names the list of the API that has it, by ``key``."""

    name: str
    model: type[Any]
    area: str
    seen: Callable[[User], QuerySet[Any]]
    resource: str = ""
    key: str = "pk"

    @property
    def subject(self) -> str:
        """How the event log names it."""
        return self.model._meta.model_name or ""


def _discrepancies(user: User) -> QuerySet[Any]:
    if user.role == User.Role.DRIVER:
        return Discrepancy.objects.none()
    return Discrepancy.objects.filter(line__shipment__in=visible_shipments(user))


def _imports(user: User) -> QuerySet[Any]:
    """Imports tell in one event what they moved: those see it who see any of the movements."""
    return Command.objects.filter(movements__in=visible_movements(user))


def _recalls(user: User) -> QuerySet[Any]:
    return Recall.objects.filter(lots__lot__in=visible_lots(user))


def nobody(user: User) -> QuerySet[Any]:
    return User.objects.none()


NOBODYS: dict[str, type[Any]] = {
    "person": User,
    "token": ApiToken,
    "target": FigureTarget,
    "view": SavedView,
}
KINDS = (
    Kind("order", ResupplyOrder, "orders", visible_orders, "orders"),
    Kind("shipment", Shipment, "shipments", visible_shipments, "shipments"),
    Kind("discrepancy", Discrepancy, "shipments", _discrepancies),
    Kind("run", DeliveryRun, "runs", visible_runs, "runs"),
    Kind("stop", Stop, "runs", lambda user: Stop.objects.filter(run__in=visible_runs(user))),
    Kind("movement", StockMovement, "stock", visible_movements, "movements"),
    Kind("import", Command, "stock", _imports),
    Kind("count", CycleCount, "counts", visible_counts),
    Kind("item", Item, "items", lambda user: Item.objects.all(), "items", "sku"),
    Kind("lot", Lot, "items", visible_lots, "lots"),
    Kind(
        "par-level",
        ParLevel,
        "par-levels",
        lambda user: ParLevel.objects.filter(location__in=visible_locations(user)),
        "par-levels",
    ),
    Kind("par-proposal", ParProposal, "par-levels", visible_proposals, "par-proposals"),
    Kind(
        "par-review",
        ParReview,
        "par-levels",
        lambda user: ParReview.objects.filter(station__in=visible_stations(user)),
    ),
    Kind("station", Station, "stations", visible_stations, "stations", "code"),
    Kind(
        "unit",
        Unit,
        "stations",
        lambda user: Unit.objects.filter(station__in=visible_stations(user)),
        "units",
        "code",
    ),
    Kind("location", Location, "stations", visible_locations),
    Kind("recall", Recall, "recalls", _recalls, "recalls", "number"),
    Kind("care-record", CareRecord, "usage", nobody, "care-records"),
    Kind("care-code", CareCode, "usage", nobody, "care-codes"),
    Kind("call-sign", CallSign, "usage", nobody, "call-signs"),
    # What has no station is for those who read all, and for tokens that do.
    Kind("webhook", Webhook, EVERYTHING, nobody, "webhooks"),
    *(Kind(name, model, EVERYTHING, nobody) for name, model in NOBODYS.items()),
)
BY_NAME = {kind.name: kind for kind in KINDS}
BY_SUBJECT = {kind.subject: kind for kind in KINDS}


def seen_by(person: User) -> Q:
    """Which changes a person sees: everything, or what is about things that they see. What is of no known kind
    is for those who read all."""
    if person.role in READS_ALL:
        return Q()
    seen = Q(pk__in=[])
    for kind in KINDS:
        rows = kind.seen(person).filter(pk=OuterRef("event__subject_id"))
        seen |= Q(Exists(rows), event__subject_kind=kind.subject)
    return seen


def opened_by(scopes: Iterable[str]) -> Q:
    """Which changes a token's scopes open: each kind by the area that reads it, the rest by ``all:read``."""
    scopes = list(scopes)
    if allows(scopes, EVERYTHING, READ):
        return Q()
    return Q(event__subject_kind__in=[kind.subject for kind in KINDS if allows(scopes, kind.area, READ)])


def closed_to(scopes: Collection[str], names: Iterable[str]) -> list[str]:
    """The scopes that these lack to be told of these kinds; of everything, if none is named."""
    areas = {BY_NAME[name].area for name in names} or {EVERYTHING}
    return sorted(f"{area}:{READ}" for area in areas if not allows(scopes, area, READ))


def of_kinds(names: Iterable[str]) -> Q:
    """Only these kinds; all if none is named."""
    subjects = [BY_NAME[name].subject for name in names]
    return Q(event__subject_kind__in=subjects) if subjects else Q()
