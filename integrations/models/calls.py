"""The answers that other systems were given, so that a repeat is given the same."""

from datetime import datetime, timedelta

from django.db import models

from core.rows import insert_unless_known
from stations.models import User

KEPT = timedelta(hours=24)


class ApiCallQuerySet(models.QuerySet["ApiCall"]):
    def claim(self, user: User, key: str, mark: str, at: datetime) -> "tuple[ApiCall, bool]":
        """Take this key for this call: (the call, whether it is new).

        A twin that runs at the same time waits here until the first has committed. Must be the first statement of the
        call's transaction, so that a refusal releases the key.
        """
        call = ApiCall(user=user, key=key, fingerprint=mark, created_at=at)
        if insert_unless_known(call, "user_id", "key"):
            return call, True
        return self.get(user=user, key=key), False

    def due(self, at: datetime) -> "ApiCallQuerySet":
        """What has been kept for long enough."""
        return self.filter(created_at__lt=at - KEPT)


class ApiCall(models.Model):
    """The answer to a call that changed something, by its Idempotency-Key: a repeat is given it again."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    answer = models.TextField(blank=True, help_text="JSON, as it was sent: text, so that its order stays.")
    etag = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(db_index=True)

    objects = ApiCallQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="one_answer_for_an_idempotency_key"),
        ]
