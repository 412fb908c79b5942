"""A witness at a shell: named by an option, their password read and never an argument, which others would see."""

import os
import sys
from getpass import getpass
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from core.errors import DomainError
from integrations.command_line.table import Asked, Field
from inventory.forms.disposal import possible_witnesses
from stations.models import Station
from stations.signatures import Signature, sign

WITNESSED = (
    Field("witness", "username of another person who saw it; their password is read from standard input"),
    Field("password_from", "name of an environment variable that holds the witness's password instead"),
)


def signature_in(asked: Asked, *, at: Station) -> Signature | None:
    """The signature of the witness that is named, if one is."""
    return signed_by(asked, at=at) if asked["witness"] is not None else None


def signed_by(asked: Asked, *, at: Station) -> Signature:
    """The signature of the witness that is named: the same people and the same check as the API's."""
    witness = possible_witnesses(at, asked.by).filter(username=asked["witness"]).first()
    if witness is None:
        raise DomainError(
            f"{asked['witness']} is no other person of this station or of logistics. Nothing was changed."
        )
    password = _password(asked["password_from"])
    if not password:
        raise DomainError(f"{witness} signs with their own password: it was empty. Nothing was changed.")
    return sign(_from_here(), witness, password)


def _password(variable: str | None) -> str:
    """What is typed unseen, the first line of a pipe, or what the variable holds."""
    if variable is not None:
        return os.environ.get(variable, "")
    if sys.stdin.isatty():
        return getpass("The witness's password: ")
    return sys.stdin.readline().removesuffix("\n").removesuffix("\r")


def _from_here() -> HttpRequest:
    """Wrong passwords are counted by the site's name and the person, so these and those at the door together; and by
    address, which is that of the machine."""
    request = HttpRequest()
    request.META |= {"HTTP_HOST": urlsplit(settings.EMS_ADDRESS).netloc, "REMOTE_ADDR": "127.0.0.1"}
    return request
