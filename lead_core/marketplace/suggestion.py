"""Reject a notification, and say what it seems to hold if it is nearly JSON. Only people act on that."""

import json

from lead_core.errors import RejectCode, UnreadableLeadError
from lead_core.lead.received import Envelope, Payload, RejectedFrom, RejectedLead
from lead_core.lead.values import shorten
from lead_core.marketplace.body import Members
from lead_core.marketplace.charset import decode_text
from lead_core.marketplace.leads import find_leads
from lead_core.marketplace.lenient import read_leniently
from lead_core.marketplace.payload import read_payload

_MAX_SHOWN_LEADS = 3
_MAX_CHARACTERS = 200


def reject(
    envelope: Envelope, why: UnreadableLeadError, rejected_from: RejectedFrom, *, retry: bool = False
) -> RejectedLead:
    """Return what is kept of a notification that could not be read."""
    would_read = suggest(envelope.body, envelope.charset) if why.code == RejectCode.NOT_JSON else ""
    return RejectedLead.of(envelope, why, rejected_from, retry=retry, would_read=would_read)


def suggest(body: bytes, charset: str = "") -> str:
    """Return what a lenient reader makes of *body*: ``Name: Ada Lovelace; Offer: Contoso CRM``. ``""`` for nothing."""
    try:
        leads = find_leads(json.dumps(read_leniently(decode_text(body, charset).text)))
    except UnreadableLeadError:
        return ""
    shown = [_describe(read_payload(lead.value)) for lead in leads if isinstance(lead.value, Members)]
    return " | ".join(filter(None, shown[:_MAX_SHOWN_LEADS]))


def _describe(payload: Payload) -> str:
    contact = payload.contact
    parts = {
        "Name": f"{contact.first_name} {contact.last_name}".strip(),
        "Company": contact.company,
        "Email": contact.email,
        "Phone": contact.phone,
        "Offer": payload.offer_title or payload.offer_id or payload.product_id,
        "Source": payload.lead_source,
        "Action": payload.action_code,
    }
    return "; ".join(f"{name}: {shorten(text, _MAX_CHARACTERS)}" for name, text in parts.items() if text)
