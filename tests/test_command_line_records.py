"""Patient-care records and webhooks from a shell: as their pages and the API, within role."""

from typing import Any

import pytest
from django.core.cache import cache

from integrations.models import CallSign, CareCode, CareRecord, Webhook
from tests import make
from tests.receiver import receiving
from tests.records import dataset, medication, record, take
from tests.shell import Shell
from tests.telling import drain, happens, webhook_for

pytestmark = pytest.mark.django_db
PASSWORD = "seven narrow lanterns"


@pytest.fixture
def unit():
    return make.unit(make.station(), code="M7")


@pytest.fixture
def naloxone(unit):
    item = make.item(name="Naloxone", sku="NAL", kind="medication")
    make.stock(unit.location, item, on_hand=5, number="A")
    return item


@pytest.fixture
def logistics():
    return Shell(make.logistics())


@pytest.fixture
def chief():
    return Shell(make.chief())


def comes(*groups: str, **how: Any) -> CareRecord:
    take(dataset(record(*(groups or (medication(),)), **how)))
    return CareRecord.objects.latest("pk")


# --- Patient-care records --------------------------------------------------------------------------------------------


def test_a_code_is_mapped_and_what_waited_is_booked(unit, naloxone, logistics):
    waits = comes()
    [code] = logistics("care-code", "list", "--waiting")["rows"]
    for wrong in ((), ("--item", "NAL", "--nothing"), ("--item", "NONE")):
        assert logistics.refused("care-code", "map", code["id"], *wrong)["code"] == "unknown_codes"
    assert logistics("care-code", "map", code["id"], "--item", "NAL", "--quantity", 2, "--version", 1)["item"] == "NAL"
    stale = logistics.refused("care-code", "map", code["id"], "--nothing", "--version", 1)
    assert stale["code"] == "stale_edit"
    assert logistics("care-record", "show", waits.pk)["uses"][0]["state"] == "used"
    assert make.on_hand(unit.location, naloxone) == 3
    assert logistics("care-code", "map", code["id"], "--nothing")["uses_nothing"] is True


def test_a_call_sign_is_told(unit, naloxone, logistics):
    comes(unit="Medic Seven")
    CareCode.objects.update(item=naloxone)
    [sign] = logistics("call-sign", "list")["rows"]
    assert logistics.refused("call-sign", "map", sign["id"], "--unit", "none")["code"] == "unknown_codes"
    assert logistics("call-sign", "map", sign["id"], "--unit", "M7")["unit"] == "M7"
    assert logistics("call-sign", "list", "--waiting")["rows"] == []


def test_a_record_is_tried_again_left_out_and_settled(unit, naloxone, logistics):
    waits = comes(medication(), medication("296"))
    CareCode.objects.filter(code="7242").update(item=naloxone)
    tried = logistics("care-record", "try-again", waits.pk)
    assert [use["state"] for use in tried["uses"]] == ["used", "unmapped"]
    rest, other = tried["uses"][1]["id"], comes(number="R2")
    left_out = ("care-record", "leave-out", waits.pk, "--reason", "entered by hand", "--use")
    assert logistics.refused(*left_out, other.uses.get().pk)["code"] == "unknown_codes"
    assert logistics(*left_out, rest)["waiting"] == 0
    comes(medication(), medication("296"), medication())
    [corrected] = logistics("care-record", "list", "--corrected", "--number", "R1")["rows"]
    settle = ("care-record", "settle", waits.pk, "--added", "book", "--seen")
    assert logistics.refused(*settle, waits.digest)["code"] == "stale_edit"
    assert logistics(*settle, corrected["digest"])["is_corrected"] is False
    assert make.on_hand(unit.location, naloxone) == 2


def test_a_witness_signs_at_the_shell(unit, logistics, monkeypatch):
    cache.clear()
    morphine = make.item(schedule="II", kind="medication")
    make.stock(unit.location, morphine, on_hand=2, number="C")
    waits = comes()
    CareCode.objects.update(item=morphine)
    logistics("care-record", "try-again", waits.pk)
    witness = make.officer(unit.station)
    witness.set_password(PASSWORD)
    witness.save()
    words = ("care-record", "witness", waits.pk, "--witness", witness.username, "--password-from", "SIGNED")
    monkeypatch.setenv("SIGNED", "wrong")
    assert logistics.refused(*words)["code"] == "wrong_password"
    monkeypatch.setenv("SIGNED", PASSWORD)
    assert logistics(*words)["uses"][0]["state"] == "used"


def test_only_logistics_decides_about_records(unit, naloxone, chief):
    waits = comes()
    code, sign = CareCode.objects.get(), CallSign.objects.get()
    for words in (
        ("care-record", "try-again", waits.pk),
        ("care-record", "witness", waits.pk, "--witness", "x"),
        ("care-code", "map", code.pk, "--item", "NAL"),
        ("call-sign", "map", sign.pk, "--unit", "M7"),
    ):
        assert chief.refused(*words)["code"] == "permission_denied"
        assert Shell(make.officer(unit.station)).refused(*words)["code"] in ("not_found", "permission_denied")
    assert chief("care-record", "show", waits.pk)["waiting"] == 1


# --- Webhooks --------------------------------------------------------------------------------------------------------


def test_a_webhook_is_added_with_its_secret_once_and_switched(chief):
    words = ("webhook", "add", "Finance", "--url", "https://hooks.example.org/", "--request-id", make.rid())
    told = ("--user", make.logistics().username, "--line", "kind=order", "--line", "kind=run")
    assert chief.refused(*words, "--user", "nobody")["code"] == "unknown_codes"
    assert "no kind odrer" in " ".join(chief.refused(*words, *told[:2], "--line", "kind=odrer")["errors"])
    added = chief(*words, *told)
    webhook = Webhook.objects.get()
    assert (added["secret"], added["kinds"]) == (webhook.secret, ["order", "run"])
    assert chief(*words, *told)["secret"] == ""
    assert chief("webhook", "switch-off", webhook.pk)["is_active"] is False
    assert chief("webhook", "switch-on", webhook.pk)["is_active"] is True
    assert chief("webhook", "rotate", webhook.pk)["secret"] not in ("", added["secret"])
    assert "secret" not in chief("webhook", "show", webhook.pk)


def test_what_was_sent_is_listed_and_sent_again(chief, settings):
    settings.EMS_WEBHOOK_PRIVATE, settings.EMS_WEBHOOK_HTTP = ["127.0.0.0/8"], True
    with receiving() as receiver:
        webhook = webhook_for(receiver)
        happens(make.station(), "one")
        receiver.reply = 500
        drain(webhook)
        chief("webhook", "test", webhook.pk)
        drain(webhook)
        [failed] = chief("webhook-delivery", "list", "--webhook", webhook.pk, "--state", "failed")["rows"]
        again = chief("webhook-delivery", "send-again", failed["id"])
        assert (again["message_id"], again["state"]) == (failed["message_id"], "waiting")
        drain(webhook)
    assert receiver.ids.count(failed["message_id"]) == 2


def test_only_the_chief_commands_webhooks(logistics, chief):
    add = ("webhook", "add", "Finance", "--url", "https://hooks.example.org/", "--user", chief.by)
    assert logistics.refused(*add)["code"] == "permission_denied"
    pk = chief(*add)["id"]
    auditor = Shell(make.auditor())
    assert len(auditor("webhook", "list")["rows"]) == 1
    for verb in ("rotate", "test", "switch-off"):
        assert auditor.refused("webhook", verb, pk)["code"] == "permission_denied"
        assert logistics.refused("webhook", verb, pk)["code"] == "not_found"
