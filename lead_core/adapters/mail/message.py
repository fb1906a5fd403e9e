"""A mail as it is written for SMTP."""

import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime

from lead_core.adapters.mail.address import Letter, Mailbox
from lead_core.adapters.mail.text import clean_body, clean_header

AUTOMATIC = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
"""Headers that ask for no absence notes: https://www.rfc-editor.org/rfc/rfc3834#section-5"""
# The standard library's folding doubles and loses blanks between encoded words. So our headers come folded.
_POLICY = SMTP_POLICY.clone(refold_source="none")
_MAX_LINE_CHARACTERS = 78 - len('Subject: ""')
_MAX_WORD_BYTES = 39
"""In base64 and with its frame, such an encoded word fits beside the header's name."""


def compose_message(letter: Letter) -> EmailMessage:
    """Write a mail with its headers, in plain text and HTML."""
    message = EmailMessage(policy=_POLICY)
    message["Message-ID"] = letter.message_id
    message["Date"] = format_datetime(datetime.now(UTC))
    message.set_raw("From", write_mailbox(letter.sender))
    message.set_raw("To", write_mailbox(letter.to))
    message.set_raw("Subject", write_text(clean_header(letter.mail.subject)))
    for name, value in AUTOMATIC.items():
        message[name] = value
    # Quoted-printable: short ASCII lines, which servers without 8BITMIME pass on unchanged.
    message.set_content(clean_body(letter.mail.text), cte="quoted-printable")
    message.add_alternative(clean_body(letter.mail.html), subtype="html", cte="quoted-printable")
    return message


def write_text(text: str) -> str:
    """Write one line of text as a header holds it: as it is, or in encoded words, each on a line of its own.

    All blanks stand inside of the words, because readers drop those between them.
    https://www.rfc-editor.org/rfc/rfc2047#section-6.2
    """
    return text if _is_plain(text) else _encode_words(text)


def write_mailbox(mailbox: Mailbox) -> str:
    """Write a name and an address as a header holds them."""
    if not mailbox.name:
        return mailbox.address
    is_quoted = _is_plain(mailbox.name) and not re.search(r'["\\]', mailbox.name)
    name = f'"{mailbox.name}"' if is_quoted else _encode_words(mailbox.name)
    return f"{name}\r\n <{mailbox.address}>"


def _is_plain(text: str) -> bool:
    return text.isascii() and len(text) <= _MAX_LINE_CHARACTERS and "=?" not in text


def _encode_words(text: str) -> str:
    return "\r\n ".join(f"=?utf-8?b?{b64encode(word.encode()).decode()}?=" for word in _cut_into_words(text))


def _cut_into_words(text: str) -> Iterator[str]:
    """Cut *text* between characters, so that each piece can be read by itself."""
    word, word_bytes = "", 0
    for character in text:
        size = len(character.encode())
        if word_bytes + size > _MAX_WORD_BYTES:
            yield word
            word, word_bytes = "", 0
        word, word_bytes = word + character, word_bytes + size
    yield word


def encode_message(message: EmailMessage) -> bytes:
    """Write a message for SMTP's ``DATA``. A dot at the start of a line is doubled, and a lone dot ends it."""
    return re.sub(rb"(?m)^\.", b"..", message.as_bytes()).removesuffix(b"\r\n") + b"\r\n.\r\n"
