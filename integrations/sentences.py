"""Sentences of our own that are kept in the database: written in English, said in the language of who reads them.

Who writes one fills in a template of these (``NO_NUMBER % {"item": item}``); ``said`` knows it again.
"""

import re
from collections.abc import Mapping

from django.utils.translation import gettext, gettext_noop

# What a person must look at in a recall.
BAD_CODE = gettext_noop("The code %(code)s could not be read.")
NO_CODE = gettext_noop("It names no NDC, UPC or GTIN that could be read.")
NO_PRODUCT = gettext_noop("It does not say what the product is.")
LOTS_ARE: Mapping[str, str] = {
    "a range": gettext_noop("Its lots are given as a range."),
    "a condition": gettext_noop("Its lots are given as a condition."),
    "a part of a number": gettext_noop("Its lots are given as a part of a number."),
    "an open list": gettext_noop("Its lots are given as an open list."),
    "an exception": gettext_noop("Its lots are given as an exception."),
    "not known": gettext_noop("Its lots are given as not known."),
    "more text than is read": gettext_noop("Its lots are given as more text than is read."),
    "all lots of a part, or under a condition": gettext_noop(
        "Its lots are given as all lots of a part, or under a condition."
    ),
    "no number": gettext_noop("Its lots are given as no number."),
    "numbers that are not called lots": gettext_noop("Its lots are given as numbers that are not called lots."),
    "numbers that run into each other": gettext_noop("Its lots are given as numbers that run into each other."),
    "a very short number": gettext_noop("Its lots are given as a very short number."),
}
NO_NUMBER = gettext_noop("Some of %(item)s is on the books without a lot number: read the boxes.")
OTHER_EXPIRY = gettext_noop("Lot %(lot)s: the record says that it expires in %(month)s, the books say %(day)s.")
OTHER_CODE = gettext_noop("Lot %(lot)s of %(item)s is on the books, but the record names no code of that item.")
ALL_USED = gettext_noop(
    "Nothing of it was left when it was recalled, and some was used on patients: see whether they must be told."
)
NOT_HERE = gettext_noop("Nothing that it names is on the books.")
NOTHING_LEFT = gettext_noop("Nothing is left anywhere.")
BACK_AGAIN = gettext_noop("Some of it is on a shelf again.")

# Why an address is not called, how a call went, and why a webhook was switched off.
NO_ADDRESS = gettext_noop("This is no address: write https://host/path.")
ONLY_HTTPS = gettext_noop("Write an address that begins with https://.")
ONLY_HTTP = gettext_noop("Write an address that begins with https:// or http://.")
HAS_PASSWORD = gettext_noop("An address holds no name or password: the signature says who calls.")
ODD_LETTERS = gettext_noop("An address holds no spaces and only plain letters.")
UNKNOWN_HOST = gettext_noop("%(host)s is not known: check how it is written.")
HOST_INSIDE = gettext_noop(
    "%(host)s is at %(address)s, which is no public address. IT can allow its network by EMS_WEBHOOK_PRIVATE."
)
INSIDE = gettext_noop("%(address)s is no public address. IT can allow its network by EMS_WEBHOOK_PRIVATE.")
TOO_LATE = gettext_noop("No answer within %(seconds)s seconds.")
ELSEWHERE = gettext_noop(
    "Answered %(status)s: it sends elsewhere, and redirects are not followed. Write the last address."
)
ANSWERED = gettext_noop("Answered %(status)s.")
BAD_CERTIFICATE = gettext_noop("Its certificate is not accepted: %(reason)s.")
SILENT = gettext_noop("It does not answer.")
BROKEN_OFF = gettext_noop("The connection failed: %(reason)s.")
IS_GONE = gettext_noop("It answered that it is gone.")
GIVEN_UP = gettext_noop("Nothing arrived for %(days)s days.")
OFF_GONE = gettext_noop("It answered that it is gone. %(problem)s")
OFF_GIVEN_UP = gettext_noop("Nothing arrived for %(days)s days. %(problem)s")

# Why an archive was not made.
TOO_MUCH = gettext_noop("The division is too large for this page. Use manage.py export_division on the server.")

_HOLE = re.compile(r"%\((\w+)\)s")


def _pattern(template: str) -> re.Pattern[str]:
    parts = _HOLE.split(template)
    holes = [f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts)]
    return re.compile("".join(holes), re.DOTALL)


# Of two that fit, the one that says more comes first.
_KNOWN = [
    (_pattern(template), template)
    for template in (
        *(BAD_CODE, NO_CODE, NO_PRODUCT, *LOTS_ARE.values(), NO_NUMBER, OTHER_EXPIRY, OTHER_CODE, ALL_USED, NOT_HERE),
        *(NOTHING_LEFT, BACK_AGAIN, NO_ADDRESS, ONLY_HTTPS, ONLY_HTTP, HAS_PASSWORD, ODD_LETTERS, UNKNOWN_HOST),
        *(HOST_INSIDE, INSIDE, TOO_LATE, ELSEWHERE, ANSWERED, BAD_CERTIFICATE, SILENT, BROKEN_OFF),
        *(IS_GONE, GIVEN_UP, OFF_GONE, OFF_GIVEN_UP, TOO_MUCH),
    )
]


def said(text: str) -> str:
    """A kept sentence in the language of the reader, and so what it quotes; any other text as it is."""
    for pattern, template in _KNOWN:
        if found := pattern.fullmatch(text):
            return gettext(template) % {name: said(value) for name, value in found.groupdict().items()}
    return text
