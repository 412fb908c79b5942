"""What codes use, and which units call signs are."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core.errors import DomainError
from core.htmx import redirect_to, render_part
from core.pagination import page_of
from integrations.actions import mapping
from integrations.queries import records as queries
from integrations.records.forms import CallSignForm, MapCodeForm
from integrations.views.records import READERS
from inventory.models import Item
from stations.access import SignedInRequest, for_roles
from stations.choice import typed
from stations.models import Location, Unit, User


@for_roles("logistics", *READERS)
@require_GET
def care_codes(request: SignedInRequest) -> HttpResponse:
    """The codes that nobody has mapped, most waited for first; and those that were."""
    show, text = typed(request, "show"), typed(request, "q")
    context = {
        "page": page_of(request, queries.codes(show=show, text=text)),
        "waits": queries.what_waits(),
        "show": show,
        "text": text,
    }
    return render_part(request, "integrations/care_codes.html", "rows", context)


@for_roles("logistics", readers=READERS)
@require_http_methods(["GET", "POST"])
def care_code(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say what one code uses."""
    code = get_object_or_404(queries.codes(show="all"), pk=pk)
    form = MapCodeForm(request.POST) if request.method == "POST" else MapCodeForm.showing(code)
    if form.is_valid():
        try:
            mapping.map_code(code=code, by=request.user, at=timezone.now(), **form.facts, **form.command)
        except DomainError as refusal:
            form.refusal = refusal
        else:
            messages.success(request, _("%(code)s is mapped.") % {"code": code})
            return redirect_to(request, "care_codes")
    may_write = request.user.role == User.Role.LOGISTICS
    catalogue = Item.objects.filter(is_active=True).values_list("sku", "name") if may_write else ()
    context = {"code": code, "form": form, "catalogue": catalogue, "may_write": may_write}
    return render(request, "integrations/care_code.html", context, status=form.http_status)


@for_roles("logistics", *READERS)
@require_GET
def call_signs(request: SignedInRequest) -> HttpResponse:
    """What records call our units."""
    context = {"page": page_of(request, queries.call_signs()), "waits": queries.what_waits()}
    return render(request, "integrations/call_signs.html", context)


@for_roles("logistics", readers=READERS)
@require_http_methods(["GET", "POST"])
def call_sign(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say which of our units a call sign is."""
    sign = get_object_or_404(queries.call_signs(), pk=pk)
    is_post = request.method == "POST"
    form = CallSignForm(request.POST if is_post else None, initial={"unit": sign.unit.code if sign.unit else ""})
    if form.is_valid():
        told = {"sign": sign, "unit": form.cleaned_data["unit"]}
        try:
            mapping.map_call_sign(**told, by=request.user, at=timezone.now(), **form.command)
        except DomainError as refusal:
            form.refusal = refusal
        else:
            messages.success(request, _("%(sign)s is %(unit)s.") % told)
            return redirect_to(request, "call_signs")
    may_write = request.user.role == User.Role.LOGISTICS
    units = Unit.objects.filter(location__kind=Location.Kind.UNIT).select_related("station") if may_write else ()
    context = {"sign": sign, "form": form, "units": units, "may_write": may_write}
    return render(request, "integrations/call_sign.html", context, status=form.http_status)
