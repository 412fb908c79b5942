"""How much of each line is promised now: what it is owed, its share of what is short, or a person's own choice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.errors import DomainError
from orders.models import OrderLine
from orders.queries.cover import Key
from orders.queries.shares import HELD_BACK, Proposal
from orders.sayings import OWED, PROMISED_OTHERWISE
from stations.models import Command, Event

Shared = Mapping[Key, Proposal]


@dataclass(frozen=True, slots=True)
class Choice:
    """So many base units of a line are promised now, and why that is not its share."""

    quantity: int
    reason: str


def limits(lines: Sequence[OrderLine], shared: Shared, choices: Mapping[int, Choice]) -> dict[int, int]:
    """The most that each line is promised now, by its id."""
    return {
        line.pk: min(line.owed, choices[line.pk].quantity) if line.pk in choices else _share(line, shared)
        for line in lines
    }


def _share(line: OrderLine, shared: Shared) -> int:
    proposal = shared.get((line.order.source_id, line.item_id))
    return line.owed if proposal is None else proposal.by_line[line.pk]


def refuse_unfounded(
    lines: Sequence[OrderLine], shared: Shared, choices: Mapping[int, Choice], *, promised: Mapping[int, int]
) -> None:
    """Refuse a choice above what is approved or free, or without a reason. ``lines`` carry what was promised."""
    problems = []
    by_pk = {line.pk: line for line in lines}
    for pk, choice in choices.items():
        line, given = by_pk.get(pk), promised.get(pk, 0)
        if line is None:
            problems.append(_("A line for which you chose how much to promise is owed nothing."))
            continue
        approved, fair = line.owed + given, _fair(line, shared, given)
        if not 0 <= choice.quantity <= approved:
            problems.append(
                _("%(item)s: promise from 0 to %(approved)s, what is approved of it.")
                % {"item": line.item, "approved": f"{approved:,}"}
            )
        elif given < choice.quantity:
            problems.append(
                _("%(item)s: %(given)s can be promised, not %(quantity)s; no more is free.")
                % {"item": line.item, "given": f"{given:,}", "quantity": f"{choice.quantity:,}"}
            )
        elif choice.quantity != fair and not choice.reason:
            problems.append(
                _("%(item)s: say why %(quantity)s and not %(fair)s.")
                % {"item": line.item, "quantity": f"{choice.quantity:,}", "fair": f"{fair:,}"}
            )
    if problems:
        raise DomainError(_("Stock cannot be promised like this. Nothing was changed."), problems=problems)


def _fair(line: OrderLine, shared: Shared, given: int) -> int:
    """What would have been promised without a choice; ``line.owed`` is after ``given``."""
    proposal = shared.get((line.order.source_id, line.item_id))
    return line.owed + given if proposal is None else proposal.by_line[line.pk]


def log_choices(command: Command, lines: Sequence[OrderLine], shared: Shared, choices: Mapping[int, Choice]) -> None:
    """Write into the log where a person promised another quantity than the share, with the reason."""
    events = []
    for line in lines:
        proposal, choice = shared.get((line.order.source_id, line.item_id)), choices.get(line.pk)
        if proposal is None or choice is None or choice.quantity == proposal.by_line[line.pk]:
            continue
        proposed, promised = proposal.by_line[line.pk], choice.quantity
        comment = PROMISED_OTHERWISE(item=line.item, promised=f"{promised:,}", proposed=f"{proposed:,}")
        comment = f"{comment} {choice.reason}"
        facts = {"item": line.item.sku, "proposed": proposed, "promised": promised}
        events.append(command.event("shared otherwise", line.order, comment=comment, **facts))
    Event.objects.bulk_create(events)


def log_held_back(command: Command, lines: Sequence[OrderLine], shared: Shared) -> None:
    """Say on each order which of its lines are not promised in full because others want the same, and why. The reasons
    are kept by SKU; what other stations have is not in them."""
    short = [line for line in lines if line.owed and (line.order.source_id, line.item_id) in shared]
    reasons: dict[int, dict[str, str]] = {}
    words: dict[int, list[str]] = {}
    for line in short:
        why = shared[line.order.source_id, line.item_id].explain()
        reasons.setdefault(line.order_id, {})[line.item.sku] = why
        words.setdefault(line.order_id, []).append(f"{OWED(item=line.item, owed=f'{line.owed:,}')} {why}")
    orders = {line.order_id: line.order for line in short}
    Event.objects.bulk_create(
        command.event(HELD_BACK, order, comment=" ".join(words[pk]), reasons=reasons[pk])
        for pk, order in orders.items()
    )
