"""Giving another system a key, and taking it away."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from integrations.models import ApiToken, digest_of
from integrations.scopes import SCOPES, unknown
from stations.access import require_role
from stations.models import Command, User

LONGEST = timedelta(days=366)


@transaction.atomic
def issue_token(
    *,
    name: str,
    user: User,
    scopes: Sequence[str],
    days: int,
    by: User | None,
    at: datetime,
    request_id: UUID,
) -> tuple[ApiToken, str]:
    """A token that acts for ``user`` within ``scopes`` for so many days: (the token, its text).

    The text is shown this once, only its hash is kept; a repeat answers with an empty text. ``by`` is the chief, or
    None for the command line. Refuses unknown scopes, an inactive person, and more than a year.
    """
    facts = {"name": name, "user": user.pk, "scopes": sorted(scopes), "days": days}
    command, is_new = Command.objects.claim(request_id, "issue_token", by=by, at=at, facts=facts)
    if not is_new:
        return ApiToken.objects.get(pk=command.answer()), ""
    if by is not None:
        require_role(by, User.Role.CHIEF)
    _check(name, user, scopes, days)
    prefix, secret = ApiToken.draw()
    token = ApiToken.objects.create(
        name=name.strip(),
        user=user,
        scopes=sorted(set(scopes)),
        prefix=prefix,
        digest=digest_of(secret),
        issued_by=by,
        issued_at=at,
        expires_at=at + timedelta(days=days),
    )
    command.log("issued", token, comment=f"{token} for {user}", scopes=token.scopes, days=days)
    return token, ApiToken.text(prefix, secret)


@transaction.atomic
def revoke_token(*, token: ApiToken, by: User | None, at: datetime, request_id: UUID) -> ApiToken:
    """Take a token away at once. One that is revoked already stays as it is."""
    command, is_new = Command.objects.claim(request_id, "revoke_token", by=by, at=at, facts={"token": token.pk})
    if not is_new:
        return ApiToken.objects.get(pk=token.pk)
    if by is not None:
        require_role(by, User.Role.CHIEF)
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at):
        command.log("revoked", token, comment=str(token))
    return ApiToken.objects.get(pk=token.pk)


def _check(name: str, user: User, scopes: Sequence[str], days: int) -> None:
    problems = [
        _("There is no scope %(scope)s. Choose from: %(scopes)s.") % {"scope": scope, "scopes": ", ".join(SCOPES)}
        for scope in unknown(scopes)
    ]
    if not scopes:
        problems.append(_("Choose at least one scope."))
    if not name.strip():
        problems.append(_("Name the system that will use it."))
    if not user.is_active:
        problems.append(_("%(person)s is not active: choose somebody who is.") % {"person": user})
    if not 1 <= days <= LONGEST.days:
        problems.append(_("A token lasts 1 to %(days)d days.") % {"days": LONGEST.days})
    if problems:
        raise DomainError(_("No token was issued."), problems=problems)
