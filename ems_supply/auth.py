"""Who may sign in: people whom the division has entered, and the demo's people only in the demo."""

from typing import TYPE_CHECKING, Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from stations.models import User  # settings name this module before models can be loaded

DEMO_PREFIX = "demo-"


def is_refused(password: str) -> bool:
    """The demo's passwords are printed on screens and in the README: they open nothing but a demo."""
    return password.startswith(DEMO_PREFIX) and settings.EMS_ENV != "demo"


class DivisionBackend(AuthenticationBackend):
    """Sign in by user name and password; refuse the demo's passwords everywhere else, even if they are stored."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **others: Any
    ) -> "User | None":
        if is_refused(password or ""):
            return None
        user = super().authenticate(request, username=username, password=password, **others)
        return cast("User | None", user)


class NoDemoPassword:
    """A validator that lets nobody choose a password that the backend would refuse."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        if is_refused(password):
            raise ValidationError(self.get_help_text(), code="demo_password")

    def get_help_text(self) -> str:
        return _("A password cannot begin with “%(prefix)s”: those belong to the demo.") % {"prefix": DEMO_PREFIX}


class ClosedAccountAdapter(DefaultAccountAdapter):
    """Nobody signs up: logistics enters people. Nobody is promised a mail that this site cannot send."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def clean_email(self, email: str) -> str:
        if not settings.EMAIL_HOST:
            raise ValidationError(_("This site sends no e-mail: ask logistics to set a new password."), code="no_mail")
        return super().clean_email(email)
