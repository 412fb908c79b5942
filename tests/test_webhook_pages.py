"""The chief's pages of webhooks: the secret once, the log of each, and what to press."""

import re

import pytest
from django.utils import timezone

from integrations.actions.deliveries import claim, settle
from integrations.actions.webhooks import add_webhook, send_test
from integrations.calling import Answer
from integrations.models import Webhook, WebhookDelivery
from integrations.tasks import deliver_to, deliver_webhooks
from stations.models import User
from tests import make
from tests.pages import form_in, has_form, questions, text_of

pytestmark = pytest.mark.django_db
LIST = "/integrations/webhooks/"


@pytest.fixture
def chief(client):
    chief = make.chief()
    client.force_login(chief)
    return chief


def added(chief, name="Finance") -> Webhook:
    return add_webhook(
        name=name,
        url="https://hooks.example.org/ems",
        kinds=["order"],
        user=make.logistics(),
        by=chief,
        at=timezone.now(),
        request_id=make.rid(),
    )[0]


def tried(webhook: Webhook, chief: User, problem: str = "", status: int | None = 200) -> WebhookDelivery:
    send_test(webhook=webhook, by=chief, at=timezone.now(), request_id=make.rid())
    claimed = claim(webhook.pk, at=timezone.now())
    assert claimed is not None
    settle(claimed, Answer(status, 12, "thank you", problem), at=timezone.now())
    return claimed


def test_the_chief_adds_a_webhook_and_sees_its_secret_once(client, chief):
    assert f"{LIST}new/" in client.get(LIST).content.decode()
    assert LIST in client.get("/integrations/").content.decode()
    typed = {"name": "Finance", "url": "https://hooks.example.org/ems", "user": make.logistics().pk}
    blank = client.get(f"{LIST}new/")
    assert "Delivery run (run)" in blank.content.decode()
    form = form_in(blank, "", **typed, kinds=["order", "run"])

    page = client.post(f"{LIST}new/", form)

    webhook = Webhook.objects.get()
    assert webhook.secret in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    assert "whsec_" not in client.post(f"{LIST}new/", form).content.decode()
    assert webhook.kinds == ["order", "run"]
    listed = client.get(LIST).content.decode()
    assert "order, run" in listed
    for address in (LIST, webhook.get_absolute_url()):
        assert "whsec_" not in client.get(address).content.decode()


def test_an_address_inside_is_refused_on_the_form(client, chief):
    typed = {"name": "Finance", "url": "https://169.254.169.254/", "user": make.logistics().pk}
    page = client.post(f"{LIST}new/", form_in(client.get(f"{LIST}new/"), "", **typed))
    assert page.status_code == 422
    assert "no public address" in text_of(page)
    assert "169.254.169.254" in page.content.decode()
    assert not Webhook.objects.exists()


def test_its_page_has_the_log_and_each_message_can_be_sent_again(client, chief):
    webhook = added(chief)
    tried(webhook, chief)
    failed = tried(webhook, chief, "Answered 500 Internal Server Error.", 500)
    address = webhook.get_absolute_url()

    said = text_of(page := client.get(address))

    for words in ("Delivered", "Failed", "Answered 500 Internal Server Error. · 12 ms", "thank you"):
        assert words in said
    again = f"/integrations/deliveries/{failed.pk}/again/"
    client.post(again, form_in(page, again))
    copy = webhook.deliveries.latest("pk")
    assert (copy.message_id, copy.is_by_hand, copy.state) == (failed.message_id, True, "waiting")
    assert "Send now" in text_of(client.get(address))


def test_switching_off_and_on_testing_and_another_secret(client, chief):
    webhook = added(chief)
    address = webhook.get_absolute_url()
    page = client.get(address)
    client.post(f"{address}switch/", form_in(page, f"{address}switch/", off=""))
    webhook.refresh_from_db()
    assert not webhook.is_active
    page = client.get(address)
    assert "Switch on" in text_of(page)
    client.post(f"{address}switch/", form_in(page, f"{address}switch/", on=""))
    webhook.refresh_from_db()
    assert webhook.is_active

    assert client.post(f"{address}test/", form_in(page, f"{address}test/")).status_code == 302
    assert webhook.deliveries.get().is_by_hand

    before = webhook.secret
    shown = client.post(f"{address}secret/", form_in(page, f"{address}secret/"))
    webhook.refresh_from_db()
    assert before not in shown.content.decode()
    assert webhook.secret in shown.content.decode()
    assert client.post(f"{address}secret/", {}).status_code == 302  # a form without its id does nothing
    assert "another secret since" in text_of(client.get(address))


def test_what_went_off_by_itself_says_why_and_what_to_do(client, chief):
    webhook = added(chief)
    Webhook.objects.update(is_active=False, off_reason="Nothing arrived for 5 days. Answered 503.")
    for address in (LIST, webhook.get_absolute_url()):
        assert "Switched off: it did not answer" in text_of(client.get(address))
    assert "Mend it, send a test, then switch it on" in text_of(client.get(webhook.get_absolute_url()))
    Webhook.objects.update(is_active=True, off_reason="", failing_since=timezone.now())
    assert "Fails since" in text_of(client.get(LIST))
    User.objects.filter(pk=webhook.user_id).update(is_active=False)
    assert "its person has left" in text_of(client.get(LIST))


@pytest.mark.parametrize(("role", "status"), [("auditor", 200), ("logistics", 403), ("officer", 403), ("driver", 403)])
def test_others_see_nothing_and_the_auditor_only_looks(client, role, status):
    webhook = added(make.chief())
    delivery = tried(webhook, webhook.created_by)
    client.force_login(make.person(role))
    address = webhook.get_absolute_url()
    for page in (client.get(LIST), client.get(address)):
        assert page.status_code == status
        assert not re.search(r'<main.*method="post"', page.content.decode(), re.DOTALL)
    assert not has_form(client.get(address), f"{address}test/")
    for path in ("new/", f"{webhook.pk}/switch/", f"{webhook.pk}/secret/", f"{webhook.pk}/test/"):
        assert client.post(f"{LIST}{path}", {"request_id": make.rid()}).status_code == 403
    assert client.post(f"/integrations/deliveries/{delivery.pk}/again/", {"request_id": make.rid()}).status_code == 403


def test_the_pages_ask_as_many_questions_for_many_as_for_few(client, chief):
    webhook = added(chief)
    tried(webhook, chief)
    few = [questions(client, LIST), questions(client, webhook.get_absolute_url())]
    for number in range(6):
        added(chief, f"System {number}")
        tried(webhook, chief)
    assert [questions(client, LIST), questions(client, webhook.get_absolute_url())] == few


def test_a_round_hands_each_webhook_that_is_behind_to_a_worker(chief, monkeypatch):
    first, second = added(chief), added(chief, "Records")
    handed = []
    monkeypatch.setattr(deliver_to, "apply_async", lambda arguments, expires: handed.append(arguments[0]))
    make.stock(make.station(), make.item())

    assert deliver_webhooks() == {"changes": 2, "webhooks": 2}

    assert handed == [first.pk, second.pk]
