"""Keys for other systems: who may have one, what it opens, and when it no longer does."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from rest_framework.throttling import UserRateThrottle

from core.errors import DomainError
from integrations.actions.tokens import issue_token, revoke_token
from integrations.models import ApiToken
from stations.models import Event
from tests import make
from tests.api import Api, problem, token_for
from tests.pages import form_in

pytestmark = pytest.mark.django_db


def test_a_token_opens_what_its_person_may_see_and_only_its_hash_is_kept():
    station, other = make.station(), make.station()
    token, text = token_for(make.officer(station), "stations:read")
    assert text.startswith(f"ems_{token.prefix}_")
    assert text.rpartition("_")[2] not in str(ApiToken.objects.values().get())

    api = Api(token.user, text=text)

    assert [one["code"] for one in api.get("/stations/").json()["results"]] == [station.code]
    problem(api.get(f"/stations/{other.code}/"), 404, "not_found")
    assert Event.objects.get(verb="issued").details == {"scopes": ["stations:read"], "days": 30}


def test_use_is_noted_to_the_minute(django_assert_num_queries):
    token, text = token_for(make.logistics())
    api = Api(token.user, text=text)
    api.get("/stations/")
    first = ApiToken.objects.values_list("last_used_at", flat=True).get()
    assert first is not None
    assert timezone.now() - first < timedelta(minutes=1)
    with django_assert_num_queries(2):  # the token, the list
        api.get("/stations/")
    assert ApiToken.objects.get().last_used_at == first


@pytest.mark.parametrize("text", ["", "ems", "ems_12345678_wrong", "ems_", "x" * 5000, "ems_12345678_\u00e9"])
def test_a_wrong_token_is_refused(text):
    token_for(make.logistics())
    response = Api(make.logistics(), text=text).get("/stations/")
    problem(response, 401, "authentication_failed")
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_without_a_token_nobody_is_let_in(client):
    problem(client.get("/api/v1/stations/"), 401, "not_authenticated")


def test_an_expired_or_revoked_token_and_one_of_somebody_who_left_open_nothing():
    old = timezone.now() - timedelta(days=31)
    expired = token_for(make.logistics(), at=old)[1]
    revoked, text = token_for(make.logistics())
    revoke_token(token=revoked, by=None, at=timezone.now(), request_id=make.rid())
    left, left_text = token_for(make.logistics())
    left.user.is_active = False
    left.user.save()
    for wrong in (expired, text, left_text):
        problem(Api(make.logistics(), text=wrong).get("/stations/"), 401, "authentication_failed")


def test_a_scope_that_is_missing_is_named():
    api = Api(make.logistics(), "stations:read", "orders:read")
    body = problem(api.get("/items/"), 403, "scope_missing")
    assert "items:read" in body["detail"]
    body = problem(api.post("/orders/", {}), 403, "scope_missing")
    assert "orders:write" in body["detail"]
    assert Api(make.logistics(), "orders:write").get("/orders/").status_code == 200


def test_who_is_signed_in_with_a_browser_needs_no_token_but_its_form_must_be_ours(client):
    client.force_login(make.logistics())
    assert client.get("/api/v1/stations/").status_code == 200
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make.logistics())
    response = strict.post("/api/v1/orders/", "{}", content_type="application/json", headers={"Idempotency-Key": "1"})
    problem(response, 403, "permission_denied")


def test_only_the_chief_issues_tokens_on_the_page_and_all_that_is_wrong_is_said():
    asked: Any = {"name": "x", "user": make.officer(), "scopes": ["all:read"], "days": 1, "at": timezone.now()}
    with pytest.raises(PermissionDenied):
        issue_token(**asked, by=make.logistics(), request_id=make.rid())
    wrong = asked | {"name": " ", "scopes": ["stok:read"], "days": 4000}
    with pytest.raises(DomainError) as refusal:
        issue_token(**wrong, by=make.chief(), request_id=make.rid())
    assert len(refusal.value.problems) == 3
    assert not ApiToken.objects.exists()


def test_a_repeat_of_the_same_form_issues_no_second_token():
    chief, rid = make.chief(), make.rid()
    asked: Any = {"name": "x", "user": chief, "scopes": ["all:read"], "days": 1, "at": timezone.now(), "by": chief}
    first, text = issue_token(**asked, request_id=rid)
    again, nothing = issue_token(**asked, request_id=rid)
    assert (again, bool(text), nothing) == (first, True, "")


def test_the_command_prints_a_token_that_works(capsys):
    user = make.logistics()
    call_command("issue_token", "--user", user.username, "--scope", "stations:read", "items:read", "--json")
    printed = json.loads(capsys.readouterr().out)
    assert printed["scopes"] == ["items:read", "stations:read"]
    assert Api(user, text=printed["token"]).get("/items/").status_code == 200
    with pytest.raises(CommandError, match="nobody named"):
        call_command("issue_token", "--user", "nobody", "--scope", "all:read")


def test_too_many_calls_are_told_to_wait(monkeypatch):
    monkeypatch.setattr(UserRateThrottle, "THROTTLE_RATES", {"user": "2/min"})
    api = Api(make.logistics())
    assert [api.get("/stations/").status_code for _ in range(2)] == [200, 200]
    response = api.get("/stations/")
    problem(response, 429, "throttled")
    assert 0 < int(response["Retry-After"]) <= 60


def test_the_chief_issues_and_revokes_a_token_on_the_page(client):
    chief, officer = make.chief(), make.officer(make.station())
    client.force_login(chief)
    form = form_in(client.get("/integrations/new/"), "", name="Records", user=officer.pk, scopes=["stations:read"])

    page = client.post("/integrations/new/", form)
    text = re.search(r"ems_[0-9a-f]{8}_[\w-]+", page.content.decode())

    assert text
    assert page["Cache-Control"] == "no-store"
    api = Api(officer, text=text.group())
    assert api.get("/stations/").status_code == 200
    listed = client.get("/integrations/")
    assert text.group() not in listed.content.decode()
    assert "Stations and units: read" in listed.content.decode()
    token = ApiToken.objects.get()
    client.post(f"/integrations/{token.pk}/revoke/", form_in(listed, f"/integrations/{token.pk}/revoke/"))
    problem(api.get("/stations/"), 401, "authentication_failed")
