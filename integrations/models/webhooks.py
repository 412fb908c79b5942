"""Where we call to tell of changes, and each message that was sent there."""

import base64
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from stations.models import User

OLD_SECRET_SIGNS = timedelta(hours=24)
# A worker that is killed while it sends holds its message for so long; far above what one call may take.
HELD = timedelta(minutes=2)


def secret_of(salt: str, key: str) -> str:
    """The signing secret that this key of the site makes of a salt, as receivers' libraries take it."""
    digest = salted_hmac("integrations.webhooks", salt, secret=key, algorithm="sha256").digest()
    return f"whsec_{base64.b64encode(digest).decode()}"


def draw_salt() -> str:
    return secrets.token_hex(16)


class Webhook(models.Model):
    """An address of another system that is told of changes, as one person sees them. Its signing secret is kept
    nowhere: it is made of the salt and the site's own key."""

    name = models.CharField(max_length=60, help_text="The system that is told.")
    url = models.CharField(max_length=500)
    kinds = models.JSONField(default=list, help_text="integrations.queries.kinds: a list of names. Empty: all.")
    user = models.ForeignKey(User, models.PROTECT, related_name="webhooks", help_text="It is told what they see.")
    salt = models.CharField(max_length=32, default=draw_salt, editable=False)
    previous_salt = models.CharField(max_length=32, blank=True, editable=False)
    rotated_at = models.DateTimeField(null=True, blank=True)
    position = models.BigIntegerField(help_text="Changes up to here are in a message that was made.")
    is_active = models.BooleanField(default=True)
    off_reason = models.CharField(max_length=300, blank=True, help_text="Why it was switched off by itself.")
    failing_since = models.DateTimeField(null=True, blank=True, help_text="Since when no try was answered.")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(position__gte=0), name="a_webhook_is_somewhere_in_the_feed"),
            models.CheckConstraint(
                condition=Q(off_reason="") | Q(is_active=False), name="only_what_is_off_says_why_it_is_off"
            ),
            models.CheckConstraint(
                condition=Q(previous_salt="") | Q(rotated_at__isnull=False), name="an_old_secret_says_when_it_went"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("webhook", args=[self.pk])

    @property
    def secret(self) -> str:
        """What the receiver verifies with."""
        return secret_of(self.salt, settings.SECRET_KEY)

    def signing_secrets(self, at: datetime) -> list[str]:
        """All that sign now: the present one, the one before it for a day, and those of the site's former keys."""
        salts = [self.salt]
        if self.previous_salt and self.rotated_at and at < self.rotated_at + OLD_SECRET_SIGNS:
            salts.append(self.previous_salt)
        keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        return [secret_of(salt, key) for key in keys for salt in salts]


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def waiting(self) -> "WebhookDeliveryQuerySet":
        """What is still to be sent."""
        return self.filter(state=WebhookDelivery.State.WAITING)

    def not_being_sent(self) -> "WebhookDeliveryQuerySet":
        """What waits for its next try, and is in no worker's hands."""
        return self.waiting().filter(Q(sent_at=None) | ~Q(next_attempt_at=F("sent_at") + HELD))

    def due(self, at: datetime) -> "WebhookDeliveryQuerySet":
        """What is to be sent now, what was asked for by hand first. What a worker is sending is due when it dies."""
        return self.waiting().filter(next_attempt_at__lte=at).order_by("-is_by_hand", "pk")

    def kept_for(self, age: timedelta, at: datetime) -> "WebhookDeliveryQuerySet":
        """What was made longer ago than this, and waits no more."""
        return self.filter(made_at__lt=at - age).exclude(state=WebhookDelivery.State.WAITING)


class WebhookDelivery(models.Model):
    """One message to a webhook and how sending it went. The feed's messages go one by one, in order: the next is made
    when this one was delivered. One by hand (a test, or an earlier one again) goes beside them, and is tried once."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")

    webhook = models.ForeignKey(Webhook, models.PROTECT, related_name="deliveries")
    message_id = models.CharField(max_length=40, help_text="The same whenever this message is sent.")
    body = models.TextField(help_text="As it is signed and sent.")
    changes = models.PositiveIntegerField(help_text="How many it tells of; 0 for a test.")
    is_by_hand = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True, help_text="When it was last tried.")
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    took_ms = models.PositiveIntegerField(null=True, blank=True)
    answer = models.CharField(max_length=500, blank=True, help_text="The beginning of what was answered.")
    problem = models.CharField(max_length=300, blank=True, help_text="Why the last try failed.")

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["webhook"], condition=Q(state="waiting", is_by_hand=False), name="one_message_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", next_attempt_at__isnull=False)
                | Q(state__in=["delivered", "failed"], next_attempt_at__isnull=True),
                name="what_waits_says_when_it_is_tried",
            ),
        ]
        indexes = [
            models.Index(fields=["webhook", "-id"], name="deliveries_of_a_webhook"),
            models.Index(fields=["next_attempt_at"], condition=Q(state="waiting"), name="deliveries_to_send"),
            models.Index(fields=["made_at"], name="deliveries_by_age"),
        ]

    def __str__(self) -> str:
        return self.message_id

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    @property
    def is_being_sent(self) -> bool:
        """Whether a worker has it in hand."""
        return self.is_waiting and self.sent_at is not None and self.next_attempt_at == self.sent_at + HELD
