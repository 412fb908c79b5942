"""Other systems: the tokens by which they act for a person, the answers that they were given, and archives."""

from integrations.models.archives import ARCHIVES_KEPT, ArchivePart, KeptArchive
from integrations.models.calls import KEPT, ApiCall
from integrations.models.tokens import BEGINS, PREFIX_LENGTH, ApiToken, digest_of

__all__ = [
    "ARCHIVES_KEPT",
    "BEGINS",
    "KEPT",
    "PREFIX_LENGTH",
    "ApiCall",
    "ApiToken",
    "ArchivePart",
    "KeptArchive",
    "digest_of",
]
