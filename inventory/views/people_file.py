"""A file of people: upload, look, load."""

from functools import partial
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.htmx import redirect_to
from inventory.actions.people import load_people
from inventory.forms.imports import FileForm
from inventory.queries.people_file import plan_people
from inventory.queries.people_rows import PEOPLE
from inventory.views.choices import posted
from inventory.views.one_table import keep_upload, preview
from stations.access import SignedInRequest, for_roles
from stations.models import User


@for_roles(User.Role.CHIEF)
@require_http_methods(["GET", "POST"])
def import_people(request: SignedInRequest) -> HttpResponse:
    """Choose the file. It is only read here; the next page shows what it would change."""
    form = FileForm(posted(request), request.FILES or None)
    if form.is_valid():
        return redirect_to(request, "import_people_preview", token=keep_upload(request, form))
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
    return preview(
        request,
        token,
        template="inventory/import_people_preview.html",
        plan=partial(plan_people, by=request.user, uploaded_rows=settings.EMS_IMPORT_UPLOAD_ROWS),
        load=load_people,
        said=_("Loaded: %(new)s new, %(changed)s changed. Give who is new their sign-in link."),
        again="import_people",
        done="people",
    )
