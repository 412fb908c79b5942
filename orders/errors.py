"""Refusals about orders, shipments and runs, each with what to do next."""

from core.errors import DomainError


class WrongState(DomainError):
    """The order, shipment or run is past or before the step that was asked for."""

    def __init__(self, subject: object, state: str, todo: str) -> None:
        super().__init__(f"{subject} is {state.lower()}: {todo}")
