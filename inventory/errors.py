"""Refusals about stock, each with what to do next."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from core.errors import DomainError
from inventory.models import Item


class InsufficientStock(DomainError):
    """More was asked of a place than it holds and has not promised. Lists every line that is short."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(
            _(
                "There is not enough stock for this. Nothing was moved. "
                "Lower the quantity, or count the place if it holds more."
            ),
            problems=problems,
        )


class UnusableLot(DomainError):
    """A lot was named that is expired or held. Lists every such line."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(_("This must not be used. Nothing was moved."), problems=problems)


class UnknownCode(DomainError):
    """A code that was read well and names nothing here. ``items`` are those that it may mean, for whoever links it."""

    def __init__(self, message: str, *, items: Sequence[Item] = ()) -> None:
        super().__init__(message)
        self.items = tuple(items)


class AmbiguousCode(DomainError):
    """A code that names several things: one of them must be chosen, none is taken by itself."""
