"""The tables of the division as files, in the columns in which they are imported."""

from functools import partial

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core.exports import MOST, exported
from core.htmx import redirect_to
from inventory.imports.rows_out import columns_out
from orders.queries.tables_out import rows_of, tables_for
from stations.access import SignedInRequest, for_roles
from stations.models import User

MAY_TAKE = (User.Role.LOGISTICS, User.Role.CHIEF)


@for_roles(*MAY_TAKE)
@require_GET
def export_tables(request: SignedInRequest) -> HttpResponse:
    """Every table with its columns, as CSV and XLSX."""
    return render(
        request, "orders/export_tables.html", {"tables": tables_for(request.user).values(), "most": MOST["csv"]}
    )


@for_roles(*MAY_TAKE)
@require_GET
def export_table(request: SignedInRequest, table: str) -> HttpResponse:
    """One table, whole. Its file is called as the import wants it. One that is too long leads back, and says so."""
    found = tables_for(request.user).get(table)
    if found is None:
        raise Http404
    too_long = _("%(table)s: more lines than this page gives. Use manage.py export_tables on the server.")
    file = exported(
        request,
        found.name,
        columns_out(found),
        partial(rows_of, found),
        is_table=True,
        too_long=too_long % {"table": found.title},
    )
    return file if file and file.status_code == 200 else redirect_to(request, "export_tables")
