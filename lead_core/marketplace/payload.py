"""What the marketplace posts: one JSON object, in several shapes and any letter case.

Documented: https://learn.microsoft.com/partner-center/referrals/commercial-marketplace-lead-management-instructions-https
Publishers see ``userDetails`` and ``UserDetails``. Flows and form tools send it on in shapes of their own.
"""

from lead_core.errors import RejectCode, UnreadableLeadError
from lead_core.lead.person import Contact
from lead_core.lead.received import Payload
from lead_core.marketplace import members as named
from lead_core.marketplace.body import Members
from lead_core.marketplace.charset import decode_text
from lead_core.marketplace.leads import find_leads
from lead_core.marketplace.members import PERSON_FIELDS, Texts, find_person

_NOBODYS_NAME = frozenset({"fnu", "lnu"})
"""*First name unknown*, *last name unknown*: placeholders in names only, because LNU is also a university."""


def parse_payload(body: bytes, charset: str = "") -> Payload:
    """Read a notification.

    Raises: UnreadableLeadError, with the codes of `split` and ``no-lead`` for an object that says nothing.
    """
    lead = find_leads(decode_text(body, charset).text)[0].value
    payload = read_payload(lead if isinstance(lead, Members) else Members())
    if payload == Payload(Contact()):
        raise UnreadableLeadError(
            RejectCode.NO_LEAD,
            "This is valid JSON, but no lead is found in it: no person, no offer, no action, or several that differ.",
        )
    return payload


def read_payload(lead: Members) -> Payload:
    """Return what the members of a lead say."""
    person = find_person(lead)
    texts = Texts(Members([*lead, *person]))
    return Payload(
        contact=_read_contact(person),
        lead_source=texts.line(*named.LEAD_SOURCE),
        action_code=texts.line(*named.ACTION_CODE),
        offer_title=texts.line(*named.OFFER_TITLE),
        description=texts.paragraphs(*named.DESCRIPTION),
        offer_id=texts.line(*named.OFFER_ID),
        publisher_id=texts.line(*named.PUBLISHER_ID),
        product_id=texts.line(*named.PRODUCT_ID),
    )


def _read_contact(person: Members) -> Contact:
    texts = Texts(person)
    first_name, last_name = (
        texts.line(*PERSON_FIELDS[field], but=_NOBODYS_NAME) for field in ("first_name", "last_name")
    )
    if not (first_name or last_name):
        first_name, last_name = split_name(texts.line(*named.FULL_NAMES))
    return Contact(
        first_name,
        last_name,
        *(texts.line(*PERSON_FIELDS[field]) for field in ("email", "phone", "country", "company", "title")),
    )


def split_name(name: str) -> tuple[str, str]:
    """Read a first and a last name out of ``Ada Lovelace`` or ``Lovelace, Ada``. One word is a first name."""
    last, comma, first = (part.strip() for part in name.partition(","))
    if comma and first and " " not in last:
        return first, last
    first, _, last = name.rpartition(" ")
    return (first, last) if first else (last, "")
