"""How long stock lasts, in words."""

from django import template
from django.utils.translation import gettext as _

register = template.Library()
LONG = 99


@register.filter
def cover(days: float) -> str:
    """``{{ share.days_after|cover }}``: "0 days", "2.5 days", "12 days", "over 99 days"."""
    if days > LONG:
        return _("over %(days)d days") % {"days": LONG}
    return _("%(days)s days") % {"days": f"{days:.0f}" if days >= 10 or days == 0 else f"{days:.1f}"}


@register.filter
def rate(per_day: float) -> str:
    """``{{ need.per_day|rate }}``: "12 a day", "0.7 a day", "1 in 9 days" where that says more."""
    if per_day >= 0.5:
        return _("%(number)s a day") % {"number": f"{per_day:.0f}" if per_day >= 10 else f"{per_day:.1f}"}
    if per_day <= 0.001:
        return _("hardly any")
    return _("1 in %(days)s days") % {"days": f"{1 / per_day:.0f}"}
