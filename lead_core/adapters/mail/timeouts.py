"""How long to wait for a provider."""

from datetime import timedelta

CONNECTING_GIVES_UP_AFTER = timedelta(seconds=10)
"""Up to and with the server's greeting. A careful server holds it back for six seconds."""
SENDING_GIVES_UP_AFTER = timedelta(seconds=30)
