"""What a place keeps, as labels for its shelves."""

from collections.abc import Callable, Sequence

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from inventory.labels import ShelfLabel
from inventory.models import Item, ParLevel, StockLevel
from inventory.quantities import plural, reading_pack
from inventory.queries.par_levels import levels_at
from stations.models import Location


def shelf_labels(place: Location, words: str, address: Callable[[Item], str]) -> list[ShelfLabel]:
    """What has a par level here, by bin and name, then what only lies here; of these what holds the words, as on the
    page of par levels. ``address``: of an item's page at this place. Four queries, however many there are."""
    levels = sorted(levels_at(place, words), key=lambda level: (not level.bin, level.bin, level.item.name, level.pk))
    listed = [_label(level.item, level.bin, _levels(level), address) for level in levels]
    return listed + [_label(item, "", "", address) for item in _unlisted(place, words)]


def _unlisted(place: Location, words: str) -> Sequence[Item]:
    lies_here = StockLevel.objects.filter(location=place, on_hand__gt=0, lot__item=OuterRef("pk"))
    is_listed = ParLevel.objects.filter(location=place, item=OuterRef("pk"))
    items = Item.objects.filter(Exists(lies_here), ~Exists(is_listed)).prefetch_related("packs")
    if words:
        items = items.filter(Q(name__icontains=words) | Q(sku__icontains=words))
    return list(items.order_by("name", "pk"))


def _label(item: Item, bin_name: str, levels: str, address: Callable[[Item], str]) -> ShelfLabel:
    pack = reading_pack(item)
    return ShelfLabel(item.name, item.sku, str(pack or ""), bin_name, levels, address(item))


def _levels(level: ParLevel) -> str:
    """``Min 20 · Par 60 each``; empty for what is listed only for its bin."""
    if not level.par:
        return ""
    return _("Min %(minimum)s · Par %(par)s %(unit)s") % {
        "minimum": f"{level.minimum:,}",
        "par": f"{level.par:,}",
        "unit": plural(level.item.unit_of_measure, level.par),
    }
