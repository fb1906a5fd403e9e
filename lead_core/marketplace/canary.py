"""What a canary says, in the shape in which the marketplace posts leads."""

import json
from datetime import datetime
from typing import Final

from lead_core.lead.canary import format_address
from lead_core.lead.received import Envelope
from lead_core.lead.values import LeadKey
from lead_core.marketplace.envelope import parse_url_offer
from lead_core.marketplace.notification import read_notification

_MARK: Final = "MSFT_TEST"
_SAYS: Final = "The app posts this test lead to itself once a day, to see whether leads arrive. It removes it again."


def compose_canary(canary_id: str) -> bytes:
    """Return what is posted."""
    person = {
        "firstName": _MARK,
        "lastName": f"canary {canary_id}",
        "email": format_address(canary_id),
        "phone": "",
        "country": "US",
        "company": _MARK,
        "title": "",
    }
    lead = {"leadSource": "AzureMarketplace", "actionCode": "INS", "offerTitle": "Canary", "description": _SAYS}
    return json.dumps({"userDetails": person, **lead}).encode()


def find_canary_key(canary_id: str, url_offer: str, *, now: datetime) -> LeadKey:
    """Return where a canary that is posted for *url_offer* stands in ``Leads``."""
    envelope = Envelope("", now, parse_url_offer(url_offer), compose_canary(canary_id))
    return read_notification(envelope).delivery.key
