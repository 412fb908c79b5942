"""Refusals about stock, each with what to do next."""

from collections.abc import Sequence

from core.errors import DomainError


class InsufficientStock(DomainError):
    """More was asked of a place than it holds and has not promised. Lists every line that is short."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(
            "There is not enough stock for this. Nothing was moved. Lower the quantity, or count the shelf if it holds more.",
            problems=problems,
        )
