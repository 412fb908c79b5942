"""Linking what boxes carry to the items of the catalogue."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core.english import in_english
from core.errors import DomainError
from inventory.codes import Code, System, UnreadableCode, read_code
from inventory.models import Item, ItemCode, Pack
from stations.access import require_role
from stations.models import Command, User


@transaction.atomic
def link_code(*, item: Item, code: Code, pack: Pack | None = None, by: User, at: datetime, request_id: UUID) -> Item:
    """From now on this code names the item, or one of its packs. Refuses a code that is mistyped, that another thing
    has already, and the pack of another item."""
    facts = {"item": item.pk, "pack": pack.pk if pack else None, "system": code.system.value, "code": code.value}
    command, is_new = Command.objects.claim(request_id, "link_code", by=by, at=at, facts=facts)
    if not is_new:
        return item
    require_role(by, User.Role.LOGISTICS)
    if pack and pack.item_id != item.pk:
        raise DomainError(
            _("%(item)s does not come as %(pack)s. Choose one of its own packs.") % {"item": item, "pack": pack}
        )
    _check_form(code)
    _check_free(item, code)
    try:
        with transaction.atomic():
            ItemCode.objects.create(item=item, pack=pack, system=code.system.value, code=code.value)
    except IntegrityError as error:
        raise DomainError(
            _("Somebody has just linked %(code)s to something. Look it up again.") % {"code": code}
        ) from error
    command.log("linked a code", item, code=str(code), pack=in_english(pack or item.unit_of_measure))
    return item


@transaction.atomic
def unlink_code(*, linked: ItemCode, by: User, at: datetime, request_id: UUID) -> Item:
    """The code names the item no more. Those of the catalogue itself are changed where it is imported."""
    facts = {"item": linked.item_id, "system": linked.system, "code": linked.code}
    command, is_new = Command.objects.claim(request_id, "unlink_code", by=by, at=at, facts=facts)
    item = linked.item
    if not is_new:
        return item
    require_role(by, User.Role.LOGISTICS)
    rows = ItemCode.objects.filter(item=item, system=linked.system, code=linked.code, is_own=False)
    if not rows.delete()[0]:
        raise DomainError(
            _("%(code)s is not linked to %(item)s. What the catalogue says of it is changed by an import.")
            % {"code": linked, "item": item}
        )
    command.log("took back a code", item, code=str(linked))
    return item


def _check_form(code: Code) -> None:
    """Refuses what no scan would ever be read as."""
    text = f"+{code.value}" if code.system is System.HIBC else code.value
    if code not in read_code(text).codes:
        raise UnreadableCode(
            _("%(code)s is not in the form in which a %(system)s code is kept.")
            % {"code": code.value[:40], "system": code.system.label}
        )


def _check_free(item: Item, code: Code) -> None:
    taken = ItemCode.objects.filter(system=code.system, code=code.value).select_related("item", "pack")
    if code.system is System.NDC:
        taken = taken.filter(item=item)
    if other := taken.first():
        raise DomainError(
            _("%(code)s names %(item)s, %(pack)s already. Take it back there first.")
            % {"code": code, "item": other.item, "pack": other.pack or _("each")}
        )
