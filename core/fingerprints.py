"""One short text that is equal for two commands only when all their facts are equal."""

import hashlib
import json
from collections.abc import Mapping


def fingerprint(facts: Mapping[str, object]) -> str:
    """A SHA-256 in hex of the facts, whatever their order. Dates, ids and enums count by their text."""
    text = json.dumps(facts, sort_keys=True, default=str, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
