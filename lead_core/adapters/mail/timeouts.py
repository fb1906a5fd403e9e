"""How long to wait for a provider."""

from datetime import timedelta

CONNECTING_GIVES_UP_AFTER = timedelta(seconds=10)
"""Includes the server's greeting, which a careful server delays for six seconds."""
SENDING_GIVES_UP_AFTER = timedelta(seconds=30)
