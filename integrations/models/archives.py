"""The archive that a chief had made on a page, kept until it is fetched or a day has passed.

In the database, as web and worker share no disk; in parts, so that neither ever holds all of it in memory.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from stations.models import User

ARCHIVES_KEPT = timedelta(hours=24)


class KeptArchiveQuerySet(models.QuerySet["KeptArchive"]):
    def due(self, at: datetime) -> "KeptArchiveQuerySet":
        """What has been kept for long enough."""
        return self.filter(asked_at__lt=at - ARCHIVES_KEPT)


class KeptArchive(models.Model):
    """One archive: asked for, then made or refused. There is one at a time."""

    request_id = models.UUIDField(unique=True)
    asked_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True, blank=True)
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes.")
    rows = models.PositiveBigIntegerField(default=0)
    refusal = models.CharField(max_length=300, blank=True)

    objects = KeptArchiveQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(made_at__isnull=True, size=0) | Q(made_at__isnull=False, refusal=""),
                name="an_archive_is_made_or_refused",
            ),
        ]

    def __str__(self) -> str:
        return f"archive of {self.asked_at:%Y-%m-%d %H:%M}"

    @property
    def until(self) -> datetime:
        return self.asked_at + ARCHIVES_KEPT

    def content(self) -> Iterator[bytes]:
        """Its bytes, part by part: one query each."""
        for position in self.parts.order_by("position").values_list("position", flat=True):
            yield bytes(self.parts.values_list("content", flat=True).get(position=position))


class ArchivePart(models.Model):
    """A piece of an archive."""

    archive = models.ForeignKey(KeptArchive, models.CASCADE, related_name="parts")
    position = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["archive", "position"], name="one_part_of_an_archive_per_position"),
        ]

    def __str__(self) -> str:
        return f"part {self.position} of {self.archive_id}"
