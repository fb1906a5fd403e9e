"""What the marketplace posts: one JSON object, in several shapes and any letter case.

Documented: https://learn.microsoft.com/partner-center/referrals/commercial-marketplace-lead-management-instructions-https
Names are matched in any letter case, at both levels (publishers see ``userDetails`` and ``UserDetails``).
"""

from collections.abc import Iterable, Iterator

from lead_core.errors import RejectCode, UnreadableLeadError
from lead_core.lead.person import Contact
from lead_core.lead.received import Payload
from lead_core.lead.values import clean_line, clean_text
from lead_core.marketplace.body import Members, parse_object

_NOTHING = {"--", "not specified"}
_NOBODYS_NAME = {"fnu", "lnu"}
"""*First name unknown*, *last name unknown*: placeholders in names only, because LNU is also a university."""


def parse_payload(body: bytes) -> Payload:
    """Read a notification.

    Raises: UnreadableLeadError, with the codes of `parse_object` and ``no-lead`` for an object that says nothing.
    """
    members = parse_object(body)
    texts = _Texts(members)
    person = _Texts(_read_person(members))
    payload = Payload(
        contact=Contact(
            first_name=person.name("firstname"),
            last_name=person.name("lastname"),
            email=person.line("email"),
            phone=person.line("phone"),
            country=person.line("country"),
            company=person.line("company"),
            title=person.line("title"),
        ),
        lead_source=texts.line("leadsource"),
        action_code=texts.line("actioncode"),
        offer_title=texts.line("offertitle", "offerdisplayname"),
        description=texts.paragraphs("description", "notes"),
        offer_id=texts.line("offerid"),
        publisher_id=texts.line("publisherid"),
        product_id=texts.line("productid"),
    )
    if payload == Payload(Contact()):
        raise UnreadableLeadError(
            RejectCode.NO_LEAD,
            "This is valid JSON, but nothing in it is part of a lead: no person, no offer, no action.",
        )
    return payload


def _read_person(members: Members) -> Members:
    """Return the members of every ``UserDetails`` or ``CustomerInfo``, as an object or as JSON text."""
    return Members(
        member
        for name, value in members
        if name.casefold() in {"userdetails", "customerinfo"}
        for member in _read_nested(value)
    )


def _read_nested(value: object) -> Members:
    if isinstance(value, Members):
        return value
    if isinstance(value, str):
        try:
            return parse_object(value.encode("utf-8", "replace"))
        except UnreadableLeadError:
            pass  # It is not lost: the lead's Body keeps it.
    return Members()


class _Texts:
    """The texts of an object by name, in any letter case. If a name comes twice, the first useful text wins."""

    def __init__(self, members: Members) -> None:
        self._members = [(name.casefold(), text) for name, value in members for text in _as_text(value)]

    def line(self, *names: str) -> str:
        return self._first(clean_line(text) for text in self._spelled(names))

    def paragraphs(self, *names: str) -> str:
        return self._first(clean_text(text) for text in self._spelled(names))

    def name(self, name: str) -> str:
        return self._first(
            line for line in map(clean_line, self._spelled((name,))) if line.lower() not in _NOBODYS_NAME
        )

    def _spelled(self, names: tuple[str, ...]) -> Iterator[str]:
        return (text for wanted in names for name, text in self._members if name == wanted)

    @staticmethod
    def _first(texts: Iterable[str]) -> str:
        return next((text for text in texts if text and not _is_placeholder(text)), "")


def _as_text(value: object) -> Iterator[str]:
    """Yield a scalar as text. A list or an object has nothing that can be shown."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, bool):
        yield str(value).lower()
    elif isinstance(value, int):
        yield str(value)


def _is_placeholder(text: str) -> bool:
    return text.lower() in _NOTHING or text.lower() == "campaigns:"
