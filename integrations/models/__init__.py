"""Other systems: the tokens by which they act for a person, the answers that they were given, the patient-care records
that they sent, and recalls."""

from integrations.models.calls import KEPT, ApiCall
from integrations.models.recalls import Recall, RecalledLot, RecallQuerySet
from integrations.models.records import CallSign, CareCode, CareRecord, CareUse
from integrations.models.tokens import BEGINS, PREFIX_LENGTH, ApiToken, digest_of

__all__ = [
    "BEGINS",
    "KEPT",
    "PREFIX_LENGTH",
    "ApiCall",
    "ApiToken",
    "CallSign",
    "CareCode",
    "CareRecord",
    "CareUse",
    "Recall",
    "RecallQuerySet",
    "RecalledLot",
    "digest_of",
]
