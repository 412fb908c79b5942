"""Bodies that are files of recall records: openFDA's JSON, or FDA's XML, as they come."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.conf import settings
from rest_framework.parsers import BaseParser

from integrations.recalls.files import MEGABYTE, read_file
from integrations.recalls.records import Record

MOST = 2_000  # what a call can take while somebody waits; the command takes more
# What the schema says of such a body in JSON, and one.
FILE = {
    "type": ["object", "array"],
    "description": "As openFDA answers, with `results`; a list of records; or one record. At most 2,000.",
}
OPENFDA = {
    "results": [
        {
            "recall_number": "D-0123-2026",
            "classification": "Class I",
            "recalling_firm": "Maker, Inc.",
            "product_description": "Naloxone HCl injection 2 mg/2 mL, 10 syringes, NDC 76329-3369-1",
            "code_info": "Lot NLX22, exp 03/2027",
            "reason_for_recall": "Glass in the syringe.",
            "recall_initiation_date": "20260115",
        }
    ]
}


@dataclass(frozen=True)
class RecallFile:
    """The records of a body. A repeat of the call is known by the digest."""

    digest: str
    records: Sequence[Record] = field(repr=False)


class RecallFileParser(BaseParser):
    """The body is read up to the size that the settings allow, by what it is, whatever it is called."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """A ``RecallFile``. Refuses what holds no recall records, in words."""
        content = stream.read(settings.EMS_RECALL_MB * MEGABYTE + 1)
        records = read_file("The body", content, most_mb=settings.EMS_RECALL_MB, most=MOST)
        return RecallFile(sha256(content).hexdigest(), records)


class RecallXmlParser(RecallFileParser):
    """The same in XML."""

    media_type = "application/xml"


class RecallTextXmlParser(RecallFileParser):
    """The older name of XML."""

    media_type = "text/xml"


PARSERS = (RecallFileParser, RecallXmlParser, RecallTextXmlParser)
