"""A file of people: upload, look, load."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.htmx import redirect_to
from inventory.actions.people import load_people
from inventory.forms.imports import FileForm, LoadForm
from inventory.imports.uploads import Upload, keep, opened
from inventory.queries.people_file import plan_people
from inventory.queries.people_rows import PEOPLE
from inventory.views.choices import posted
from stations.access import SignedInRequest, for_roles
from stations.models import User

SHOWN_PROBLEMS = 500


@for_roles(User.Role.CHIEF)
@require_http_methods(["GET", "POST"])
def import_people(request: SignedInRequest) -> HttpResponse:
    """Choose the file. It is only read here; the next page shows what it would change."""
    form = FileForm(posted(request), request.FILES or None)
    if form.is_valid():
        file = form.cleaned_data["file"]
        token = keep([(str(file.name), file.read())], user=request.user)
        return redirect_to(request, "import_people_preview", token=token)
    context = {
        "form": form,
        "columns": PEOPLE.columns,
        "most": settings.EMS_IMPORT_UPLOAD_MB,
        "rows": PEOPLE.most_rows,
    }
    return render(request, "inventory/import_people.html", context, status=422 if form.errors else 200)


@for_roles(User.Role.CHIEF)
@require_http_methods(["GET", "POST"])
def import_people_preview(request: SignedInRequest, token: UUID) -> HttpResponse:
    """What the file would change, and the button that does it."""
    upload = opened(token, user=request.user)
    if upload is None or len(upload.sources) != 1:
        messages.warning(
            request, _("That upload is gone: only the last one is kept, for an hour. Choose the file again.")
        )
        return redirect_to(request, "import_people")
    form = LoadForm(posted(request))
    if form.is_valid() and _load(request, form, upload):
        return redirect_to(request, "people")
    return _show(request, form, upload)


def _load(request: SignedInRequest, form: LoadForm, upload: Upload) -> bool:
    try:
        event = load_people(
            source=upload.sources[0],
            seen=form.cleaned_data["seen"],
            by=request.user,
            at=timezone.now(),
            **form.command,
        )
    except DomainError as refusal:
        form.refusal = DomainError(str(refusal))  # the page lists the problems itself
        return False
    said = _("Loaded: %(new)s new, %(changed)s changed. Give who is new their sign-in link.")
    messages.success(request, said % {name: f"{event.details[name]:,}" for name in ("new", "changed")})
    return True


def _show(request: SignedInRequest, form: LoadForm, upload: Upload) -> HttpResponse:
    plan = plan_people(upload.sources[0], by=request.user, uploaded_rows=settings.EMS_IMPORT_UPLOAD_ROWS)
    if form.is_bound:
        form.renew(seen=plan.mark)
    else:
        form.initial["seen"] = plan.mark
    context = {
        "form": form,
        "plan": plan,
        "file": upload.sources[0].name,
        "problems": plan.report.problems[:SHOWN_PROBLEMS],
        "hidden": max(plan.report.problem_count - SHOWN_PROBLEMS, 0),
    }
    return render(request, "inventory/import_people_preview.html", context, status=form.http_status)
