"""Who and where: people, stations, units, and the places where stock can sit. And the log of what was done."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID, uuid4

from django.contrib.auth.models import AbstractUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.english import in_english
from core.errors import RequestIdReused
from core.fingerprints import fingerprint
from core.rows import insert_unless_known

EVERY_DAY = 0b111_1111


class User(AbstractUser):
    """A person. The role says what they do; a membership says at which stations an officer does it."""

    class Role(models.TextChoices):
        OFFICER = "officer", _("Station officer")
        LOGISTICS = "logistics", _("Logistics")
        DRIVER = "driver", _("Driver")
        CHIEF = "chief", _("Chief")
        AUDITOR = "auditor", _("Auditor")

    role = models.CharField(max_length=12, choices=Role, default=Role.OFFICER)
    language = models.CharField(
        max_length=7, blank=True, help_text="What pages and e-mails speak to this person. Empty: as the browser asks."
    )

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(language__in=["", "en", "es"]), name="a_person_is_spoken_to_in_a_language_we_have"
            ),
            models.CheckConstraint(
                condition=Q(role__in=["officer", "logistics", "driver", "chief", "auditor"]),
                name="a_person_has_a_known_role",
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class Station(models.Model):
    """A place with people: an EMS station, a battalion locker or a warehouse, and who supplies it."""

    class Kind(models.TextChoices):
        STATION = "station", _("Station")
        LOCKER = "locker", _("Battalion locker")
        WAREHOUSE = "warehouse", _("Warehouse")

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.STATION)
    supplied_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="supplies")
    address = models.CharField(max_length=200, blank=True)
    latitude = models.FloatField(validators=[MinValueValidator(-90), MaxValueValidator(90)])
    longitude = models.FloatField(validators=[MinValueValidator(-180), MaxValueValidator(180)])
    window_start = models.TimeField(help_text="Earliest time of day for a delivery, in the division's time zone.")
    window_end = models.TimeField(help_text="Latest time of day for a delivery to begin.")
    delivery_days = models.PositiveSmallIntegerField(
        default=EVERY_DAY, help_text="Days on which a van may come: bit 0 is Monday, bit 6 is Sunday."
    )
    review_days = models.PositiveSmallIntegerField(default=7, help_text="Days between two regular deliveries.")
    lead_days = models.PositiveSmallIntegerField(default=2, help_text="Days from a request to its delivery.")
    stock_budget_cents = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="What its stock at par may be worth, units included. Empty: no limit."
    )
    members: "models.ManyToManyField[User, Membership]" = models.ManyToManyField(
        User, through="Membership", related_name="stations"
    )

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(supplied_by__isnull=True) | ~Q(supplied_by=F("id")), name="station_does_not_supply_itself"
            ),
            models.CheckConstraint(
                condition=Q(kind="warehouse") | Q(supplied_by__isnull=False),
                name="only_a_warehouse_has_no_supplier",
                violation_error_message=_("Say which station or warehouse supplies this one."),
            ),
            models.CheckConstraint(
                condition=Q(window_start__lt=F("window_end")),
                name="delivery_window_opens_before_it_closes",
                violation_error_message=_("The delivery window must open before it closes."),
            ),
            models.CheckConstraint(
                condition=Q(delivery_days__gte=1, delivery_days__lte=EVERY_DAY),
                name="a_station_has_a_delivery_day",
                violation_error_message=_("Choose at least one delivery day."),
            ),
            models.CheckConstraint(
                condition=Q(latitude__gte=-90, latitude__lte=90, longitude__gte=-180, longitude__lte=180),
                name="station_is_on_earth",
            ),
            models.CheckConstraint(condition=Q(review_days__gte=1), name="a_station_is_reviewed_at_least_daily_apart"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("station", args=[self.code])

    def takes_deliveries_on(self, weekday: int) -> bool:
        """Whether a van may come on this weekday, Monday being 0."""
        return bool(self.delivery_days >> weekday & 1)

    @property
    def horizon(self) -> timedelta:
        """How long stock must last to count as usable: until the delivery after next."""
        return timedelta(days=self.review_days + self.lead_days)


class Membership(models.Model):
    """That a person belongs to a station: an officer acts there, or only looks if read-only."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    station = models.ForeignKey(Station, models.CASCADE, related_name="memberships")
    is_read_only = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "station"], name="one_membership_per_person_and_station"),
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.station}"


class Unit(models.Model):
    """An ambulance or other vehicle that belongs to a station. A van delivers; the others treat patients."""

    class Kind(models.TextChoices):
        AMBULANCE = "ambulance", _("Ambulance")
        ENGINE = "engine", _("Engine")
        SUPERVISOR = "supervisor", _("Supervisor vehicle")
        VAN = "van", _("Delivery van")

    code = models.CharField(max_length=20, unique=True, help_text="The call sign: M7, E16.")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.AMBULANCE)
    station = models.ForeignKey(Station, models.PROTECT, related_name="units")
    max_weight_g = models.PositiveIntegerField(null=True, blank=True, help_text="What a van may carry, in grams.")
    max_volume_ml = models.PositiveIntegerField(null=True, blank=True, help_text="What a van may hold, in millilitres.")
    shift_start = models.TimeField(null=True, blank=True, help_text="A van leaves no earlier. Empty: any time.")
    shift_end = models.TimeField(null=True, blank=True, help_text="A van is back no later. Empty: any time.")
    carries_cold = models.BooleanField(default=False, help_text="A van that keeps refrigerated and frozen items cold.")
    crew = models.PositiveSmallIntegerField(default=1, help_text="People on a van: two carry what one cannot lift.")
    is_in_service = models.BooleanField(default=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(shift_start__isnull=True, shift_end__isnull=True) | Q(shift_start__lt=F("shift_end")),
                name="a_shift_starts_before_it_ends",
                violation_error_message=_("Give both ends of the shift; it must start before it ends."),
            ),
            models.CheckConstraint(
                condition=Q(crew__gte=1, crew__lte=2),
                name="a_van_has_a_crew_of_one_or_two",
                violation_error_message=_("A van's crew is one or two people."),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("unit", args=[self.code])


class LocationQuerySet(models.QuerySet["Location"]):
    def at(self, station: Station) -> "LocationQuerySet":
        """Everywhere that a station keeps stock: its rooms and its vehicles."""
        return self.filter(Q(station=station) | Q(unit__station=station))

    def of(self, stations: Iterable[int]) -> "LocationQuerySet":
        """The same for many stations, by their ids."""
        stations = list(stations)
        return self.filter(Q(station__in=stations) | Q(unit__station__in=stations))

    def shelves(self) -> "LocationQuerySet":
        """Supply rooms and safes: what a delivery fills and a pick empties."""
        return self.filter(kind__in=Location.SHELVES)

    def virtual(self, kind: "Location.Kind") -> "Location":
        """The one end of the ledger of this kind, made on first use."""
        return self.get_or_create(kind=kind, defaults={"name": in_english(kind.label)})[0]


class Location(models.Model):
    """Where stock can sit, and the virtual ends of the ledger, which hold what is no longer or not yet here."""

    class Kind(models.TextChoices):
        SUPPLY_ROOM = "supply_room", _("Supply room")
        SAFE = "safe", _("Safe")
        UNIT = "unit", _("Unit")
        VAN = "van", _("Van")
        SUPPLIER = "supplier", _("Supplier")
        CONSUMED = "consumed", _("Used on patients")
        WASTED = "wasted", _("Wasted")
        DISCARDED = "discarded", _("Discarded")
        VARIANCE = "variance", _("Count variance")
        PARTNER = "partner", _("Partner agency")

    SHELVES: ClassVar = (Kind.SUPPLY_ROOM, Kind.SAFE)
    VEHICLES: ClassVar = (Kind.UNIT, Kind.VAN)
    PHYSICAL: ClassVar = SHELVES + VEHICLES

    kind = models.CharField(max_length=12, choices=Kind)
    name = models.CharField(max_length=80)
    station = models.ForeignKey(Station, models.PROTECT, null=True, blank=True, related_name="locations")
    unit = models.OneToOneField(Unit, models.PROTECT, null=True, blank=True, related_name="location")
    volume_ml = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="What it can hold, in millilitres. Empty: not known, no limit."
    )

    objects = LocationQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["supply_room", "safe"], station__isnull=False, unit__isnull=True)
                | Q(kind__in=["unit", "van"], station__isnull=True, unit__isnull=False)
                | Q(
                    kind__in=["supplier", "consumed", "wasted", "discarded", "variance", "partner"],
                    station__isnull=True,
                    unit__isnull=True,
                ),
                name="a_location_belongs_where_its_kind_says",
            ),
            models.UniqueConstraint(
                fields=["station", "kind"], condition=Q(kind__in=["supply_room", "safe"]), name="one_shelf_of_a_kind"
            ),
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(kind__in=["supplier", "consumed", "wasted", "discarded", "variance", "partner"]),
                name="one_virtual_location_of_a_kind",
            ),
        ]

    def __str__(self) -> str:
        if self.kind in self.SHELVES and self.station:
            return f"{self.station.name} · {self.name}"
        return self.name if self.is_physical else str(self.get_kind_display())

    @property
    def is_physical(self) -> bool:
        return self.kind in self.PHYSICAL

    @property
    def owner(self) -> Station:
        """The station that a physical location belongs to, itself or by its unit."""
        if self.unit:
            return self.unit.station
        if self.station is None:
            raise ValueError(f"{self} is a virtual end of the ledger and belongs to nobody")
        return self.station


class SavedView(models.Model):
    """A list under its filters, by a name that a person gave it: theirs alone."""

    person = models.ForeignKey(User, models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=40, help_text="The name of the list's address.")
    title = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, blank=True, help_text="What follows the ? of the address.")

    class Meta:
        ordering = ["page", "title"]
        constraints = [
            models.UniqueConstraint(fields=["person", "page", "title"], name="one_saved_view_of_a_name_per_list"),
            models.CheckConstraint(condition=~Q(title=""), name="a_saved_view_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def address(self) -> str:
        """Always one of the site's own lists."""
        return reverse(self.page) + (f"?{self.query}" if self.query else "")


class CommandQuerySet(models.QuerySet["Command"]):
    def claim(
        self, request_id: UUID, verb: str, *, by: User | None, at: datetime, facts: Mapping[str, object]
    ) -> "tuple[Command, bool]":
        """Take this request id for this command: (the command, whether it is new).

        A twin that runs at the same time waits here until the first has committed. Refuses an id that stands for
        another command. Must be the first statement of the command's transaction, so that a refusal releases it.
        """
        mark = fingerprint(facts)
        command = Command(request_id=request_id, verb=verb, fingerprint=mark, by=by, at=at)
        if insert_unless_known(command, "request_id"):
            return command, True
        command = self.get(request_id=request_id)
        if (command.verb, command.fingerprint, command.by_id) != (verb, mark, by.pk if by else None):
            raise RequestIdReused
        return command, False

    def begin(self, verb: str, *, by: User | None, at: datetime) -> "Command":
        """A command that is safe to repeat by its nature: it looks for what is due, and finds nothing twice."""
        return self.create(request_id=uuid4(), verb=verb, fingerprint="", by=by, at=at)


class Command(models.Model):
    """A command that was carried out: who, when, and the request id that makes repeating it harmless."""

    request_id = models.UUIDField(unique=True)
    verb = models.CharField(max_length=60)
    fingerprint = models.CharField(max_length=64, editable=False)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="commands", help_text="Empty: the system.")
    at = models.DateTimeField()

    objects = CommandQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["by", "at"], name="commands_of_a_person")]

    def __str__(self) -> str:
        return f"{self.verb} by {self.by or 'the system'}"

    def log(self, verb: str, subject: models.Model, *, comment: str = "", **details: object) -> "Event":
        """Write what this command did to ``subject`` into the event log, with the values before and after."""
        event = self.event(verb, subject, comment=comment, **details)
        event.save(force_insert=True)
        return event

    def event(self, verb: str, subject: models.Model, *, comment: str = "", **details: object) -> "Event":
        """The same, not yet saved: for a command that logs many subjects with one ``bulk_create``."""
        return Event(
            command=self,
            subject_kind=subject._meta.model_name or "",
            subject_id=subject.pk,
            verb=verb,
            comment=comment,
            details=details,
        )

    def answer(self) -> int:
        """The id of what the command first made or changed: what a repeat is answered with."""
        return self.events.order_by("pk").values_list("subject_id", flat=True)[0]


class EventQuerySet(models.QuerySet["Event"]):
    def about(self, *subjects: models.Model) -> "EventQuerySet":
        """What happened to these, oldest first, with who did it."""
        wanted = Q(pk__in=[])
        for subject in subjects:
            wanted |= Q(subject_kind=subject._meta.model_name, subject_id=subject.pk)
        return self.filter(wanted).select_related("command__by").order_by("pk")


class Event(models.Model):
    """One line of the event log, about one thing. Never changed, never removed."""

    command = models.ForeignKey(Command, models.PROTECT, related_name="events")
    subject_kind = models.CharField(max_length=30)
    subject_id = models.BigIntegerField()
    verb = models.CharField(max_length=60)
    comment = models.TextField(blank=True)
    details = models.JSONField(default=dict)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["subject_kind", "subject_id", "id"], name="events_of_a_subject")]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_kind} {self.subject_id}"
