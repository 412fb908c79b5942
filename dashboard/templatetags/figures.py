"""How figures read, in templates."""

from datetime import timedelta

from django import template

from dashboard.queries import readiness, readings

register = template.Library()


@register.filter
def hours(wait: timedelta) -> str:
    """``{{ order.waited|hours }}``: 26 h, 4.5 days: as the figure itself reads."""
    return readings.hours(wait)


@register.filter
def state_word(state: str) -> str:
    """``{{ row.state|state_word }}``: Ready, Short, Out."""
    return readiness.state_word(state)
