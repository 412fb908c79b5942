"""The weekly report: who has it sent, and to whom it was."""

from django.db import models
from django.db.models import Q

from stations.models import User


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
