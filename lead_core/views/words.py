"""Plain words for what customers did and how long they wait, links to reach them, and a first answer to send.

Everything that a customer wrote goes through `calm`, `show_line` or `show_text` before somebody sees it.
"""

import re
import unicodedata
from datetime import date, datetime, timedelta
from urllib.parse import quote, urlencode

from lead_core.lead.addresses import is_plausible_address
from lead_core.lead.values import clean_line, clean_text, shorten

OUR_OFFER = "our offer on Microsoft's marketplace"
"""What an offer without a title is called, to a customer."""

# Embeddings, overrides and isolates: they turn what stands round them. The marks that only help to read stay.
_TURNS_AROUND = re.compile("[\u202a-\u202e\u2066-\u2069]")
_E164 = re.compile(r"(?P<number>\+[1-9][0-9]{4,14})(?: x(?P<extension>[0-9]{1,11}))?")
_PLACES = {
    "AzureMarketplace": "on Azure Marketplace",
    "AzurePortal": "in the Azure portal",
    "AppSource": "on AppSource",
    "TestDrive": "in a test drive",
}
_STATUSES = {"Disqualified": "Disqualified (not a fit)", "DoNotContact": "Do not contact"}
_MAX_FIRST_NAME_CHARACTERS = 40
_MAX_OFFER_CHARACTERS = 50


def calm(text: str) -> str:
    """Give *text* without the control characters that reverse what is written round them."""
    return _TURNS_AROUND.sub("", text)


def show_line(text: str, limit: int) -> str:
    """Give *text* on one line of at most *limit* characters."""
    return shorten(clean_line(calm(text)), limit)


def show_text(text: str, limit: int, *, max_lines: int = 40) -> tuple[str, ...]:
    """Give the lines of *text*, which is cut with ``…``; of several blank lines, one is left."""
    whole = re.sub(r"\n[ \t]*(\n[ \t]*)+", "\n\n", clean_text(calm(text)))
    lines = shorten(whole, limit).splitlines()
    return (*lines[: max_lines - 1], "…") if len(lines) > max_lines else tuple(lines)


def describe_action(code: str, source: str) -> str:
    """Say what the customer did: ``pressed Contact me on AppSource``. Pressing a button is no purchase.

    A code that nobody has described is quoted as it came: ``did “WALLET” on AppSource``.
    """
    code, source = show_line(code, _MAX_OFFER_CHARACTERS), show_line(source, _MAX_OFFER_CHARACTERS)
    place = _PLACES.get(source, f"on {source}" if source else "")
    did = {
        "PLT": f"pressed Contact me {place}",
        "INS": f"pressed Get it now or Free trial {place}",
        "StartTestDrive": "started a test drive",
        "Create": "pressed Create in the Azure portal",
        "DNC": f"asked another partner {place}",
        "": f"got in touch {place}",
    }
    return did.get(code, f"did “{code}” {place}").strip()


def describe_caution(code: str) -> str:
    """Say what must not be read into an action, ``""`` where there is nothing to warn of."""
    return "That is no proof of a purchase." if code in {"INS", "Create"} else ""


def describe_wait(waited: timedelta) -> str:
    """Say how long, roughly: ``20 minutes``, ``5 hours``, ``3 days``. Up to two days it is hours."""
    minutes = max(int(waited.total_seconds() // 60), 0)
    if minutes < 1:
        return "less than a minute"
    if minutes < 60:  # noqa: PLR2004 -- an hour's
        return count(minutes, "minute")
    return count(minutes // 60, "hour") if minutes < 2 * 24 * 60 else count(minutes // (24 * 60), "day")


def describe_status(status: str) -> str:
    """Give a status of the table as people read it: ``Do not contact`` for ``DoNotContact``."""
    return _STATUSES.get(status, status)


def describe_attempts(attempts: int) -> str:
    """Say how often the customer was tried in vain; ``""`` for never."""
    return {0: "", 1: "Tried once, no answer yet."}.get(attempts, f"Tried {attempts} times, no answer yet.")


def describe_day(day: date) -> str:
    """Write a date that no country reads the other way round: ``23 November 2026``."""
    return f"{day.day} {day:%B %Y}"


def describe_moment(moment: datetime) -> str:
    """Write a time in the zone that it is given in: ``23 November 2026, 08:15 UTC``."""
    zone = moment.tzname() or ""
    return f"{describe_day(moment)}, {moment:%H:%M} {zone if zone[:1].isalpha() else 'UTC' + zone}"


def count(number: int, thing: str) -> str:
    """Write ``1 lead``, ``2 leads``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def name_country(code: str) -> str:
    """Give the name behind an ISO 3166 code; what is no code stays as it came."""
    import pycountry  # noqa: PLC0415 -- reads a file that the brief mail does not need

    found = pycountry.countries.get(alpha_2=code) if code else None
    return str(getattr(found, "common_name", found.name)) if found else code


def format_phone(phone: str) -> str:
    """Space an E.164 number as its country does: ``+1 617-555-5555``. What is none stays as it came."""
    import phonenumbers  # noqa: PLC0415 -- see above

    found = _E164.fullmatch(phone)
    if not found:
        return phone
    try:
        number = phonenumbers.parse(found["number"])
    except phonenumbers.NumberParseException:
        return phone
    spaced = str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
    return f"{spaced} x{found['extension']}" if found["extension"] else spaced


def mailto(address: str, *, subject: str = "", body: str = "") -> str:
    """Give the link that opens a mail to *address*, or ``""`` where that is no address.

    https://www.rfc-editor.org/rfc/rfc6068
    """
    if not is_plausible_address(address):
        return ""
    local, _, domain = address.rpartition("@")
    lines = clean_text(body).replace("\n", "\r\n")
    fields = {name: text for name, text in (("subject", clean_line(subject)), ("body", lines)) if text}
    link = f"mailto:{quote(local, safe='')}@{quote(domain, safe='')}"
    return f"{link}?{urlencode(fields, quote_via=quote, safe='')}" if fields else link


def tel(phone: str) -> str:
    """Give the link that calls an E.164 number, with its extension, or ``""``: ``tel:+16175555555;ext=12``.

    https://www.rfc-editor.org/rfc/rfc3966
    """
    found = _E164.fullmatch(phone)
    if not found:
        return ""
    return f"tel:{found['number']};ext={found['extension']}" if found["extension"] else f"tel:{found['number']}"


def draft_first_answer(*, code: str, first_name: str, offer: str, sender_hint: str = "") -> tuple[str, str]:
    """Write the subject and the body of a first answer to a customer: thanks, help, and one question.

    *sender_hint* is the name under it; without one, the salesperson's own signature follows.
    """
    offer = show_line(offer, _MAX_OFFER_CHARACTERS) or OUR_OFFER
    thanks, question = {
        "PLT": (
            f"Thank you for asking us to get in touch about {offer}. I am glad to help.",
            "When would a short call suit you, today or tomorrow?",
        ),
        "StartTestDrive": (
            f"Thank you for taking a test drive of {offer}. If anything is unclear, just reply to this mail.",
            "What would you like it to do for you?",
        ),
        "Create": (
            f"Thank you for your interest in {offer}. If you are setting it up in Azure, I am glad to help.",
            "Is there anything in your way?",
        ),
        "INS": (
            f"Thank you for your interest in {offer}. I am your contact here and glad to help you get started.",
            "What would you like to use it for?",
        ),
    }.get(
        code,
        (f"Thank you for your interest in {offer}. I am your contact here.", "How can I help you?"),
    )
    return f"Your interest in {offer}", _write_letter(first_name, thanks, question, sender_hint)


def draft_next_answer(*, first_name: str, offer: str, sender_hint: str = "") -> tuple[str, str]:
    """Write the subject and the body of a mail to a customer who was answered before."""
    offer = show_line(offer, _MAX_OFFER_CHARACTERS) or OUR_OFFER
    opening = f"I am getting back to you about {offer}."
    return f"Following up on {offer}", _write_letter(first_name, opening, "How can I help you further?", sender_hint)


def _write_letter(first_name: str, opening: str, question: str, sender_hint: str) -> str:
    name = show_line(first_name, _MAX_FIRST_NAME_CHARACTERS)
    # Some forms are filled in with an address or a slogan: better no name than that one.
    is_name = name and all(unicodedata.category(c)[0] in "LM" or c in " .'\u2019-\u00b7" for c in name)
    greeting = f"Hello {name}," if is_name else "Hello,"
    closing = "\n".join(filter(None, ("Best regards", show_line(sender_hint, _MAX_FIRST_NAME_CHARACTERS))))
    return f"{greeting}\n\n{opening}\n\n{question}\n\n{closing}"
