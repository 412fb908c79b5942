"""The change feed: every event, in the order in which others could see it."""

from django.db import models
from django.db.models import Q

from stations.models import Event


class ChangeQuerySet(models.QuerySet["Change"]):
    def last_position(self) -> int:
        """How far the feed goes; 0 before the first change."""
        newest = self.filter(position__isnull=False).order_by("-position")
        return newest.values_list("position", flat=True).first() or 0

    def unnumbered(self) -> "ChangeQuerySet":
        """Events that are committed and not in the feed yet."""
        return self.filter(position=None)


class Change(models.Model):
    """An event's place in the change feed. The database adds a row with each event, in the event's own transaction;
    ``number_changes`` gives it the next position once it can be seen, so a later position is never seen earlier."""

    event = models.OneToOneField(Event, models.PROTECT, primary_key=True, related_name="change")
    position = models.BigIntegerField(null=True, unique=True, help_text="Without gaps. Empty: not numbered yet.")

    objects = ChangeQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(position__gte=1), name="the_feed_begins_at_one")]
        indexes = [models.Index(fields=["event"], condition=Q(position=None), name="changes_to_number")]

    def __str__(self) -> str:
        return f"change {self.position}"
