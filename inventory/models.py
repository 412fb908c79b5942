"""What is kept, and the ledger: items, lots, stock levels, movements, par levels and counts."""

from datetime import date
from typing import ClassVar
from urllib.parse import urlencode

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from inventory.codes.scanned import SYSTEMS, System
from stations.models import Command, Location, Station, User


class Item(models.Model):
    """A catalogue entry. Quantities of it are whole base units (each); packs are converted at the edges only."""

    class Kind(models.TextChoices):
        CONSUMABLE = "consumable", _("Consumable")
        MEDICATION = "medication", _("Medication")
        EQUIPMENT = "equipment", _("Equipment")

    class Criticality(models.TextChoices):
        LIFE_SAVING = "A", _("Life-saving")
        ESSENTIAL = "B", _("Essential")
        ROUTINE = "C", _("Routine")

    class Schedule(models.TextChoices):
        NONE = "", _("Not scheduled")
        II = "II", _("Schedule II")
        III = "III", _("Schedule III")
        IV = "IV", _("Schedule IV")
        V = "V", _("Schedule V")

    class Storage(models.TextChoices):
        ROOM = "room", _("Room temperature")
        COLD = "cold", _("Refrigerated")
        FROZEN = "frozen", _("Frozen")

    sku = models.CharField("SKU", max_length=40, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.CONSUMABLE)
    unit_of_measure = models.CharField(max_length=20, default="each")
    gtin = models.CharField("GTIN", max_length=14, blank=True)
    ndc = models.CharField("NDC", max_length=14, blank=True, help_text="With its dashes: 4-4-2, 5-3-2 or 5-4-1.")
    schedule = models.CharField(max_length=3, choices=Schedule, blank=True, default=Schedule.NONE)
    criticality = models.CharField(max_length=1, choices=Criticality, default=Criticality.ROUTINE)
    storage = models.CharField(max_length=8, choices=Storage, default=Storage.ROOM)
    weight_g = models.PositiveIntegerField(default=0, help_text="Grams, each.")
    volume_ml = models.PositiveIntegerField(default=0, help_text="Millilitres, each.")
    unit_cost_cents = models.PositiveIntegerField(default=0, help_text="Cents, each.")
    needs_two_people = models.BooleanField(default=False, help_text="One person cannot carry it: two must deliver it.")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["gtin"], condition=~Q(gtin=""), name="one_item_per_gtin"),
            models.CheckConstraint(
                condition=Q(schedule="") | Q(kind="medication"),
                name="only_a_medication_is_scheduled",
                violation_error_message=_("Only a medication can be on a DEA schedule."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("item", args=[self.sku])


class Pack(models.Model):
    """A way in which an item is packed: a box of 100. One of them may be the pack in which it is issued."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="packs")
    name = models.CharField(max_length=20, help_text="box, case, tray")
    quantity = models.PositiveIntegerField(help_text="Base units in one pack.")
    gtin = models.CharField("GTIN", max_length=14, blank=True)
    is_issue_pack = models.BooleanField(default=False, help_text="Stations get whole packs of this size.")

    class Meta:
        ordering = ["quantity"]
        constraints = [
            models.UniqueConstraint(fields=["item", "name"], name="one_pack_of_a_name"),
            models.UniqueConstraint(fields=["item"], condition=Q(is_issue_pack=True), name="one_issue_pack_per_item"),
            models.UniqueConstraint(fields=["gtin"], condition=~Q(gtin=""), name="one_pack_per_gtin"),
            models.CheckConstraint(condition=Q(quantity__gte=2), name="a_pack_holds_more_than_one"),
        ]

    def __str__(self) -> str:
        return gettext("%(pack)s of %(quantity)s") % {"pack": self.name, "quantity": self.quantity}


class ItemCode(models.Model):
    """A code that names an item, or one of its packs: what a scan is looked up in.

    Those of the catalogue (``Item.gtin``, ``Item.ndc``, ``Pack.gtin``) are kept here by the database itself, so that a
    GTIN names one thing wherever it is written; further ones, which boxes carry too, are linked by people.
    """

    item = models.ForeignKey(Item, models.CASCADE, related_name="codes")
    pack = models.ForeignKey(
        Pack, models.CASCADE, null=True, blank=True, related_name="codes", help_text="Empty: one base unit."
    )
    system = models.CharField(max_length=5, choices=SYSTEMS)
    code = models.CharField(max_length=80)
    is_own = models.BooleanField(default=False, db_default=False, help_text="Of the catalogue, not linked by a person.")

    class Meta:
        ordering = ["system", "code", "pk"]
        constraints = [
            # Two catalogue entries may share an NDC: whoever scans it is asked which.
            models.UniqueConstraint(
                fields=["system", "code"],
                condition=~Q(system="ndc"),
                name="a_code_names_one_thing",
                violation_error_message=_("This code names something else already."),
            ),
            models.UniqueConstraint(
                fields=["item", "system", "code"], condition=Q(is_own=False), name="a_code_is_linked_to_an_item_once"
            ),
            models.CheckConstraint(condition=~Q(code=""), name="a_code_says_something"),
            models.CheckConstraint(
                condition=Q(system__in=[system.value for system in System]), name="a_code_is_of_a_known_system"
            ),
        ]
        indexes = [models.Index(fields=["code"], name="codes_by_value")]

    def __str__(self) -> str:
        return self.code if self.system == System.OTHER else f"{self.get_system_display()} {self.code}"


class Substitute(models.Model):
    """Another item that may be sent when an item is lacking. ``quantity`` substitutes stand in for ``per`` of the item:
    both whole, so that "two 2 mg for one 4 mg" and "one litre for two half litres" stay whole."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="substitutes")
    substitute = models.ForeignKey(Item, models.CASCADE, related_name="stands_in_for")
    quantity = models.PositiveIntegerField(default=1, help_text="So many base units of the substitute …")
    per = models.PositiveIntegerField(default=1, help_text="… stand in for so many of the item.")
    preference = models.PositiveSmallIntegerField(default=1, help_text="1 is tried first.")
    note = models.CharField(
        max_length=200, blank=True, help_text="What the crew must know: another strength, another size."
    )

    class Meta:
        ordering = ["preference", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["item", "substitute"], name="a_substitute_is_named_once_per_item"),
            models.CheckConstraint(
                condition=~Q(item=F("substitute")),
                name="nothing_stands_in_for_itself",
                violation_error_message=_("An item cannot stand in for itself."),
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, per__gte=1),
                name="a_substitute_counts_for_something",
                violation_error_message=_("Write whole numbers from 1."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.substitute_id} for {self.item_id}"

    def instead_of(self, quantity: int) -> int:
        """How many base units of the substitute stand in for so many of the item, rounded up."""
        return -(-quantity * self.quantity // self.per)

    def covers(self, quantity: int) -> int:
        """How many base units of the item so many of the substitute stand in for, rounded down."""
        return quantity * self.per // self.quantity


class KindPolicy(models.Model):
    """What the division decided for a kind of item: how far ahead stock must last, and what expires soon."""

    kind = models.CharField(max_length=12, choices=Item.Kind, primary_key=True)
    horizon_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Usable stock lasts this long. Empty: the station's review days + lead days."
    )
    expiring_days = models.PositiveSmallIntegerField(default=90, help_text="Stock that expires within this is shown.")

    class Meta:
        verbose_name_plural = "kind policies"

    def __str__(self) -> str:
        return self.get_kind_display()


class CriticalityPolicy(models.Model):
    """What the division decided for a class of items: how much of what is asked for must be there, and what it costs
    when it is not. Par levels are proposed and short stock is shared by these."""

    # What holds until the division decides: (share of units in basis points, cents).
    USUAL: ClassVar = {"A": (9990, 20_000), "B": (9900, 4_000), "C": (9700, 500)}

    criticality = models.CharField(max_length=1, choices=Item.Criticality, primary_key=True)
    fill_floor_bp = models.PositiveSmallIntegerField(
        help_text="The least share of units that must be there when asked for, in hundredths of a percent."
    )
    lost_unit_cents = models.PositiveIntegerField(help_text="What one unit that is asked for and not there costs.")

    class Meta:
        verbose_name_plural = "criticality policies"
        constraints = [
            models.CheckConstraint(condition=Q(criticality__in=["A", "B", "C"]), name="a_policy_is_for_a_known_class"),
            models.CheckConstraint(
                condition=Q(fill_floor_bp__lt=10_000),
                name="no_fill_floor_promises_everything",
                violation_error_message=_("The share of units must be below 100 %: no stock is certain."),
            ),
            models.CheckConstraint(condition=Q(lost_unit_cents__gte=0), name="a_lost_unit_costs_no_less_than_nothing"),
        ]

    def __str__(self) -> str:
        return self.get_criticality_display()

    @classmethod
    def usual(cls, criticality: str) -> "CriticalityPolicy":
        """The policy of a class for which nobody has decided yet, not saved."""
        floor, cents = cls.USUAL[criticality]
        return cls(criticality=criticality, fill_floor_bp=floor, lost_unit_cents=cents)


class LotQuerySet(models.QuerySet["Lot"]):
    def usable_until(self, day: date) -> "LotQuerySet":
        """Lots that may be used, and may still be on ``day``."""
        return self.filter(status=Lot.Status.USABLE).filter(Q(expires_on=None) | Q(expires_on__gte=day))

    def first_expired_first(self) -> "LotQuerySet":
        return self.order_by(F("expires_on").asc(nulls_last=True), "pk")


class Lot(models.Model):
    """One lot of an item. Stock without a lot number is in the item's lot ""; serialized equipment is a lot of one."""

    class Status(models.TextChoices):
        USABLE = "usable", _("Usable")
        QUARANTINED = "quarantined", _("Quarantined")
        RECALLED = "recalled", _("Recalled")

    item = models.ForeignKey(Item, models.PROTECT, related_name="lots")
    number = models.CharField(max_length=40, blank=True)
    serial_number = models.CharField(max_length=40, blank=True)
    expires_on = models.DateField(null=True, blank=True, help_text="The last day on which it may be used.")
    status = models.CharField(max_length=12, choices=Status, default=Status.USABLE)

    objects = LotQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "number", "serial_number"], name="one_lot_of_a_number"),
        ]
        indexes = [models.Index(fields=["expires_on", "id"], name="lots_by_expiry")]

    def __str__(self) -> str:
        return self.serial_number or self.number or gettext("no lot")

    @property
    def is_numbered(self) -> bool:
        """Whether it has a number to call it by."""
        return bool(self.number or self.serial_number)

    @property
    def in_words(self) -> str:
        """ "Lot A17", or that it has no number."""
        return gettext("Lot %(lot)s") % {"lot": self} if self.is_numbered else gettext("No lot number")


class StockLevelQuerySet(models.QuerySet["StockLevel"]):
    def to_count(self) -> "StockLevelQuerySet":
        """What a picker did not find and nobody has counted since, the longest ago first."""
        return self.filter(unfound__gt=0).order_by("unfound_at", "pk")

    def usable_until(self, day: date) -> "StockLevelQuerySet":
        """Stock of lots that are neither quarantined nor recalled and do not expire before ``day``."""
        return self.filter(lot__status=Lot.Status.USABLE).filter(Q(lot__expires_on=None) | Q(lot__expires_on__gte=day))

    def first_expired_first(self) -> "StockLevelQuerySet":
        return self.order_by(F("lot__expires_on").asc(nulls_last=True), "lot_id", "pk")

    def locked(self) -> "StockLevelQuerySet":
        """Lock these rows, always in the same order, and only them."""
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")


class StockLevel(models.Model):
    """How much of one lot a location holds: the running total of its ``StockMovement`` rows.

    ``on_hand`` is kept by the database itself when a movement is added; nothing else can change it.
    Only physical locations have levels: the virtual ends of the ledger are the sum of their movements.
    """

    location = models.ForeignKey(Location, models.PROTECT, related_name="stock_levels")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="stock_levels")
    on_hand = models.PositiveIntegerField(default=0, editable=False)
    allocated = models.PositiveIntegerField(default=0, help_text="Promised to orders and not yet shipped, or unfound.")
    unfound = models.PositiveIntegerField(
        default=0,
        db_default=0,
        help_text="Of the allocated: what a picker did not find, until it is counted.",
    )
    unfound_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = StockLevelQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["location", "lot"], name="one_stock_level_per_location_and_lot"),
            models.CheckConstraint(condition=Q(on_hand__gte=0), name="no_physical_stock_is_negative"),
            models.CheckConstraint(
                condition=Q(allocated__lte=F("on_hand")),
                name="allocated_stock_is_on_hand",
                violation_error_message=_("More stock is allocated than is on hand."),
            ),
            models.CheckConstraint(condition=Q(unfound__lte=F("allocated")), name="unfound_stock_is_allocated"),
            models.CheckConstraint(
                condition=Q(unfound=0, unfound_at__isnull=True) | Q(unfound__gt=0, unfound_at__isnull=False),
                name="unfound_stock_says_since_when",
            ),
        ]
        indexes = [models.Index(fields=["unfound_at"], condition=Q(unfound__gt=0), name="levels_to_count")]

    def __str__(self) -> str:
        return f"{self.on_hand} of lot {self.lot_id} at {self.location_id}"

    @property
    def available(self) -> int:
        return self.on_hand - self.allocated


class StockMovement(models.Model):
    """One line of the ledger. Never changed; a mistake is undone by a movement back."""

    class Reason(models.TextChoices):
        OPENING = "opening", _("Opening stock")
        RECEIVED = "received", _("Received from supplier")
        DISPATCHED = "dispatched", _("Dispatched")
        COLLECTED = "collected", _("Collected at a station")
        DELIVERED = "delivered", _("Received at station")
        RETURNED = "returned", _("Came back")
        TRANSFERRED = "transferred", _("Transferred")
        RESTOCKED = "restocked", _("Restocked a unit")
        USED = "used", _("Used on a patient")
        WASTED = "wasted", _("Wasted")
        DISCARDED = "discarded", _("Discarded")
        PULLED = "pulled", _("Pulled for a recall")
        COUNTED = "counted", _("Count variance")
        LOST = "lost", _("Lost in transit")
        CORRECTED = "corrected", _("Correction")

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="movements")
    source = models.ForeignKey(Location, models.PROTECT, related_name="movements_out")
    destination = models.ForeignKey(Location, models.PROTECT, related_name="movements_in")
    quantity = models.PositiveIntegerField()
    reason = models.CharField(max_length=12, choices=Reason)
    reference = models.CharField(max_length=60, blank=True, help_text="Incident, purchase order or label.")
    moved_at = models.DateTimeField()
    moved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="movements")
    witness = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="witnessed_movements")
    command = models.ForeignKey(Command, models.PROTECT, related_name="movements")
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="a_movement_moves_something"),
            models.CheckConstraint(condition=~Q(source=F("destination")), name="a_movement_goes_somewhere"),
            models.CheckConstraint(
                condition=Q(witness__isnull=True) | ~Q(witness=F("moved_by")), name="nobody_witnesses_themselves"
            ),
        ]
        indexes = [
            models.Index(fields=["source", "lot"], name="movements_out_of_a_level"),
            models.Index(fields=["destination", "lot"], name="movements_into_a_level"),
            models.Index(fields=["reason", "moved_at"], name="movements_by_reason_and_time"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of lot {self.lot_id}, {self.get_reason_display().lower()}"


class ParLevel(models.Model):
    """How much of an item a location should hold: fill up to ``par``, act below ``minimum``; and the bin it is in."""

    location = models.ForeignKey(Location, models.PROTECT, related_name="par_levels")
    item = models.ForeignKey(Item, models.PROTECT, related_name="par_levels")
    par = models.PositiveIntegerField(help_text="Fill up to this, in base units.")
    minimum = models.PositiveIntegerField(help_text="Act below this, in base units.")
    short_below = models.PositiveIntegerField(
        null=True, blank=True, help_text="Short below this, in base units. Empty: below the minimum."
    )
    mandated_minimum = models.PositiveIntegerField(
        default=0, db_default=0, help_text="What a rule of the state or the division says must be here, in base units."
    )
    bin = models.CharField(max_length=20, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["location", "item"], name="one_par_level_per_location_and_item"),
            models.CheckConstraint(
                condition=Q(minimum__lte=F("par")),
                name="minimum_is_at_most_par",
                violation_error_message=_("The minimum must not be above the par."),
            ),
            # Who acts only below what is mandated has broken the rule by then.
            models.CheckConstraint(
                condition=Q(mandated_minimum__lte=F("minimum")),
                name="minimum_is_at_least_what_is_mandated",
                violation_error_message=_("The minimum must not be below what is mandated."),
            ),
            # Empty where it would be the minimum: one way to say it.
            models.CheckConstraint(
                condition=Q(short_below__isnull=True)
                | Q(short_below__lt=F("minimum"), short_below__gte=F("mandated_minimum")),
                name="short_lies_from_the_mandate_to_the_minimum",
                violation_error_message=_("Short must lie below the minimum, and not below what is mandated."),
            ),
        ]

    def __str__(self) -> str:
        return f"par {self.par} at {self.location_id}"


class ParReview(models.Model):
    """When the par levels of a station and its units were last worked out from the ledger. Missing: never."""

    station = models.OneToOneField(Station, models.CASCADE, primary_key=True, related_name="par_review")
    reviewed_at = models.DateTimeField(db_index=True)
    levels = models.PositiveIntegerField(help_text="Par levels that were looked at.")
    proposed = models.PositiveIntegerField(help_text="Proposals that stood open afterwards.")

    def __str__(self) -> str:
        return gettext("Par levels of %(station)s") % {"station": self.station}

    def get_absolute_url(self) -> str:
        return f"{reverse('par_proposals')}?{urlencode({'station': self.station.code})}"


class ParProposalQuerySet(models.QuerySet["ParProposal"]):
    def open(self) -> "ParProposalQuerySet":
        return self.filter(state=ParProposal.State.OPEN)

    def locked(self) -> "ParProposalQuerySet":
        """Lock these rows, always in the same order, and only them."""
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")


class ParProposal(models.Model):
    """Another par and minimum than today's for a location and item, with all that it was worked out from.

    Nothing changes until a person accepts it. Its numbers never change: where the next review finds others, it is
    outdated and another takes its place.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("state", "Open")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        OUTDATED = "outdated", _("Outdated")

    location = models.ForeignKey(Location, models.PROTECT, related_name="par_proposals")
    item = models.ForeignKey(Item, models.PROTECT, related_name="par_proposals")
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    par = models.PositiveIntegerField()
    minimum = models.PositiveIntegerField()
    short_below = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: the minimum.")
    was_par = models.PositiveIntegerField()
    was_minimum = models.PositiveIntegerField()
    was_short_below = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: the minimum.")
    was_version = models.PositiveIntegerField(help_text="Of the par level that it was compared to.")
    reason = models.PositiveSmallIntegerField(help_text="What decided it: inventory.policy.Reason.")

    # What it was worked out from.
    history_days = models.PositiveSmallIntegerField(help_text="Whole days of the ledger before it was worked out.")
    used = models.PositiveIntegerField(help_text="Base units that left in these days.")
    exposure_days = models.FloatField(help_text="Those of these days on which there was usable stock.")
    own_per_day = models.FloatField(help_text="What this place's own history alone says.")
    own_share = models.FloatField(help_text="How much of the mean is its own history, 0 to 1; the rest is by calls.")
    calls = models.PositiveIntegerField(help_text="Calls in these days that this place answered for.")
    calls_per_day = models.FloatField(help_text="The same a day, recent days counting more.")
    use_per_call = models.FloatField(help_text="Base units per call at all places of this sort.")
    mean_per_day = models.FloatField()
    vmr = models.FloatField("variance ÷ mean")
    review_days = models.FloatField()
    lead_days = models.FloatField()
    life_days = models.FloatField(null=True, blank=True, help_text="Usable days when it arrives. Empty: no expiry.")
    mandated_minimum = models.PositiveIntegerField()
    fill_floor_bp = models.PositiveSmallIntegerField()
    lost_unit_cents = models.PositiveIntegerField()
    unit_cost_cents = models.PositiveIntegerField()

    # What is expected of today's and of the proposed: share of units filled, stock value, expired units in a year.
    was_fill = models.FloatField()
    fill = models.FloatField()
    was_stock_cents = models.PositiveBigIntegerField()
    stock_cents = models.PositiveBigIntegerField()
    was_waste_cents = models.PositiveBigIntegerField()
    waste_cents = models.PositiveBigIntegerField()

    computed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decline_reason = models.CharField(max_length=300, blank=True)

    objects = ParProposalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["location", "item"], condition=Q(state="open"), name="one_open_proposal_per_location_and_item"
            ),
            models.CheckConstraint(
                condition=~Q(par=F("was_par"), minimum=F("was_minimum")), name="a_proposal_differs_from_today"
            ),
            models.CheckConstraint(
                condition=Q(minimum__lte=F("par"), mandated_minimum__lte=F("minimum")),
                name="a_proposal_keeps_minimum_and_mandate",
            ),
            models.CheckConstraint(
                condition=Q(short_below__isnull=True)
                | Q(short_below__lt=F("minimum"), short_below__gte=F("mandated_minimum")),
                name="a_proposal_keeps_short_below_its_minimum",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True, decided_by__isnull=True)
                | Q(state__in=["accepted", "declined"], closed_at__isnull=False, decided_by__isnull=False)
                | Q(state="outdated", closed_at__isnull=False, decided_by__isnull=True),
                name="a_decided_proposal_says_who_and_when",
            ),
            models.CheckConstraint(
                condition=(Q(state="declined") & ~Q(decline_reason="")) | (~Q(state="declined") & Q(decline_reason="")),
                name="a_declined_proposal_says_why",
            ),
            models.CheckConstraint(
                condition=Q(was_fill__gte=0, was_fill__lte=1, fill__gte=0, fill__lte=1)
                & Q(own_share__gte=0, own_share__lte=1),
                name="shares_of_a_proposal_are_shares",
            ),
        ]
        indexes = [
            models.Index(fields=["location", "item", "state"], name="proposals_of_a_par_level"),
            models.Index(fields=["state", "closed_at"], name="proposals_by_end"),
        ]

    def __str__(self) -> str:
        return f"par {self.par} for {self.was_par} at {self.location_id}"

    def get_absolute_url(self) -> str:
        return reverse("par_proposal", args=[self.pk])

    @property
    def is_raise(self) -> bool:
        """More stock than today; where the par stays, acting earlier."""
        return (self.par, self.minimum) > (self.was_par, self.was_minimum)

    @property
    def floor(self) -> float:
        """The least share of units that had to be there, 0 to 1."""
        return self.fill_floor_bp / 10_000


class CycleCount(models.Model):
    """Counted against expected at one location. Blind: the counter does not see what is expected."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("state", "Open")
        COUNTED = "counted", _("Counted")
        POSTED = "posted", _("Posted")
        CANCELLED = "cancelled", _("Cancelled")

    location = models.ForeignKey(Location, models.PROTECT, related_name="cycle_counts")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    is_blind = models.BooleanField(default=False)
    is_spot = models.BooleanField(
        default=False, db_default=False, help_text="Only of lots that a picker did not find: the place is not counted."
    )
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    posted_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["location"],
                condition=Q(state__in=["open", "counted"]),
                name="one_count_at_a_time_per_location",
                violation_error_message=_("This place is already being counted."),
            ),
            models.CheckConstraint(
                condition=Q(state="posted", posted_at__isnull=False) | (~Q(state="posted") & Q(posted_at__isnull=True)),
                name="a_posted_count_says_when",
            ),
        ]

    def __str__(self) -> str:
        return gettext("Count %(number)s") % {"number": self.pk}

    def get_absolute_url(self) -> str:
        return reverse("count", args=[self.pk])

    @property
    def hides_expected(self) -> bool:
        """Whether nobody may see yet what the books expect."""
        return self.is_blind and self.state == self.State.OPEN


class CountLine(models.Model):
    """One lot of a count. ``expected`` is what the ledger said at the moment of counting, so that whatever moves
    between counting and posting is neither lost nor counted twice."""

    UNCOUNTED: ClassVar = Q(counted__isnull=True)

    count = models.ForeignKey(CycleCount, models.CASCADE, related_name="lines")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+")
    expected = models.PositiveIntegerField()
    counted = models.PositiveIntegerField(null=True, blank=True)
    counted_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["count", "lot"], name="a_lot_is_counted_once"),
            models.CheckConstraint(
                condition=Q(counted__isnull=True, counted_at__isnull=True)
                | Q(counted__isnull=False, counted_at__isnull=False),
                name="a_counted_line_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.counted} counted, {self.expected} expected"

    @property
    def variance(self) -> int | None:
        return None if self.counted is None else self.counted - self.expected
