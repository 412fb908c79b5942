"""Tags of the stock pages."""

from uuid import uuid4

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def request_id() -> SafeString:
    """A fresh request id, hidden: for a form that is only a button, or one of many on a page."""
    return format_html('<input type="hidden" name="request_id" value="{}">', uuid4())


@register.filter
def of(values: dict[object, object], key: object) -> object:
    """``{{ counts|of:"short" }}``: one value of a mapping; empty where there is none."""
    return values.get(key, "")
