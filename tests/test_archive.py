"""The whole division in one file: who reads it is the same, on both databases; a bad one is refused."""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Model
from django.test import TransactionTestCase
from django.utils import timezone

from core.errors import DomainError
from integrations.actions.archives import export_division, import_archive
from integrations.actions.tokens import issue_token
from integrations.archives.cells import reader
from integrations.archives.reading import ArchiveRefused
from integrations.archives.tables import LEFT_OUT, OURS, SECRET, tables
from integrations.archives.writing import MANIFEST
from integrations.models import ApiToken
from inventory.actions import counts
from inventory.actions.proposals import propose_par_levels
from inventory.actions.unfound import set_aside
from inventory.imports.sources import from_folder
from inventory.models import Item, StockLevel, StockMovement
from orders.actions.sweep import sweep_par_levels
from orders.actions.transfers import propose_transfers
from orders.models import Discrepancy, ResupplyOrder
from orders.queries.verify import all_differences
from stations.models import Command, Event, User
from tests import make
from tests.conftest import ROOT
from tests.divisions import EXAMPLE, load
from tests.flow import Division

transactional = pytest.mark.django_db(transaction=True)
Archive = dict[str, bytes]


def lived_in() -> Division:
    """A division with something in most of its tables: a day of everybody's work, and work that waits."""
    load(*from_folder(EXAMPLE)[0])
    division = Division(at=timezone.now())
    gauze = make.item(name="Gauze — 4×4", issue_pack=10, criticality="A")
    make.par(division.station, gauze, par=100, minimum=20, bin="A1")
    make.stock(division.warehouse, gauze, on_hand=500, number="A17")
    make.stock(division.station, gauze, on_hand=30, number="B4", expires_on=timezone.localdate() + timedelta(days=9))
    line = division.received({gauze.pk: 100}).lines.get()
    Discrepancy.objects.create(line=line, kind="missing", quantity=1, reported_at=division.at)
    division.submitted({gauze.pk: 20}, comment="for 'Sunday' \"drill\"\n=1+1")
    division.approved({gauze.pk: 40})
    counts.open_count(location=make.room(division.station), is_blind=True, **division.by(division.officer))
    with transaction.atomic():
        command = Command.objects.begin("pick", by=division.logistics, at=division.at)
        level = StockLevel.objects.get(lot__number="B4")
        set_aside(command, [level.pk], reason="not there", at=division.at)
    sweep_par_levels(at=division.at)
    propose_transfers(at=division.at)
    propose_par_levels(at=division.at)
    issue_token(name="CAD", user=division.chief, scopes=["orders:read"], days=30, **division.by(division.chief))
    division.officer.set_password("a password that nobody has elsewhere")
    division.officer.save()
    return division


def archive() -> bytes:
    file = io.BytesIO()
    export_division(file, by=None, at=timezone.now(), request_id=make.rid())
    return file.getvalue()


def members(packed: bytes) -> Archive:
    with zipfile.ZipFile(io.BytesIO(packed)) as file:
        return {name: file.read(name) for name in file.namelist()}


def rows_of(packed: bytes) -> dict[str, bytes]:
    """The tables of an archive, without what says when it was made."""
    return {name: content for name, content in members(packed).items() if name != MANIFEST}


def packed(files: Archive, *, honest: bool = True) -> bytes:
    """An archive of these members; with a manifest that fits them, as a forger would write it."""
    manifest = json.loads(files[MANIFEST])
    for table in manifest["tables"] if honest else ():
        content = files.get(f"tables/{table['name']}.jsonl", b"")
        marks = {"rows": content.count(b"\n"), "bytes": len(content), "sha256": sha256(content).hexdigest()}
        table.update(marks)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, json.dumps(manifest) if name == MANIFEST else content)
    return made.getvalue()


def emptied() -> None:
    """Take every row away, past the triggers, as for the next test."""
    TransactionTestCase()._fixture_teardown()  # type: ignore[attr-defined]  # private, and not in the stubs


def counted() -> int:
    return sum(table.rows().count() for table in tables())


def at(url: str, *arguments: str) -> Any:
    """A command of ours on another database: its JSON."""
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "ems_supply.settings"}
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if "--json" in arguments else None


@transactional
def test_an_empty_system_on_another_database_and_back_is_the_same(tmp_path):
    """From this database to SQLite by the commands, and from there back into this one."""
    lived_in()
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    call_command("export_division", to=first, stdout=io.StringIO())
    other = f"sqlite://{tmp_path / 'other.sqlite3'}"
    at(other, "migrate", "--verbosity", "0")

    said = at(other, "import_archive", str(first), "--json")
    at(other, "verify_ledger")
    call_command("verify_ledger", stdout=io.StringIO())
    before = rows_of(first.read_bytes())
    levels = list(StockLevel.objects.order_by("pk").values())
    emptied()
    at(other, "export_division", "--to", str(second), "--json")
    between = members(second.read_bytes())
    import_archive(first)

    exported_once_more = {"tables/stations.command.jsonl", "tables/stations.event.jsonl"}
    assert {name for name, content in before.items() if between[name] != content} == exported_once_more
    assert all(between[name].startswith(before[name]) for name in exported_once_more)
    assert said["rows"]["inventory.stockmovement"] == StockMovement.objects.count() > 10
    assert list(StockLevel.objects.order_by("pk").values()) == levels
    assert all_differences() == []
    import_back(second)


def import_back(other: Path) -> None:
    """What the other database wrote is read by this one as well."""
    emptied()
    import_archive(other)
    again = rows_of(archive())
    assert {name for name, content in rows_of(other.read_bytes()).items() if again[name] != content} == {
        "tables/stations.command.jsonl",
        "tables/stations.event.jsonl",
    }


@transactional
def test_ids_go_on_where_they_were_and_work_goes_on():
    division = lived_in()
    gone = ResupplyOrder.objects.create(
        station=division.station, source=division.warehouse, created_at=division.at, state="draft"
    ).pk
    ResupplyOrder.objects.filter(pk=gone).delete()
    made = archive()
    emptied()

    import_archive(io.BytesIO(made))

    division.officer = User.objects.get(pk=division.officer.pk)
    item = Item.objects.get(name="Gauze — 4×4")
    assert division.submitted({item.pk: 10}).pk > gone
    level = StockLevel.objects.get(lot__number="A17", location__station=division.warehouse)
    assert level.allocated > 0
    division.later(minutes=5)
    division.pack(division.to_pick())
    assert all_differences() == []


@transactional
def test_nobody_signs_in_by_an_old_password_and_no_key_comes_along():
    division = lived_in()
    made = archive()
    secrets = (User.objects.get(pk=division.officer.pk).password, ApiToken.objects.get().digest)
    emptied()

    import_archive(io.BytesIO(made))

    text = b"".join(members(made).values()).decode()
    assert not [secret for secret in secrets if secret in text]
    people = User.objects.all()
    assert not any(person.has_usable_password() for person in people)
    assert len({person.password for person in people}) == len(people) > 3
    assert ApiToken.objects.count() == 0


@transactional
def test_only_an_empty_system_reads_one():
    lived_in()
    made = archive()
    before = rows_of(archive())

    with pytest.raises(DomainError, match="This system is not empty"):
        import_archive(io.BytesIO(made))

    assert rows_of(archive())["tables/inventory.stocklevel.jsonl"] == before["tables/inventory.stocklevel.jsonl"]


# --- Bad ones ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def good(transactional_db: None) -> Iterator[bytes]:
    """A good archive, and an empty system."""
    lived_in()
    made = archive()
    emptied()
    yield made
    assert counted() == 0


def row_changed(table: str, column: str, value: Any) -> Callable[[Archive], bytes]:
    """A forger's archive: the first row of a table says something else."""

    def change(files: Archive) -> bytes:
        name = f"tables/{table}.jsonl"
        columns = next(t["columns"] for t in json.loads(files[MANIFEST])["tables"] if t["name"] == table)
        first, _, rest = files[name].partition(b"\n")
        row = json.loads(first)
        row[columns.index(column)] = value
        return packed(files | {name: json.dumps(row).encode() + b"\n" + rest})

    return change


def manifest_changed(**changes: Any) -> Callable[[Archive], bytes]:
    def change(files: Archive) -> bytes:
        manifest = json.loads(files[MANIFEST]) | changes
        return packed(files | {MANIFEST: json.dumps(manifest).encode()}, honest=False)

    return change


BAD: dict[str, tuple[Callable[[Archive], bytes], str]] = {
    "no archive": (lambda files: b"nothing", "not a whole archive"),
    "nothing": (lambda files: b"", "not a whole archive"),
    "cut short": (lambda files: packed(files)[:-400], "not a whole archive"),
    "a byte turned": (lambda files: turned(packed(files)), "not a whole archive|changed after"),
    "no manifest": (lambda files: without(packed(files), MANIFEST), "not a whole archive"),
    "a path outside": (lambda files: packed(files | {"../../etc/evil": b"x"}), "other files"),
    "an unknown table": (lambda files: packed(files | {"tables/auth.group.jsonl": b"[1]\n"}), "other files"),
    "a table less": (
        lambda files: packed({n: c for n, c in files.items() if n != "tables/inventory.lot.jsonl"}),
        "other files",
    ),
    "a table changed": (
        lambda files: packed(files | {"tables/inventory.item.jsonl": b"[]\n"}, honest=False),
        "was changed after",
    ),
    "a row twice": (
        lambda files: packed(doubled(files, "tables/inventory.stockmovement.jsonl")),
        "do not fit together",
    ),
    "another format": (manifest_changed(format="something"), "not a whole archive"),
    "another version": (manifest_changed(schema={"stations": "0001_initial"}), "made by another version"),
    "no tables": (manifest_changed(tables=[]), "not hold the tables"),
    "tables of another kind": (manifest_changed(tables={"a": 1}), "not a whole archive"),
    "stock out of nothing": (row_changed("inventory.stocklevel", "on_hand", 7), "does not add up"),
    "promised and not there": (row_changed("inventory.stocklevel", "allocated", 10_000), "do not fit together"),
    "a movement of more": (row_changed("inventory.stockmovement", "quantity", 9_999), "does not add up|do not fit"),
    "a role of its own": (row_changed("stations.user", "role", "king"), "role is none of its choices"),
    "text for a number": (row_changed("inventory.item", "unit_cost_cents", "1"), "unit_cost_cents is no int"),
    "a number too large": (row_changed("inventory.item", "weight_g", 1 << 70), "weight_g is out of range"),
    "a name too long": (row_changed("inventory.item", "name", "x" * 121), "name is too long"),
    "nothing where something must be": (row_changed("inventory.item", "sku", None), "sku is empty"),
    "a moment without an offset": (row_changed("stations.command", "at", "2026-01-01T00:00:00"), "at cannot be read"),
    "a character that no table holds": (row_changed("stations.event", "details", {"a": "\0"}), "no table holds"),
    "an item that is not there": (row_changed("inventory.lot", "item_id", 999_999), "do not fit together"),
    "deep": (
        lambda files: packed(files | {"tables/inventory.item.jsonl": b"[" * 100_000 + b"]" * 100_000 + b"\n"}),
        "not a whole archive",
    ),
    "a bomb": (
        lambda files: packed(files | {"tables/inventory.item.jsonl": b"[1]\n" * 5_000_000}),
        "folded up far more",
    ),
}


def turned(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]


def without(content: bytes, name: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
    return made.getvalue()


def doubled(files: Archive, name: str) -> Archive:
    first = files[name].partition(b"\n")[0] + b"\n"
    return files | {name: first + files[name]}


def test_a_bad_archive_loads_nothing(good, settings):
    files = members(good)
    said = {}
    for name, (spoil, reason) in BAD.items():
        with pytest.raises(ArchiveRefused, match=reason) as refusal:
            import_archive(io.BytesIO(spoil(files)))
        said[name] = str(refusal.value)
        assert counted() == 0, name
    assert all(words.endswith("Nothing was loaded.") for words in said.values())

    settings.EMS_ARCHIVE_UNPACKED_GB = 0.000_01
    with pytest.raises(ArchiveRefused, match="EMS_ARCHIVE_UNPACKED_GB"):
        import_archive(io.BytesIO(good))
    settings.EMS_ARCHIVE_UNPACKED_GB = 1
    import_archive(io.BytesIO(packed(files)))  # the control: packed by the same hand, it is read
    assert all_differences() == []
    emptied()


# --- What it holds ----------------------------------------------------------------------------------------------------


def test_every_table_is_in_it_or_named_as_left_out():
    every = {
        model._meta.label for app in OURS for model in apps.get_app_config(app).get_models(include_auto_created=True)
    }
    held = {table.model._meta.label for table in tables()}
    assert held | LEFT_OUT.keys() == every
    assert not held & LEFT_OUT.keys()


NO_SECRETS = {
    "dashboard.notice.key",  # what a notice is about
    "integrations.carerecord.digest",  # the mark of a record's own text
}


def test_every_column_can_be_read_and_none_is_a_secret():
    for table in tables():
        for field in table.fields:
            reader(field)
            words = set(field.name.split("_"))
            if f"{table.name}.{field.name}" in NO_SECRETS:
                continue
            assert not words & {"password", "secret", "digest", "token", "key"}, f"{table.name}.{field.name}"
    assert all(apps.get_model(label) for label in SECRET)


def test_tables_come_after_those_that_they_point_to():
    seen: set[type[Model]] = set()
    for table in tables():
        pointed = {field.related_model for field in table.fields if field.related_model} - {table.model}
        assert pointed <= seen, table.name
        seen.add(table.model)


# --- The commands -----------------------------------------------------------------------------------------------------


@transactional
def test_the_commands_say_what_they_did_and_refuse_with_a_reason(tmp_path):
    lived_in()
    file, out = tmp_path / "division.zip", io.StringIO()
    call_command("export_division", to=file, json=True, stdout=out)
    assert json.loads(out.getvalue())["bytes"] == file.stat().st_size
    assert file.stat().st_mode & 0o077 == 0
    assert Event.objects.latest("pk").verb == "exported"

    for arguments, code in (
        (("export_division", "--to", str(file), "--json"), "refused"),
        (("export_division", "--to", str(tmp_path / "nowhere" / "a.zip"), "--json"), "refused"),
        (("import_archive", str(tmp_path / "nothing.zip"), "--json"), "refused"),
        (("import_archive", str(file), "--json"), "not_empty"),
    ):
        out = io.StringIO()
        with pytest.raises(CommandError):
            call_command(*arguments, stdout=out)
        assert json.loads(out.getvalue())["problem"]["code"] == code
    assert [path.name for path in tmp_path.iterdir()] == ["division.zip"]

    emptied()
    out = io.StringIO()
    call_command("import_archive", file, json=True, stdout=out)
    said = json.loads(out.getvalue())
    assert said["sign_in"].keys() == {user.username for user in User.objects.filter(role="chief")}
