"""What may stand in for what. Pure: the one place that says so, for the page and for the files."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from inventory.models import Item


def why_not(item: Mapping[str, object], substitute: Mapping[str, object], note: str) -> str:
    """Why an item (``kind`` and ``schedule``) may not be named as a substitute, as a sentence; empty if it may.

    Of one kind only: a medication stands in for a medication. A scheduled drug stands in for an unscheduled item only
    with a note that says so: the request then waits for the chief, and nobody should wonder why.
    """
    if item["kind"] != substitute["kind"]:
        kinds = {"substitute": _kind(substitute), "item": _kind(item)}
        return _("a %(substitute)s cannot stand in for a %(item)s.") % kinds
    if substitute["schedule"] and not item["schedule"] and not note.strip():
        return _("it is a scheduled drug and the item is not: say in the note when it may be given instead.")
    return ""


def _kind(item: Mapping[str, object]) -> str:
    return str(Item.Kind(str(item["kind"])).label).lower()
