"""Patient-care records: what was taken, taking more, and one record with what it waits for."""

from typing import Any
from uuid import uuid5

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from core.htmx import redirect_to, render_part
from core.pagination import page_of
from integrations.actions.records import Taken, take_records
from integrations.models import CareRecord
from integrations.queries import records as queries
from integrations.records.folder import Outcome, tried
from integrations.records.forms import SettleForm, UploadRecordsForm, WitnessForm
from integrations.records.reading import read_care_file
from stations.access import SignedInRequest, for_roles
from stations.choice import typed
from stations.models import User

READERS = ("chief", "auditor")


@for_roles("logistics", *READERS)
@require_GET
def care_records(request: SignedInRequest) -> HttpResponse:
    """What was taken, the newest first, with what became of it."""
    show, number = typed(request, "show"), typed(request, "q")
    rows = queries.records(show=show, number=number)
    context = {
        "page": page_of(request, rows),
        "waits": queries.what_waits(),
        "number": number,
        "show": show,
        "may_write": request.user.role == User.Role.LOGISTICS,
    }
    return render_part(request, "integrations/care_records.html", "rows", context)


@for_roles("logistics")
@require_http_methods(["GET", "POST"])
def upload_records(request: SignedInRequest) -> HttpResponse:
    """Take files, each as a whole or not at all, and say at once what came of each."""
    is_post = request.method == "POST"
    form = UploadRecordsForm(request.POST if is_post else None, request.FILES or None)
    outcomes: list[Outcome] = []
    if form.is_valid():
        key = form.cleaned_data["request_id"]

        def take(file: Any) -> Taken:
            read = read_care_file(file)
            own = uuid5(key, f"{read}")
            return take_records(file=read, by=request.user, at=timezone.now(), request_id=own)

        outcomes = [tried(file, take) for file in form.cleaned_data["xml"]]
        if not any(one.refusal for one in outcomes):
            messages.success(request, words(outcomes))
            return redirect_to(request, "care_records")
    context = {"form": form, "outcomes": outcomes, "most": settings.EMS_RECORDS_MB}
    status = 422 if outcomes or form.errors else 200
    return render(request, "integrations/upload_records.html", context, status=status)


def words(outcomes: list[Outcome]) -> str:
    """What came of files that were all taken, in one sentence."""
    sums = {name: sum(getattr(one.taken, name) for one in outcomes) for name in ("new", "same", "used", "waiting")}
    sums["corrected"] = sum(one.taken.corrected for one in outcomes)
    parts = [ngettext("%(new)s record taken", "%(new)s records taken", sums["new"]) % sums]
    parts += [_("%(used)s uses booked") % sums] if sums["used"] else []
    parts += [_("%(waiting)s wait") % sums] if sums["waiting"] else []
    parts += [_("%(corrected)s came corrected") % sums] if sums["corrected"] else []
    parts += [_("%(same)s known already") % sums] if sums["same"] else []
    return f"{', '.join(parts)}."


@for_roles("logistics", *READERS)
@require_GET
def care_record(request: SignedInRequest, pk: int) -> HttpResponse:
    """One record: each medication and procedure with what became of it, and what a person can do."""
    return show_record(request, record_of(pk))


def record_of(pk: int) -> CareRecord:
    return get_object_or_404(
        CareRecord.objects.select_related("unit__station", "unit__location", "call_sign", "command__by"), pk=pk
    )


def show_record(
    request: SignedInRequest, record: CareRecord, *, witness: WitnessForm | None = None, **context: Any
) -> HttpResponse:
    """The page of a record, after a refusal with what was typed: 422."""
    found = queries.record_page(record)
    may_write = request.user.role == User.Role.LOGISTICS
    if may_write and found["needs_witness"] and record.unit:
        witness = witness or WitnessForm(station=record.unit.station, by=request.user)
    found |= {
        "may_write": may_write,
        "may_undo": may_write,
        "witness": witness,
        "settle": SettleForm(initial={"seen": record.digest}),
    }
    is_refused = bool(context.get("refusal") or (witness and witness.errors))
    return render(request, "integrations/care_record.html", found | context, status=422 if is_refused else 200)
