"""What people are told: one notice per person and thing, how each person wants to be told, and what is not told yet."""

from datetime import datetime

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from orders.models import DeliveryRun
from stations.access import READS_ALL
from stations.models import Event, Membership, Station, User

MAIL_TRIES = 8


class NoticeKind(models.TextChoices):
    """What a notice is about. Who is told of which, and how until they choose, stands in ``dashboard.notice_kinds``."""

    APPROVED = "approved", _("Request approved")
    RETURNED = "returned", _("Request sent back or rejected")
    ASKED = "asked", _("Item that the chief asks for")
    COMING = "coming", _("Delivery on the way")
    TO_RECEIVE = "to_receive", _("Delivery that waits to be received")
    OUT = "out", _("Station out of a life-saving item")
    EXPIRING = "expiring", _("Stock that expires this month")
    COUNT_DUE = "count_due", _("Count that is due")
    VARIANCE = "variance", _("Count posted with a variance")
    URGENT = "urgent", _("Urgent or stat request")
    WAITING = "waiting", _("Request that waits long")
    DISCREPANCY = "discrepancy", _("Damaged or missing at receipt")
    UNPLANNED = "unplanned", _("Delivery that no run takes")
    BACKORDER = "backorder", _("Warehouse short of what it owes")
    RUN = "run", _("Run given to me or changed")
    CHIEF_APPROVAL = "chief_approval", _("Request that needs the chief")
    HELD = "held", _("Lot recalled or in quarantine")
    RECALLS = "recalls", _("Recall that a person must read")
    LEDGER = "ledger", _("Ledger that does not add up")


class Channel(models.TextChoices):
    """How a person is told. All but ``OFF`` are also in the app."""

    APP = "app", _("In the app")
    AT_ONCE = "at_once", _("And e-mail at once")
    DIGEST = "digest", _("And daily e-mail")
    OFF = "off", _("Not at all")


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible(self) -> "NoticeQuerySet":
        """Those whose person is active and may still see what they are about: their station, and their run."""
        member = Membership.objects.filter(user=OuterRef("person"), station=OuterRef("station"))
        drives = DeliveryRun.objects.filter(pk=OuterRef("event__subject_id"), driver=OuterRef("person"))
        may_see = Q(person__role__in=READS_ALL) | Exists(member) | (Q(kind=NoticeKind.RUN) & Exists(drives))
        return self.filter(may_see, person__is_active=True, role=F("person__role"))

    def of(self, person: User) -> "NoticeQuerySet":
        return self.visible().filter(person=person)

    def unseen(self) -> "NoticeQuerySet":
        return self.filter(seen_at=None)

    def due_by_mail(self, at: datetime) -> "NoticeQuerySet":
        """Those that an e-mail should tell now, and nobody is sending."""
        return self.filter(mailed_at=None, mail_due_at__lte=at, mail_tries__lt=MAIL_TRIES)


class Notice(models.Model):
    """That a person is told of something. Its words are made when it is read, in the language of who reads it.

    ``mail_due_at`` is when an e-mail should go, or go again: whoever sends it moves it on first, so that nobody else
    does. Empty: no e-mail.
    """

    person = models.ForeignKey(User, models.CASCADE, related_name="notices")
    role = models.CharField(max_length=12, choices=User.Role, help_text="As whom the person was told.")
    kind = models.CharField(max_length=16, choices=NoticeKind)
    key = models.CharField(max_length=120, help_text="What it tells of: nobody is told of the same twice.")
    station = models.ForeignKey(Station, models.CASCADE, null=True, blank=True, related_name="notices")
    event = models.ForeignKey(Event, models.PROTECT, null=True, blank=True, related_name="notices")
    facts = models.JSONField(default=dict)
    target = models.CharField(max_length=200, help_text="The page with the action.")
    made_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)
    mail_due_at = models.DateTimeField(null=True, blank=True)
    mail_tries = models.PositiveSmallIntegerField(default=0)
    mail_claim = models.UUIDField(null=True, blank=True, editable=False, help_text="Of the attempt that sends it.")
    mailed_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            # By key first: what lasts is looked up by its key, whoever was told.
            models.UniqueConstraint(fields=["key", "person"], name="nobody_is_told_the_same_twice"),
            models.CheckConstraint(
                condition=Q(mailed_at__isnull=True) | Q(mail_due_at__isnull=False), name="what_was_mailed_was_due"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-made_at", "-id"], name="notices_of_a_person"),
            models.Index(fields=["person"], condition=Q(seen_at=None), name="unseen_notices"),
            models.Index(
                fields=["mail_due_at"],
                condition=Q(mailed_at=None, mail_due_at__isnull=False),
                name="notices_to_mail",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.person_id}"


class NoticeChoice(models.Model):
    """How a person wants to be told of a kind. Missing: as is usual for their role."""

    person = models.ForeignKey(User, models.CASCADE, related_name="notice_choices")
    kind = models.CharField(max_length=16, choices=NoticeKind)
    channel = models.CharField(max_length=8, choices=Channel)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "kind"], name="one_choice_per_person_and_kind"),
            models.CheckConstraint(
                condition=Q(channel__in=["app", "at_once", "digest", "off"]), name="a_choice_is_a_known_channel"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.person_id}: {self.channel}"


class Untold(models.Model):
    """An event that ``send_notices`` has not looked at yet. A trigger writes the row with the event, in its
    transaction; it goes when whoever is to be told of the event has been (ADR 29)."""

    # No constraint of its own: the trigger writes only ids of events, and events are never removed.
    event = models.OneToOneField(Event, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="+")

    def __str__(self) -> str:
        return f"event {self.event_id}"
