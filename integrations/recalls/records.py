"""One recall record, of either form, read into what it says: number, class, firm, reason, codes and lots."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256

from integrations.recalls.codes import read_codes
from integrations.recalls.lots import Lots, read_lots
from integrations.sentences import BAD_CODE, LOTS_ARE, NO_CODE, NO_PRODUCT

NUMBER = re.compile(r"\b[A-Z]-\d{1,5}-\d{2,4}\b")
UNNUMBERED = "X-"
CLASS = re.compile(r"\bclass\s+(III|II|I)\b", re.IGNORECASE)
# Firm and product are sentences in some records; what a page shows of them is cut, the source is kept whole.
LONGEST = 20_000
DAYS = ("%Y%m%d", "%m/%d/%Y", "%Y-%m-%d")

Fields = Mapping[str, object]


@dataclass(frozen=True)
class Record:
    """What a record says of itself. ``unread``: what a person must look at, in words, because it was not understood.

    openFDA adds ``openfda.package_ndc``, every package of the application that the product belongs to. It is not read:
    of twenty packages there the record may recall one (a real one does).
    """

    number: str
    classification: str = ""
    firm: str = ""
    product: str = ""
    reason: str = ""
    code_text: str = ""
    initiated_on: date | None = None
    source: str = ""
    codes: frozenset[str] = frozenset()
    lots: Lots = field(default_factory=Lots)
    unread: tuple[str, ...] = ()

    @property
    def is_numbered(self) -> bool:
        return not self.number.startswith(UNNUMBERED)


def read_record(fields: Fields) -> Record:
    """Read one record, whatever its keys are written like. What it lacks is empty, and said in ``unread``."""
    told = {str(name).lower().replace("-", "_").replace(" ", "_"): value for name, value in fields.items()}

    def text(*names: str) -> str:
        return "\n".join(part for name in names if (part := clean(told.get(name))))[:LONGEST]

    product, code_text = text("product_description"), text("code_info", "more_code_info")
    codes, lots = read_codes(f"{product}\n{code_text}"), read_lots(code_text)
    source = json.dumps(fields, indent=1, default=str, sort_keys=True)
    return Record(
        number=_number(text("recall_number"), product, source),
        classification=_class(text("classification")),
        firm=text("recalling_firm"),
        product=product,
        reason=text("reason_for_recall"),
        code_text=code_text,
        initiated_on=_day(text("recall_initiation_date")),
        source=source,
        codes=codes.keys,
        lots=lots,
        unread=tuple(_unread(codes.keys, codes.unread, lots, product)),
    )


def clean(value: object) -> str:
    """A value as text that every database keeps: no NUL, no half of a surrogate pair, lists joined by commas."""
    if value is None:
        return ""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(filter(None, map(clean, value)))
    return str(value).replace("\x00", "").encode("utf-8", "replace").decode().strip()


def _number(told: str, product: str, source: str) -> str:
    """The record's number; where it has none of its own, the first in its product text, else a mark of its content."""
    found = NUMBER.search(told.upper()) or NUMBER.search(product)
    return found[0] if found else f"{UNNUMBERED}{sha256(source.encode()).hexdigest()[:12]}"


def _class(told: str) -> str:
    found = CLASS.search(told)
    return found[1].upper() if found else ""


def _day(told: str) -> date | None:
    for form in DAYS:
        try:
            return datetime.strptime(told, form).date()  # noqa: DTZ007  # a day has no zone
        except ValueError:
            continue
    return None


def _unread(keys: frozenset[str], bad: Sequence[str], lots: Lots, product: str) -> list[str]:
    found = [BAD_CODE(code=code) for code in bad]
    if not keys:
        found.append(NO_CODE())
    found += [LOTS_ARE[what]() for what in lots.unread]
    return found if product else [*found, NO_PRODUCT()]


def is_about_a_code(line: str) -> bool:
    """Whether this line of ``unread`` is about a code: while one is not read, the record may name anything."""
    return line.startswith(BAD_CODE.english.partition("%")[0])
