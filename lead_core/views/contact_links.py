"""Links by which a salesperson reaches a customer: a mail, a call."""

import re
from urllib.parse import quote, urlencode

from lead_core.lead.addresses import find_address
from lead_core.lead.values import clean_line, clean_text

_E164 = re.compile(r"(?P<number>\+[1-9][0-9]{4,14})(?: x(?P<extension>[0-9]{1,11}))?")


def mailto(text: str, *, subject: str = "", body: str = "") -> str:
    """Return the link that opens a mail to the first address in *text*, or ``""`` if it has none.

    https://www.rfc-editor.org/rfc/rfc6068
    """
    local, at, domain = find_address(text).rpartition("@")
    if not at:
        return ""
    lines = clean_text(body).replace("\n", "\r\n")
    fields = {name: text for name, text in (("subject", clean_line(subject)), ("body", lines)) if text}
    link = f"mailto:{quote(local, safe='')}@{quote(domain, safe='')}"
    return f"{link}?{urlencode(fields, quote_via=quote, safe='')}" if fields else link


def tel(phone: str) -> str:
    """Return the link that calls an E.164 number, with its extension, or ``""``: ``tel:+16175555555;ext=12``.

    https://www.rfc-editor.org/rfc/rfc3966
    """
    found = _E164.fullmatch(phone)
    if not found:
        return ""
    return f"tel:{found['number']};ext={found['extension']}" if found["extension"] else f"tel:{found['number']}"


def space_phone(phone: str) -> str:
    """Return an E.164 number with its country's spaces: ``+1 617-555-5555``. Other texts stay as they came."""
    import phonenumbers  # noqa: PLC0415 -- reads files that the brief mail does not need

    found = _E164.fullmatch(phone)
    if not found:
        return phone
    try:
        number = phonenumbers.parse(found["number"])
    except phonenumbers.NumberParseException:
        return phone
    spaced = str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
    return f"{spaced} x{found['extension']}" if found["extension"] else spaced
