"""Accepting what the system proposes: stock of one station goes to another, on a run that passes both."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from orders.actions.locks import lock_orders
from orders.actions.placing import place_transfers
from orders.actions.transfer_lines import cover_request
from orders.actions.transfer_promises import lots_for, owed_lines, promise_transfer
from orders.models import ApprovalStep, OrderLine, ResupplyOrder, TransferProposal
from orders.queries.approvals import needed_steps
from orders.queries.transfers import Division, may_travel, proposals, wants_of
from stations.access import require_role
from stations.models import Command, Location, Station, User

Kind, State = ResupplyOrder.Kind, ResupplyOrder.State
ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a person accepts: so many base units of an item, from one shelf to another, by their ids. ``line_id`` names
    the line of a request that waits for approval, which asks for that much less then."""

    item_id: int
    donor_id: int
    receiver_id: int
    quantity: int
    line_id: int | None = None


@transaction.atomic
def propose_transfers(*, at: datetime, items: Collection[int] | None = None) -> int:
    """Work out what could be moved between stations, of these items or all, and keep it for the pages; how many.

    Safe to run twice and beside itself: a proposal of the same places and item is brought up to date, those that are
    no longer there go.
    """
    found = proposals(at=at, items=items)
    names = [field.name for field in TransferProposal._meta.local_concrete_fields]
    key = ["donor", "receiver", "item"]
    if items is not None:
        TransferProposal.objects.filter(item__in=items).delete()
    TransferProposal.objects.bulk_create(
        found,
        batch_size=1_000,
        update_conflicts=True,
        unique_fields=key,
        update_fields=[name for name in names if name not in {"id", *key}],
    )
    if items is None:
        TransferProposal.objects.exclude(worked_out_at=at).delete()
    return len(found)


def accept_transfers(
    *, accepted: Sequence[Accepted], comment: str = "", by: User, at: datetime, request_id: UUID
) -> list[ResupplyOrder]:
    """Decide that this stock moves, all of it or none: one order per donor and receiver, its lots promised at the
    donor, put on the first run that goes to both.

    The system asked, by its numbers; the person of logistics who accepts approves. A scheduled drug, and what costs
    more than the limit, waits for the chief besides. More than can be spared or used now is refused.
    """
    orders = _accept(accepted=accepted, comment=comment, by=by, at=at, request_id=request_id)
    place_transfers(at=at)
    propose_transfers(at=at, items={one.item_id for one in accepted})
    return orders


@transaction.atomic
def _accept(
    *, accepted: Sequence[Accepted], comment: str, by: User, at: datetime, request_id: UUID
) -> list[ResupplyOrder]:
    facts = {"accepted": [astuple(one) for one in accepted], "comment": comment}
    command, is_new = Command.objects.claim(request_id, "accept_transfers", by=by, at=at, facts=facts)
    if not is_new:
        made = command.events.filter(verb=ACCEPTED, subject_kind="resupplyorder").values("subject_id")
        return list(ResupplyOrder.objects.filter(pk__in=made).order_by("pk"))
    require_role(by, User.Role.LOGISTICS)
    places = _places(accepted)
    pairs: dict[tuple[int, int], list[Accepted]] = defaultdict(list)
    for one in accepted:
        pairs[places[one.donor_id].owner.pk, places[one.receiver_id].owner.pk].append(one)
    _lock(pairs, accepted)
    division = Division(at, {one.item_id for one in accepted})
    _check(division, accepted, places)
    return [
        _order(command, division, pair, some, comment=comment, by=by, at=at) for pair, some in sorted(pairs.items())
    ]


def _places(accepted: Sequence[Accepted]) -> dict[int, Location]:
    ends = {one.donor_id for one in accepted} | {one.receiver_id for one in accepted}
    places = Location.objects.shelves().select_related("station").in_bulk(ends)
    keys = [(one.item_id, one.donor_id, one.receiver_id) for one in accepted]
    if not accepted or len(places) < len(ends) or len(set(keys)) < len(keys):
        raise DomainError(_("Choose what is to move, from which station to which. Nothing was changed."))
    return places


def _lock(pairs: Mapping[tuple[int, int], Sequence[Accepted]], accepted: Sequence[Accepted]) -> None:
    """Both ends of every transfer, so that two people do not fill the same shelf; then the orders that are touched."""
    stations = {pk for pair in pairs for pk in pair}
    list(Station.objects.select_for_update(no_key=True).filter(pk__in=stations).order_by("pk"))
    named = OrderLine.objects.filter(pk__in=[one.line_id for one in accepted if one.line_id])
    touched = set(named.values_list("order_id", flat=True))
    for (_donor, receiver), some in pairs.items():
        touched |= set(owed_lines(receiver, [one.item_id for one in some]).values_list("order_id", flat=True))
    lock_orders(touched)


def _check(division: Division, accepted: Sequence[Accepted], places: Mapping[int, Location]) -> None:
    problems: list[str] = []
    for one in accepted:
        item, donor, receiver = division.items.get(one.item_id), places[one.donor_id], places[one.receiver_id]
        if item is None:
            problems.append(_("Item %(item)s is not in the catalogue.") % {"item": one.item_id})
        elif one.quantity < 1:
            problems.append(_("%(item)s: move at least one.") % {"item": item})
        elif donor.owner == receiver.owner:
            problems.append(_("%(item)s: it lies at %(station)s already.") % {"item": item, "station": donor.owner})
        elif not may_travel(item, donor.kind, receiver.kind):
            problems.append(_("%(item)s: a scheduled drug moves from safe to safe only.") % {"item": item})
    if problems:
        raise DomainError(_("This cannot be moved like this. Nothing was changed."), problems=problems)


def _order(
    command: Command,
    division: Division,
    pair: tuple[int, int],
    accepted: Sequence[Accepted],
    *,
    comment: str,
    by: User,
    at: datetime,
) -> ResupplyOrder:
    donor, receiver = (division.stations[pk] for pk in pair)
    wants = wants_of(division, receiver.pk, [one.item_id for one in accepted], at=at)
    order = ResupplyOrder.objects.create(
        kind=Kind.TRANSFER,
        station=receiver,
        source=donor,
        state=State.SUBMITTED,
        comment=comment,
        created_at=at,
        submitted_at=at,
    )
    lines = OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            item=division.items[one.item_id],
            location_id=one.receiver_id,
            asked=one.quantity,
            approved=one.quantity,
        )
        for one in accepted
    )
    steps = _steps(order, lines, by=by, at=at)
    command.log(ACCEPTED, order, comment=comment, quantities={line.item.sku: line.asked for line in lines})
    if len(steps) == 1:
        order.state, order.approved_at = State.APPROVED, at
        order.save(update_fields=["state", "approved_at"])
        promise_transfer(command, order, lines, at=at, wants=wants)
    else:
        lots_for(order, lines, at=at, wants=wants)
    for one in accepted:
        if one.line_id:
            cover_request(command, one.line_id, order, item=one.item_id, quantity=one.quantity, by=by, at=at)
    return order


def _steps(order: ResupplyOrder, lines: Sequence[OrderLine], *, by: User, at: datetime) -> list[ApprovalStep]:
    """The one who accepts has approved; the chief decides too where a rule asks for it."""
    first, *others = needed_steps(order, lines)
    first.rule, first.decided_by, first.decided_at = ApprovalStep.Rule.TRANSFER, by, at
    return ApprovalStep.objects.bulk_create([first, *others])
