"""Until when a request should have been met."""

from datetime import timedelta

from django.db.models import DateTimeField, ExpressionWrapper, F
from django.db.models.functions import Coalesce

# Stock items reach their station within five days of the request: county policy (docs/figures.md names it).
PROMISED = timedelta(days=5)


def due_at(order: str = "") -> Coalesce:
    """When an order falls due: when it was needed by, else five days after it was sent.

    ``order`` is the way to the order from the queried row, such as ``"order__"``.
    """
    promised = ExpressionWrapper(F(f"{order}submitted_at") + PROMISED, output_field=DateTimeField())
    return Coalesce(F(f"{order}needed_by"), promised)
