"""The queue message: what `accept_lead` hands to `process_lead`."""

import base64
import re
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from lead_core.errors import RejectCode, UnreadableLeadError
from lead_core.lead.received import Envelope
from lead_core.marketplace.charset import find_charset

MAX_BODY_BYTES = 47 * 1024
"""A queue message holds 48 KiB before base64. The envelope's header needs less than 1 KiB."""

EARLIEST_RECEIPT = datetime(2020, 1, 1, tzinfo=UTC)

_OFFER = re.compile(r"[a-z0-9._|-]{1,200}")


class _Header(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    version: Literal[1] = 1
    event_id: Annotated[str, StringConstraints(pattern="^[0-9a-f]{32}$")]
    received_at: Annotated[AwareDatetime, Field(ge=EARLIEST_RECEIPT, lt=datetime(2200, 1, 1, tzinfo=UTC))]
    offer: str = ""
    charset: str = ""


def encode_envelope(envelope: Envelope) -> bytes:
    r"""Write the message: one line of JSON, then the body as it came.

    ``{"version":1,"event_id":"5b1a…","received_at":"2026-11-22T10:00:00.123456Z","offer":"contoso.crm",
    "charset":""}\n{…}``
    """
    header = _Header(
        event_id=envelope.event_id, received_at=envelope.received_at, offer=envelope.offer, charset=envelope.charset
    )
    return header.model_dump_json().encode() + b"\n" + envelope.body


def read_message(content: bytes) -> bytes:
    """Return a message as it was enqueued: in base64, or as the text that a person put into the queue."""
    try:
        return base64.b64decode(content, validate=True)
    except ValueError:
        return content


def decode_envelope(message: bytes) -> Envelope:
    """Read the message. Those of older versions name no character set.

    Raises: UnreadableLeadError (``no-envelope``) for a message that `accept_lead` did not write.
    """
    line, _, body = message.partition(b"\n")
    try:
        header = _Header.model_validate_json(line)
    except ValidationError:
        raise UnreadableLeadError(
            RejectCode.NO_ENVELOPE,
            "This message was put into the queue by hand, without the line that says when it was received.",
        ) from None  # The cause would quote the message.
    return Envelope(
        header.event_id,
        header.received_at.astimezone(UTC),
        parse_url_offer(header.offer),
        body,
        find_charset(header.charset),
    )


def parse_url_offer(text: str) -> str:
    """Read ``{offer}`` of the URL, which the host decoded once. A text that can't be an offer is ignored."""
    offer = text.strip().casefold()
    return offer if _OFFER.fullmatch(offer) else ""
