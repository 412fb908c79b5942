"""The language of the pages: a person's own choice, or that of the browser before they sign in."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from stations.actions.languages import choose_language
from stations.forms import LanguageForm


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Speak another language, here and, if they are signed in, wherever else they are; and show the same page in it."""
    answer = HttpResponseRedirect(_same_page(request))
    form = LanguageForm(request.POST)
    if not form.is_valid():  # only a page of ours offers languages: what else comes changes nothing
        return answer
    chosen = form.cleaned_data["language"]
    if request.user.is_authenticated:
        choose_language(language=chosen, by=request.user, at=timezone.now(), **form.command)
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, chosen, max_age=365 * 86400, samesite="Lax", secure=request.is_secure()
    )
    return answer


def _same_page(request: HttpRequest) -> str:
    """The page whose menu was open, or the home: never another site's address."""
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return "/"
    read = urlsplit(page)
    return f"{read.path}?{read.query}" if read.query else read.path
