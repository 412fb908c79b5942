"""Serve a living division from one folder: database, broker, web server, worker and beat. `make demo` calls it."""

import fcntl
import os
import shutil
import socket
import sys
import urllib.error
import urllib.request
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ems_supply.broker import BrokerDidNotStart, server_command, socket_path, wait_for
from ems_supply.processes import ChildEnded, StopRequested, Supervisor
from stations.models import User

HOST = "127.0.0.1"


class Command(BaseCommand):
    help = "Load the demo division (once) and serve it with a real worker and beat until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--reset", action="store_true", help="throw this folder's data away and load it anew")

    def handle(self, *, port: int, reset: bool, **options: Any) -> None:
        if settings.EMS_ENV != "demo":
            os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | {"EMS_ENV": "demo"})  # noqa: S606
        try:
            with only_demo_here(), Supervisor(os.environ, settings.VAR_DIR / "log") as supervisor:
                refuse_taken_port(port)
                if reset:
                    throw_away()
                start_broker(supervisor)
                self.load(supervisor)
                self.serve(supervisor, port)
        except StopRequested:
            self.say("Stopped. The data is kept: `make demo` goes on with it.")
        except (ChildEnded, BrokerDidNotStart) as error:
            raise CommandError(f"The demo has stopped: {error}") from error

    def load(self, supervisor: Supervisor) -> None:
        """Bring the database up to date and fill it; the second time, both are done at once."""
        self.say("Preparing the database …")
        for command in (["migrate", "--verbosity", "0", "--skip-checks"], ["load_demo"]):
            if supervisor.run([sys.executable, "manage.py", *command]) != 0:
                raise CommandError(f"`manage.py {command[0]}` failed; its message is above. RESET=1 starts over.")

    def serve(self, supervisor: Supervisor, port: int) -> None:
        """Start the three kinds of process, say where they are, and stay until one ends or somebody stops us."""
        celery = [sys.executable, "-m", "celery", "--app", "ems_supply"]
        quiet = ["--without-gossip", "--without-mingle"]
        supervisor.start("worker", [*celery, "worker", "--concurrency", "2", *quiet])
        supervisor.start("beat", [*celery, "beat", "--pidfile", ""])
        web = ["--bind", f"{HOST}:{port}", "--workers", "2", "--threads", "4", "--no-control-socket"]
        supervisor.start("web", [sys.executable, "-m", "gunicorn", "ems_supply.wsgi", *web])
        while not is_up(port):
            supervisor.listen(0.1)
        self.say(f"\nEMS Supply serves its demo division on http://{HOST}:{port}\n\n  user        password")
        for role in User.Role.values:
            self.say(f"  {role:<10}  demo-{role}")
        self.say(f"\nLogs are in {supervisor.logs}. Ctrl-C stops everything and keeps the data.")
        while True:
            supervisor.listen()

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


@contextmanager
def only_demo_here() -> Iterator[None]:
    """Two demos on one folder's data would take each other's messages: the second is refused."""
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.VAR_DIR / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError("A demo already runs from this folder: stop it, or use a second clone.") from None
        yield


def refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            raise CommandError(f"Port {port} cannot be used ({error}). Choose another: make demo PORT=8001") from error


def throw_away() -> None:
    """Remove the demo's database and undelivered messages; logs and keys stay."""
    database = Path(settings.DATABASES["default"]["NAME"])
    for suffix in ("", "-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)
    for program in ("redis-server", "valkey-server"):
        shutil.rmtree(settings.VAR_DIR / program, ignore_errors=True)


def start_broker(supervisor: Supervisor) -> None:
    """Use the Redis of ``REDIS_URL``; without one, start our own."""
    if os.environ.get("REDIS_URL"):
        return
    path = socket_path(settings.VAR_DIR)
    path.unlink(missing_ok=True)
    server = supervisor.start("broker", server_command(path, settings.VAR_DIR))
    wait_for(settings.BROKER, server, supervisor.log_of("broker"))


def is_up(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
