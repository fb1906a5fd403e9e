"""Subjects and names in mail headers: every reader shows what was written."""

import re
from base64 import b64decode
from dataclasses import replace
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.adapters.mail.address import address_letter
from lead_core.adapters.mail.message import compose_message
from lead_core.adapters.mail.text import clean_header
from lead_core.messages import Mail

MAIL = Mail("0" * 32, "leads@contoso.com", "sales@contoso.com", "subject", "text", "<p>html</p>")
MAX_LINE_BYTES, MAX_WORD_CHARACTERS = 78, 75
"""https://www.rfc-editor.org/rfc/rfc5322#section-2.1.1 and https://www.rfc-editor.org/rfc/rfc2047#section-2"""
WORDS = st.sampled_from(
    ["KölnSüd", "in", "Köln", "lead", "CRM", "für", "Straße", "例", "\U0001f600", "=?", "2:", "Größe,"]
)
TEXTS = st.lists(WORDS, max_size=40).map(" ".join) | st.text(max_size=300) | st.text("ab ö=?_.", max_size=300)


def header(written: bytes, name: str) -> str:
    """Return a header as it stands in the mail, its lines joined as RFC 5322 says."""
    head = written.partition(b"\r\n\r\n")[0].decode("ascii")
    return next(line for line in re.sub("\r\n(?=[ \t])", "", head).split("\r\n") if line.startswith(name))[
        len(name) + 2 :
    ]


def read_by_hand(text: str) -> str:
    """Decode a header as RFC 2047 says, without the standard library's reading of it."""
    joined = re.sub(r"(?<=\?=)[ \t]+(?==\?)", "", text)
    return re.sub(r"=\?utf-8\?b\?([A-Za-z0-9+/=]*)\?=", lambda word: b64decode(word[1]).decode(), joined)


READERS = {
    "this": lambda written: str(message_from_bytes(written, policy=policy.default)["Subject"] or ""),
    "legacy": lambda written: str(make_header(decode_header(header(written, "Subject")))),
    "by hand": lambda written: read_by_hand(header(written, "Subject")),
}


@pytest.mark.parametrize("reader", READERS)
@given(text=TEXTS)
def test_every_reader_shows_the_subject_as_it_was_written(reader: str, text: str) -> None:
    written = compose_message(address_letter(replace(MAIL, subject=text))).as_bytes()
    assert READERS[reader](written) == clean_header(text)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "text",
    [
        "2 leads still wait, 1 is new: Große Lösung für Köln  und Münster in KölnSüd, Straße, Größe und Maß überall",
        "1 new lead: " + "x" * 400,
        "1 new lead: " + "word " * 60 + "end",
        "例" * 200,
        "\U0001f600" * 100,
        "=?utf-8?b?QUJD?= is no encoded word",
    ],
)
def test_a_long_subject_loses_and_doubles_no_blank(reader: str, text: str) -> None:
    written = compose_message(address_letter(replace(MAIL, subject=text))).as_bytes()
    assert READERS[reader](written) == clean_header(text)


@given(subject=TEXTS, name=TEXTS)
def test_headers_are_short_lines_in_ascii(subject: str, name: str) -> None:
    name = name.replace("<", "").replace(">", "").replace("@", "")
    letter = address_letter(replace(MAIL, subject=subject, to=f"{name}<sales@contoso.com>"))
    written = compose_message(letter).as_bytes()
    head = written.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert max(map(len, head.split(b"\r\n"))) <= MAX_LINE_BYTES
    assert all(len(word) <= MAX_WORD_CHARACTERS for word in re.findall(rb"=\?.*?\?=", head))
    assert b"\r" not in head.replace(b"\r\n", b"")
    assert b"\n" not in head.replace(b"\r\n", b"")
    shown, address = parseaddr(header(written, "To"))
    assert address == "sales@contoso.com"
    assert str(make_header(decode_header(shown))) == letter.to.name
