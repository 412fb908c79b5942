"""What the compose file starts also starts here, as plain processes, with the same scripts and the same roles."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.template import engines

from ems_supply import vendor
from ems_supply.processes import end
from tests.check import templates
from tests.conftest import ROOT, free_port, wait_until

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OUR_SERVICES = {"migrate", "web", "worker", "beat"}


def test_our_services_run_what_the_start_script_knows():
    script = (ROOT / "docker" / "run").read_text()

    assert {name for name, service in COMPOSE["services"].items() if "build" in service} == OUR_SERVICES
    for name in OUR_SERVICES:
        assert COMPOSE["services"][name]["command"] == [name]
        assert f"    {name})" in script


@pytest.mark.parametrize("name", sorted(OUR_SERVICES))
def test_each_service_of_ours_can_be_scaled_and_keeps_no_state(name):
    service = COMPOSE["services"][name]

    assert "container_name" not in service
    assert "volumes" not in service
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]


def test_web_and_worker_wait_for_the_migrations_and_beat_is_one():
    services = COMPOSE["services"]

    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert services["beat"]["deploy"]["replicas"] == 1
    assert services["web"]["ports"] == ["8000-8009:8000"]


def test_every_secret_comes_from_a_file_that_the_script_makes(tmp_path):
    (tmp_path / "docker").mkdir()
    shutil.copy(ROOT / "docker" / "make-secrets", tmp_path / "docker")

    for _ in range(2):
        subprocess.run([tmp_path / "docker" / "make-secrets"], check=True)

    made = {path.name: path.read_text() for path in (tmp_path / "var" / "secrets").iterdir()}
    assert {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()} == set(made)
    assert all(len(value) >= 70 for value in made.values())
    assert (tmp_path / "var" / "secrets").stat().st_mode & 0o077 == 0


def test_no_lock_file_names_a_host():
    for path in [*(ROOT / "requirements").iterdir(), ROOT / "package-lock.json"]:
        text = path.read_text()
        assert "://" not in text, path.name
        assert "--index-url" not in text, path.name


def test_every_template_compiles():
    loader = engines["django"]
    for path in templates():
        loader.get_template(str(path.relative_to(next(p for p in path.parents if p.name == "templates"))))


def test_icons_are_listed_once_and_exist():
    names = vendor.icon_names((ROOT / "ems_supply" / "icons.txt").read_text())

    assert "check" in names
    assert 'id="tabler-check"' in vendor.sprite(["check"])
    with pytest.raises(SystemExit, match="no icon named 'nothing-like-it'"):
        vendor.symbol("nothing-like-it")


def test_no_vendored_file_points_to_a_source_map():
    for path in vendor.TARGET.iterdir():
        assert b"sourceMappingURL" not in path.read_bytes(), path.name


@pytest.fixture
def division(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A production environment on a new database, made with the script and the two roles of the compose file."""
    name = f"supply_{secrets.token_hex(4)}"
    database = settings.DATABASES["default"]
    login = {"PGHOST": database["HOST"], "PGPORT": database["PORT"], "PGUSER": database["USER"]}
    admin = os.environ | {key: value for key, value in login.items() if value} | {"PGPASSWORD": database["PASSWORD"]}
    for role in ("owner", "app"):
        (tmp_path / role).write_text(secrets.token_urlsafe(24))
    script = {"EMS_DATABASE": name, "OWNER_PASSWORD_FILE": f"{tmp_path}/owner", "APP_PASSWORD_FILE": f"{tmp_path}/app"}
    subprocess.run([ROOT / "docker" / "create-database.sh"], env=admin | script, check=True)
    query = f"?host={database['HOST']}&port={database['PORT'] or 5432}"
    yield os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "DJANGO_SETTINGS_MODULE": "ems_supply.settings",
        "EMS_ENV": "production",
        "EMS_VAR": str(tmp_path),
        "EMS_LOG_LEVEL": "INFO",
        "DJANGO_SECRET_KEY": secrets.token_urlsafe(60),
        "ALLOWED_HOSTS": "supply.example.org",
        "DATABASE_URL": f"postgresql://{name}@/{name}{query}",
        "OWNER_URL": f"postgresql://{name}_owner@/{name}{query}",
        "POSTGRES_PASSWORD_FILE": f"{tmp_path}/app",
        "OWNER_PASSWORD_FILE": f"{tmp_path}/owner",
    }
    clean = f'DROP DATABASE "{name}" WITH (FORCE)', f'DROP ROLE "{name}"', f'DROP ROLE "{name}_owner"'
    arguments = [word for statement in clean for word in ("--command", statement)]
    subprocess.run(["psql", "--no-psqlrc", "--quiet", "--dbname", "postgres", *arguments], env=admin, check=True)


def get(port: int, path: str) -> tuple[int, str]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}",
        headers={"Host": "supply.example.org", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except (urllib.error.URLError, ConnectionError):
        return 0, ""


@pytest.mark.postgres
@pytest.mark.broker
def test_the_compose_services_work_together_as_plain_processes(division, tmp_path):
    run = str(ROOT / "docker" / "run")
    owner = {"DATABASE_URL": division["OWNER_URL"], "POSTGRES_PASSWORD_FILE": division["OWNER_PASSWORD_FILE"]}
    subprocess.run([run, "migrate", "--verbosity", "0"], env=division | owner, check=True)
    subprocess.run([ROOT / "docker" / "collect-static", sys.executable], env=division, check=True)
    port = free_port()
    processes = {}
    try:
        for role in ("web", "worker", "beat"):
            with (tmp_path / f"{role}.log").open("wb") as log:
                processes[role] = subprocess.Popen(
                    [run, role],
                    env=division | {"PORT": str(port), "WEB_CONCURRENCY": "1", "WORKER_CONCURRENCY": "1"},
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        wait_until(lambda: get(port, "/healthz")[0] == 200, "the web server", log=tmp_path / "web.log")
        wait_until(
            lambda: "last_success_at" in json.loads(get(port, "/readyz")[1])["parts"]["worker"],
            "the heartbeat of worker and beat",
            seconds=60,
            log=tmp_path / "beat.log",
        )
        assert get(port, "/readyz")[0] == 200
        assert get(port, "/accounts/login/")[0] == 200
    finally:
        for process in processes.values():
            end(process)
    assert {role: process.returncode for role, process in processes.items()} == {"web": 0, "worker": 0, "beat": 0}


@pytest.mark.postgres
def test_the_site_s_role_can_not_silence_the_ledger_s_triggers(division):
    owner = {"DATABASE_URL": division["OWNER_URL"], "POSTGRES_PASSWORD_FILE": division["OWNER_PASSWORD_FILE"]}
    subprocess.run([ROOT / "docker" / "run", "migrate", "--verbosity", "0"], env=division | owner, check=True)
    code = "from django.db import connection; connection.cursor().execute({!r})"

    for statement in (
        "ALTER TABLE inventory_stockmovement DISABLE TRIGGER ALL",
        "DROP TABLE inventory_stockmovement",
        "TRUNCATE inventory_stockmovement CASCADE",
        "CREATE TABLE backdoor (id int)",
    ):
        done = subprocess.run(
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", code.format(statement)],
            env=division, cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode != 0, statement
        assert "must be owner" in done.stderr or "permission denied" in done.stderr, done.stderr[-300:]
