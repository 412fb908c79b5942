"""Refusals about orders, shipments and runs, each with what to do next."""

from django.utils.translation import gettext as _

from core.errors import DomainError


class WrongState(DomainError):
    """The order, shipment or run is past or before the step that was asked for."""

    def __init__(self, subject: object, state: str, todo: str) -> None:
        super().__init__(
            _("%(subject)s is %(state)s: %(todo)s") % {"subject": subject, "state": state.lower(), "todo": todo}
        )
