"""The whole division in one file: made in the background, fetched once it is there."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core.background import progress_of, start
from core.forms import CommandForm
from core.htmx import redirect_to, render_part
from integrations import tasks
from integrations.actions.archives import ask_for_archive
from integrations.models import KeptArchive
from stations.access import SignedInRequest, for_roles
from stations.models import User

CHIEF = User.Role.CHIEF


@for_roles(CHIEF)
@require_http_methods(["GET", "POST"])
def archives(request: SignedInRequest) -> HttpResponse:
    """The archive that is kept, how far the one is that is being made, and the button that asks for another."""
    if request.method == "POST":
        form = CommandForm(request.POST)
        if form.is_valid():
            request_id: UUID = form.cleaned_data["request_id"]
            ask_for_archive(by=request.user, at=timezone.now(), request_id=request_id)
            problem = start(tasks.make_archive, request_id, request_id=str(request_id))
        else:
            problem = _("The form was incomplete, so nothing was started. Please try again.")
        if problem:
            messages.error(request, problem)
        return redirect_to(request, "archives")
    return render_part(request, "integrations/archives.html", "progress", _now() | {"form": CommandForm()})


def _now() -> dict[str, Any]:
    archive = KeptArchive.objects.select_related("asked_by").first()
    context: dict[str, Any] = {"archive": archive, "is_running": False, "rows": None}
    if archive is not None and not archive.made_at and not archive.refusal:
        progress = progress_of(tasks.make_archive, archive.request_id)
        context["is_running"] = progress is not None and progress.is_running
        context["rows"] = tasks.rows_done(archive.request_id)
    return context


@for_roles(CHIEF)
@require_GET
def archive_file(request: SignedInRequest, token: UUID) -> HttpResponseBase:
    """The file itself."""
    archive = get_object_or_404(KeptArchive, request_id=token)
    if not archive.made_at or archive.until < timezone.now():
        raise Http404
    answer = StreamingHttpResponse(archive.content(), content_type="application/zip")
    name = f"division {timezone.localtime(archive.made_at):%Y-%m-%d %H%M}.zip"
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    answer["Content-Length"] = str(archive.size)
    answer["Cache-Control"] = "no-store"
    return answer
