"""Quantities as people read them: whole base units, shown in packs and each. Nothing here changes a number."""

from django.utils.translation import npgettext

from inventory.models import Item, Pack

# Where the last letters do not simply take an "s".
SIBILANTS = ("s", "x", "z", "ch", "sh")


def plural(word: str, count: int) -> str:
    """The word for that many: boxes, cases, trays; "each" stays as it is."""
    if word == "each":
        return npgettext("after a number", "each", "each", count)
    if count == 1:
        return word
    return f"{word}es" if word.endswith(SIBILANTS) else f"{word}s"


def issue_pack(item: Item) -> Pack | None:
    """The pack in which stations get the item. Reads ``item.packs``: prefetch it for lists."""
    return next((pack for pack in item.packs.all() if pack.is_issue_pack), None)


def reading_pack(item: Item) -> Pack | None:
    """The pack in which a number of it reads best: the issue pack, else the smallest."""
    return issue_pack(item) or next(iter(item.packs.all()), None)


def each(count: int, item: Item) -> str:
    """``100`` as "100 each", "1 vial"."""
    return f"{count:,} {plural(item.unit_of_measure, count)}"


def packs_and_rest(count: int, pack: Pack) -> str:
    """``205`` in boxes of 100 as "2 boxes + 5"."""
    packs, rest = divmod(count, pack.quantity)
    words = f"{packs:,} {plural(pack.name, packs)}"
    return f"{words} + {rest}" if rest else words


def in_words(count: int, item: Item) -> str:
    """A quantity both ways: "2 boxes · 100", "1 box + 20 · 70", "5 each" where it fills no pack."""
    pack = reading_pack(item)
    if pack is None or abs(count) < pack.quantity:
        return each(count, item)
    sign = "−" if count < 0 else ""
    return f"{sign}{packs_and_rest(abs(count), pack)} · {sign}{abs(count):,}"
