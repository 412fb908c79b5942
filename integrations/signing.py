"""Messages as Standard Webhooks: https://www.standardwebhooks.com."""

from datetime import UTC, datetime

from standardwebhooks import Webhook as Signer

from integrations.models import Webhook


def headers_for(webhook: Webhook, message_id: str, body: str, at: datetime) -> dict[str, str]:
    """What a message is sent with: its id, when it is sent, and a signature by each secret that is valid now."""
    at = at.astimezone(UTC)  # the library takes the digits for UTC, whatever the zone
    signatures = [Signer(secret).sign(message_id, at, body) for secret in webhook.signing_secrets(at)]
    return {
        "Content-Type": "application/json",
        "User-Agent": "EMS-Supply-Webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
