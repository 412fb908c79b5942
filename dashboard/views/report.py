"""The chief's weekly report: as PDF, and by e-mail for who wants it."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from core.errors import DomainError
from core.htmx import redirect_to
from core.paper.answers import printed_sheet
from core.paper.sheets import Stamp
from dashboard.actions.report_mails import NO_SERVER, choose_weekly_report
from dashboard.models import ReportSubscription
from dashboard.papers.report import print_report
from dashboard.queries.report import week_report
from dashboard.queries.report_mails import has_mail_server, last_mail
from dashboard.queries.trend import WEEKS
from dashboard.queries.weeks import Week
from orders.forms.commands import CommandForm
from orders.views.presses import press
from stations.access import SignedInRequest, for_roles
from stations.models import User

READERS = (User.Role.CHIEF, User.Role.AUDITOR)


@for_roles(*READERS)
@require_GET
def report(request: SignedInRequest) -> HttpResponse:
    """The report of ``?week=2026-W48`` as PDF, of this week without one."""
    try:
        week = Week.named(request.GET.get("week", ""), timezone.localdate())
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect_to(request, "reports")

    def draw(stamp: Stamp) -> bytes:
        return print_report(week_report(week, at=stamp.printed_at), stamp)

    opens = f"{reverse('report')}?week={week}"
    return printed_sheet(request, reverse("reports"), f"weekly report {week}", draw, opens=opens)


@for_roles(*READERS)
@require_GET
def reports(request: SignedInRequest) -> HttpResponse:
    """The last twelve weeks, and whether one gets the report by e-mail."""
    this_week = Week.of(timezone.localdate())
    mail = last_mail(request.user)
    context = {
        "weeks": [this_week.back(number) for number in range(WEEKS)],
        "is_chief": request.user.role == User.Role.CHIEF,
        "is_wanted": ReportSubscription.objects.filter(person=request.user).exists(),
        "has_mail_server": has_mail_server(),
        "no_server": NO_SERVER,
        "mail": mail,
        "mail_week": Week(mail.week_begins_on) if mail else None,
    }
    return render(request, "dashboard/reports.html", context)


@for_roles(User.Role.CHIEF)
@require_POST
def choose_report(request: SignedInRequest) -> HttpResponse:
    """Have it sent every Monday, or no longer."""
    is_wanted = request.POST.get("wanted") == "yes"
    act = partial(choose_weekly_report, is_wanted=is_wanted, by=request.user, at=timezone.now())
    done = gettext("It comes by e-mail from now on.") if is_wanted else gettext("It no longer comes by e-mail.")
    press(request, act, CommandForm(request.POST), done=done)
    return redirect_to(request, "reports")
