"""Links by which a salesperson reaches a customer."""

from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.lead.addresses import find_address
from lead_core.lead.values import clean_line, clean_text
from lead_core.views.contact_links import mailto, space_phone, tel

ADDRESSES = st.from_regex(r"[^\s@<>()\[\],;:\\\"]{1,30}@[a-z]{1,9}\.[a-z]{2,5}", fullmatch=True)


@pytest.mark.parametrize(
    ("phone", "shown", "link"),
    [
        ("+16175555555", "+1 617-555-5555", "tel:+16175555555"),
        ("+16175555555 x12", "+1 617-555-5555 x12", "tel:+16175555555;ext=12"),
        ("+5511912345678", "+55 11 91234-5678", "tel:+5511912345678"),
        ("+99912345678", "+99912345678", "tel:+99912345678"),  # a country that nobody has
        ("02 555 123", "02 555 123", ""),
        ("+1617;phone-context=evil", "+1617;phone-context=evil", ""),
        ("+1617555５555", "+1617555５555", ""),
        ("", "", ""),
    ],
)
def test_a_phone_can_be_read_and_called(phone: str, shown: str, link: str) -> None:
    assert (space_phone(phone), tel(phone)) == (shown, link)


@given(ADDRESSES, st.text(), st.text())
def test_a_mail_link_reads_back_as_it_was_written(address: str, subject: str, body: str) -> None:
    link = mailto(address, subject=subject, body=body)
    if not find_address(address):
        assert link == ""
        return
    parts = urlsplit(link)
    fields = dict(parse_qsl(parts.query.replace("+", "%2B"), strict_parsing=bool(parts.query)))
    assert link.isascii()
    assert (parts.scheme, unquote(parts.path), parts.fragment) == ("mailto", find_address(address), "")
    assert fields.get("subject", "") == clean_line(subject)
    assert fields.get("body", "").replace("\r\n", "\n") == clean_text(body)


@pytest.mark.parametrize(
    "text",
    [
        "ada@x.example; bob@x.example",
        "Ada <ada@x.example>",
        '"ada@x.example"',
        "ada@x.example;",
        "mailto:ada@x.example",
    ],
)
def test_a_mail_link_goes_to_the_first_address(text: str) -> None:
    assert mailto(text, subject="Hello") == "mailto:ada@x.example?subject=Hello"


def test_a_mail_link_reaches_a_domain_in_any_alphabet() -> None:
    assert mailto("jose@münchen.example") == "mailto:jose@m%C3%BCnchen.example"
