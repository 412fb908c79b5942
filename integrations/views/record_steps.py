"""What a person does with a record that waits: each step answers with the record's page."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from core.errors import DomainError
from core.forms import CommandForm
from core.htmx import redirect_to
from integrations.actions import corrections, waiting
from integrations.models import CareRecord, CareUse
from integrations.records.forms import LeaveOutForm, SettleForm, WitnessForm
from integrations.views.records import record_of, show_record
from stations.access import SignedInRequest, for_roles
from stations.signatures import WrongPassword, sign


@for_roles("logistics")
@require_POST
def try_record_again(request: SignedInRequest, pk: int) -> HttpResponse:
    """Book what waits, as far as it can be booked now."""
    return _step(request, record_of(pk), CommandForm(request.POST), waiting.try_again, _("Booked as far as it goes."))


@for_roles("logistics")
@require_POST
def settle_record(request: SignedInRequest, pk: int) -> HttpResponse:
    """A corrected record was looked at."""
    form = SettleForm(request.POST)
    return _step(request, record_of(pk), form, corrections.settle_correction, _("The correction is settled."))


@for_roles("logistics")
@require_POST
def leave_out_use(request: SignedInRequest, pk: int) -> HttpResponse:
    """One use is not booked, with a reason."""
    use = get_object_or_404(CareUse, pk=pk)

    def act(*, record: CareRecord, **asked: Any) -> None:
        waiting.leave_out(use=use, **asked)

    return _step(request, record_of(use.record_id), LeaveOutForm(request.POST), act, _("It is left out."))


@sensitive_post_parameters("witness_password")
@for_roles("logistics")
@require_POST
def witness_record(request: SignedInRequest, pk: int) -> HttpResponse:
    """Scheduled drugs are booked before a witness, who signs here."""
    record = record_of(pk)
    try:
        station = waiting.witnessed_at(record)
    except DomainError as refusal:
        return show_record(request, record, refusal=refusal)
    form = WitnessForm(request.POST, station=station, by=request.user)
    if not form.is_valid():
        return show_record(request, record, witness=form)
    try:
        witness = sign(request, form.cleaned_data["witness"], form.cleaned_data["witness_password"])
        waiting.confirm_with_witness(record=record, witness=witness, by=request.user, at=timezone.now(), **form.command)
    except WrongPassword as refusal:
        form.add_error("witness_password", str(refusal))
        return show_record(request, record, witness=form)
    except DomainError as refusal:
        return show_record(request, record, witness=form, refusal=refusal)
    messages.success(request, _("Booked before %(witness)s.") % {"witness": witness.person})
    return redirect_to(request, record)


def _step(
    request: SignedInRequest, record: CareRecord, form: CommandForm, act: Callable[..., Any], done: str
) -> HttpResponse:
    if not form.is_valid():
        problems = [str(error) for errors in form.errors.values() for error in errors]
        refused = DomainError(_("Nothing was changed: something is missing."), problems=problems)
        return show_record(request, record, refusal=refused)
    try:
        act(record=record, by=request.user, at=timezone.now(), **form.cleaned_data)
    except DomainError as refusal:
        return show_record(request, record, refusal=refusal)
    messages.success(request, done)
    return redirect_to(request, record)
