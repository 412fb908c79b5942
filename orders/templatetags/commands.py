"""The hidden part of a form that is only a button."""

from uuid import uuid4

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()
HIDDEN = '<input type="hidden" name="{}" value="{}">'


@register.simple_tag
def command(version: int | None = None) -> SafeString:
    """``{% command run.version %}``: a fresh request id, so that a second tap is harmless, and the version seen."""
    request_id = format_html(HIDDEN, "request_id", uuid4())
    return request_id if version is None else request_id + format_html(HIDDEN, "version", version)
