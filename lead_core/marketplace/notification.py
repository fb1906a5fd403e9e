"""What a notification means: which offer, which action, which person."""

import re
from dataclasses import dataclass, replace
from functools import partial

from lead_core.lead.actions import format_action_code
from lead_core.lead.countries import format_country
from lead_core.lead.delivery import Delivery, Shown
from lead_core.lead.person import Contact, format_phone, identify
from lead_core.lead.received import Envelope, Notification, Payload
from lead_core.lead.values import LeadKey, Offer, fold_text
from lead_core.marketplace.payload import parse_payload

_SOURCES = {
    "microsoftmarketplace": "MicrosoftMarketplace",
    "microsoftcommercialmarketplace": "MicrosoftMarketplace",
    "commercialmarketplace": "MicrosoftMarketplace",
    "marketplace": "MicrosoftMarketplace",
    "azuremarketplace": "AzureMarketplace",
    "microsoftazuremarketplace": "AzureMarketplace",
    "azureportal": "AzurePortal",
    "microsoftazureportal": "AzurePortal",
    "appsource": "AppSource",
    "microsoftappsource": "AppSource",
    "appsourcespza": "AppSource",
    "microsoftappsourcespza": "AppSource",
    "spza": "AppSource",
    "testdrive": "TestDrive",
    "azuretestdrive": "TestDrive",
}
"""Each spelling of a source, without blanks and signs. AppSource and Azure Marketplace became one store in 2025."""

_OFFER_ID = re.compile(r"(?P<publisher>[a-z0-9_-]+)\.(?P<offer>[a-z0-9._-]+)")
_BUSINESS_CENTRAL_ID = re.compile(r"pubid\.(?P<publisher>[^|]+)\|aid\.(?P<offer>[^|]+)(\|.*)?")


@dataclass(frozen=True, slots=True)
class LeadSource:
    """``AppSource (SPZA)-PLT|contoso.contoso-crm``, taken apart. A missing part is ``""``."""

    source: str
    action: str
    offer: str


def read_notification(envelope: Envelope) -> Notification:
    """Read what came in *envelope*.

    Raises: UnreadableLeadError, with the codes of `parse_payload`.
    """
    payload = parse_payload(envelope.body, envelope.charset)
    origin = parse_lead_source(payload.lead_source)
    offer = find_offer(envelope.offer, payload, origin)
    contact = normalise(payload.contact)
    delivery = Delivery(
        event_id=envelope.event_id,
        received_at=envelope.received_at,
        identity=identify(contact, event_id=envelope.event_id),
        row=offer.key,
        shown=Shown.of(
            contact,
            offer,
            source=format_source(origin.source),
            # The two may differ. The separate field wins.
            action_code=format_action_code(payload.action_code or origin.action),
            description=payload.description,
        ),
        is_test=contact.is_test,
        past=envelope.past,
    )
    return Notification(envelope, payload, delivery)


def read_kept(envelope: Envelope, lead: LeadKey) -> Delivery:
    """Read what was kept for *lead*. Its person may be recognised in another way today, and the lead stays theirs.

    Raises: UnreadableLeadError if a person edited what was kept.
    """
    delivery = read_notification(envelope).delivery
    return replace(delivery, identity=replace(delivery.identity, key=lead.partition), row=lead.row)


def normalise(contact: Contact) -> Contact:
    """Return *contact* with its country as ISO code and its phone in E.164, if they can be read."""
    country = format_country(contact.country)
    return replace(contact, country=country, phone=format_phone(contact.phone, country))


def parse_lead_source(text: str) -> LeadSource:
    """Read ``Source-Action|Offer``. The offer may hold ``-`` and ``|``. Action and offer may be missing."""
    origin, _, offer = (part.strip() for part in text.partition("|"))
    source, dash, action = (part.strip() for part in origin.rpartition("-"))
    if _find_source(origin):  # ``Azure-Marketplace``
        return LeadSource(origin, "", offer)
    return LeadSource(source, action, offer) if dash else LeadSource(action, "", offer)


def format_source(text: str) -> str:
    """Return a store's one name: ``AppSource`` for ``SPZA``. An unknown source stays as it came."""
    return _find_source(text) or text


def _find_source(text: str) -> str:
    return _SOURCES.get(re.sub(r"[\W_]", "", text).lower(), "")


def find_offer(url_offer: str, payload: Payload, origin: LeadSource) -> Offer:
    """Return the offer: from the URL, else from ids in the body, else from ``LeadSource``, else only a title."""
    title = payload.offer_title or ("" if parse_offer_id(origin.offer) else origin.offer)
    named = partial(Offer, title=title)
    if url_offer:
        return named(*(parse_offer_id(url_offer) or ("", url_offer)))
    if payload.offer_id:
        publisher, offer = fold_text(payload.publisher_id), fold_text(payload.offer_id)
        if publisher:
            return named(publisher, offer.removeprefix(f"{publisher}."))
        return named(*(parse_offer_id(offer) or ("", offer)))
    if payload.product_id:
        return named(*(parse_offer_id(payload.product_id) or ("", fold_text(payload.product_id))))
    return named(*(parse_offer_id(origin.offer) or ("", "")))


def parse_offer_id(text: str) -> tuple[str, str] | None:
    """Read a publisher's id and an offer's id out of ``publisher.offer``, or of a Business Central id.

    ``PUBID.contoso|AID.billing|PAPPID.1111…`` is ``("contoso", "billing")``. None if *text* is a title.
    """
    folded = fold_text(text)
    found = _BUSINESS_CENTRAL_ID.fullmatch(folded) or _OFFER_ID.fullmatch(folded)
    return (found["publisher"], found["offer"]) if found else None
