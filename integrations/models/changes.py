"""The change feed: every event, in the order in which others could see it."""

from django.db import models
from django.db.models import Q

from stations.models import Event


class Unnumbered(models.Model):
    """An event that is not in the feed yet. The database adds this with the event, in the event's own transaction, so
    those that can be seen here are those that are committed."""

    event = models.OneToOneField(Event, models.PROTECT, primary_key=True, related_name="+", db_constraint=False)

    class Meta:
        verbose_name_plural = "unnumbered"

    def __str__(self) -> str:
        return f"event {self.event_id}"


class ChangeQuerySet(models.QuerySet["Change"]):
    def last_position(self) -> int:
        """How far the feed goes; 0 before the first change."""
        return self.order_by("-position").values_list("position", flat=True).first() or 0


class Change(models.Model):
    """An event's place in the change feed. ``number_changes`` gives events the next positions once they can be seen, so
    that none is seen after a higher one. Never changed, never removed."""

    position = models.BigIntegerField(primary_key=True, help_text="From 1, without gaps.")
    event = models.OneToOneField(Event, models.PROTECT, related_name="change")

    objects = ChangeQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(position__gte=1), name="the_feed_begins_at_one")]

    def __str__(self) -> str:
        return f"change {self.position}"
