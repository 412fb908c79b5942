"""What events changed, in words."""

from collections.abc import Iterable

from django import template

from inventory.queries.event_words import said
from stations.models import Event
from stations.verbs import verb_in_words

register = template.Library()


@register.filter
def with_words(events: Iterable[Event]) -> list[tuple[Event, list[str]]]:
    """``{% for event, changes in events|with_words %}``: each event with the lines that say what it changed."""
    events = list(events)
    words = said(events)
    return [(event, words[event.pk]) for event in events]


@register.filter
def done(verb: str) -> str:
    """``{{ event.verb|done|capfirst }}``: what was done, in the reader's language."""
    return verb_in_words(verb)
