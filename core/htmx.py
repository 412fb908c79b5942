"""Answers that suit both a browser and htmx: a part of a page for one, a whole page for the other."""

from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect


class HasPage(Protocol):
    """A model with its own URL."""

    def get_absolute_url(self) -> str: ...


def is_htmx(request: HttpRequest) -> bool:
    """Whether a part of the page is wanted: a real htmx request that is neither boosted nor a history restore."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def render_part(
    request: HttpRequest, template: str, part: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """The page, or only its partial named ``part`` when htmx asks. ``Vary`` keeps caches from mixing them up."""
    name = f"{template}#{part}" if is_htmx(request) else template
    response = render(request, name, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def redirect_to(request: HttpRequest, to: str | HasPage, *args: Any, **kwargs: Any) -> HttpResponse:
    """Go to a page, as a whole page also from htmx. ``to`` is a view name, a path, or a model with its own URL.

    The outbox of a phone cannot read where a redirect leads, so it is told like htmx; its refusals are whole pages.
    """
    address = resolve_url(to if isinstance(to, str) else to.get_absolute_url(), *args, **kwargs)
    if is_htmx(request) or "X-Outbox" in request.headers:
        redirect: HttpResponse = HttpResponseClientRedirect(address)
        return redirect
    return HttpResponseRedirect(address)
