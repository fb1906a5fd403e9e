"""Leads for tests. A test writes only what matters to it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from lead_core.lead.delivery import Delivery, Shown
from lead_core.lead.person import Contact, identify
from lead_core.lead.received import Envelope
from lead_core.lead.values import Offer
from lead_core.marketplace.envelope import encode_envelope

NOON = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
JOHN = Contact("John", "Smith", "jsmith@northwind.example", "+16175555555", "US", "Northwind", "CTO")
SALES, ANNA, BOSS = "sales@contoso.example", "anna@contoso.example", "boss@contoso.example"
CRM = Offer("contoso", "contoso-crm", "Contoso CRM")


def at(minutes: float) -> datetime:
    """Return the time *minutes* after noon."""
    return NOON + timedelta(minutes=minutes)


def delivery(  # noqa: PLR0913 -- each may be what a test is about
    minutes: float = 0,
    code: str = "INS",
    *,
    event: int | None = None,
    contact: Contact = JOHN,
    offer: Offer = CRM,
    description: str = "",
    source: str = "AppSource",
) -> Delivery:
    """Return one delivery. Its event id follows from its time, unless *event* is given."""
    event_id = f"{round(minutes * 60) % 16**8 if event is None else event:032x}"
    return Delivery(
        event_id=event_id,
        received_at=at(minutes),
        identity=identify(contact, event_id=event_id),
        row=offer.key,
        shown=Shown.of(contact, offer, source=source, action_code=code, description=description),
        is_test=contact.is_test,
    )


def body(
    contact: Contact = JOHN, *, code: str = "INS", description: str = "", offer: str = "contoso.contoso-crm"
) -> bytes:
    """Return what the marketplace posts."""
    return json.dumps(
        {
            "userDetails": {
                "firstName": contact.first_name,
                "lastName": contact.last_name,
                "email": contact.email,
                "phone": contact.phone,
                "country": contact.country,
                "company": contact.company,
                "title": contact.title,
            },
            "leadSource": f"AppSource (SPZA)-{code}|{offer}",
            "actionCode": code,
            "offerTitle": "Contoso CRM",
            "description": description,
        }
    ).encode()


def person(number: int) -> Contact:
    """Return the person with that number."""
    return replace(JOHN, first_name=f"P{number}", email=f"person-{number}@northwind.example")


def message(content: bytes, *, event: int = 1, minutes: float = 0, offer: str = "") -> bytes:
    """Return the queue message of one post."""
    return encode_envelope(Envelope(f"{event:032x}", at(minutes), offer, content))
