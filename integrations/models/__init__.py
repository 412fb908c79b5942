"""Other systems: the tokens by which they act for a person, the answers that they were given, what they are told, the
patient-care records that they sent, recalls, and archives."""

from integrations.models.archives import ARCHIVES_KEPT, ArchivePart, KeptArchive
from integrations.models.calls import KEPT, ApiCall
from integrations.models.changes import Change, ChangeQuerySet, Unnumbered
from integrations.models.recalls import Recall, RecalledLot, RecallQuerySet
from integrations.models.records import CallSign, CareCode, CareRecord, CareUse
from integrations.models.supply_identifiers import SupplyIdentifier
from integrations.models.tokens import BEGINS, PREFIX_LENGTH, ApiToken, digest_of
from integrations.models.webhooks import HELD, Webhook, WebhookDelivery, draw_salt

__all__ = [
    "ARCHIVES_KEPT",
    "BEGINS",
    "HELD",
    "KEPT",
    "PREFIX_LENGTH",
    "ApiCall",
    "ApiToken",
    "ArchivePart",
    "CallSign",
    "CareCode",
    "CareRecord",
    "CareUse",
    "Change",
    "ChangeQuerySet",
    "KeptArchive",
    "Recall",
    "RecallQuerySet",
    "RecalledLot",
    "SupplyIdentifier",
    "Unnumbered",
    "Webhook",
    "WebhookDelivery",
    "digest_of",
    "draw_salt",
]
