"""openFDA's records over https, bounded in time and size."""

from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.utils.translation import gettext as _

from integrations.recalls.files import MEGABYTE, Unreadable

SECONDS = 30


class _OnlyHttps(HTTPRedirectHandler):
    """Follows a redirect to https and nowhere else."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        check_address(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def check_address(address: str) -> None:
    """Refuse what is not in https."""
    if not address.startswith("https://"):
        raise Unreadable(_("%(address)s is not fetched: only addresses in https:// are.") % {"address": address})


def fetch(address: str, *, most_mb: int) -> bytes:
    """What stands at an address in https. Refuses any other, what is too large, and says when it does not answer."""
    check_address(address)
    request = Request(address, headers={"Accept": "application/json, application/xml"})  # noqa: S310  # https, checked
    try:
        with build_opener(_OnlyHttps).open(request, timeout=SECONDS) as answer:
            content: bytes = answer.read(most_mb * MEGABYTE + 1)
    except (HTTPException, OSError, ValueError) as error:
        words = _("%(address)s did not answer with records (%(error)s). It is tried again next time.")
        raise Unreadable(words % {"address": address, "error": error}) from error
    return content
