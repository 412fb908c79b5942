"""Sending messages to webhooks: at least once, in order, by as many workers as there are."""

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from random import SystemRandom
from uuid import uuid4

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import F

from integrations.calling import Answer, post
from integrations.models import HELD, Webhook, WebhookDelivery
from integrations.queries.changes import piece_after
from integrations.queries.kinds import of_kinds, seen_by
from integrations.sentences import GIVEN_UP, IS_GONE
from integrations.signing import headers_for
from stations.models import Command

CHANGES_AT_ONCE = 100
WAITS = tuple(
    timedelta(**wait)
    for wait in ({"seconds": 5}, {"minutes": 5}, {"minutes": 30}, {"hours": 2}, {"hours": 5}, {"hours": 10})
)
JITTER = 0.2
GIVES_UP = timedelta(days=5)
GONE = 410
_random = SystemRandom()


def deliver_next(webhook_id: int, *, at: datetime) -> bool:
    """Send the next message that is due, if there is one: whether it was delivered, so that another may follow."""
    claimed = claim(webhook_id, at=at)
    if claimed is None:
        return False
    headers = headers_for(claimed.webhook, claimed.message_id, claimed.body, at)
    answer = post(claimed.webhook.url, claimed.body.encode(), headers)
    settle(claimed, answer, at=at)
    return not answer.problem


def claim(webhook_id: int, *, at: datetime) -> WebhookDelivery | None:
    """Take the next message that is due, made now if none waits; None if there is none, or another worker has it.

    Taking it moves its next attempt away, by a conditional update, so that of two workers one sends it; if that one is
    killed, it is due again.
    """
    while True:
        due = WebhookDelivery.objects.due(at).filter(webhook=webhook_id).select_related("webhook__user")
        delivery = next((one for one in due[:2] if one.is_by_hand or _is_on(one.webhook)), None)
        if delivery is not None:
            return delivery if _take(delivery, at) else None
        if not _go_on(webhook_id, at):
            return None


def _is_on(webhook: Webhook) -> bool:
    return webhook.is_active and webhook.user.is_active


def _take(delivery: WebhookDelivery, at: datetime) -> bool:
    mine = WebhookDelivery.objects.waiting().filter(pk=delivery.pk, next_attempt_at=delivery.next_attempt_at)
    if not mine.update(next_attempt_at=at + HELD, sent_at=at, attempts=F("attempts") + 1):
        return False
    delivery.attempts += 1
    return True


@transaction.atomic
def _go_on(webhook_id: int, at: datetime) -> bool:
    """Look at the next piece of the feed, and make a message of what its person sees there: whether it went on.

    The position and the message are one transaction, so a change is in exactly one message, or still ahead.
    """
    webhook = Webhook.objects.select_for_update(of=("self",), no_key=True).select_related("user").get(pk=webhook_id)
    if not _is_on(webhook) or webhook.deliveries.waiting().filter(is_by_hand=False).exists():
        return False
    wanted = seen_by(webhook.user) & of_kinds(webhook.kinds)
    piece = piece_after(webhook.position, limit=CHANGES_AT_ONCE, wanted=wanted)
    if piece.after == webhook.position:
        return False
    Webhook.objects.filter(pk=webhook.pk).update(position=piece.after)
    if piece.changes:
        data = {"changes": [asdict(change) for change in piece.changes], "after": piece.after}
        make_message(webhook, "changes", data, changes=len(piece.changes), at=at)
    return True


def make_message(
    webhook: Webhook, kind: str, data: dict[str, object], *, changes: int, at: datetime, is_by_hand: bool = False
) -> WebhookDelivery:
    """A message that is to be sent now."""
    body = json.dumps({"type": kind, "timestamp": at, "data": data}, cls=DjangoJSONEncoder, separators=(",", ":"))
    return WebhookDelivery.objects.create(
        webhook=webhook,
        message_id=f"msg_{uuid4().hex}",
        body=body,
        changes=changes,
        is_by_hand=is_by_hand,
        made_at=at,
        next_attempt_at=at,
    )


@transaction.atomic
def settle(delivery: WebhookDelivery, answer: Answer, *, at: datetime) -> None:
    """Write down how a try went, and when the next one is. Nothing, if the message was taken from this worker since."""
    state, following = WebhookDelivery.State.DELIVERED, None
    if answer.problem:
        state = WebhookDelivery.State.FAILED if delivery.is_by_hand else WebhookDelivery.State.WAITING
        following = None if delivery.is_by_hand else at + wait_after(delivery.attempts)
    mine = WebhookDelivery.objects.waiting().filter(pk=delivery.pk, attempts=delivery.attempts)
    is_mine = mine.update(
        state=state,
        next_attempt_at=following,
        status_code=answer.status,
        took_ms=answer.took_ms,
        answer=answer.said[:500],
        problem=answer.problem[:300],
    )
    if is_mine and not delivery.is_by_hand:
        _note(delivery.webhook_id, answer, at)


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many tries: longer each time, and never quite the same for two webhooks."""
    wait = WAITS[min(attempts, len(WAITS)) - 1]
    return wait * _random.uniform(1 - JITTER, 1 + JITTER)


def _note(webhook_id: int, answer: Answer, at: datetime) -> None:
    """Remember since when a webhook fails. After five days, or when its receiver says that it is gone, it goes off."""
    webhook = Webhook.objects.select_for_update(no_key=True).get(pk=webhook_id)
    if not answer.problem:
        Webhook.objects.filter(pk=webhook_id).exclude(failing_since=None).update(failing_since=None)
        return
    since = webhook.failing_since or at
    Webhook.objects.filter(pk=webhook_id).update(failing_since=since)
    if webhook.is_active and (answer.status == GONE or at - since >= GIVES_UP):
        reason = IS_GONE() if answer.status == GONE else GIVEN_UP(days=GIVES_UP.days)
        Webhook.objects.filter(pk=webhook_id).update(is_active=False, off_reason=f"{reason} {answer.problem}"[:300])
        Command.objects.begin("switch_off_webhook", by=None, at=at).log("switched off", webhook, comment=reason)
