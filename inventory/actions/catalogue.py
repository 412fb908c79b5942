"""Taking entries of a register into the catalogue: all that were chosen or none, and nothing the second time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from inventory.codes import System
from inventory.imports.catalogue.offers import Offer
from inventory.imports.catalogue.planning import Step, own_code, plan_catalogue
from inventory.models import Item, ItemCode, Pack
from stations.access import require_role
from stations.models import Command, Event, User


def import_catalogue(
    *, offers: Sequence[Offer], chosen: Mapping[str, str], seen: str, by: User | None, at: datetime, request_id: UUID
) -> Event:
    """Make or complete an item for each chosen entry: ``chosen`` are SKUs by its key. Returns the event that counts
    them.

    ``seen`` is the mark of the plan that the person agreed to; another is refused. ``by`` None is the system. Nothing
    is changed or removed: packs and codes are added.
    """
    try:
        return _import(offers=offers, chosen=chosen, seen=seen, by=by, at=at, request_id=request_id)
    except IntegrityError as error:
        raise DomainError(
            _("Somebody added the same item or code just now. Nothing was taken; look at it again.")
        ) from error


@transaction.atomic
def _import(
    *, offers: Sequence[Offer], chosen: Mapping[str, str], seen: str, by: User | None, at: datetime, request_id: UUID
) -> Event:
    facts = {"chosen": dict(chosen), "seen": seen}
    command, is_new = Command.objects.claim(request_id, "import_catalogue", by=by, at=at, facts=facts)
    if not is_new:
        return command.events.order_by("pk")[0]
    if by is not None:
        require_role(by, User.Role.LOGISTICS)
    list(Item.objects.select_for_update(no_key=True).filter(sku__in=set(chosen.values())).order_by("pk"))
    plan = plan_catalogue(offers, chosen)
    if plan.problems:
        raise DomainError(_("These cannot be taken as they are. Nothing was changed."), problems=plan.problems)
    if not plan.work:
        raise DomainError(_("There is nothing to take: choose entries that the catalogue lacks."))
    if plan.mark != seen:
        raise DomainError(
            _("The catalogue has changed since you looked. Nothing was taken; look at it again, then take.")
        )
    made = sum(step.item is None for step in plan.work)
    event = command.log("took from a register", command, items_made=made, items_completed=len(plan.work) - made)
    _write(plan.work, command)
    return event


def _write(steps: Sequence[Step], command: Command) -> None:
    """A constant number of statements. Of a new row its own columns hold the first codes, and the database keeps those;
    the others are linked."""
    new = [step for step in steps if step.item is None]
    for step, item in zip(new, Item.objects.bulk_create(_item(step) for step in new), strict=True):
        step.item = item
    made = [Pack(item=step.item, name=name, quantity=pack.quantity, gtin=own_code(pack.codes, System.GTIN))
            for step in steps for name, pack in step.packs]  # fmt: skip
    Pack.objects.bulk_create(made)
    items = [step.item for step in steps if step.item is not None]
    packs = {(pack.item_id, pack.quantity): pack for pack in Pack.objects.filter(item__in=items).order_by("-pk")}
    own = set(ItemCode.objects.filter(item__in=items, is_own=True).values_list("item", "system", "code"))
    ItemCode.objects.bulk_create(
        ItemCode(item=step.item, pack=packs.get((step.item.pk, quantity)), system=code.system.value, code=code.value)
        for step in steps
        for quantity, code in step.codes
        if step.item and (step.item.pk, code.system.value, code.value) not in own
    )
    made_skus = {step.sku for step in new}
    Event.objects.bulk_create(
        command.event(
            f"{'added' if step.sku in made_skus else 'completed'} from a register",
            step.item,
            entry=step.offer.key,
            added=step.kept,
        )
        for step in steps
        if step.item
    )


def _item(step: Step) -> Item:
    offer = step.offer
    return Item(
        sku=step.sku,
        name=offer.name or step.sku,
        kind=offer.kind,
        unit_of_measure=offer.unit,
        schedule=offer.schedule,
        gtin=own_code(offer.codes, System.GTIN),
        ndc=own_code(offer.codes, System.NDC),
    )
