"""Read settings from the environment, and say all that is wrong with it at once, with how to mend it."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}
WEAK_WORDS = ("django-insecure", "change", "secret", "password", "example", "test", "demo", "admin", "postgres")
HOW_TO_MAKE_ONE = "Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(60))'"

# A host by its full name: no pattern of many, and nothing that would end the policy in which it is written.
ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?(?=/)")

SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;",
}


@dataclass
class Environment:
    """The variables of one process. Problems are collected, and raised together by ``refuse_problems``."""

    variables: Mapping[str, str]
    problems: list[str] = field(default_factory=list)

    def text(self, name: str, default: str = "") -> str:
        """``NAME``, or what stands in the file that ``NAME_FILE`` names (how Docker hands over secrets)."""
        if name in self.variables:
            return self.variables[name]
        if path := self.variables.get(f"{name}_FILE"):
            try:
                return Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                self.problems.append(f"{name}_FILE names {path}, which cannot be read ({error.strerror}).")
        return default

    def required(self, name: str, hint: str) -> str:
        """``text``, which must not be empty."""
        value = self.text(name)
        if not value:
            self.problems.append(f"{name} is missing. {hint}")
        return value

    def words(self, name: str, default: str = "") -> list[str]:
        """A list that is written with commas."""
        return [word.strip() for word in self.text(name, default).split(",") if word.strip()]

    def networks(self, name: str) -> list[str]:
        """A list of networks, such as 10.20.0.0/16 or one address."""
        words = self.words(name)
        for word in words:
            try:
                ip_network(word)
            except ValueError:
                self.problems.append(f"{name} names {word!r}: write networks with commas, such as 10.20.0.0/16.")
        return words

    def flag(self, name: str, *, default: bool) -> bool:
        """Yes or no, as 1/0, true/false, yes/no or on/off."""
        value = self.text(name, str(int(default))).lower()
        if value not in TRUE | FALSE:
            self.problems.append(f"{name} is {value!r}: write 1 or 0.")
        return value in TRUE

    def tiles(self, name: str) -> str:
        """The address of a tile server's pictures, with where their numbers go; empty for none."""
        value = self.text(name)
        if value and (not self.origin(value) or not all(part in value for part in ("{z}", "{x}", "{y}"))):
            self.problems.append(f"{name} is {value!r}: write it as https://tiles.example.org/{{z}}/{{x}}/{{y}}.png.")
            return ""
        return value

    @staticmethod
    def origin(address: str) -> list[str]:
        """Where an address leads, as a policy for browsers names it; nothing for what is no web address."""
        found = ORIGIN.match(address)
        return [found[0]] if found else []

    def number(self, name: str, default: float, *, least: float = 0) -> float:
        """A number that is not below ``least``."""
        value = self.text(name) or str(default)
        try:
            number = float(value)
        except ValueError:
            self.problems.append(f"{name} is {value!r}: write a number, such as {default}.")
            return default
        if not number >= least:
            self.problems.append(f"{name} is {value}: it must be {least} or more.")
            return default
        return number

    def strong_secret(self, name: str, *, length: int) -> str:
        """A required secret of at least this length, that nobody guesses from a list of words."""
        value = self.required(name, HOW_TO_MAKE_ONE)
        if value and (reason := weakness(value, length=length)):
            self.problems.append(f"{name} is weak: {reason}. {HOW_TO_MAKE_ONE}")
        return value

    def refuse_problems(self) -> None:
        """Stop here when anything was wrong, listing all of it."""
        if self.problems:
            listed = "\n".join(f"  - {problem}" for problem in self.problems)
            raise ImproperlyConfigured(f"EMS Supply cannot start with this environment:\n{listed}")


def weakness(secret: str, *, length: int) -> str | None:
    """Why a secret is too easy to guess, or None."""
    if len(secret) < length:
        return f"it has {len(secret)} characters and needs {length}"
    if len(set(secret)) < min(length // 4, 12):
        return "it repeats few characters"
    if secret.lower().startswith(WEAK_WORDS):
        return "it begins with a word that everybody tries first"
    return None


def kept_secret(path: Path) -> str:
    """A key for one machine's development: made once, kept in a file that only its owner reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="utf-8")
    key = secrets.token_urlsafe(60)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(key)
    return key


def database(url: str) -> dict[str, Any]:
    """Django's settings for ``postgresql://…`` or ``sqlite:////absolute/path``; anything else is refused."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return sqlite(Path(unquote(parts.path)))
    if parts.scheme in {"postgres", "postgresql"}:
        return postgresql(parts)
    raise ImproperlyConfigured(
        "DATABASE_URL must begin with postgresql:// (postgresql://user:password@host:5432/name) or sqlite:///."
    )


def sqlite(path: Path) -> dict[str, Any]:
    """SQLite that several processes can write to: WAL, and transactions that lock when they begin."""
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": SQLITE_OPTIONS}


def postgresql(parts: SplitResult) -> dict[str, Any]:
    """PostgreSQL; a socket's folder is written as ``?host=/var/run/postgresql``, other options likewise."""
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # Whoever waits ten seconds for a row's lock is told to try again instead of holding a worker.
        "OPTIONS": {"connect_timeout": 5, "options": "-c lock_timeout=10s"} | options,
    }
