"""Sentences that are kept, as pages say them."""

from django import template

from integrations import sentences

register = template.Library()


@register.filter
def said(text: str) -> str:
    """``{{ line|said }}``: a sentence of our own that was kept in English, in the language of the reader."""
    return sentences.said(text)
