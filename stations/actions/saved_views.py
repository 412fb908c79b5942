"""A list under its filters, kept by a name: everybody's own, to find what they look at every day."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from core.errors import DomainError
from stations.models import Command, SavedView, User

# The lists that may be kept, by the names of their addresses.
LISTS = frozenset(
    (
        *("stations", "people", "log", "items", "lots", "stock", "movements", "expiring", "counts", "par_levels"),
        *("par_proposals", "orders", "shipments", "runs", "transfers", "shortages", "discrepancies", "care_records"),
    )
)
MOST = 20
LONGEST = 1000
PASSING = ("page", "format")  # of this moment, not of the view


@transaction.atomic
def save_view(*, page: str, title: str, query: str, by: User, at: datetime, request_id: UUID) -> SavedView:
    """Keep a list's filters by a name. Refuses a name that is taken, and more than a menu holds."""
    facts = {"page": page, "title": title, "query": query}
    command, is_new = Command.objects.claim(request_id, "save_view", by=by, at=at, facts=facts)
    if not is_new:
        return SavedView.objects.get(pk=command.answer())
    title, query = " ".join(title.split()), filters_of(query)
    if page not in LISTS:
        raise DomainError(_("Only lists can be kept as a view."))
    if not 0 < len(title) <= 60 or not title.isprintable():
        raise DomainError(_("Give the view a name of up to 60 letters."))
    if len(query) > LONGEST:
        raise DomainError(_("These filters are too long to keep: use fewer."))
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # so that two at once do not pass the limit
    own = SavedView.objects.filter(person=by, page=page)
    if own.filter(title__iexact=title).exists():
        taken = _("You have a view called %(title)s here: choose another name, or remove that one first.")
        raise DomainError(taken % {"title": title})
    if own.count() >= MOST:
        raise DomainError(_("You have %(most)d views of this list: remove one first.") % {"most": MOST})
    view = SavedView.objects.create(person=by, page=page, title=title, query=query)
    command.log("kept", view, page=page, title=title)
    return view


@transaction.atomic
def remove_view(*, view: SavedView, by: User, at: datetime, request_id: UUID) -> None:
    """Forget one of one's own views."""
    command, is_new = Command.objects.claim(request_id, "remove_view", by=by, at=at, facts={"view": view.pk})
    if is_new:
        command.log("removed", view, page=view.page, title=view.title)
        SavedView.objects.filter(pk=view.pk, person=by).delete()


def filters_of(query: str) -> str:
    """The filters of an address, written anew: nothing that is empty, passing, or no text."""
    read = QueryDict(query.lstrip("?").replace("\0", ""))
    kept = QueryDict(mutable=True)
    for name, values in sorted(read.lists()):
        if name not in PASSING:
            kept.setlist(name, [value for value in values if value])
    return kept.urlencode()
