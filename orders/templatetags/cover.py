"""How long stock lasts, in words."""

from django import template

register = template.Library()
LONG = 99


@register.filter
def cover(days: float) -> str:
    """``{{ share.days_after|cover }}``: "0 days", "2.5 days", "12 days", "over 99 days"."""
    if days > LONG:
        return f"over {LONG} days"
    return f"{days:.0f} days" if days >= 10 or days == 0 else f"{days:.1f} days"


@register.filter
def rate(per_day: float) -> str:
    """``{{ need.per_day|rate }}``: "12 a day", "0.7 a day", "1 in 9 days" where that says more."""
    if per_day >= 0.5:
        return f"{per_day:.0f} a day" if per_day >= 10 else f"{per_day:.1f} a day"
    return f"1 in {1 / per_day:.0f} days" if per_day > 0.001 else "hardly any"
