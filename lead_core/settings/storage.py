"""``LEADS_STORAGE``: a storage account's connection string, and the addresses that replace one."""

import base64
import re

from lead_core.settings.web import is_web_address

# Public knowledge: the one key of every storage emulator.
# https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key
_EMULATOR_ACCOUNT = "devstoreaccount1"
_EMULATOR_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
_EMULATOR_PORTS = {"Blob": 10000, "Queue": 10001, "Table": 10002}


def parse_connection_string(text: str) -> str:
    """Return a connection string as the SDKs can take it: without blanks, empty parts and repetitions.

    ``UseDevelopmentStorage=true`` is written out. A blank text stays blank.

    Raises: ValueError with what to write instead.
    """
    if _is_emulator(text):
        return _format_emulator()
    pairs = [(name.strip(), content.strip()) for name, _, content in (each.partition("=") for each in text.split(";"))]
    pairs = [pair for pair in pairs if any(pair)]
    if pairs and not _is_whole(pairs):
        raise ValueError("paste the storage account's whole connection string, or set LEADS_STORAGE__accountName")
    return ";".join(f"{name}={content}" for name, content in pairs)


def _is_whole(pairs: list[tuple[str, str]]) -> bool:
    """Whether these parts name a place and a key for it, each once."""
    parts = {name.lower(): content for name, content in pairs}
    endpoints = [content for name, content in parts.items() if name.endswith("endpoint")]
    has_place = "accountname" in parts or {"tableendpoint", "queueendpoint"} <= parts.keys()
    has_key = "sharedaccesssignature" in parts or ("accountname" in parts and is_base64(parts.get("accountkey", "")))
    is_sound = len(parts) == len(pairs) and all(parts.values()) and all(map(is_web_address, endpoints))
    # With endpoints of its own, such as an emulator's, an account may have any name.
    has_name = bool(endpoints) or is_account_name(parts.get("accountname", ""))
    has_suffix = re.fullmatch(r"[\w-]+(\.[\w-]+)+", parts.get("endpointsuffix", "core.windows.net")) is not None
    has_protocol = parts.get("defaultendpointsprotocol", "https").lower() in {"https", "http"}
    return has_place and has_key and has_protocol and is_sound and has_name and has_suffix


def is_account_name(text: str) -> bool:
    """Whether *text* can be the name of a storage account.

    https://learn.microsoft.com/azure/storage/common/storage-account-overview#storage-account-name
    """
    return re.fullmatch("[a-z0-9]{3,24}", text) is not None


def is_base64(text: str) -> bool:
    """Whether *text* is a key as Azure's portal shows it."""
    try:
        return bool(base64.b64decode(text, validate=True))
    except ValueError:
        return False


def _is_emulator(text: str) -> bool:
    return text.replace(" ", "").rstrip(";").lower() == "usedevelopmentstorage=true"


def _format_emulator() -> str:
    """Write the emulator's connection string in full, because the SDK for tables cannot read the short one."""
    endpoints = "".join(
        f"{service}Endpoint=http://127.0.0.1:{port}/{_EMULATOR_ACCOUNT};" for service, port in _EMULATOR_PORTS.items()
    )
    return f"DefaultEndpointsProtocol=http;AccountName={_EMULATOR_ACCOUNT};AccountKey={_EMULATOR_KEY};{endpoints}"
