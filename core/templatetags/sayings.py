"""What is kept in the database in English, said to the reader: on every page, without loading it."""

from django import template

from core import sayings

register = template.Library()


@register.filter
def again(text: str) -> str:
    """``{{ event.comment|again }}``: our own sentences in the reader's language, what people wrote as they wrote it."""
    return sayings.again(text)
