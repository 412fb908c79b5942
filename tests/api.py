"""Calling the API as another system does: over HTTP, with a token."""

import json
from typing import Any
from uuid import uuid4

from django.test import Client
from django.utils import timezone

from integrations.actions.tokens import issue_token
from integrations.models import ApiToken
from stations.models import User
from tests import make


def token_for(user: User, *scopes: str, days: int = 30, at: Any = None) -> tuple[ApiToken, str]:
    return issue_token(
        name="Records",
        user=user,
        scopes=scopes or ["all:write"],
        days=days,
        by=None,
        at=at or timezone.now(),
        request_id=make.rid(),
    )


class Api:
    """One integration. ``post`` sends a new Idempotency-Key unless it is given one; ``if_match`` is a version."""

    def __init__(self, user: User, *scopes: str, text: str | None = None) -> None:
        self.client = Client()
        self.text = token_for(user, *scopes)[1] if text is None else text

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers=self._headers(headers))

    def post(self, path: str, body: Any = None, *, key: str | None = None, if_match: int | None = None) -> Any:
        headers = {"Idempotency-Key": key or str(uuid4())}
        if if_match is not None:
            headers["If-Match"] = f'"v{if_match}"'
        content = json.dumps({} if body is None else body)
        return self.client.post(
            f"/api/v1{path}", content, content_type="application/json", headers=self._headers(headers)
        )

    def patch(self, path: str, body: Any, *, if_match: int | str | None = None) -> Any:
        tag = {} if if_match is None else {"If-Match": if_match if isinstance(if_match, str) else f'"v{if_match}"'}
        return self.client.patch(
            f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=self._headers(tag)
        )

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"Authorization": f"Bearer {self.text}"} | named


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """The problem that a call was refused with."""
    body: dict[str, Any] = response.json()
    assert (response.status_code, body["code"]) == (status, code), body
    assert response["Content-Type"] == "application/problem+json"
    assert body["status"] == status
    assert body["detail"]
    return body
