"""Texts as they stand in the source, whatever language is spoken: for what is kept, compared or exchanged."""

from django.utils import translation


def in_english(text: object) -> str:
    """A translatable text before its translation."""
    with translation.override(None):
        return str(text)
