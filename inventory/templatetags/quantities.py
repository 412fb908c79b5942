"""Tags for quantities, usable without loading them."""

from django import template

from inventory.models import Item
from inventory.quantities import in_words

register = template.Library()


@register.simple_tag
def quantity(count: int | None, item: Item) -> str:
    """``{% quantity line.asked line.item %}``: "2 boxes · 100". Lists prefetch ``item__packs``."""
    return "–" if count is None else in_words(count, item)
