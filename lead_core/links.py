"""The links in the mails: signed, for one purpose and one recipient, good for thirty days, without personal data."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Self

from itsdangerous import BadData, URLSafeSerializer
from itsdangerous.encoding import base64_decode, base64_encode

from lead_core.errors import ExpiredLinkError, ExpiredListLinkError, ForgedLinkError, IncompleteLinkError
from lead_core.lead.values import LeadKey, format_digest

LINKS_LAST = timedelta(days=30)
CLOCKS_DIFFER = timedelta(minutes=10)
"""Allowed clock skew between workers. A link from further in the future is forged."""
_PURPOSE = "follow-up"
_REPORT = "report"
_MY_LEADS = "my-leads"
_WHOLE = re.compile(r"\.?[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{27}")
"""What is signed, which begins with a dot if it is packed, and its signature."""
_CUT_OFF = re.compile(r"\.?[A-Za-z0-9_-]*(\.[A-Za-z0-9_-]{0,26})?")


class Holder(NamedTuple):
    """Whose a link is, and since when it works."""

    recipient: str
    """A digest of the recipient's address. See `name_recipient`."""
    signed_at: datetime

    @classmethod
    def of(cls, address: str, now: datetime) -> Self:
        """Return the holder of a link that is signed now for the reader of mails to *address*."""
        return cls(name_recipient(address), now)


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says: which lead, and whose it is."""

    lead: LeadKey
    holder: Holder


@dataclass(frozen=True, slots=True)
class LinkSigner:
    """Signs links with the first key, and reads links of every key. So keys can be changed."""

    keys: tuple[str, ...] = field(repr=False)
    public_url: str

    def sign(self, lead: LeadKey, recipient: str, *, now: datetime) -> str:
        """Return the address of the follow-up page of *lead* for the reader of mails to *recipient*."""
        return self.sign_lead_for(Holder.of(recipient, now), lead)

    def sign_lead_for(self, holder: Holder, lead: LeadKey) -> str:
        """Return the address of the follow-up page of *lead* for the holder of another link. Both expire together."""
        return self._sign(_PURPOSE, *lead, holder=holder)

    def read(self, token: str, *, now: datetime) -> Link:
        """Read the token of a link. Raises: ForgedLinkError, IncompleteLinkError, ExpiredLinkError."""
        link = self.read_expired(token)
        if not _is_in_time(link.holder, now):
            raise ExpiredLinkError
        return link

    def sign_report(self, recipient: str, *, now: datetime) -> str:
        """Return the address of the report for the reader of mails to *recipient*."""
        return self.sign_report_for(Holder.of(recipient, now))

    def sign_report_for(self, holder: Holder) -> str:
        """Return the address of the report for the holder of another link. Both expire together."""
        return self._sign(_REPORT, holder=holder)

    def sign_my_leads(self, owner: str, *, now: datetime) -> str:
        """Return the address of the page that lists the open leads of *owner*."""
        return self.sign_my_leads_for(Holder.of(owner, now))

    def sign_my_leads_for(self, holder: Holder) -> str:
        """Return the address of the page that lists the open leads of another link's holder. Both expire together."""
        return self._sign(_MY_LEADS, holder=holder)

    def read_report(self, token: str, *, now: datetime) -> Holder:
        """Read the token of a link to the report, and return whose it is.

        Raises: ForgedLinkError, IncompleteLinkError, ExpiredListLinkError.
        """
        return self._read_page(_REPORT, token, now)

    def read_my_leads(self, token: str, *, now: datetime) -> Holder:
        """Read the token of a link to an owner's open leads, and return whose it is.

        Raises: ForgedLinkError, IncompleteLinkError, ExpiredListLinkError.
        """
        return self._read_page(_MY_LEADS, token, now)

    def _sign(self, purpose: str, *said: str, holder: Holder) -> str:
        token = self._serializer(purpose).dumps([*said, holder.recipient, int(holder.signed_at.timestamp())])
        return f"{self.public_url}/api/{purpose}/{token}"

    def _read_page(self, purpose: str, token: str, now: datetime) -> Holder:
        holder = Holder(*self._load(purpose, token, 2))
        if not _is_in_time(holder, now):
            raise ExpiredListLinkError
        return holder

    def read_expired(self, token: str) -> Link:
        """Read the token of a link, however old it is. It proves no more than that someone once had the link.

        Raises: ForgedLinkError, IncompleteLinkError.
        """
        partition, row, *holder = self._load(_PURPOSE, token, 4)
        return Link(LeadKey(partition, row), Holder(*holder))

    def _load(self, purpose: str, token: str, parts: int) -> tuple[Any, ...]:
        """Return what a token says, and last when it was signed."""
        if not _WHOLE.fullmatch(token):
            raise IncompleteLinkError if _CUT_OFF.fullmatch(token) else ForgedLinkError
        try:
            *said, signed_at = self._serializer(purpose).loads(token)
            signature = token.rpartition(".")[2]
            # Base64 can spell the same bytes in several ways. A link has only one spelling.
            if base64_encode(base64_decode(signature)).decode() != signature or len(said) != parts - 1:
                raise ForgedLinkError
            return *said, datetime.fromtimestamp(signed_at, UTC)
        except (BadData, ValueError, TypeError):
            raise ForgedLinkError from None

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        # The serializer signs with the last of its keys.
        return URLSafeSerializer(list(reversed(self.keys)), salt=purpose)


def _is_in_time(holder: Holder, now: datetime) -> bool:
    return -CLOCKS_DIFFER <= now - holder.signed_at <= LINKS_LAST


def read_unproven(token: str) -> LeadKey | None:
    """Return the lead that a link names, whatever key signed it. None if *token* is of no link.

    Only for people who may read every lead anyway, and may not have the key that signed it.
    """
    _, said = URLSafeSerializer("", salt=_PURPOSE).loads_unsafe(token)
    match said:
        case [str(partition), str(row), str(), int()]:
            return LeadKey(partition, row)
    return None


def name_recipient(address: str) -> str:
    """Return what stands for an address in a link, in whatever letter case it is written."""
    return format_digest(_PURPOSE, address.lower())[:16]
