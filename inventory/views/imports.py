"""Importing a division: upload, look, load."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core.background import progress_of, start
from core.errors import DomainError
from core.htmx import redirect_to, render_part
from inventory.actions.division import load_division
from inventory.forms.imports import LoadForm, UploadForm
from inventory.imports.columns import TABLES
from inventory.imports.planning import Plan, plan_division
from inventory.imports.uploads import Upload, keep, opened
from inventory.queries.imports import last_loads, summary
from inventory.tasks import load_upload, rows_loaded
from inventory.views.choices import posted
from stations.access import SignedInRequest, for_roles

SHOWN_PROBLEMS = 500


@for_roles("logistics")
@require_http_methods(["GET", "POST"])
def import_division(request: SignedInRequest) -> HttpResponse:
    """Choose the files. They are only read here; the next page shows what they would change."""
    form = UploadForm(posted(request), request.FILES or None)
    if form.is_valid():
        files = [(str(file.name), file.read()) for file in form.cleaned_data["tables"]]
        return redirect_to(request, "import_preview", token=keep(files, user=request.user))
    context = {
        "form": form,
        "tables": TABLES.values(),
        "loads": last_loads(),
        "most": settings.EMS_IMPORT_UPLOAD_MB,
        "rows": settings.EMS_IMPORT_UPLOAD_ROWS,
        "together": settings.EMS_IMPORT_TOGETHER_MB,
    }
    return render(request, "inventory/import_division.html", context, status=422 if form.errors else 200)


@for_roles("logistics")
@require_http_methods(["GET", "POST"])
def import_preview(request: SignedInRequest, token: UUID) -> HttpResponse:
    """What the uploaded files would change in the division as it is now, and the button that does it."""
    upload = opened(token, user=request.user)
    if upload is None:
        messages.warning(
            request, _("That upload is gone: only the last one is kept, for an hour. Choose the files again.")
        )
        return redirect_to(request, "import_division")
    form = LoadForm(posted(request))
    if form.is_valid() and upload.is_long:
        return load_behind(request, form, upload)
    if form.is_valid() and load(request, form, upload):
        return redirect_to(request, "import_division")
    plan = plan_division(upload.sources, today=timezone.localdate(), uploaded_rows=settings.EMS_IMPORT_UPLOAD_ROWS)
    return show(request, form, upload, plan)


def load_behind(request: SignedInRequest, form: LoadForm, upload: Upload) -> HttpResponse:
    """Let the worker load it, and show how far it is. The form's request id is the task's: pressed twice, it is sent
    once."""
    request_id: UUID = form.cleaned_data["request_id"]
    asked = {
        "token": str(upload.token),
        "seen": form.cleaned_data["seen"],
        "by": request.user.pk,
        "language": get_language(),
    }
    if problem := start(load_upload, request_id, request_id=str(request_id), **asked):
        messages.error(request, problem)
        return redirect_to(request, "import_preview", token=upload.token)
    return redirect_to(request, "import_progress", upload.token, request_id)


@for_roles("logistics")
@require_GET
def import_progress(request: SignedInRequest, token: UUID, task_id: UUID) -> HttpResponse:
    """How far a load is; htmx asks again until it has ended."""
    progress = progress_of(load_upload, task_id)
    if progress is None:
        raise Http404
    context = {
        "token": token,
        "task_id": task_id,
        "is_running": progress.is_running,
        "rows": rows_loaded(task_id),
        "answer": progress.answer or {},
    }
    return render_part(request, "inventory/import_progress.html", "progress", context)


def load(request: SignedInRequest, form: LoadForm, upload: Upload) -> bool:
    """Whether the files were loaded; otherwise the form says why not."""
    try:
        event = load_division(
            sources=upload.sources,
            seen=form.cleaned_data["seen"],
            by=request.user,
            at=timezone.now(),
            **form.command,
        )
    except DomainError as refusal:
        form.refusal = DomainError(str(refusal))  # the page lists the problems itself
        return False
    messages.success(request, _("Loaded: %(what)s.") % {"what": summary(event)})
    return True


def show(request: SignedInRequest, form: LoadForm, upload: Upload, plan: Plan) -> HttpResponse:
    if form.is_bound:
        form.renew(seen=plan.mark)
    else:
        form.initial["seen"] = plan.mark
    by_file: dict[str, list[object]] = {}
    for problem in plan.report.problems[:SHOWN_PROBLEMS]:
        by_file.setdefault(problem.file, []).append(problem)
    context = {
        "form": form,
        "plan": plan,
        "files": [source.name for source in upload.sources],
        "by_file": by_file,
        "hidden_problems": plan.report.problem_count - min(plan.report.problem_count, SHOWN_PROBLEMS),
    }
    return render(request, "inventory/import_preview.html", context, status=form.http_status if form.is_bound else 200)
