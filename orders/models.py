"""What stations ask for and how it reaches them: orders, shipments, runs, and what went wrong on the way."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Coalesce, Length
from django.db.models.lookups import LessThanOrEqual
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.pictures import MOST_BYTES
from inventory.models import Item, StockLevel
from stations.models import Location, Station, Unit, User


class ResupplyOrderQuerySet(models.QuerySet["ResupplyOrder"]):
    def awaiting_approval(self) -> "ResupplyOrderQuerySet":
        return self.filter(state=ResupplyOrder.State.SUBMITTED)

    def under_way(self) -> "ResupplyOrderQuerySet":
        """Approved and not yet all received."""
        return self.filter(state__in=ResupplyOrder.UNDER_WAY)

    def automatic_drafts(self) -> "ResupplyOrderQuerySet":
        return self.filter(state=ResupplyOrder.State.DRAFT, is_automatic=True)


class ResupplyOrder(models.Model):
    """What a station asks for: a request until approved, an order after."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("request", "Draft")
        SUBMITTED = "submitted", pgettext_lazy("request", "Waiting for approval")
        APPROVED = "approved", pgettext_lazy("request", "Approved")
        IN_FULFILMENT = "in_fulfilment", pgettext_lazy("request", "In fulfilment")
        CLOSED = "closed", pgettext_lazy("request", "Closed")
        REJECTED = "rejected", pgettext_lazy("request", "Rejected")
        CANCELLED = "cancelled", pgettext_lazy("request", "Cancelled")

    class Priority(models.IntegerChoices):
        ROUTINE = 0, _("Routine")
        URGENT = 1, _("Urgent")
        STAT = 2, _("Stat")

    class Kind(models.TextChoices):
        REQUEST = "request", _("Request")
        TRANSFER = "transfer", _("Transfer")

    UNDER_WAY: ClassVar = (State.APPROVED, State.IN_FULFILMENT)
    ENDED: ClassVar = (State.CLOSED, State.REJECTED, State.CANCELLED)

    kind = models.CharField(
        max_length=8,
        choices=Kind,
        default=Kind.REQUEST,
        db_default=Kind.REQUEST,
        help_text="A transfer was proposed by the system; nobody asked for it.",
    )
    station = models.ForeignKey(Station, models.PROTECT, related_name="resupply_orders", help_text="Who asks.")
    source = models.ForeignKey(Station, models.PROTECT, related_name="orders_to_fill", help_text="Who supplies.")
    state = models.CharField(max_length=14, choices=State, default=State.DRAFT)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.ROUTINE)
    needed_by = models.DateTimeField(null=True, blank=True)
    is_automatic = models.BooleanField(default=False, help_text="Drafted by the sweep.")
    comment = models.CharField(max_length=300, blank=True)
    requested_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="resupply_orders")
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True, help_text="When it ended, however it ended.")
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ResupplyOrderQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["station"],
                condition=Q(state="draft", is_automatic=True),
                name="one_automatic_draft_per_station",
            ),
            models.CheckConstraint(condition=~Q(station=F("source")), name="a_station_does_not_order_from_itself"),
            models.CheckConstraint(
                condition=Q(state="draft")
                | Q(state__in=["rejected", "cancelled"])
                | Q(kind="request", submitted_at__isnull=False, requested_by__isnull=False)
                | Q(kind="transfer", submitted_at__isnull=False, requested_by__isnull=True),
                name="a_submitted_order_says_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(kind="request") | (Q(kind="transfer", is_automatic=False) & ~Q(state="draft")),
                name="a_transfer_is_never_a_draft",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "in_fulfilment", "closed"]) | Q(approved_at__isnull=False),
                name="an_approved_order_says_when",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["closed", "rejected", "cancelled"], closed_at__isnull=False)
                | (~Q(state__in=["closed", "rejected", "cancelled"]) & Q(closed_at__isnull=True)),
                name="an_ended_order_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-priority", "submitted_at"], name="orders_by_state_and_urgency"),
            models.Index(fields=["station", "state"], name="orders_of_a_station"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("order", args=[self.pk])

    @property
    def number(self) -> str:
        return f"R{self.pk:06d}"

    @property
    def is_transfer(self) -> bool:
        return self.kind == self.Kind.TRANSFER

    def is_overdue(self, at: datetime) -> bool:
        return self.state in self.UNDER_WAY and self.needed_by is not None and self.needed_by < at


class OrderLineQuerySet(models.QuerySet["OrderLine"]):
    def owed(self) -> "OrderLineQuerySet":
        """Lines of orders under way with approved stock that is neither promised nor sent yet: the backorders."""
        return self.filter(order__state__in=ResupplyOrder.UNDER_WAY).filter(
            approved__gt=F("allocated") + F("shipped") + F("cancelled")
        )

    def claims(self) -> "OrderLineQuerySet":
        """Lines that want something of their source, with how much ``wants`` says: what they are owed, or while they
        wait for approval what was asked for or granted so far."""
        granted = Coalesce(F("approved"), F("asked"))
        open_states = (ResupplyOrder.State.SUBMITTED, *ResupplyOrder.UNDER_WAY)
        wants = granted - F("allocated") - F("shipped") - F("cancelled")
        return self.filter(order__state__in=open_states).annotate(wants=wants).filter(wants__gt=0)

    def inbound(self) -> "OrderLineQuerySet":
        """Lines of orders under way that will still bring something."""
        return self.filter(order__state__in=ResupplyOrder.UNDER_WAY).filter(
            approved__gt=F("cancelled") + F("received") + F("damaged") + F("missing")
        )


class OrderLine(models.Model):
    """One item of an order, and how far each unit of it has come.

    asked → approved → allocated → shipped → received, damaged or missing. What was approved and then closed short is
    ``cancelled``. The numbers that the sweep explained its suggestion with are kept as they were then.
    """

    order = models.ForeignKey(ResupplyOrder, models.CASCADE, related_name="lines")
    item = models.ForeignKey(Item, models.PROTECT, related_name="order_lines")
    location = models.ForeignKey(Location, models.PROTECT, related_name="order_lines", help_text="Where it goes.")
    asked = models.PositiveIntegerField()
    is_edited = models.BooleanField(default=False, help_text="A person chose this quantity: the sweep leaves it.")
    approved = models.PositiveIntegerField(null=True, blank=True)
    approval_reason = models.CharField(max_length=200, blank=True)
    allocated = models.PositiveIntegerField(default=0)
    shipped = models.PositiveIntegerField(default=0)
    received = models.PositiveIntegerField(default=0)
    damaged = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    cancelled = models.PositiveIntegerField(default=0)
    suggested = models.PositiveIntegerField(null=True, blank=True)
    par = models.PositiveIntegerField(null=True, blank=True)
    minimum = models.PositiveIntegerField(null=True, blank=True)
    usable = models.PositiveIntegerField(null=True, blank=True)
    expiring = models.PositiveIntegerField(null=True, blank=True)
    inbound = models.PositiveIntegerField(null=True, blank=True)

    objects = OrderLineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "location", "item"], name="an_item_is_asked_once_per_order"),
            models.CheckConstraint(
                condition=Q(approved__isnull=True) | Q(approved__lte=F("asked")),
                name="approved_is_at_most_asked",
                violation_error_message=_("More cannot be approved than was asked for."),
            ),
            models.CheckConstraint(
                condition=Q(approved__isnull=True) | Q(approved=F("asked")) | ~Q(approval_reason=""),
                name="less_than_asked_has_a_reason",
                violation_error_message=_("Say why less is approved than was asked for."),
            ),
            models.CheckConstraint(
                condition=Q(approved__isnull=False) | Q(allocated=0, shipped=0, cancelled=0),
                name="nothing_moves_before_approval",
            ),
            models.CheckConstraint(
                condition=Q(approved__isnull=True) | Q(approved__gte=F("allocated") + F("shipped") + F("cancelled")),
                name="shipped_is_at_most_approved",
            ),
            models.CheckConstraint(
                condition=Q(shipped__gte=F("received") + F("damaged") + F("missing")),
                name="received_is_at_most_shipped",
            ),
        ]
        indexes = [models.Index(fields=["location", "item"], name="order_lines_of_a_par_level")]

    def __str__(self) -> str:
        return f"{self.asked} of {self.item_id}"

    @property
    def owed(self) -> int:
        """The backorder: approved, and neither promised nor sent nor given up."""
        return (self.approved or 0) - self.allocated - self.shipped - self.cancelled

    @property
    def wanted(self) -> int:
        """What it claims of its source: owed, or while it waits for approval what was asked or granted so far."""
        return self.asked if self.approved is None else self.owed

    @property
    def outstanding(self) -> int:
        """What this line will still bring to the station."""
        return (self.approved or 0) - self.cancelled - self.received - self.damaged - self.missing


class ApprovalStep(models.Model):
    """One approver that an order needs, in order. A rule says why: a scheduled drug, the cost, an off-list item."""

    class Rule(models.TextChoices):
        STANDARD = "standard", _("Every request")
        SCHEDULED = "scheduled", _("Scheduled drug")
        COST = "cost", _("Cost over the limit")
        OFF_LIST = "off_list", _("Item not on the station's list")
        TRANSFER = "transfer", _("Transfer from another station")

    order = models.ForeignKey(ResupplyOrder, models.CASCADE, related_name="approval_steps")
    position = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=12, choices=User.Role)
    rule = models.CharField(max_length=10, choices=Rule)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="one_approval_step_per_position"),
            models.UniqueConstraint(
                fields=["order", "decided_by"],
                name="a_person_approves_an_order_once",
                violation_error_message=_("You have approved this order already; the next step is another person's."),
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True, decided_at__isnull=True)
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="an_approval_says_who_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.get_rule_display().lower()}"


class Shortfall(models.Model):
    """A par level that was below its minimum at the last sweep, with the numbers that explain it."""

    location = models.ForeignKey(Location, models.CASCADE, related_name="shortfalls")
    item = models.ForeignKey(Item, models.CASCADE, related_name="shortfalls")
    par = models.PositiveIntegerField()
    minimum = models.PositiveIntegerField()
    usable = models.PositiveIntegerField()
    expiring = models.PositiveIntegerField(help_text="On hand, but not usable until the delivery after next.")
    inbound = models.PositiveIntegerField(help_text="Approved and not yet received.")
    awaiting = models.PositiveIntegerField(help_text="Asked for, and waiting for approval.")
    need = models.PositiveIntegerField(help_text="par − usable − inbound, in whole issue packs.")
    since = models.DateTimeField(help_text="The sweep that first found it short.")
    swept_at = models.DateTimeField(help_text="The last sweep, which found it short still.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["location", "item"], name="one_shortfall_per_location_and_item"),
        ]

    def __str__(self) -> str:
        return f"{self.need} of {self.item_id} at {self.location_id}"


class DeliveryRun(models.Model):
    """A van, its crew, its date and its stops in order."""

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("run", "Planned")
        LOADING = "loading", pgettext_lazy("run", "Loading")
        OUT = "out", pgettext_lazy("run", "Out")
        COMPLETED = "completed", pgettext_lazy("run", "Completed")
        CANCELLED = "cancelled", pgettext_lazy("run", "Cancelled")

    depot = models.ForeignKey(Station, models.PROTECT, related_name="runs")
    van = models.ForeignKey(Unit, models.PROTECT, related_name="runs")
    driver = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="runs")
    run_on = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    leaves_at = models.DateTimeField(help_text="Planned departure.")
    left_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    distance_m = models.PositiveIntegerField(default=0, help_text="Planned, in metres, there and back.")
    is_locked = models.BooleanField(default=False, help_text="A person decided this run: the schedule leaves it.")
    is_by_hand = models.BooleanField(
        default=False, help_text="A person arranged its stops: the schedule leaves it until the day is planned again."
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["-run_on", "leaves_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["van"], condition=Q(state="out"), name="a_van_is_on_one_run_at_a_time"),
            models.CheckConstraint(
                condition=~Q(state__in=["out", "completed"]) | Q(left_at__isnull=False, driver__isnull=False),
                name="a_run_that_left_says_when_and_who_drives",
            ),
        ]
        indexes = [models.Index(fields=["state", "run_on"], name="runs_by_state_and_day")]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("run", args=[self.pk])

    @property
    def number(self) -> str:
        return f"D{self.pk:06d}"


class Stop(models.Model):
    """One station on a run: its window, its planned and its real arrival, and the proof of delivery."""

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("stop", "Planned")
        ARRIVED = "arrived", pgettext_lazy("stop", "Arrived")
        DELIVERED = "delivered", pgettext_lazy("stop", "Delivered")
        MISSED = "missed", pgettext_lazy("stop", "Missed")

    run = models.ForeignKey(DeliveryRun, models.CASCADE, related_name="stops")
    station = models.ForeignKey(Station, models.PROTECT, related_name="stops")
    position = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    planned_at = models.DateTimeField()
    arrived_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    handed_to = models.CharField(max_length=80, blank=True, help_text="Who took the delivery, or where it was left.")
    missed_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["run", "station"], name="a_run_stops_once_per_station"),
            models.UniqueConstraint(fields=["run", "position"], name="one_stop_per_position"),
            models.CheckConstraint(
                condition=~Q(state="delivered") | (Q(left_at__isnull=False) & ~Q(handed_to="")),
                name="a_delivery_has_a_proof",
                violation_error_message=_("Say who took the delivery, or where it was left."),
            ),
            models.CheckConstraint(
                condition=~Q(state="missed") | ~Q(missed_reason=""),
                name="a_missed_stop_has_a_reason",
                violation_error_message=_("Say why the delivery was not made."),
            ),
        ]

    def __str__(self) -> str:
        return f"stop {self.position} of run {self.run_id}"

    def is_late(self) -> bool:
        return (self.arrived_at or self.planned_at) > self.window_end


class TravelTime(models.Model):
    """The way from one station to another as the division measured it. The way back is a row of its own."""

    origin = models.ForeignKey(Station, models.CASCADE, related_name="ways_out")
    destination = models.ForeignKey(Station, models.CASCADE, related_name="ways_in")
    metres = models.PositiveIntegerField()
    seconds = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["origin", "destination"], name="one_way_from_station_to_station"),
            models.CheckConstraint(condition=~Q(origin=F("destination")), name="a_way_leads_to_another_station"),
        ]

    def __str__(self) -> str:
        return f"{self.metres} m, {self.seconds} s"


# Where a shipment stands in lists: by its priority while it is not received, below all of them afterwards.
URGENCY = Case(
    When(state__in=["planned", "picking", "packed", "to_collect", "dispatched", "delivered"], then=F("priority") + 1),
    default=0,
    output_field=models.IntegerField(),
)


class Shipment(models.Model):
    """What is picked, packed and sent to one station, for one or more orders. Its lines are the allocations."""

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("shipment", "To pick")
        PICKING = "picking", pgettext_lazy("shipment", "Picking")
        PACKED = "packed", pgettext_lazy("shipment", "Packed")
        DISPATCHED = "dispatched", pgettext_lazy("shipment", "On its way")
        DELIVERED = "delivered", pgettext_lazy("shipment", "Delivered")
        RECEIVED = "received", pgettext_lazy("shipment", "Received")
        TO_COLLECT = "to_collect", pgettext_lazy("shipment", "To collect")
        CANCELLED = "cancelled", pgettext_lazy("shipment", "Cancelled")

    AT_SOURCE: ClassVar = (State.PLANNED, State.PICKING, State.PACKED)
    # What is promised and has not left: a transfer waits at its donor until the van comes by.
    NOT_LEFT: ClassVar = (*AT_SOURCE, State.TO_COLLECT)
    IN_TRANSIT: ClassVar = (State.DISPATCHED, State.DELIVERED)

    source = models.ForeignKey(Station, models.PROTECT, related_name="shipments_out")
    destination = models.ForeignKey(Station, models.PROTECT, related_name="shipments_in")
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    priority = models.PositiveSmallIntegerField(choices=ResupplyOrder.Priority, default=0)
    stop = models.ForeignKey(Stop, models.SET_NULL, null=True, blank=True, related_name="shipments")
    pickup = models.ForeignKey(
        Stop,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="pickups",
        help_text="The stop at which it is collected. Empty: it is loaded at the depot.",
    )
    wait_reason = models.CharField(max_length=200, blank=True, help_text="Why the schedule found no run for it.")
    held_on = models.DateField(
        null=True, blank=True, help_text="The day on which a person took it off its run: the schedule takes another."
    )
    totes = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    picker = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    packed_at = models.DateTimeField(null=True, blank=True)
    dispatched_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    received_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "destination"], condition=Q(state="planned"), name="one_shipment_to_pick_per_station"
            ),
            models.UniqueConstraint(
                fields=["source", "destination"],
                condition=Q(state="to_collect"),
                name="one_shipment_to_collect_between_two_stations",
            ),
            models.CheckConstraint(
                condition=Q(pickup__isnull=True) | ~Q(pickup=F("stop")), name="a_pickup_is_not_its_own_delivery"
            ),
            models.CheckConstraint(
                condition=Q(pickup__isnull=True) | ~Q(state__in=["planned", "picking", "packed"]),
                name="what_is_picked_at_the_depot_is_not_collected",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["dispatched", "delivered", "received"])
                | Q(packed_at__isnull=False, dispatched_at__isnull=False, stop__isnull=False),
                name="a_shipment_is_packed_before_it_leaves_on_a_run",
            ),
            models.CheckConstraint(
                condition=~Q(state="received")
                | Q(delivered_at__isnull=False, received_at__isnull=False, received_by__isnull=False),
                name="a_receipt_says_who_and_when",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-priority", "created_at"], name="shipments_by_state"),
            models.Index(fields=["destination", "state"], name="shipments_to_a_station"),
            models.Index(URGENCY.desc(), F("id").desc(), name="shipments_by_urgency"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("shipment", args=[self.pk])

    @property
    def number(self) -> str:
        return f"S{self.pk:06d}"


class ShipmentLine(models.Model):
    """So many of one lot, from one shelf, for one order line. Until dispatch it is the allocation of that stock."""

    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="shipment_lines")
    level = models.ForeignKey(StockLevel, models.PROTECT, related_name="shipment_lines")
    quantity = models.PositiveIntegerField()
    is_picked = models.BooleanField(default=False)
    lot_reason = models.CharField(
        max_length=120, blank=True, help_text="Why this lot was taken and not the one that expires first."
    )
    accepted = models.PositiveIntegerField(null=True, blank=True)
    damaged = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    receipt_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shipment", "order_line", "level"], name="one_shipment_line_per_order_line_and_lot"
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="a_shipment_line_ships_something"),
            models.CheckConstraint(
                condition=Q(accepted__isnull=True, damaged=0, missing=0)
                | Q(quantity=F("accepted") + F("damaged") + F("missing")),
                name="received_damaged_and_missing_are_what_was_shipped",
                violation_error_message=_("Accepted, damaged and missing must add up to what was shipped."),
            ),
            models.CheckConstraint(
                condition=Q(damaged=0, missing=0) | ~Q(receipt_reason=""),
                name="damaged_or_missing_has_a_reason",
                violation_error_message=_("Say what was damaged or missing."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} for order line {self.order_line_id}"


class TransferProposal(models.Model):
    """Stock that one station can spare and another needs, as last worked out, with the numbers that explain it.

    Base units; ``daily`` figures are means of four weeks. Replaced as a whole each time; accepting one checks its
    numbers anew.
    """

    item = models.ForeignKey(Item, models.CASCADE, related_name="+")
    donor = models.ForeignKey(Location, models.CASCADE, related_name="transfers_out")
    receiver = models.ForeignKey(Location, models.CASCADE, related_name="transfers_in")
    quantity = models.PositiveIntegerField()
    is_short = models.BooleanField(help_text="The receiver is short and its source cannot cover it.")
    expiring = models.PositiveIntegerField(help_text="How much of it would expire unused at the donor.")
    expires_on = models.DateField(null=True, blank=True, help_text="The first expiry of what would move.")
    donor_usable = models.PositiveIntegerField()
    donor_daily = models.FloatField()
    donor_keeps = models.PositiveIntegerField(help_text="What the donor needs itself, and what it must not go below.")
    receiver_usable = models.PositiveIntegerField()
    receiver_daily = models.FloatField()
    receiver_lacks = models.PositiveIntegerField(help_text="What it needs and its source cannot send.")
    value_cents = models.PositiveBigIntegerField(help_text="Value of what would expire, in cents.")
    metres = models.PositiveIntegerField(help_text="Road from donor to receiver.")
    worked_out_at = models.DateTimeField()

    class Meta:
        ordering = ["-is_short", "item__criticality", "-value_cents", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["donor", "receiver", "item"], name="one_proposal_per_pair_and_item"),
            models.CheckConstraint(condition=~Q(donor=F("receiver")), name="a_transfer_goes_elsewhere"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="a_transfer_moves_something"),
            models.CheckConstraint(
                condition=Q(expiring__lte=F("quantity")), name="what_would_expire_is_part_of_what_moves"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.item_id} from {self.donor_id} to {self.receiver_id}"

    @staticmethod
    def _days(units: int, daily: float) -> float | None:
        return units / daily if daily else None

    @property
    def donor_days(self) -> tuple[float | None, float | None]:
        """The donor's days of cover before and after; None without use."""
        return (
            self._days(self.donor_usable, self.donor_daily),
            self._days(self.donor_usable - self.quantity, self.donor_daily),
        )

    @property
    def receiver_days(self) -> tuple[float | None, float | None]:
        return (
            self._days(self.receiver_usable, self.receiver_daily),
            self._days(self.receiver_usable + self.quantity, self.receiver_daily),
        )


class Discrepancy(models.Model):
    """Stock that left and was not accepted. It stays in the van's ledger until someone says where it went."""

    class Kind(models.TextChoices):
        DAMAGED = "damaged", _("Damaged")
        MISSING = "missing", _("Missing")

    class Resolution(models.TextChoices):
        FOUND = "found", _("Found and handed to the station")
        RETURNED = "returned", _("Came back to the source")
        DISCARDED = "discarded", _("Discarded")
        LOST = "lost", _("Lost")

    line = models.ForeignKey(ShipmentLine, models.PROTECT, related_name="discrepancies")
    kind = models.CharField(max_length=8, choices=Kind)
    quantity = models.PositiveIntegerField()
    reported_at = models.DateTimeField()
    resolution = models.CharField(max_length=10, choices=Resolution, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name_plural = "discrepancies"
        constraints = [
            models.UniqueConstraint(fields=["line", "kind"], name="one_discrepancy_of_a_kind_per_line"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="a_discrepancy_is_about_something"),
            models.CheckConstraint(
                condition=Q(resolution="", settled_by__isnull=True, settled_at__isnull=True)
                | (~Q(resolution="") & ~Q(reason="") & Q(settled_by__isnull=False, settled_at__isnull=False)),
                name="a_settlement_says_who_when_and_why",
            ),
        ]
        indexes = [models.Index(fields=["resolution", "reported_at"], name="discrepancies_by_resolution")]

    def __str__(self) -> str:
        return f"{self.quantity} {self.get_kind_display().lower()}"


class DiscrepancyPhoto(models.Model):
    """What was damaged or missing of a line, as its station saw it. A JPEG that we have drawn anew ourselves."""

    MOST = 3

    line = models.ForeignKey(ShipmentLine, models.PROTECT, related_name="photos")
    number = models.PositiveSmallIntegerField()
    content = models.BinaryField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["line", "number"]
        constraints = [
            models.UniqueConstraint(fields=["line", "number"], name="one_photo_of_a_number_per_line"),
            models.CheckConstraint(condition=Q(number__range=(1, 3)), name="a_line_has_at_most_three_photos"),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("content"), MOST_BYTES), name="a_photo_is_at_most_a_megabyte"
            ),
        ]

    def __str__(self) -> str:
        return f"photo {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("discrepancy_photo", args=[self.pk])
