"""What people put into the queue or into ``RejectedLeads``: check it before it goes the way of a lead."""

from datetime import datetime

from lead_core.errors import RejectCode, UnreadableLeadError
from lead_core.lead.received import Envelope
from lead_core.lead.values import format_digest
from lead_core.marketplace.envelope import MAX_BODY_BYTES, decode_envelope
from lead_core.marketplace.leads import split
from lead_core.marketplace.notification import read_notification


def open_message(message: bytes, message_id: str, queued_at: datetime) -> tuple[Envelope, bool]:
    """Open the envelope, and say whether it is missing. A message that a person wrote gets one, the same each time."""
    try:
        return decode_envelope(message), False
    except UnreadableLeadError:
        return Envelope(format_digest("message", message_id), queued_at, offer="", body=message), True


def check_readable(envelope: Envelope) -> None:
    """Return if the body holds a lead and fits into the queue.

    Raises: UnreadableLeadError, with the codes of `split`, `read_notification` and ``too-large``.
    """
    if len(envelope.body) > MAX_BODY_BYTES:
        limit = f"{MAX_BODY_BYTES // 1024} KiB"
        raise UnreadableLeadError(
            RejectCode.TOO_LARGE, f"The Body is larger than {limit}. Shorten it, then set Retry to true."
        )
    refusals = []
    for lead in split(envelope):
        try:
            read_notification(lead)
        except UnreadableLeadError as error:
            refusals.append(error)
        else:
            return
    raise refusals[0]
