"""Settings come from the environment; production refuses what is missing or weak and says how to mend it."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.urls import reverse

from ems_supply.broker import BrokerAddress, socket_path
from ems_supply.environment import Environment, database, kept_secret, weakness
from stations.models import User
from tests.conftest import ROOT

GOOD = {
    "EMS_ENV": "production",
    "DJANGO_SECRET_KEY": secrets.token_urlsafe(60),
    "ALLOWED_HOSTS": "supply.example.org",
    "DATABASE_URL": f"postgresql://supply:{secrets.token_urlsafe(24)}@db:5432/supply",
    "REDIS_URL": "redis://redis:6379/0",
}


def start(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Read the settings in a process that has this environment and nothing else."""
    show = "import ems_supply.settings as s; print(s.DATABASES['default']['NAME'], s.BROKER.url, s.DEBUG, s.EMS_ENV)"
    return subprocess.run(
        [sys.executable, "-c", show], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_production_starts_with_a_good_environment():
    done = start(GOOD)

    assert done.stdout.split() == ["supply", "redis://redis:6379/0", "False", "production"], done.stderr


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("DJANGO_SECRET_KEY", "", "DJANGO_SECRET_KEY is missing. Make one with: python3 -c"),
        ("DJANGO_SECRET_KEY", "tooshort", "DJANGO_SECRET_KEY is weak: it has 8 characters and needs 50. Make one with"),
        ("DJANGO_SECRET_KEY", "ab" * 40, "DJANGO_SECRET_KEY is weak: it repeats few characters."),
        (
            "DJANGO_SECRET_KEY",
            "django-insecure-9fK2xQ7vLr4Zt8Bn1Mw6Yc3Hd5Jg0Pa" * 2,
            "begins with a word that everybody tries",
        ),
        ("ALLOWED_HOSTS", "", "ALLOWED_HOSTS is missing or open."),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS is missing or open."),
        ("EMS_RECALL_FEED", "http://api.fda.gov/", "EMS_RECALL_FEED: every address must begin with https://."),
        ("DATABASE_URL", "", "DATABASE_URL is missing. Write postgresql://"),
        ("DATABASE_URL", "sqlite:////tmp/x.sqlite3", "DATABASE_URL must name a PostgreSQL database"),
        ("DATABASE_URL", "postgresql://supply:postgres@db/supply", "database's password is weak"),
        ("DATABASE_URL", "postgresql://supply@db/supply", "and POSTGRES_PASSWORD here"),
        ("REDIS_URL", "", "REDIS_URL is missing. Write redis://"),
        ("REDIS_URL", "http://redis", "REDIS_URL must look like redis://"),
        ("EMS_TIME_ZONE", "Boston", "EMS_TIME_ZONE is 'Boston'"),
        ("EMS_PAPER", "A5", "EMS_PAPER is 'A5': write A4 or LETTER."),
        ("EMS_DIGEST_HOUR", "24", "EMS_DIGEST_HOUR is 24: write an hour from 0 to 23."),
        ("EMS_ADDRESS", "supply.example.org", "EMS_ADDRESS is 'supply.example.org': write how people open this site"),
        ("EMAIL_SECURITY", "maybe", "EMAIL_SECURITY is 'maybe': write starttls, tls or none."),
        ("EMAIL_HOST", "mail.example.org", "EMAIL_FROM is missing"),
        ("EMS_TASK_SECONDS", "soon", "EMS_TASK_SECONDS is 'soon': write a number"),
        ("EMS_TASK_SECONDS", "1", "EMS_TASK_SECONDS is 1: it must be 4 or more"),
        ("EMS_TRAVEL_SPEED_KMH", "nan", "EMS_TRAVEL_SPEED_KMH is nan"),
        ("EMS_HTTPS", "maybe", "EMS_HTTPS is 'maybe': write 1 or 0"),
        ("EMS_ENV", "prod", "EMS_ENV is 'prod'"),
        ("DJANGO_SECRET_KEY_FILE", "/nowhere", ""),
    ],
)
def test_production_refuses_and_says_how_to_mend_it(variable, value, said):
    done = start(GOOD | {variable: value})

    assert said in done.stderr
    assert (done.returncode == 0) is (not said), done.stderr


@pytest.mark.parametrize("words", ["10.0.0.1/8", "office", "10.0.0.0/33"])
def test_a_network_that_is_none_is_refused(words):
    environment = Environment({"EMS_WEBHOOK_PRIVATE": f"10.20.0.0/16, {words}"})
    environment.networks("EMS_WEBHOOK_PRIVATE")
    with pytest.raises(ImproperlyConfigured, match=f"names '{words}': write networks"):
        environment.refuse_problems()


def test_every_problem_is_named_at_once():
    done = start({"EMS_ENV": "production"})

    for variable in ("DJANGO_SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL"):
        assert f"  - {variable} is missing" in done.stderr


def test_no_secret_is_shown_when_it_is_refused():
    assert "hunter2hunter2" not in start(GOOD | {"DJANGO_SECRET_KEY": "hunter2hunter2"}).stderr


def test_a_secret_may_stand_in_a_file(tmp_path):
    (tmp_path / "key").write_text("from a file\n")

    assert Environment({"KEY_FILE": str(tmp_path / "key")}).text("KEY") == "from a file"
    assert Environment({"KEY": "here", "KEY_FILE": str(tmp_path / "key")}).text("KEY") == "here"


def test_a_file_that_cannot_be_read_is_a_problem():
    environment = Environment({"KEY_FILE": "/nowhere/key"})

    assert environment.text("KEY", "default") == "default"
    with pytest.raises(ImproperlyConfigured, match="KEY_FILE names /nowhere/key, which cannot be read"):
        environment.refuse_problems()


def test_development_needs_nothing(tmp_path):
    done = start({"EMS_VAR": str(tmp_path)})

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(tmp_path / "ems_supply.sqlite3"))
    assert weakness((tmp_path / "secret_key").read_text(), length=50) is None
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_the_demo_takes_no_database_of_somebody_else(tmp_path):
    done = start({"EMS_ENV": "demo", "EMS_VAR": str(tmp_path), "DATABASE_URL": "postgresql://db/division"})

    assert done.stdout.startswith(str(tmp_path / "ems_supply.sqlite3"))


def test_a_kept_secret_stays_the_same(tmp_path):
    assert kept_secret(tmp_path / "var" / "key") == kept_secret(tmp_path / "var" / "key")


def test_a_database_url_keeps_odd_characters_and_options():
    parsed = database("postgresql://supply%40x:p%2Fw@/name?host=/run/postgresql&sslmode=require")

    assert parsed["USER"] == "supply@x"
    assert parsed["PASSWORD"] == "p/w"
    assert parsed["HOST"] == "/run/postgresql"
    assert parsed["OPTIONS"]["sslmode"] == "require"


def test_an_unknown_database_is_refused():
    with pytest.raises(ImproperlyConfigured, match="must begin with postgresql://"):
        database("mysql://root@localhost/x")


@pytest.mark.parametrize(
    ("url", "cache", "celery"),
    [
        ("redis://h:6379/4", "redis://h:6379/5", "redis://h:6379/4"),
        ("rediss://:pw@h/0", "rediss://:pw@h/1", "rediss://:pw@h/0"),
        ("unix:///run/x.sock?db=2", "unix:///run/x.sock?db=3", "redis+socket:///run/x.sock?virtual_host=2"),
        ("unix:///run/x.sock", "unix:///run/x.sock?db=1", "redis+socket:///run/x.sock?virtual_host=0"),
    ],
)
def test_cache_and_messages_share_a_server_but_no_database(url, cache, celery):
    address = BrokerAddress.parse(url)

    assert address.cache.url == cache
    assert address.celery_url == celery


def test_a_long_folder_gets_a_short_socket(monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", os.path.realpath("/tmp"))  # noqa: S108 - the test's own must be short
    deep = Path("/") / ("d" * 120)

    path = socket_path(deep)

    assert socket_path(Path("/srv/ems")) == Path("/srv/ems/broker.sock")
    assert len(os.fsencode(path)) <= 108
    assert path == socket_path(deep)
    assert path.parent.stat().st_mode & 0o077 == 0
    path.parent.rmdir()


@pytest.mark.django_db
@pytest.mark.parametrize(("environment", "is_let_in"), [("demo", True), ("test", False), ("production", False)])
def test_the_demo_s_passwords_open_only_the_demo(settings, environment, is_let_in):
    User.objects.create_user("officer", password="demo-officer")
    settings.EMS_ENV = environment

    assert (authenticate(username="officer", password="demo-officer") is not None) is is_let_in


def test_nobody_can_choose_a_demo_password():
    with pytest.raises(ValidationError, match="belong to the demo"):
        validate_password("demo-a-long-and-odd-one-91")


@pytest.mark.django_db
def test_signing_in_is_refused_after_five_wrong_passwords(client):
    User.objects.create_user("chief", password="right-horse-battery")
    login = reverse("account_login")

    for _ in range(5):
        client.post(login, {"login": "chief", "password": "wrong"})
    locked = client.post(login, {"login": "chief", "password": "right-horse-battery"})
    other = User.objects.create_user("driver", password="right-horse-battery")
    client.post(login, {"login": "driver", "password": "right-horse-battery"})

    assert locked.status_code == 200
    assert client.session["_auth_user_id"] == str(other.pk)


@pytest.mark.django_db
def test_nobody_signs_up(client):
    client.post(
        reverse("account_signup"), {"username": "x", "password1": "a-b-c-d-e-f-1", "password2": "a-b-c-d-e-f-1"}
    )

    assert not User.objects.exists()


@pytest.mark.django_db
def test_without_a_mail_server_a_forgotten_password_is_asked_of_logistics(client, settings, mailoutbox):
    settings.EMAIL_HOST = ""
    User.objects.create_user("chief", "chief@example.org", "right-horse-battery")

    answer = client.post(reverse("account_reset_password"), {"email": "chief@example.org"})

    assert "ask logistics" in answer.content.decode()
    assert mailoutbox == []


@pytest.mark.django_db
def test_every_page_carries_the_strict_policy(client):
    policy = client.get(reverse("account_login"))["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
