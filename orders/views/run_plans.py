"""Planning a delivery run by hand: which van, when, and to which stations."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.htmx import redirect_to
from orders.actions.schedule import plan_run as plan
from orders.forms.runs import PlanRunForm
from orders.queries.runs import depots, waiting_stations
from stations.access import SignedInRequest, for_roles
from stations.models import Station, User

PAGE = "orders/plan_run.html"


@for_roles(User.Role.LOGISTICS)
@require_http_methods(["GET", "POST"])
def plan_run(request: SignedInRequest) -> HttpResponse:
    """From the depot that ``?depot=`` names, else the first: stations with waiting shipments are offered."""
    places = list(depots())
    depot = next((one for one in places if one.code == request.GET.get("depot")), places[0] if places else None)
    if depot is None:
        return render(request, PAGE, {"depots": places, "depot": None})
    form = PlanRunForm(request.POST if request.method == "POST" else None, depot=depot, initial=_next_departure())
    refusal = None
    if form.is_valid():
        try:
            run = plan(
                depot=depot,
                van=form.cleaned_data["van"],
                leaves_at=form.leaves_at,
                stations=list(form.cleaned_data["stations"]),
                driver=form.cleaned_data["driver"],
                by=request.user,
                at=timezone.now(),
                **form.command,
            )
        except DomainError as refused:
            refusal = refused
        else:
            messages.success(request, _("%(run)s is planned.") % {"run": run})
            return redirect_to(request, run)
    return show(request, places, depot, form, refusal)


def _next_departure() -> dict[str, object]:
    """The next full hour: what one most likely means."""
    hour = (timezone.localtime() + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    return {"run_on": hour.date(), "leaves": hour.time()}


def show(
    request: SignedInRequest, places: list[Station], depot: Station, form: PlanRunForm, refusal: DomainError | None
) -> HttpResponse:
    context = {
        "depots": places,
        "depot": depot,
        "form": form,
        "chosen": form.chosen(),
        "waiting": list(waiting_stations(depot)),
        "refusal": refusal,
    }
    return render(request, PAGE, context, status=422 if form.is_bound else 200)
