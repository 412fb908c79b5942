"""Webhooks by the API: the chief's, as on the pages, and no way around what a token may read."""

from typing import Any

import pytest

from integrations.models import ApiCall, Webhook, WebhookDelivery
from integrations.tasks import deliver_to
from tests import make
from tests.api import Api, problem
from tests.receiver import receiving
from tests.telling import drain, happens, waiting, webhook_for

pytestmark = pytest.mark.django_db
URL = "https://hooks.example.org/ems"


@pytest.fixture
def receiver(settings):
    settings.EMS_WEBHOOK_PRIVATE, settings.EMS_WEBHOOK_HTTP = ["127.0.0.0/8"], True
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def chief():
    return Api(make.chief())


@pytest.fixture
def sent(monkeypatch) -> list[int]:
    """The webhooks that a worker was told to send to."""
    found: list[int] = []
    monkeypatch.setattr(deliver_to, "delay", found.append)
    return found


def asked(**more: Any) -> dict[str, Any]:
    return {"name": "Finance", "url": URL, "user": make.logistics().username, "kinds": ["order"], **more}


def done(response: Any, status: int = 200) -> Any:
    assert response.status_code == status, response.json()
    return response.json()


# --- The secret ------------------------------------------------------------------------------------------------------


def test_a_webhook_is_added_and_its_secret_is_in_one_answer_only(chief):
    body = asked()
    first = chief.post("/webhooks/", body, key="a")
    again = chief.post("/webhooks/", body, key="a")

    made, webhook = done(first, 201), Webhook.objects.get()
    assert (made["secret"], first["Cache-Control"]) == (webhook.secret, "no-store")
    assert done(again, 201) == {**made, "secret": ""}
    assert webhook.secret not in ApiCall.objects.get().answer
    assert (webhook.kinds, webhook.user.username) == (["order"], body["user"])
    assert done(chief.get(f"/webhooks/{webhook.pk}/")).keys() == made.keys() - {"secret"}


def test_another_secret_is_made_and_shown_once(chief):
    webhook = Webhook.objects.get(pk=done(chief.post("/webhooks/", asked()), 201)["id"])
    response = chief.post(f"/webhooks/{webhook.pk}/rotate/", key="a")
    old = webhook.secret
    webhook.refresh_from_db()
    assert (done(response)["secret"], response["Cache-Control"]) == (webhook.secret, "no-store")
    assert webhook.secret != old
    assert done(chief.post(f"/webhooks/{webhook.pk}/rotate/", key="a"))["secret"] == ""


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"url": "http://hooks.example.org/"}, 422),
        ({"url": "https://10.0.0.7/hook"}, 422),
        ({"user": "nobody"}, 422),
        ({"kinds": ["odrer"]}, 400),
        ({"kinds": "order"}, 400),
        ({"name": " "}, 400),
        ({"secret": "mine"}, 400),
    ],
)
def test_what_cannot_be_told_is_refused(chief, wrong, status):
    assert chief.post("/webhooks/", asked(**wrong)).status_code == status
    assert not Webhook.objects.exists()


def test_a_token_has_nobody_told_of_what_it_may_not_read():
    person = make.chief()
    narrow = Api(person, "changes:write", "orders:read")
    for kinds, lacks in ((["order", "run"], "runs:read"), ([], "all:read"), (["person"], "all:read")):
        assert lacks in problem(narrow.post("/webhooks/", asked(kinds=kinds)), 403, "scope_missing")["detail"]
    assert not Webhook.objects.exists()
    done(narrow.post("/webhooks/", asked(kinds=["order"])), 201)
    problem(Api(person, "changes:read").post("/webhooks/", asked()), 403, "scope_missing")


# --- Who -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "seen", "status"), [("auditor", 1, 403), ("logistics", 0, 404), ("officer", 0, 404), ("driver", 0, 404)]
)
def test_the_chief_commands_and_the_auditor_looks(receiver, role, seen, status):
    webhook = webhook_for(receiver)
    api = Api(make.person(role))
    for noun in ("webhooks", "webhook-deliveries"):
        assert len(done(api.get(f"/{noun}/"))["results"]) == seen
    problem(api.post("/webhooks/", asked()), 403, "permission_denied")
    delivery = webhook.deliveries.latest("pk")
    for step, body in (("switch", {"is_on": False}), ("rotate", {}), ("test", {})):
        assert api.post(f"/webhooks/{webhook.pk}/{step}/", body).status_code == status, step
    assert api.post(f"/webhook-deliveries/{delivery.pk}/send-again/").status_code == status
    salt = webhook.salt
    webhook.refresh_from_db()
    assert (webhook.is_active, webhook.salt, webhook.deliveries.count()) == (True, salt, 1)


# --- Steps -----------------------------------------------------------------------------------------------------------


def test_switched_off_it_falls_behind_and_on_it_goes_on(receiver, chief):
    webhook = webhook_for(receiver)
    at = f"/webhooks/{webhook.pk}/switch/"
    problem(chief.post(at), 400, "invalid")
    assert done(chief.post(at, {"is_on": False}))["is_active"] is False
    happens(make.station(), "one")
    assert drain(webhook) == 0
    [off] = done(chief.get("/webhooks/?is_active=false"))["results"]
    assert off["behind"] >= 1

    assert done(chief.post(at, {"is_on": True}))["is_active"] is True

    drain(webhook)
    assert "one" in [change["verb"] for change in receiver.changes]
    assert done(chief.get(f"/webhooks/{webhook.pk}/"))["behind"] == 0


def test_a_test_is_sent_at_once_and_its_delivery_says_how_it_went(
    receiver, chief, sent, django_capture_on_commit_callbacks
):
    webhook = webhook_for(receiver)
    with django_capture_on_commit_callbacks(execute=True):
        done(chief.post(f"/webhooks/{webhook.pk}/test/"))
    assert sent == [webhook.pk]
    receiver.reply = 500
    drain(webhook)
    at = f"/webhook-deliveries/?webhook={webhook.pk}&is_by_hand=true&state=failed"
    [one] = done(chief.get(at))["results"]
    assert (one["changes"], one["status_code"], one["problem"]) == (0, 500, "Answered 500 Internal Server Error.")
    assert "body" not in one
    assert done(chief.get("/webhook-deliveries/?state=waiting"))["results"] == []
    problem(chief.get("/webhook-deliveries/?state=sold"), 400, "invalid")


def test_an_earlier_message_is_sent_again_with_its_id(receiver, chief, sent, django_capture_on_commit_callbacks):
    webhook = webhook_for(receiver)
    happens(make.station(), "one")
    drain(webhook)
    first = webhook.deliveries.latest("pk")
    with django_capture_on_commit_callbacks(execute=True):
        again = done(chief.post(f"/webhook-deliveries/{first.pk}/send-again/", key="a"))
    assert (again["message_id"], again["is_by_hand"], again["state"]) == (first.message_id, True, "waiting")
    assert again["id"] > first.pk
    assert sent == [webhook.pk]
    drain(webhook)
    assert receiver.ids.count(first.message_id) == 2
    chief.post(f"/webhook-deliveries/{first.pk}/send-again/", key="a")
    assert WebhookDelivery.objects.filter(message_id=first.message_id).count() == 2


def test_what_waits_for_its_next_try_is_tried_now(receiver, chief, sent):
    webhook = webhook_for(receiver)
    happens(make.station(), "one")
    receiver.reply = 500
    drain(webhook)
    row = waiting(webhook)
    one = done(chief.post(f"/webhook-deliveries/{row.pk}/send-again/"))
    assert (one["id"], one["state"]) == (row.pk, "waiting")
    assert webhook.deliveries.filter(pk=row.pk, next_attempt_at__lt=row.next_attempt_at).exists()
