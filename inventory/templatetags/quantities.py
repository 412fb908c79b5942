"""Tags for quantities, usable without loading them."""

from django import template

from inventory.models import Item
from inventory.quantities import in_words, plural

register = template.Library()


@register.filter
def unit_word(unit: str) -> str:
    """``{{ item.unit_of_measure|unit_word }}``: "each" as the reader says it; other units are the division's own."""
    return plural(unit, 1)


@register.simple_tag
def quantity(count: int | None, item: Item) -> str:
    """``{% quantity line.asked line.item %}``: "2 boxes · 100". Lists prefetch ``item__packs``."""
    return "–" if count is None else in_words(count, item)
