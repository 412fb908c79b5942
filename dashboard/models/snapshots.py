"""What the figures were on a day, kept for trends. Today's figures are always computed, never read from here."""

from django.db import models
from django.db.models import F, Q

from stations.models import Station


class DailySnapshot(models.Model):
    """The figures of one station on one day, or of the whole division where ``station`` is empty.

    Each pair is a share: so many of so many. What each of them means is written in docs/figures.md.
    """

    day = models.DateField(help_text="In the division's time zone.")
    station = models.ForeignKey(Station, models.CASCADE, null=True, blank=True, related_name="snapshots")
    taken_at = models.DateTimeField()
    stations = models.PositiveIntegerField()
    stations_ready = models.PositiveIntegerField()
    lines_asked = models.PositiveIntegerField(help_text="Order lines judged in the last 28 days.")
    lines_filled = models.PositiveIntegerField()
    par_lines = models.PositiveIntegerField()
    par_lines_out = models.PositiveIntegerField()
    receipt_minutes = models.PositiveIntegerField(
        null=True, blank=True, help_text="Median from request to receipt. Empty: nothing was received."
    )
    backorders_overdue = models.PositiveIntegerField()
    expiring_cents = models.PositiveBigIntegerField()
    expired_cents = models.PositiveBigIntegerField()
    places = models.PositiveIntegerField()
    places_counted = models.PositiveIntegerField()

    class Meta:
        ordering = ["day", "station_id"]
        constraints = [
            models.UniqueConstraint(fields=["station", "day"], name="one_snapshot_per_station_and_day"),
            models.UniqueConstraint(
                fields=["day"], condition=Q(station__isnull=True), name="one_snapshot_of_the_division_per_day"
            ),
            models.CheckConstraint(
                condition=Q(
                    stations_ready__lte=F("stations"),
                    lines_filled__lte=F("lines_asked"),
                    par_lines_out__lte=F("par_lines"),
                    places_counted__lte=F("places"),
                ),
                name="a_share_is_at_most_the_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.station or 'the division'} on {self.day}"


class FigureTarget(models.Model):
    """What the chief wants a figure to be, instead of the usual that ``dashboard.queries.figures`` names."""

    figure = models.SlugField(unique=True)
    tenths = models.PositiveBigIntegerField(
        null=True, help_text="In tenths of its unit: percent, days, lines or dollars. Empty: no target."
    )

    def __str__(self) -> str:
        return f"Target of {self.figure}"
