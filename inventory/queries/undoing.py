"""Which commands to stock their own person may take back at once."""

from django.db.models import Q

from stations.models import Command

UNDOABLE = ("use_stock", "restock_unit", "transfer_stock", "discard_stock", "waste_stock")


def is_undoable(done: Command) -> bool:
    """Whether nothing that the command moved had a witness or is a scheduled drug. One query."""
    watched = Q(witness__isnull=False) | ~Q(lot__item__schedule="")
    return done.verb in UNDOABLE and not done.movements.filter(watched).exists()
