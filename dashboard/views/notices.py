"""The bell, what a person was told, and how they want to be told."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.htmx import redirect_to
from core.pagination import page_of
from core.toasts import said_with_undo
from dashboard.access import notice_for
from dashboard.actions import notices as actions
from dashboard.forms import ChannelsForm, SeeAllForm, SeenForm
from dashboard.models import NoticeKind
from dashboard.notice_kinds import TOLD, USUAL
from dashboard.queries import notices as queries
from dashboard.queries.mail_times import mail_is_set_up
from stations.access import SignedInRequest, for_roles


@for_roles(*TOLD)
@require_GET
def notices(request: SignedInRequest) -> HttpResponse:
    """What the person was told, newest first; what they have not seen is marked."""
    only_unseen = request.GET.get("show") == "unseen"
    page = page_of(request, queries.notices_of(request.user, only_unseen=only_unseen))
    context = {
        "page": page,
        "told": queries.in_words(page.rows),
        "unseen": queries.unseen_count(request.user),
        "up_to": max((notice.pk for notice in page.rows), default=0),
        "only_unseen": only_unseen,
        "kinds": [NoticeKind(kind).label for kind in USUAL[request.user.role]],
    }
    return render(request, "dashboard/notices.html", context)


@for_roles(*TOLD)
@never_cache
@require_GET
def unseen_notices(request: SignedInRequest) -> HttpResponse:
    """The number on the bell. Every page asks for it once it stands, and again every minute."""
    return render(request, "dashboard/unseen.html", {"count": queries.unseen_count(request.user), "most": queries.MOST})


@for_roles(*TOLD)
@require_POST
def see_notice(request: SignedInRequest, pk: int) -> HttpResponse:
    """Note that one is seen, and open what it is about if its button was pressed."""
    notice = notice_for(request.user, pk)
    actions.see_notice(notice=notice, by=request.user, at=timezone.now())
    return redirect_to(request, notice.target if "open" in request.POST else "notices")


@for_roles(*TOLD)
@require_POST
def see_all_notices(request: SignedInRequest) -> HttpResponse:
    """Note that all that stood on the page are seen."""
    form = SeeAllForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("The form was incomplete, so nothing was changed. Please try again."))
        return redirect_to(request, "notices")
    now = timezone.now()
    count = actions.see_all(up_to=form.cleaned_data["up_to"], by=request.user, at=now)
    words = ngettext("%(count)d notice is marked as seen.", "%(count)d notices are marked as seen.", count)
    if count:
        said_with_undo(request, words % {"count": count}, reverse("unsee_notices"), seen_at=now.isoformat())
    else:
        messages.info(request, words % {"count": count})
    return redirect_to(request, "notices")


@for_roles(*TOLD)
@require_http_methods(["GET", "POST"])
def unsee_notices(request: SignedInRequest) -> HttpResponse:
    """Those that were just marked as seen are new again."""
    form = SeenForm(request.POST)
    if request.method == "POST" and form.is_valid():
        count = actions.unsee(seen_at=form.cleaned_data["seen_at"], by=request.user)
        words = ngettext("%(count)d notice is new again.", "%(count)d notices are new again.", count)
        messages.info(request, words % {"count": count} if count else gettext("There is nothing to take back."))
    return redirect_to(request, "notices")


@for_roles(*TOLD)
@require_http_methods(["GET", "POST"])
def notice_choices(request: SignedInRequest) -> HttpResponse:
    """How the person is told of each kind."""
    data = request.POST if request.method == "POST" else None
    form = ChannelsForm(data, choices=queries.choices_of(request.user))
    if form.is_valid():
        actions.choose_channels(channels=form.cleaned_data, by=request.user, at=timezone.now())
        messages.success(request, gettext("Saved. You are told like this from now on."))
        return redirect_to(request, "notice_choices")
    context = {"form": form, "is_mail_set_up": mail_is_set_up()}
    return render(request, "dashboard/notice_choices.html", context, status=422 if form.errors else 200)
