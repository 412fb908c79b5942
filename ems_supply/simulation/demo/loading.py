"""Loads the demo division into an empty database, in steps that a killed load goes on after."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID, uuid5

from django.core.management.color import no_style
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection, transaction
from django.utils import timezone

from core.errors import DomainError
from ems_supply.simulation.demo.founding import demo_stations, found
from ems_supply.simulation.demo.history import DAYS, History
from ems_supply.simulation.demo.stocking import Stocking
from ems_supply.simulation.demo.today import leave_work
from ems_supply.simulation.desk import NAMESPACE, Desk
from ems_supply.simulation.division import Division
from ems_supply.simulation.progress import Progress
from integrations.triggers import TRIGGERS as FEED_TRIGGERS
from inventory.actions.proposals import propose_par_levels
from inventory.triggers import TRIGGERS as INVENTORY_TRIGGERS
from stations.models import Command, Station
from stations.triggers import TRIGGERS as STATION_TRIGGERS

SEED = 20
VERB = "load_demo"
BEGUN, DONE = "begun", "done"
REVIEWED: tuple[str, ...] = ()  # whose par levels are worked out at the end; none named: all


class NotTheDemo(DomainError):
    """The database holds a division that is not the demo."""

    def __init__(self) -> None:
        super().__init__("This database holds another division. Nothing was changed; point DATABASE_URL elsewhere.")


def is_loaded() -> bool:
    return _mark(DONE) is not None


def load(now: datetime) -> None:
    """Load what is not loaded yet. The history ends where the first attempt wanted it to: at the time it began.

    Refuses a database that holds another division.
    """
    begun = _mark(BEGUN)
    if begun is None and Station.objects.exists():
        raise NotTheDemo
    progress = Progress("Loading the demo division", len(demo_stations()) + DAYS + 5)
    now = begun.at if begun else now
    desk = Desk(SEED)
    today = timezone.localdate(now)
    _once(desk, BEGUN, now, lambda: _found(desk, today, now, progress))
    history = History.begin(desk, today)
    for day in (today - timedelta(days=left) for left in range(DAYS, 0, -1)):
        _once(desk, day.isoformat(), now, partial(history.live, day))
        progress.advance(f"{day:%a %b} {day.day}, {desk.actions:,} commands")
    progress.advance("Working out par levels")
    _once(desk, "par levels", now, lambda: _propose(desk, now))
    _once(desk, DONE, now, lambda: leave_work(history, now))
    progress.finish(f"{desk.actions:,} commands")


def _found(desk: Desk, today: date, now: datetime, progress: Progress) -> None:
    began = now - timedelta(days=DAYS)
    found(at=began)
    division = Division.load()
    stocking = Stocking.begin(division, desk, began)
    by_code = {station.code: station for station in [*division.stations, division.warehouse]}
    for demo in demo_stations():
        progress.advance(f"Stocking {demo.fields['name']}")
        stocking.stock(by_code[demo.code], demo)


def _propose(desk: Desk, now: datetime) -> None:
    """Proposals as the nightly task made them two days ago, from the ledger as it was."""
    stations = Station.objects.filter(code__in=REVIEWED) if REVIEWED else Station.objects.all()
    desk.run(propose_par_levels, at=now - timedelta(days=2), stations=list(stations))


def _once(desk: Desk, step: str, at: datetime, work: Callable[[], None]) -> None:
    """Do a step and mark it done, both or neither; a step that is marked is not done again."""
    if _mark(step) is not None:
        return
    desk.begin(step)
    with transaction.atomic():
        work()
        Command.objects.create(request_id=_id(step), verb=VERB, fingerprint=step, by=None, at=at)


def _mark(step: str) -> Command | None:
    return Command.objects.filter(request_id=_id(step), verb=VERB).first()


def _id(step: str) -> UUID:
    return uuid5(NAMESPACE, f"demo/{step}")


def throw_away() -> None:
    """Empty the database again, the ledger and the log too, which no command of the division can do.

    Refuses a database that holds another division.
    """
    if Station.objects.exists() and _mark(BEGUN) is None:
        raise NotTheDemo
    triggers = [*INVENTORY_TRIGGERS, *STATION_TRIGGERS, *FEED_TRIGGERS]
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    with connection.schema_editor() as editor:  # one transaction: the ledger is never without its guards
        for trigger in triggers:
            trigger.drop(editor)
        for statement in connection.ops.sql_flush(no_style(), tables, reset_sequences=True, allow_cascade=True):
            editor.execute(statement, params=None)
        for trigger in triggers:
            trigger.create(editor)
    emit_post_migrate_signal(verbosity=0, interactive=False, db=connection.alias)
