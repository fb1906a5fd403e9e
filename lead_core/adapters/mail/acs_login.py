"""Whether Azure Communication Services take our key or identity, without a mail."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from azure.communication.email.aio import EmailClient
from azure.core.exceptions import AzureError
from azure.core.rest import HttpRequest

from lead_core.adapters.mail.acs import API_VERSION
from lead_core.errors import MailNotSentError, ProviderRefusesError

_NO_MAIL: Final = "00000000-0000-0000-0000-000000000000"
_ANSWERS: Final = {HTTPStatus.OK, HTTPStatus.NOT_FOUND}


class AcsLogin:
    """A `MailLogin` on Azure Communication Services."""

    def __init__(self, client: EmailClient) -> None:
        self._client = client

    async def find_refused(self, sender: str, recipients: Sequence[str]) -> list[str]:  # noqa: ARG002 -- see below
        """See `MailLogin.find_refused`. It asks what became of a mail that never was: Azure checks the login first.

        Which senders and recipients Azure takes, it says of a mail alone.
        """
        request = HttpRequest("GET", f"/emails/operations/{_NO_MAIL}", params={"api-version": API_VERSION})
        try:
            answer = await self._client.send_request(request)
        except AzureError as error:
            raise MailNotSentError(type(error).__name__) from None
        if answer.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise ProviderRefusesError(str(answer.status_code))
        if answer.status_code not in _ANSWERS:
            raise MailNotSentError(str(answer.status_code))
        return []
