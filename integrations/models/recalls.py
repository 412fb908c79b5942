"""Recalls: what a maker takes back, and which of our lots it names."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inventory.models import Lot
from stations.models import User


class RecallQuerySet(models.QuerySet["Recall"]):
    def open(self) -> "RecallQuerySet":
        return self.filter(state__in=Recall.OPEN)

    def locked(self) -> "RecallQuerySet":
        """Lock these rows, always in the same order, and only them."""
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")


class Recall(models.Model):
    """One recall as FDA or a person says it. Its lots are taken off all shelves at once, and followed to the last unit.

    ``codes`` and ``lot_numbers`` are what was read out of its text (integrations.recalls): they are compared again
    with every lot that arrives later.
    """

    class State(models.TextChoices):
        TO_REVIEW = "to_review", _("To review")
        ACTING = "acting", _("Pulling")
        CLOSED = "closed", _("Closed")
        NOT_OURS = "not_ours", _("Not ours")

    OPEN: ClassVar = (State.TO_REVIEW, State.ACTING)

    number = models.CharField(max_length=20, unique=True)
    classification = models.CharField(
        "class", max_length=3, blank=True, choices=[("I", _("Class I")), ("II", _("Class II")), ("III", _("Class III"))]
    )
    firm = models.TextField(blank=True)
    product = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    code_text = models.TextField(blank=True, help_text="Its lots and dates as they are printed.")
    initiated_on = models.DateField(null=True, blank=True)
    source = models.TextField(help_text="The record as it came, as JSON.")
    codes = models.JSONField(default=list, help_text="Keys of the NDCs and GTINs that it names.")
    lot_numbers = models.JSONField(
        default=dict, help_text="Lots by normalized number, with the month of expiry or empty."
    )
    is_every_lot = models.BooleanField(default=False)
    unread = models.TextField(blank=True, help_text="What a person must look at, a sentence a line.")
    state = models.CharField(max_length=9, choices=State, default=State.TO_REVIEW)
    received_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    decision = models.TextField(blank=True, help_text="Why it is not ours, or what a person made of it.")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = RecallQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(number=""), name="a_recall_has_a_number"),
            models.CheckConstraint(
                condition=Q(state__in=["to_review", "acting", "closed", "not_ours"]), name="a_recall_has_a_known_state"
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) | (~Q(state="closed") & Q(closed_at__isnull=True)),
                name="a_closed_recall_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="not_ours") | ~Q(decision=""), name="a_recall_that_is_not_ours_says_why"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True, decided_at__isnull=True)
                | (Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(decision="")),
                name="a_decided_recall_says_who_when_and_why",
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="recalls_by_state")]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("recall", args=[self.number])

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def problems(self) -> list[str]:
        """What a person must look at."""
        return self.unread.splitlines()


class RecalledLot(models.Model):
    """A lot of ours that a recall names, how that was found, and how much of it there was then.

    It is to be pulled while it is held: the lot's own status says so. A lot that was matched wrongly is released on its
    page, with the reason, and is not matched again.
    """

    class How(models.TextChoices):
        CODE = "code", _("By its code and lot number")
        EVERY = "every", _("By its code: all lots")
        HAND = "hand", _("By hand")

    recall = models.ForeignKey(Recall, models.PROTECT, related_name="lots")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="recalls")
    how = models.CharField(max_length=5, choices=How)
    doubt = models.CharField(max_length=200, blank=True, help_text="Why it is only held until a person has looked.")
    found = models.PositiveIntegerField(help_text="Base units on hand everywhere when it was matched.")
    matched_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["recall", "lot"], name="a_recall_names_a_lot_once"),
            models.CheckConstraint(condition=Q(how__in=["code", "every", "hand"]), name="a_match_says_how"),
            models.CheckConstraint(condition=Q(doubt="") | ~Q(how="hand"), name="a_match_by_hand_is_not_in_doubt"),
        ]

    def __str__(self) -> str:
        return f"Lot {self.lot_id} in recall {self.recall_id}"
