"""Search from anywhere."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from core.htmx import is_htmx, render_part
from dashboard.queries import search as queries
from stations.access import SignedInRequest
from stations.choice import typed


@require_GET
def search(request: SignedInRequest) -> HttpResponse:
    """What ``?q=`` names, by kind, as it is typed. Entered, a number or code of one thing opens its page at once."""
    text = typed(request, "q")
    groups = queries.search(request.user, text)
    only = None if is_htmx(request) else queries.only_hit(groups, text)
    if only is not None:
        return redirect(only.address)
    return render_part(request, "dashboard/search.html", "found", {"text": text, "groups": groups})
