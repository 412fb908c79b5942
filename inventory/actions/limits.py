"""What a place can hold and what a station's stock may be worth: the limits that proposals for par levels keep."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError, StaleEdit
from stations.access import require_role
from stations.models import Command, Location, Station, User

MOST_ML = 1_000_000_000  # a thousand cubic metres
MOST_CENTS = 100_000_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Of a place, in millilitres, and of its station with all its units, in cents. None: no limit."""

    volume_ml: int | None
    stock_budget_cents: int | None

    @classmethod
    def of(cls, place: Location) -> "Limits":
        """As they are now."""
        return cls(place.volume_ml, place.owner.stock_budget_cents)


@transaction.atomic
def set_limits(*, place: Location, limits: Limits, seen: Limits, by: User, at: datetime, request_id: UUID) -> Limits:
    """Set the limits of a place and its station. Logistics and the chief only; refused if they are not as ``seen``."""
    facts = {"place": place.pk, "limits": limits, "seen": seen}
    command, is_new = Command.objects.claim(request_id, "set_limits", by=by, at=at, facts=facts)
    if not is_new:
        return limits
    require_role(by, User.Role.LOGISTICS, User.Role.CHIEF)
    _check(limits)
    station = Station.objects.select_for_update(no_key=True).get(pk=place.owner.pk)
    place = Location.objects.select_for_update(of=("self",), no_key=True).get(pk=place.pk)
    before = Limits(place.volume_ml, station.stock_budget_cents)
    if before != seen:
        raise StaleEdit(
            _("Somebody changed these limits while you had them open. Nothing was saved; reload to see them.")
        )
    if before.volume_ml != limits.volume_ml:
        place.volume_ml = limits.volume_ml
        place.save(update_fields=["volume_ml"])
        command.log("changed", place, volume_ml=[before.volume_ml, limits.volume_ml])
    if before.stock_budget_cents != limits.stock_budget_cents:
        station.stock_budget_cents = limits.stock_budget_cents
        station.save(update_fields=["stock_budget_cents"])
        command.log("changed", station, stock_budget_cents=[before.stock_budget_cents, limits.stock_budget_cents])
    return limits


def _check(limits: Limits) -> None:
    problems = []
    if limits.volume_ml is not None and not 0 < limits.volume_ml <= MOST_ML:
        problems.append(
            _("A place holds from 0.001 to %(most)s litres. Leave it empty for no limit.")
            % {"most": f"{MOST_ML // 1000:,}"}
        )
    if limits.stock_budget_cents is not None and not 0 < limits.stock_budget_cents <= MOST_CENTS:
        problems.append(
            _("Stock may be worth from 0.01 to %(most)s. Leave it empty for no limit.")
            % {"most": f"{MOST_CENTS // 100:,}"}
        )
    if problems:
        raise DomainError(_("These limits cannot be right. Nothing was saved."), problems=problems)
