"""Naming the systems that are told of changes, and what the chief does when one does not listen."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.sayings import again
from integrations.actions.deliveries import make_message
from integrations.calling import NotCalled, checked_url
from integrations.models import Change, Webhook, WebhookDelivery, draw_salt
from integrations.queries.kinds import BY_NAME
from stations.access import require_role
from stations.models import Command, User


@transaction.atomic
def add_webhook(
    *, name: str, url: str, kinds: Sequence[str], user: User, by: User, at: datetime, request_id: UUID
) -> tuple[Webhook, str]:
    """A system that is told, from now on, of the changes that ``user`` sees: (the webhook, its secret).

    The secret is shown this once; a repeat answers with an empty text. ``kinds``: only these; all if none is named.
    """
    facts = {"name": name, "url": url, "kinds": sorted(kinds), "user": user.pk}
    command, is_new = Command.objects.claim(request_id, "add_webhook", by=by, at=at, facts=facts)
    if not is_new:
        return Webhook.objects.get(pk=command.answer()), ""
    require_role(by, User.Role.CHIEF)
    _check(name, url, kinds, user)
    webhook = Webhook.objects.create(
        name=name.strip(),
        url=url,
        kinds=sorted(set(kinds)),
        user=user,
        position=Change.objects.last_position(),
        created_by=by,
        created_at=at,
    )
    command.log("added", webhook, comment=f"{webhook} for {user}", kinds=webhook.kinds)
    return webhook, webhook.secret


@transaction.atomic
def switch_webhook(*, webhook: Webhook, is_on: bool, by: User, at: datetime, request_id: UUID) -> Webhook:
    """Stop telling a system, or go on where it stopped: what happened meanwhile is told then."""
    facts = {"webhook": webhook.pk, "is_on": is_on}
    command, is_new = Command.objects.claim(request_id, "switch_webhook", by=by, at=at, facts=facts)
    locked = _locked(webhook, by)
    if is_new and locked.is_active != is_on:
        locked.is_active, locked.off_reason, locked.failing_since = is_on, "", None
        locked.save(update_fields=["is_active", "off_reason", "failing_since"])
        if is_on:
            locked.deliveries.waiting().filter(is_by_hand=False).update(next_attempt_at=at)
        command.log("switched on" if is_on else "switched off", locked, comment=str(locked))
    return locked


@transaction.atomic
def rotate_secret(*, webhook: Webhook, by: User, at: datetime, request_id: UUID) -> tuple[Webhook, str]:
    """Another secret: (the webhook, the secret), shown this once. For a day the former one signs as well."""
    facts = {"webhook": webhook.pk}
    command, is_new = Command.objects.claim(request_id, "rotate_secret", by=by, at=at, facts=facts)
    locked = _locked(webhook, by)
    if not is_new:
        return locked, ""
    locked.previous_salt, locked.salt, locked.rotated_at = locked.salt, draw_salt(), at
    locked.save(update_fields=["previous_salt", "salt", "rotated_at"])
    command.log("got another secret", locked, comment=str(locked))
    return locked, locked.secret


@transaction.atomic
def send_test(*, webhook: Webhook, by: User, at: datetime, request_id: UUID) -> Webhook:
    """A message that tells of nothing, tried once, also of a webhook that is off."""
    command, is_new = Command.objects.claim(request_id, "test_webhook", by=by, at=at, facts={"webhook": webhook.pk})
    locked = _locked(webhook, by)
    if is_new:
        make_message(locked, "test", {}, changes=0, at=at, is_by_hand=True)
        command.log("tested", locked, comment=str(locked))
    return locked


@transaction.atomic
def send_again(*, delivery: WebhookDelivery, by: User, at: datetime, request_id: UUID) -> Webhook:
    """An earlier message once more, word for word and with its id; one that waits for its next try is tried now."""
    command, is_new = Command.objects.claim(request_id, "send_again", by=by, at=at, facts={"delivery": delivery.pk})
    locked = _locked(delivery.webhook, by)
    if not is_new:
        return locked
    current = WebhookDelivery.objects.select_for_update(no_key=True).get(pk=delivery.pk)
    if current.is_waiting:
        WebhookDelivery.objects.not_being_sent().filter(pk=delivery.pk).update(next_attempt_at=at)
    else:
        WebhookDelivery.objects.create(
            webhook=locked,
            message_id=delivery.message_id,
            body=delivery.body,
            changes=delivery.changes,
            is_by_hand=True,
            made_at=at,
            next_attempt_at=at,
        )
    command.log("sent again", locked, comment=delivery.message_id)
    return locked


def _locked(webhook: Webhook, by: User) -> Webhook:
    require_role(by, User.Role.CHIEF)
    return Webhook.objects.select_for_update(no_key=True).get(pk=webhook.pk)


def _check(name: str, url: str, kinds: Sequence[str], user: User) -> None:
    problems = [
        _("There is no kind %(kind)s. Choose from: %(kinds)s.") % {"kind": kind, "kinds": ", ".join(BY_NAME)}
        for kind in kinds
        if kind not in BY_NAME
    ]
    if not name.strip():
        problems.append(_("Name the system that is told."))
    if not user.is_active:
        problems.append(_("%(person)s is not active: choose somebody who is.") % {"person": user})
    try:
        checked_url(url)
    except NotCalled as refusal:
        problems.append(again(str(refusal)))
    if problems:
        raise DomainError(_("No webhook was added."), problems=problems)
