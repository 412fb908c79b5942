"""Who gets the weekly report by e-mail, and what became of the last one."""

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from dashboard.models import ReportMail
from dashboard.queries.weeks import Week
from stations.models import User


def has_mail_server() -> bool:
    """Whether this site can send mail at all."""
    return bool(settings.EMAIL_HOST)


def waiting_for(week: Week) -> "QuerySet[User]":
    """Chiefs that want the report and have an address, to whom that of this week was not handed over yet."""
    taken = ReportMail.objects.filter(person=OuterRef("pk"), week_begins_on=week.monday)
    settled = taken.filter(Q(refusal="") | Q(sent_at__isnull=False))
    wanting = User.objects.filter(report_subscription__isnull=False, is_active=True, role=User.Role.CHIEF)
    return wanting.exclude(email="").exclude(Exists(settled)).order_by("pk")


def last_mail(person: User) -> ReportMail | None:
    return ReportMail.objects.filter(person=person).order_by("-week_begins_on").first()
