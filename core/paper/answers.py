"""Paper as the answer to a request: which paper was asked for, and the file itself."""

import re
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.htmx import redirect_to
from core.paper.letters import printable
from core.paper.papers import PAPERS, Paper
from core.paper.sheets import Stamp


def asked_paper(request: HttpRequest) -> Paper:
    """The paper that ``?paper=`` names, else the division's. Refuses another."""
    name = request.GET.get("paper", "").upper() or settings.EMS_PAPER
    if name not in PAPERS:
        raise DomainError(_("There is paper of two sizes here: A4 and Letter. Choose one of them."))
    return PAPERS[name]


def asked_number(request: HttpRequest, name: str, *, default: int, refusal: str) -> int:
    """The number of up to three digits that ``?name=`` says; ``default`` if it is empty. Refuses anything else."""
    text = request.GET.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 3):
        raise DomainError(refusal)
    return int(text)


def asked_skip(request: HttpRequest) -> int:
    """How many labels of the first sheet ``?skip=`` says are used; none if it is empty. Refuses what is no number."""
    refusal = _("Write how many labels of the first sheet are used, as a number.")
    return asked_number(request, "skip", default=0, refusal=refusal)


def printed(request: HttpRequest, page: str, name: str, draw: Callable[[Paper], bytes]) -> HttpResponse:
    """What ``draw`` makes of the page at this path, as a PDF that the browser shows and would save under this name.

    A refusal leads to the page itself, which says it.
    """
    try:
        content = draw(asked_paper(request))
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect_to(request, page)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = str(content_disposition_header(as_attachment=False, filename=_file_name(name)))
    answer["Cache-Control"] = "no-store"  # it is as of now, and for this person
    return answer


def printed_sheet(
    request: HttpRequest, page: str, name: str, draw: Callable[[Stamp], bytes], *, opens: str = ""
) -> HttpResponse:
    """The same for what carries a stamp: when it was printed, by whom, and a code of the page, or of the path that it
    ``opens`` instead."""
    address = request.build_absolute_uri(opens or page)

    def stamped(paper: Paper) -> bytes:
        return draw(Stamp(paper, address, timezone.now(), str(request.user)))

    return printed(request, page, name, stamped)


def _file_name(name: str) -> str:
    """``Packing slip S000012`` as packing-slip-S000012.pdf: a name that every system keeps."""
    return f"{re.sub('[^A-Za-z0-9]+', '-', printable(name)).strip('-')}.pdf"
