"""Codes that hold an address: a shelf label of ours, or a GS1 Digital Link."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

from django.utils.translation import gettext as _

from inventory.codes.gs1 import read_digital_link
from inventory.codes.scanned import Scanned, UnreadableCode, shortened

ITEM_PAGE = re.compile(r"/items/(.+?)/?")
STOCK_PAGE = "/stock/"


def read_address(text: str) -> Scanned:
    """What the address names. Whose site it is does not matter: labels outlive a change of name."""
    try:
        parts = urlsplit(text)
        asked = {name: values[-1] for name, values in parse_qs(parts.query, max_num_fields=50).items()}
    except ValueError as error:
        raise _strange(text) from error
    if parts.path == STOCK_PAGE and "item" in asked:
        place = asked.get("place", "")
        return Scanned(
            text,
            sku=asked["item"],
            station=asked.get("station", ""),
            place=int(place) if place.isascii() and place.isdigit() and len(place) <= 18 else None,
        )
    if page := ITEM_PAGE.fullmatch(parts.path):
        return Scanned(text, sku=unquote(page[1]))
    try:
        return read_digital_link(text)
    except UnreadableCode as refusal:
        raise (refusal if "/01/" in parts.path else _strange(text)) from refusal


def _strange(text: str) -> UnreadableCode:
    return UnreadableCode(
        _("%(code)s is the address of something else than an item. Scan the code of the item.")
        % {"code": shortened(text)}
    )
