"""A mail as it is written for SMTP."""

import re
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime

from lead_core.adapters.mail.address import Letter
from lead_core.adapters.mail.text import clean_body, clean_header

AUTOMATIC = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
"""Headers that ask for no absence notes: https://www.rfc-editor.org/rfc/rfc3834#section-5"""


def compose_message(letter: Letter) -> EmailMessage:
    """Write a mail with its headers, in plain text and HTML."""
    message = EmailMessage(policy=SMTP_POLICY)
    message["Message-ID"] = letter.message_id
    message["Date"] = format_datetime(datetime.now(UTC))
    message["From"] = letter.sender.header
    message["To"] = letter.to.header
    if letter.cc:
        message["Cc"] = letter.cc.header
    message["Subject"] = clean_header(letter.mail.subject)
    for name, value in AUTOMATIC.items():
        message[name] = value
    # Quoted-printable: short ASCII lines, which servers without 8BITMIME pass on unchanged.
    message.set_content(clean_body(letter.mail.text), cte="quoted-printable")
    message.add_alternative(clean_body(letter.mail.html), subtype="html", cte="quoted-printable")
    return message


def encode_message(message: EmailMessage) -> bytes:
    """Write a message for SMTP's ``DATA``. A dot at the start of a line is doubled, and a lone dot ends it."""
    return re.sub(rb"(?m)^\.", b"..", message.as_bytes()).removesuffix(b"\r\n") + b"\r\n.\r\n"
