"""What patient-care records say was used. Of the patient nothing is kept but the number of the record."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from inventory.models import Item
from stations.models import Command, Unit


class CareCodeQuerySet(models.QuerySet["CareCode"]):
    def locked(self) -> "CareCodeQuerySet":
        """Lock these rows, always in the same order, and only them."""
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")


class CareCode(models.Model):
    """A code of a medication or procedure, and what one entry of it uses. Undecided until a person maps it."""

    class System(models.TextChoices):
        RXNORM = "rxnorm", "RxNorm"
        SNOMED = "snomed", "SNOMED CT"
        OTHER = "other", gettext_noop("Other")  # kept in the log: pages translate it

    system = models.CharField(max_length=6, choices=System)
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=200, blank=True, help_text="From the division's own list: records bring none.")
    item = models.ForeignKey(Item, models.PROTECT, null=True, blank=True, related_name="care_codes")
    quantity = models.PositiveIntegerField(default=1, help_text="Base units that one entry uses.")
    is_per_attempt = models.BooleanField(default=False, help_text="So many for each attempt at a procedure.")
    uses_nothing = models.BooleanField(default=False, help_text="Uses nothing that is kept in stock.")
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CareCodeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "code"], name="a_care_code_is_mapped_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="a_mapped_code_uses_something"),
            models.CheckConstraint(
                condition=Q(item__isnull=True) | Q(uses_nothing=False), name="a_code_uses_an_item_or_nothing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name or self.code} ({self.get_system_display()})"

    def get_absolute_url(self) -> str:
        return reverse("care_code", args=[self.pk])

    @property
    def is_decided(self) -> bool:
        return self.item_id is not None or self.uses_nothing


class CallSignQuerySet(models.QuerySet["CallSign"]):
    def locked(self) -> "CallSignQuerySet":
        """Lock these rows, always in the same order, and only them."""
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")


class CallSign(models.Model):
    """What records call a unit, and which of ours that is. Empty until a person says so."""

    text = models.CharField(max_length=50, unique=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="call_signs")

    objects = CallSignQuerySet.as_manager()

    class Meta:
        ordering = ["text"]

    def __str__(self) -> str:
        return self.text


class CareRecordQuerySet(models.QuerySet["CareRecord"]):
    def locked(self) -> "CareRecordQuerySet":
        """Lock these rows, always in the same order, and only them."""
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")


class CareRecord(models.Model):
    """One patient-care record that was taken, by its agency and number. Nothing else is kept of the patient."""

    BOOKED: ClassVar = "booked"  # in the log, with the first movement

    agency = models.CharField(max_length=20)
    number = models.CharField(max_length=50)
    call_sign = models.ForeignKey(CallSign, models.PROTECT, related_name="records")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="care_records")
    at = models.DateTimeField(help_text="When the unit was called.")
    digest = models.CharField(max_length=64, editable=False, help_text="Of what it says was used, and by which unit.")
    is_corrected = models.BooleanField(default=False, help_text="Came again with other uses: a person must look.")
    command = models.ForeignKey(Command, models.PROTECT, related_name="care_records")

    objects = CareRecordQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number", "agency"], name="a_care_record_is_taken_once"),
        ]
        indexes = [models.Index(fields=["is_corrected"], condition=Q(is_corrected=True), name="care_records_corrected")]

    def __str__(self) -> str:
        return f"Record {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("care_record", args=[self.pk])


class CareUse(models.Model):
    """One medication or procedure of a record: what it took from the unit, what it waits for, or why nothing."""

    class Kind(models.TextChoices):
        MEDICATION = "medication", _("Medication")
        PROCEDURE = "procedure", _("Procedure")

    class State(models.TextChoices):
        USED = "used", _("Used")
        UNMAPPED = "unmapped", _("Code not mapped")
        NO_UNIT = "no_unit", _("Unit not known")
        WITNESS = "witness", _("Needs a witness")
        SHORT = "short", _("Not on the books")
        ADDED = "added", _("Added later")
        NOT_COUNTED = "not_counted", _("Not counted")

    class Why(models.TextChoices):
        NOT_GIVEN = "not_given", _("Not given")
        BEFORE = "before", _("Before this unit came")
        ANOTHER_UNIT = "another_unit", _("By another unit")
        NOTHING = "nothing", _("Uses nothing that is kept")
        COUNTED = "counted", _("The unit was counted since")
        WITHDRAWN = "withdrawn", _("No longer in the record")
        LEFT_OUT = "left_out", _("Left out by hand")

    WAITS: ClassVar = (State.UNMAPPED, State.NO_UNIT, State.WITNESS, State.SHORT, State.ADDED)

    record = models.ForeignKey(CareRecord, models.CASCADE, related_name="uses")
    code = models.ForeignKey(CareCode, models.PROTECT, related_name="uses")
    kind = models.CharField(max_length=10, choices=Kind)
    times = models.PositiveSmallIntegerField(default=1, help_text="Attempts at a procedure.")
    state = models.CharField(max_length=11, choices=State)
    why = models.CharField(max_length=12, choices=Why, blank=True)
    item = models.ForeignKey(Item, models.PROTECT, null=True, blank=True, related_name="+")
    quantity = models.PositiveIntegerField(default=0, help_text="Base units that it uses, once that is known.")
    booked = models.PositiveIntegerField(default=0, help_text="Of these, taken off the books.")
    is_withdrawn = models.BooleanField(default=False, help_text="A later version of the record has it no more.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(state="not_counted") & ~Q(why="")) | (~Q(state="not_counted") & Q(why="")),
                name="a_use_that_is_not_counted_says_why",
            ),
            models.CheckConstraint(condition=Q(booked__lte=F("quantity")), name="no_use_is_booked_twice"),
            models.CheckConstraint(
                condition=~Q(state="used") | Q(booked=F("quantity"), quantity__gte=1, item__isnull=False),
                name="a_use_that_is_used_is_booked",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "code"], name="care_uses_by_state_and_code"),
            models.Index(
                fields=["record"],
                condition=Q(state__in=["unmapped", "no_unit", "witness", "short", "added"]),
                name="care_uses_that_wait",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.times} × {self.code_id}, {self.get_state_display().lower()}"

    @property
    def waits(self) -> bool:
        return self.state in self.WAITS

    @property
    def rest(self) -> int:
        """Base units that are not booked yet."""
        return self.quantity - self.booked

    @property
    def dialog(self) -> str:
        """The id of the dialog that asks about it."""
        return f"leave-out-{self.pk}"
