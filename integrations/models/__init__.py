"""Other systems: the tokens by which they act for a person, and the answers that they were given."""

from integrations.models.calls import KEPT, ApiCall
from integrations.models.supply_identifiers import SupplyIdentifier
from integrations.models.tokens import BEGINS, PREFIX_LENGTH, ApiToken, digest_of

__all__ = ["BEGINS", "KEPT", "PREFIX_LENGTH", "ApiCall", "ApiToken", "SupplyIdentifier", "digest_of"]
