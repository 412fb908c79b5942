"""What the figures were on a day, kept for trends. Today's figures are always computed, never read from here."""

from django.db import models
from django.db.models import F, Q

from stations.models import Station, User


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


class ReportSubscription(models.Model):
    """That a chief gets the weekly report by e-mail."""

    person = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="report_subscription")

    def __str__(self) -> str:
        return f"Weekly report to {self.person}"


class ReportMail(models.Model):
    """The one mail with the report of a week to a person, claimed before it is handed to the mail server.

    A claim with neither ``sent_at`` nor a ``refusal`` is being sent, or its worker ended before the server answered:
    nobody knows whether it left, so it is not sent again.
    """

    person = models.ForeignKey(User, models.CASCADE, related_name="report_mails")
    week_begins_on = models.DateField(help_text="The Monday of the week that it reports.")
    claimed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    refusal = models.CharField(max_length=200, blank=True, help_text="What the mail server said: it is tried again.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "week_begins_on"], name="one_report_mail_per_person_and_week"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(refusal=""), name="a_sent_report_was_not_refused"
            ),
        ]

    def __str__(self) -> str:
        return f"Report of the week of {self.week_begins_on} to {self.person}"


class FigureTarget(models.Model):
    """What the chief wants a figure to be, instead of the usual that ``dashboard.queries.figures`` names."""

    figure = models.SlugField(unique=True)
    tenths = models.PositiveBigIntegerField(
        null=True, help_text="In tenths of its unit: percent, days, lines or dollars. Empty: no target."
    )

    def __str__(self) -> str:
        return f"Target of {self.figure}"
