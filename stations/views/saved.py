"""The menu of a list's saved views: opened by htmx, or as a page of its own."""

from urllib.parse import urlsplit

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core.errors import DomainError
from core.forms import CommandForm
from core.htmx import is_htmx, redirect_to, render_part
from core.toasts import said_with_undo
from stations.access import SignedInRequest
from stations.actions import saved_views as actions
from stations.forms import SaveViewForm
from stations.models import SavedView


@require_GET
def saved_views(request: SignedInRequest, page: str) -> HttpResponse:
    """One's own views of a list, and the field that keeps what it shows now."""
    return show_menu(request, page)


@require_http_methods(["GET", "POST"])
def save_view(request: SignedInRequest, page: str) -> HttpResponse:
    """Keep what the list shows now."""
    if request.method == "GET":
        return redirect_to(request, "saved_views", page)
    form = SaveViewForm(request.POST)
    if form.is_valid():
        told = {name: form.cleaned_data[name] for name in ("title", "query")}
        try:
            actions.save_view(page=page, **told, by=request.user, at=timezone.now(), **form.command)
        except DomainError as refusal:
            form.refusal = refusal
        else:
            return show_menu(request, page, query=told["query"])
    return show_menu(request, page, form=form, query=request.POST.get("query", ""))


@require_http_methods(["GET", "POST"])
def remove_view(request: SignedInRequest, pk: int) -> HttpResponse:
    """Forget one of them."""
    view = get_object_or_404(SavedView, pk=pk, person=request.user)
    form = CommandForm(request.POST)
    if request.method == "POST" and form.is_valid():
        actions.remove_view(view=view, by=request.user, at=timezone.now(), **form.command)
        kept_again = reverse("save_view", args=[view.page])
        said = _("The view %(title)s is removed.") % {"title": view.title}
        said_with_undo(request, said, kept_again, title=view.title, query=view.query)
    return show_menu(request, view.page)


def show_menu(
    request: SignedInRequest, page: str, *, form: SaveViewForm | None = None, query: str | None = None
) -> HttpResponse:
    """The menu; a name that was refused stays in its field. Whole pages go on to an address that can be read again."""
    if page not in actions.LISTS:
        raise Http404
    if request.method == "POST" and form is None and not is_htmx(request):
        return redirect_to(request, "saved_views", page)
    now = shown(request, page) if query is None else actions.filters_of(query)
    context = {
        "page": page,
        "views": SavedView.objects.filter(person=request.user, page=page),
        "form": form or SaveViewForm(initial={"query": now}),
        "shown": now,
        "list_address": reverse(page),
        "is_part": is_htmx(request),
    }
    return render_part(request, "stations/saved_views.html", "menu", context, status=422 if form is not None else 200)


def shown(request: SignedInRequest, page: str) -> str:
    """The filters of the list that the menu was opened on."""
    came_from = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "")
    return actions.filters_of(came_from.query) if came_from.path == reverse(page) else ""
