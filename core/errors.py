"""Refusals: what a person may be told, with what to do next. Anything else that fails is a bug and crashes."""

from collections.abc import Sequence

from django.utils.translation import gettext as _


class DomainError(Exception):
    """A command that was refused. The message is safe to show and says what to do; nothing has changed.

    ``problems`` lists every reason at once, one sentence each, when a command has many lines.
    """

    def __init__(self, message: str, *, problems: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class StaleEdit(DomainError):
    """Another person has changed this since it was opened. Carries what they changed."""


class RequestIdReused(DomainError):
    """The request id already stands for another command."""

    def __init__(self) -> None:
        super().__init__(_("This form was already used for something else. Reload the page and try again."))


class Busy(DomainError):
    """A row stayed locked for too long. Nothing was changed; the same command may be sent again."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody is working on the same stock right now. Nothing was changed; try again in a moment.")
        )
