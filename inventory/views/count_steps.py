"""The steps of a count: a number, a found lot, finished, posted, given up."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import DomainError
from core.htmx import is_htmx, redirect_to
from inventory.access import count_for
from inventory.actions import counts as actions
from inventory.forms.counts import CancelCountForm, CountLinesForm, FoundLotForm, PostCountForm, VersionedForm
from inventory.models import CycleCount
from inventory.views.counts import PAGE, context_of, gone_on, show
from stations.access import SignedInRequest


@require_POST
def record_count(request: SignedInRequest, pk: int) -> HttpResponse:
    """Keep a number, or many. htmx sends one line, or all of a bin that are as expected, and gets that back, with how
    many are left."""
    count = count_for(request.user, pk, write=True)
    form = CountLinesForm(request.POST)
    if form.is_valid():
        try:
            actions.record_count(count=count, lines=form.counted, by=request.user, at=timezone.now(), **form.command)
        except DomainError as refusal:
            form.refusal = refusal
    if is_htmx(request):
        return _bin(request, count, form) if "bin" in request.GET else _line(request, count, form)
    if form.http_status == 200:
        return redirect_to(request, "count", pk)
    return show(request, count, status=form.http_status, refused=form)


def _line(request: SignedInRequest, count: CycleCount, form: CountLinesForm) -> HttpResponse:
    lot = request.GET.get("lot", "")
    context = context_of(request, count_for(request.user, count.pk))
    found = ((shelf, line) for shelf in context["bins"] for line in shelf.lines if str(line.lot_id) == lot)
    shelf, line = next(found, (None, None))
    if line is None:
        return redirect_to(request, "count", count.pk)
    typed = request.POST.get(f"counted-{lot}", "") if form.http_status != 200 else None
    context |= {"bin": shelf, "line": line, "line_form": form, "typed": typed}
    return render(request, f"{PAGE}#answer", context, status=form.http_status)


def _bin(request: SignedInRequest, count: CycleCount, form: CountLinesForm) -> HttpResponse:
    context = context_of(request, count_for(request.user, count.pk))
    shelf = next((shelf for shelf in context["bins"] if str(shelf.number) == request.GET["bin"]), None)
    if shelf is None:
        return redirect_to(request, "count", count.pk)
    context |= {"bin": shelf, "bin_form": form}
    return render(request, f"{PAGE}#bin_answer", context, status=form.http_status)


@require_POST
def add_found_lot(request: SignedInRequest, pk: int) -> HttpResponse:
    """A lot that the list does not name."""
    count = count_for(request.user, pk, write=True)
    form = FoundLotForm(request.POST, auto_id="found-%s")
    if form.is_valid():
        try:
            actions.add_found_lot(count=count, by=request.user, at=timezone.now(), **form.cleaned_data)
        except DomainError as refusal:
            form.refusal = refusal
        else:
            return gone_on(request, pk, _("%(item)s is on the list.") % {"item": form.cleaned_data["item"]})
    return show(request, count, status=form.http_status, found_form=form)


@require_POST
def finish_count(request: SignedInRequest, pk: int) -> HttpResponse:
    """All is counted: look at what differs."""
    return _step(request, pk, actions.finish_count, VersionedForm(request.POST), _("Counted. Look at what differs."))


@require_POST
def cancel_count(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give it up, with a reason."""
    form = CancelCountForm(request.POST, auto_id="cancel-%s")
    reason = str(request.POST.get("reason", ""))[:200]
    return _step(
        request, pk, actions.cancel_count, form, _("Cancelled. Stock is as it was."), "cancel_form", reason=reason
    )


@require_POST
def post_count(request: SignedInRequest, pk: int) -> HttpResponse:
    """Bring the books to what was counted."""
    form = PostCountForm(request.POST)
    count = count_for(request.user, pk, write=True)
    varying = [line.lot_id for line in count.lines.all() if line.variance]
    reasons = form.reasons(varying) if form.is_valid() else {}
    return _step(
        request, pk, actions.post_count, form, _("Posted. The books say what is there."), "post_form", reasons=reasons
    )


def _step(
    request: SignedInRequest, pk: int, act: Any, form: VersionedForm, done: str, name: str = "refused", **facts: Any
) -> HttpResponse:
    count = count_for(request.user, pk, write=True)
    if form.is_valid():
        try:
            act(
                count=count,
                version=form.cleaned_data["version"],
                by=request.user,
                at=timezone.now(),
                **form.command,
                **facts,
            )
        except DomainError as refusal:
            form.refusal = refusal
        else:
            return gone_on(request, pk, done)
    count.refresh_from_db()
    form.renew(version=count.version)
    own = {int(key[7:]): str(text) for key, text in request.POST.items() if key[:7] == "reason-" and key[7:].isdigit()}
    return show(request, count, status=form.http_status, typed_reasons=own, **{name: form})
