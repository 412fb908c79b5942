"""The systems that are told of changes, and what each was sent."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from kombu.exceptions import OperationalError

from core.errors import DomainError
from core.forms import CommandForm
from core.htmx import redirect_to
from core.pagination import page_of
from integrations.actions.webhooks import add_webhook, rotate_secret, send_again, send_test, switch_webhook
from integrations.forms.webhooks import WebhookForm
from integrations.models import Change, Webhook, WebhookDelivery
from integrations.tasks import deliver_to
from orders.views.presses import press
from stations.access import SignedInRequest, for_roles

MAY_LOOK = ("chief", "auditor")


@for_roles(*MAY_LOOK)
@require_GET
def webhooks(request: SignedInRequest) -> HttpResponse:
    """Every webhook, with how it fares."""
    rows = Webhook.objects.select_related("user")
    return render(request, "integrations/webhooks.html", {"page": page_of(request, rows)})


@for_roles("chief")
@require_http_methods(["GET", "POST"])
def new_webhook(request: SignedInRequest) -> HttpResponse:
    """Name a system to tell, and show its secret once."""
    form = WebhookForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            webhook, secret = add_webhook(**form.facts, by=request.user, at=timezone.now(), **form.command)
        except DomainError as refusal:
            form.refusal = refusal
        else:
            return _shown_once(request, webhook, secret)
    return render(request, "integrations/new_webhook.html", {"form": form}, status=form.http_status)


@for_roles(*MAY_LOOK)
@require_GET
def webhook(request: SignedInRequest, webhook: int) -> HttpResponse:
    """One webhook, and the messages that it was sent."""
    found = get_object_or_404(Webhook.objects.select_related("user", "created_by"), pk=webhook)
    context = {
        "webhook": found,
        "page": page_of(request, found.deliveries.order_by("-pk").defer("body")),
        "behind": max(Change.objects.last_position() - found.position, 0),
    }
    return render(request, "integrations/webhook.html", context)


@for_roles("chief")
@require_POST
def switch(request: SignedInRequest, webhook: int) -> HttpResponse:
    """Switch it off or on."""
    found = get_object_or_404(Webhook, pk=webhook)
    is_on = "on" in request.POST
    said = _("%(name)s is told of changes again.") if is_on else _("%(name)s is told nothing for now.")
    act = partial(switch_webhook, webhook=found, is_on=is_on, by=request.user, at=timezone.now())
    press(request, act, CommandForm(request.POST), done=said % {"name": found})
    return redirect_to(request, found)


@for_roles("chief")
@require_POST
def rotate(request: SignedInRequest, webhook: int) -> HttpResponse:
    """Another secret, shown once."""
    found = get_object_or_404(Webhook, pk=webhook)
    shown: list[HttpResponse] = []

    def act(request_id: UUID) -> None:
        made = rotate_secret(webhook=found, by=request.user, at=timezone.now(), request_id=request_id)
        shown.append(_shown_once(request, *made))

    return shown[0] if press(request, act, CommandForm(request.POST)) else redirect_to(request, found)


@for_roles("chief")
@require_POST
def test(request: SignedInRequest, webhook: int) -> HttpResponse:
    """Send a message that tells of nothing."""
    found = get_object_or_404(Webhook, pk=webhook)
    return _sent_now(request, found, partial(send_test, webhook=found))


@for_roles("chief")
@require_POST
def again(request: SignedInRequest, delivery: int) -> HttpResponse:
    """Send an earlier message once more."""
    found = get_object_or_404(WebhookDelivery.objects.select_related("webhook"), pk=delivery)
    return _sent_now(request, found.webhook, partial(send_again, delivery=found))


def _sent_now(request: SignedInRequest, webhook: Webhook, act: Callable[..., object]) -> HttpResponse:
    """Do this, and have it sent at once. Without a broker the next round of beat sends it."""
    said = _("On its way. This page shows how it went.")
    if press(request, partial(act, by=request.user, at=timezone.now()), CommandForm(request.POST), done=said):
        try:
            deliver_to.delay(webhook.pk)
        except OperationalError:
            messages.warning(request, _("The background worker cannot be reached: it is sent once it is back."))
    return redirect_to(request, webhook)


def _shown_once(request: SignedInRequest, webhook: Webhook, secret: str) -> HttpResponse:
    response = render(request, "integrations/webhook_secret.html", {"webhook": webhook, "secret": secret})
    response["Cache-Control"] = "no-store"
    return response
