"""Who calls: a token in the Authorization header, or a person who is signed in with their browser."""

from typing import Any

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from integrations.models import ApiToken
from stations.models import User

WAY = "Bearer"


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer ems_…``. A wrong, expired or revoked token is refused, never taken for a guest."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        way, _, text = get_authorization_header(request).decode("latin-1").partition(" ")
        if way.lower() != WAY.lower():
            return None
        now = timezone.now()
        token = ApiToken.objects.matching(text.strip())
        if token is None or not token.is_alive(now):
            raise AuthenticationFailed("This token is unknown, expired or revoked. Ask the chief for a new one.")
        token.note_use(now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return f'{WAY} realm="EMS Supply"'


class TokenScheme(OpenApiAuthenticationExtension):
    """How the schema names it."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "From `manage.py issue_token`."}
