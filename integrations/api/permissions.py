"""What a token may do. Whom a person may see and what they may change is decided by the actions and ``access``."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from integrations.models import ApiToken
from integrations.scopes import READ, WRITE, allows


class ScopeAllows(BasePermission):
    """A token needs the scope of the view's area; a person who is signed in needs none. Each view names its area."""

    code = "scope_missing"

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return False
        if not isinstance(request.auth, ApiToken):
            return True
        way = READ if request.method in SAFE_METHODS else WRITE
        area = view.area if way == READ else view.write_area or view.area
        self.message = f"This token lacks the scope {area}:{way}. Ask the chief for a token that has it."
        return allows(request.auth.scopes, area, way)
