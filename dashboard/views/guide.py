"""The first steps of whoever is new here."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dashboard.queries import guide as queries
from stations.access import SignedInRequest, own_stations


@require_GET
def guide(request: SignedInRequest) -> HttpResponse:
    """What a person of this role does here, in the order of a day; ticked once they did it."""
    steps = queries.guide(request.user, own_stations(request.user).order_by("code").first())
    todo = [one for one in steps if one.step.verbs]
    context = {"steps": steps, "done": sum(one.is_done for one in todo), "todo": len(todo)}
    return render(request, "dashboard/guide.html", context)
