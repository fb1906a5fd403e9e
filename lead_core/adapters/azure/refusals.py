"""What an answer of the storage account means: try later, a person must act, or this row can never be stored."""

import re
from typing import Final

from azure.core.exceptions import ClientAuthenticationError, HttpResponseError

from lead_core.errors import LeadError, RowRefusedError, StorageRefusedError, StorageUnavailableError

ROLES: Final = ("Storage Queue Data Contributor", "Storage Table Data Contributor")
"""What the app's identity may do with the account. https://learn.microsoft.com/azure/role-based-access-control/"""

_KEY: Final = "The key in LEADS_STORAGE is wrong or was replaced: paste the account's current connection string."
_ROLES: Final = f"give the app's identity the roles {' and '.join(ROLES)} on the account. They take some minutes."
_NO_IDENTITY: Final = "No token for the app's identity: turn the identity on, and check LEADS_STORAGE__clientId."
_FORBIDDEN: Final = f"Check the key in LEADS_STORAGE and the account's firewall. Without a key, {_ROLES}"
_MISSING: Final = "It is not there: check the account's name in LEADS_STORAGE, and whether the account was deleted."
_OTHER: Final = "Check LEADS_STORAGE and the names of the tables."
_ADVICE: Final = {
    "AuthenticationFailed": _KEY,
    "InvalidAuthenticationInfo": _KEY,
    "NoAuthenticationInformation": _KEY,
    "AuthorizationPermissionMismatch": f"Please {_ROLES}",
    "InsufficientAccountPermissions": f"Please {_ROLES}",
    "AccountIsDisabled": "The account is disabled: turn it on again.",
    "KeyBasedAuthenticationNotPermitted": "It takes no keys: set LEADS_STORAGE__accountName instead of LEADS_STORAGE.",
}
_FROM_STORAGE: Final = {401, 403}
_ADVICE_BY_STATUS: Final = {401: _FORBIDDEN, 403: _FORBIDDEN, 404: _MISSING}
_MAY_PASS: Final = {408, 409, 412, 429}
"""Too slow, being deleted or created, changed at the same moment, too many requests."""
_OF_THE_ROW: Final = {400, 413}
_NOT_OF_THE_ROW: Final = {
    "HostInformationNotPresent", "InvalidAuthenticationInfo", "InvalidHeaderValue", "InvalidHttpVerb",
    "InvalidResourceName", "InvalidUri", "MissingRequiredHeader", "RequestUrlFailedToParse", "UnsupportedHeader",
}  # fmt: skip
"""Words of a 400 that would meet every row alike. https://learn.microsoft.com/rest/api/storageservices/status-and-error-codes2"""


def translate(error: HttpResponseError, *, writes_row: bool) -> LeadError:
    """Return our error for one of the SDK's, with the status and the service's word, and without what was sent."""
    if isinstance(error, ClientAuthenticationError) and error.status_code not in _FROM_STORAGE:
        return StorageRefusedError("no token", _NO_IDENTITY)  # The service that gives out tokens refused, not storage.
    return judge(error.status_code or 0, find_word(error), writes_row=writes_row)


def judge(status: int, word: str, *, writes_row: bool) -> LeadError:
    """Return what an answer such as ``403 AuthenticationFailed`` means for the app."""
    detail = f"{status} {word}".strip()
    if writes_row and status in _OF_THE_ROW and word not in _NOT_OF_THE_ROW:
        return RowRefusedError(detail)
    if status in range(400, 500) and status not in _MAY_PASS:
        return StorageRefusedError(detail, _ADVICE.get(word) or _ADVICE_BY_STATUS.get(status, _OTHER))
    return StorageUnavailableError(detail)


def find_word(error: HttpResponseError) -> str:
    """Return the service's word for an error, such as ``EntityTooLarge``. A longer text might quote data."""
    code = getattr(error, "error_code", None)
    headers = getattr(error.response, "headers", {})
    word = str(getattr(code, "value", code) or headers.get("x-ms-error-code") or "")  # Some are of an enumeration.
    # The SDK does not decode an insert's error. The word comes first in its body, before any text.
    found = re.fullmatch("([A-Za-z]{1,60})", word) or re.search('(?:"code": ?"|<Code>)([A-Za-z]{1,60})["<]', str(error))
    return found[1] if found else ""
