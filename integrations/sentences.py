"""Sentences of ours about recalls, webhooks and archives that are kept in the database (core.sayings)."""

from collections.abc import Mapping

from django.utils.translation import gettext_noop

from core.sayings import Saying

# What a person must look at in a recall.
BAD_CODE = Saying(gettext_noop("The code %(code)s could not be read."))
NO_CODE = Saying(gettext_noop("It names no NDC, UPC or GTIN that could be read."))
NO_PRODUCT = Saying(gettext_noop("It does not say what the product is."))
LOTS_ARE: Mapping[str, Saying] = {
    "a range": Saying(gettext_noop("Its lots are given as a range.")),
    "a condition": Saying(gettext_noop("Its lots are given as a condition.")),
    "a part of a number": Saying(gettext_noop("Its lots are given as a part of a number.")),
    "an open list": Saying(gettext_noop("Its lots are given as an open list.")),
    "an exception": Saying(gettext_noop("Its lots are given as an exception.")),
    "not known": Saying(gettext_noop("Its lots are given as not known.")),
    "more text than is read": Saying(gettext_noop("Its lots are given as more text than is read.")),
    "all lots of a part, or under a condition": Saying(
        gettext_noop("Its lots are given as all lots of a part, or under a condition.")
    ),
    "no number": Saying(gettext_noop("Its lots are given as no number.")),
    "numbers that are not called lots": Saying(gettext_noop("Its lots are given as numbers that are not called lots.")),
    "numbers that run into each other": Saying(gettext_noop("Its lots are given as numbers that run into each other.")),
    "a very short number": Saying(gettext_noop("Its lots are given as a very short number.")),
}
NO_NUMBER = Saying(gettext_noop("Some of %(item)s is on the books without a lot number: read the boxes."))
OTHER_EXPIRY = Saying(gettext_noop("Lot %(lot)s: the record says that it expires in %(month)s, the books say %(day)s."))
OTHER_CODE = Saying(gettext_noop("Lot %(lot)s of %(item)s is on the books, but the record names no code of that item."))
ALL_USED = Saying(
    gettext_noop(
        "Nothing of it was left when it was recalled, and some was used on patients: see whether they must be told."
    )
)
NOT_HERE = Saying(gettext_noop("Nothing that it names is on the books."))
NOTHING_LEFT = Saying(gettext_noop("Nothing is left anywhere."))
DESTROYED = Saying(gettext_noop("%(place)s: destroyed"))
GONE_BACK = Saying(gettext_noop("%(place)s: back to the supplier"))
BACK_AGAIN = Saying(gettext_noop("Some of it is on a shelf again."))

# Why an address is not called, how a call went, and why a webhook was switched off.
NO_ADDRESS = Saying(gettext_noop("This is no address: write https://host/path."))
ONLY_HTTPS = Saying(gettext_noop("Write an address that begins with https://."))
ONLY_HTTP = Saying(gettext_noop("Write an address that begins with https:// or http://."))
HAS_PASSWORD = Saying(gettext_noop("An address holds no name or password: the signature says who calls."))
ODD_LETTERS = Saying(gettext_noop("An address holds no spaces and only plain letters."))
UNKNOWN_HOST = Saying(gettext_noop("%(host)s is not known: check how it is written."))
HOST_INSIDE = Saying(
    gettext_noop(
        "%(host)s is at %(address)s, which is no public address. IT can allow its network by EMS_WEBHOOK_PRIVATE."
    )
)
INSIDE = Saying(gettext_noop("%(address)s is no public address. IT can allow its network by EMS_WEBHOOK_PRIVATE."))
TOO_LATE = Saying(gettext_noop("No answer within %(seconds)s seconds."))
ELSEWHERE = Saying(
    gettext_noop("Answered %(status)s: it sends elsewhere, and redirects are not followed. Write the last address.")
)
ANSWERED = Saying(gettext_noop("Answered %(status)s."))
BAD_CERTIFICATE = Saying(gettext_noop("Its certificate is not accepted: %(reason)s."))
SILENT = Saying(gettext_noop("It does not answer."))
BROKEN_OFF = Saying(gettext_noop("The connection failed: %(reason)s."))
IS_GONE = Saying(gettext_noop("It answered that it is gone."))
GIVEN_UP = Saying(gettext_noop("Nothing arrived for %(days)s days."))
OFF_GONE = Saying(gettext_noop("It answered that it is gone. %(problem)s"))
OFF_GIVEN_UP = Saying(gettext_noop("Nothing arrived for %(days)s days. %(problem)s"))

# Why an archive was not made.
TOO_MUCH = Saying(gettext_noop("The division is too large for this page. Use manage.py export_division on the server."))
