"""The demo division: one that its users recognise, with work for everybody, loaded once and never over another."""

import re
from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from ems_supply.simulation.catalogue import catalogue
from ems_supply.simulation.demo import history, loading, today
from ems_supply.simulation.demo.founding import demo_stations
from ems_supply.simulation.pars import par_levels
from ems_supply.simulation.use import use_table
from inventory.models import CycleCount, Item, Lot, ParProposal, StockLevel, StockMovement
from inventory.queries.horizons import Horizons
from orders.models import DeliveryRun, Discrepancy, OrderLine, ResupplyOrder, Shipment, Stop
from orders.queries.shares import proposals_for
from orders.queries.verify import all_differences
from stations.models import Command, Station, Unit, User
from tests import make
from tests.first_steps import check_first_steps
from tests.walked_pages import check_questions

pytestmark = pytest.mark.embedded  # the demo is always on SQLite
State = ResupplyOrder.State
FEW_DAYS = 24


@pytest.fixture
def few_days(monkeypatch):
    """A shorter history: the same work is left at its end."""
    monkeypatch.setattr(loading, "DAYS", FEW_DAYS)
    monkeypatch.setattr(loading, "REVIEWED", ("ST07",))


# --- The catalogue ----------------------------------------------------------------------------------------------------


def test_the_catalogue_has_250_items_that_fit_together():
    entries = catalogue()

    assert len(entries) == 250
    for name in ("sku", "name", "gtin"):
        assert len({entry.fields[name] for entry in entries}) == 250
    drugs = [entry for entry in entries if entry.fields["kind"] == Item.Kind.MEDICATION]
    assert len(drugs) > 50
    assert all(
        re.fullmatch(r"\d{4}-\d{4}-\d{2}|\d{5}-\d{3}-\d{2}|\d{5}-\d{4}-\d", str(drug.fields["ndc"])) for drug in drugs
    )
    assert len({drug.fields["ndc"] for drug in drugs}) == len(drugs)
    scheduled = {entry.sku: entry.fields["schedule"] for entry in entries if entry.is_scheduled}
    assert scheduled["MED-FENT-100"] == "II"
    assert scheduled["MED-KETA-500"] == "III"
    assert scheduled["MED-MIDA-10"] == "IV"
    assert sum(any(pack.is_issue_pack for pack in entry.packs) for entry in entries) > 180
    assert all(sum(pack.is_issue_pack for pack in entry.packs) <= 1 for entry in entries)
    assert all(pack.quantity >= 2 for entry in entries for pack in entry.packs)


def test_gtins_have_their_check_digit():
    for entry in catalogue():
        digits = [int(digit) for digit in str(entry.fields["gtin"])]
        assert sum(digit * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits)) % 10 == 0


def test_everything_that_calls_use_is_in_the_catalogue():
    assert set(use_table().skus) <= {entry.sku for entry in catalogue()}
    assert (use_table().means >= 0).all()


def test_the_division_has_24_stations_in_tiers_and_60_units():
    stations = demo_stations()

    kinds = Counter(station.fields["kind"] for station in stations)
    assert kinds == {"warehouse": 1, "locker": 3, "station": 20}
    assert sum(sum(station.vehicles.values()) for station in stations) == 60
    assert {station.supplied_by for station in stations} == {"", "WH", "L1", "L2", "L3"}


# --- Loading ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_demo_leaves_work_in_everybodys_queue(few_days, capsys):
    call_command("load_demo")

    assert Station.objects.count() == 24
    assert Unit.objects.count() == 60
    assert Item.objects.count() == 250
    assert all_differences() == []
    for role in User.Role.values:
        user = User.objects.get(username=role)
        assert user.role == role
        assert user.check_password(f"demo-{role}")
        assert user.get_full_name()
    assert not User.objects.exclude(username__in=User.Role.values).filter(password__contains="$").exists()
    check_officers_work()
    check_logistics_work()
    check_short_stock()
    check_drivers_work()
    check_chiefs_work()
    check_questions()
    check_first_steps()
    before = Command.objects.count()
    capsys.readouterr()

    call_command("load_demo")

    assert "is loaded" in capsys.readouterr().out
    assert Command.objects.count() == before


def check_officers_work() -> None:
    """A suggested request, a delivery to receive, an open count, stock that expired and stock that will."""
    station = Station.objects.get(code=today.OFFICERS_STATION, memberships__user__username="officer")
    draft = ResupplyOrder.objects.automatic_drafts().get(station=station)
    assert draft.lines.filter(asked__gt=0).count() >= 5
    assert Shipment.objects.filter(destination=station, state=Shipment.State.DELIVERED).count() == 1
    count = CycleCount.objects.get(location__station=station, state=CycleCount.State.OPEN)
    assert 0 < count.lines.filter(counted=None).count() < count.lines.count()
    here = StockLevel.objects.filter(location__station=station, on_hand__gt=0)
    now = timezone.localdate()
    assert here.filter(lot__expires_on__lt=now).exists()
    assert here.filter(lot__expires_on__gte=now, lot__expires_on__lte=now + timedelta(days=90)).exists()


def check_logistics_work() -> None:
    """To approve, one of them stat; to pick and to pack; discrepancies, a backorder, a count to post, a lot on hold."""
    waiting = ResupplyOrder.objects.awaiting_approval()
    assert waiting.count() >= 4
    assert waiting.filter(priority=ResupplyOrder.Priority.STAT).count() == 1
    states = Counter(Shipment.objects.values_list("state", flat=True))
    assert states[Shipment.State.PLANNED] >= 2
    assert states[Shipment.State.PICKING] == 1
    assert Discrepancy.objects.filter(resolution="").count() >= 2
    assert OrderLine.objects.owed().exists()
    assert CycleCount.objects.filter(state=CycleCount.State.COUNTED).count() == 1
    assert Lot.objects.filter(status=Lot.Status.QUARANTINED).count() == 1


def check_short_stock() -> None:
    """A life-saving item that three stations want and the warehouse cannot give them all: some of it is kept."""
    at = timezone.now()
    horizons = Horizons(timezone.localdate(at))
    item = Item.objects.get(sku=today.FOUGHT_FOR)
    key = (Station.objects.get(kind=Station.Kind.WAREHOUSE).pk, item.pk)
    proposal = proposals_for({key}, at=at, horizons=horizons)[key]
    assert proposal.item.criticality == Item.Criticality.LIFE_SAVING
    assert len(proposal.shares) >= 3
    assert proposal.kept > 0
    assert any(share.is_out for share in proposal.shares)


def check_drivers_work() -> None:
    """A run that is out, with a stop done and a stop to come, and a planned one."""
    runs = DeliveryRun.objects.filter(driver__username="driver")
    out = runs.get(state=DeliveryRun.State.OUT)
    assert set(out.stops.values_list("state", flat=True)) == {Stop.State.DELIVERED, Stop.State.PLANNED}
    assert runs.filter(state=DeliveryRun.State.PLANNED).exists()


def check_chiefs_work() -> None:
    """A request whose turn is the chief's, an item that is out, and par levels to decide on."""
    proposals = ParProposal.objects.open().filter(location__station__code=today.OFFICERS_STATION)
    assert {one.is_raise for one in proposals} == {True, False}
    steps = {
        step.role
        for order in ResupplyOrder.objects.awaiting_approval()
        for step in order.approval_steps.filter(decided_at=None)[:1]
    }
    assert steps == {User.Role.LOGISTICS, User.Role.CHIEF}
    out_of = StockLevel.objects.filter(location__station__code=today.OFFICERS_STATION, lot__item__sku=today.OUT_OF)
    assert sum(out_of.values_list("on_hand", flat=True)) == 0


@pytest.mark.django_db
def test_a_load_that_was_killed_goes_on_where_it_was_and_ends_when_it_began(monkeypatch):
    monkeypatch.setattr(loading, "DAYS", 10)
    monkeypatch.setattr(loading, "REVIEWED", ("ST07",))
    now = timezone.localtime().replace(hour=0, minute=40)  # the last hours' work began the day before
    live = history.History.live

    def dies(self: history.History, day: date) -> None:
        live(self, day)
        if (self.today - day).days == 6:
            raise KeyboardInterrupt

    monkeypatch.setattr(history.History, "live", dies)
    with pytest.raises(KeyboardInterrupt):
        loading.load(now)
    assert not loading.is_loaded()
    half = Command.objects.count()
    monkeypatch.setattr(history.History, "live", live)

    loading.load(now + timedelta(hours=3))

    assert loading.is_loaded()
    assert Command.objects.count() > half
    assert not Command.objects.filter(at__gt=now).exists()
    assert not StockMovement.objects.filter(moved_at__gt=now).exists()
    assert not Stop.objects.filter(arrived_at__gt=now).exists()
    assert all_differences() == []
    days = Command.objects.filter(verb=loading.VERB).values_list("fingerprint", flat=True)
    assert len(days) == len(set(days)) == 13


@pytest.mark.django_db
@pytest.mark.parametrize("arguments", [(), ("--reset",)])
def test_another_division_is_never_touched(arguments):
    make.station()
    before = Station.objects.count()

    with pytest.raises(CommandError, match="another division"):
        call_command("load_demo", *arguments)

    assert Station.objects.count() == before
    assert not Item.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_reset_starts_over_and_the_ledger_keeps_its_guards(monkeypatch):
    monkeypatch.setattr(loading, "DAYS", 0)
    monkeypatch.setattr(loading, "leave_work", lambda history, now: None)
    call_command("load_demo")
    Station.objects.filter(code="ST01").update(name="Changed")

    call_command("load_demo", "--reset")

    assert Station.objects.get(code="ST01").name != "Changed"
    assert loading.is_loaded()
    assert all_differences() == []
    with pytest.raises(Exception, match="never changed"):
        StockMovement.objects.update(quantity=99)


def test_a_shelf_holds_what_its_days_use():
    par, minimum = par_levels(np.array([1.0]), np.array([1]), review_days=14, lead_days=7)

    assert minimum[0] == 32  # 21 + 2.33 √21
    assert par[0] == 46
