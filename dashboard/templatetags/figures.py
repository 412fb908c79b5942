"""How figures read, in templates."""

from datetime import timedelta

from django import template

from dashboard.queries import figures

register = template.Library()


@register.filter
def hours(wait: timedelta) -> str:
    """``{{ order.waited|hours }}``: 26 h, 4.5 days: as the figure itself reads."""
    return figures.hours(wait)
