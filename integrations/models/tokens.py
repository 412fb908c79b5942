"""The tokens by which other systems act for a person."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from integrations.scopes import in_words
from stations.models import User

BEGINS = "ems"
PREFIX_LENGTH = 8


def digest_of(secret: str) -> str:
    """A SHA-256 in hex. A secret of 256 random bits needs no slow hash: it cannot be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def matching(self, text: str) -> "ApiToken | None":
        """The token that this text is, dead or alive; None for anything else. One query, by an index."""
        begins, _, rest = text.partition("_")
        prefix, _, secret = rest.partition("_")
        if begins != BEGINS or len(prefix) != PREFIX_LENGTH or not secret:
            return None
        found = self.select_related("user").filter(prefix=prefix).first()
        if found is None or not secrets.compare_digest(found.digest, digest_of(secret)):
            return None
        return found


class ApiToken(models.Model):
    """A key for one integration. It acts for a person, within their role and its own scopes. Only its hash is kept."""

    name = models.CharField(max_length=60, help_text="The system that uses it.")
    user = models.ForeignKey(User, models.PROTECT, related_name="api_tokens", help_text="For whom it acts.")
    scopes = models.JSONField(help_text="integrations.scopes: a list of area:read or area:write.")
    prefix = models.CharField(max_length=PREFIX_LENGTH, unique=True, help_text="Its public part, to tell it by.")
    digest = models.CharField(max_length=64)
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", help_text="Empty: a command.")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()
    USE_NOTED_EVERY: ClassVar = timedelta(minutes=1)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("issued_at")), name="a_token_expires_after_its_issue"),
            models.CheckConstraint(condition=~Q(scopes=[]), name="a_token_opens_something"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({BEGINS}_{self.prefix}…)"

    @classmethod
    def draw(cls) -> tuple[str, str]:
        """A new prefix and a new secret."""
        return secrets.token_hex(PREFIX_LENGTH // 2), secrets.token_urlsafe(32)

    @staticmethod
    def text(prefix: str, secret: str) -> str:
        return f"{BEGINS}_{prefix}_{secret}"

    @property
    def scopes_in_words(self) -> list[str]:
        return [in_words(scope) for scope in self.scopes]

    def is_alive(self, at: datetime) -> bool:
        return self.revoked_at is None and at < self.expires_at and self.user.is_active

    def note_use(self, at: datetime) -> None:
        """Remember when it was last used, to the minute: a busy integration does not write a row for every call."""
        if self.last_used_at is None or at - self.last_used_at >= self.USE_NOTED_EVERY:
            ApiToken.objects.filter(pk=self.pk).update(last_used_at=at)
