"""The one place where the parts are put together, from the settings, once per worker."""

import logging
from functools import cache

from lead_core.settings import load_settings
from lead_core.wiring.intake import QUEUE_NAME, Services

__all__ = ["QUEUE_NAME", "Services", "services"]


@cache
def services() -> Services:
    """Return the worker's services, made from the environment at first use."""
    # The SDKs log each request with its address, which holds keys of leads. ("azure" itself is the worker's, too.)
    # Each is named, so that this holds even if the worker is told to log everything.
    for sdk in ("azure.core", "azure.data", "azure.identity", "azure.storage", "msal"):
        logging.getLogger(sdk).setLevel(logging.WARNING)
    return Services(load_settings())
