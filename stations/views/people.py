"""The people of the division, and the stations that a field offers."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.errors import DomainError
from core.forms import CommandForm
from core.htmx import redirect_to
from core.pagination import page_of
from stations.access import SignedInRequest, for_roles, visible_stations
from stations.actions.people import add_person, change_person, give_sign_in_link
from stations.choice import found, typed
from stations.forms import PersonForm
from stations.models import User
from stations.queries import people_called
from stations.sign_in import sign_in_path

MAY_LOOK = ("chief", "logistics", "auditor")


@require_GET
def station_options(request: SignedInRequest) -> HttpResponse:
    """The options of a station field for what was typed so far (``?station=``)."""
    stations = found(visible_stations(request.user), typed(request, "station"))
    return render(request, "stations/station_options.html", {"stations": stations})


@for_roles(*MAY_LOOK)
@require_GET
def people(request: SignedInRequest) -> HttpResponse:
    """Everybody, with what they do and where."""
    text = typed(request, "q")
    return render(request, "stations/people.html", {"page": page_of(request, people_called(text)), "text": text})


@for_roles("chief")
@require_http_methods(["GET", "POST"])
def new_person(request: SignedInRequest) -> HttpResponse:
    """Enter somebody; then give them their sign-in link."""
    form = PersonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            person = add_person(**form.facts(), by=request.user, at=timezone.now(), **form.command)
        except DomainError as refusal:
            form.refusal = refusal
        else:
            messages.success(request, _("%(person)s is entered. Give them a sign-in link now.") % {"person": person})
            return redirect_to(request, "person", person.pk)
    return render(request, "stations/new_person.html", {"form": form}, status=form.http_status)


@for_roles("chief")
@require_http_methods(["GET", "POST"])
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    """Change a person, or let them go."""
    subject = get_object_or_404(User, pk=pk)
    form = PersonForm(request.POST if request.method == "POST" else None, person=subject)
    if form.is_valid():
        try:
            change_person(
                person=subject,
                **form.facts(),
                by=request.user,
                at=timezone.now(),
                **form.command,
            )
        except DomainError as refusal:
            form.refusal = refusal
        else:
            messages.success(request, _("%(person)s is saved.") % {"person": subject})
            return redirect_to(request, "people")
    context = {"form": form, "subject": subject, "link_form": CommandForm()}
    return render(request, "stations/person.html", context, status=form.http_status)


@for_roles("chief")
@require_POST
def sign_in_link(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show, once, a link with which the person chooses a password."""
    subject = get_object_or_404(User, pk=pk)
    form = CommandForm(request.POST)
    link = ""
    if form.is_valid():
        try:
            give_sign_in_link(person=subject, by=request.user, at=timezone.now(), **form.command)
        except DomainError as refusal:
            form.refusal = refusal
        else:
            link = request.build_absolute_uri(sign_in_path(subject))
    context = {"subject": subject, "link": link, "form": form}
    response = render(request, "stations/sign_in_link.html", context, status=form.http_status)
    response["Cache-Control"] = "no-store"
    return response
