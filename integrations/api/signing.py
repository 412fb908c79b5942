"""A witness's signature in a body: their name, and their own password, which is checked and not kept."""

from typing import Any, cast

from rest_framework import serializers
from rest_framework.request import Request

from integrations.api.asked import one_by_code
from integrations.api.fields import Text
from integrations.api.serializers import Asked
from inventory.forms.disposal import possible_witnesses
from stations.models import Station, User
from stations.signatures import Signature, sign


class Witnessed(Asked):
    """Who saw it, if a scheduled drug leaves the books."""

    witness = Text(max_length=150, required=False, help_text="User name of another person who saw it.")
    witness_password = Text(
        max_length=4096,
        required=False,
        trim_whitespace=False,
        write_only=True,
        help_text="Typed by the witness, here and now. It is checked and not kept.",
    )


def signature_in(request: Request, asked: dict[str, Any], *, at: Station) -> Signature | None:
    """The signature of the witness that a body names, if it names one."""
    return signed_by(request, asked, at=at) if "witness" in asked else None


def signed_by(request: Request, asked: dict[str, Any], *, at: Station) -> Signature:
    """The signature of the witness that a body names: another person of this station or of logistics."""
    if not asked.get("witness_password"):
        said = serializers.ErrorDetail(f"{asked['witness']} signs with their own password.", code="unknown")
        raise serializers.ValidationError({"witness_password": [said]})
    says = "{} is no other person of this station or of logistics."
    people = possible_witnesses(at, cast("User", request.user))
    witness = one_by_code(people, asked["witness"], field="username", says=says, key="witness")
    return sign(request._request, witness, asked["witness_password"])  # noqa: SLF001  # as DRF's own code does
