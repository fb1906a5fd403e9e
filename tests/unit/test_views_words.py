import re
from datetime import UTC, date, datetime, timedelta, timezone
from email.message import EmailMessage
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.lead.values import clean_line, clean_text
from lead_core.views.contact_links import mailto, space_phone, tel
from lead_core.views.drafts import draft_first_answer, draft_next_answer
from lead_core.views.safe_text import calm, show_line, show_text
from lead_core.views.words import (
    describe_action,
    describe_attempts,
    describe_day,
    describe_moment,
    describe_status,
    describe_wait,
    is_plausible_address,
    name_country,
)

CODES = ["PLT", "INS", "Create", "StartTestDrive", "DNC", "WALLET", ""]
SOURCES = ["AppSource", "AzureMarketplace", "AzurePortal", "TestDrive", "Elsewhere", ""]
WINDOWS_LINK_LIMIT = 2_000  # Longer links do not open a mail program there.


@pytest.mark.parametrize(
    ("code", "source", "sentence"),
    [
        ("PLT", "AppSource", "pressed Contact me on AppSource"),
        ("PLT", "", "pressed Contact me"),
        ("INS", "AzureMarketplace", "pressed Get it now or Free trial on Azure Marketplace"),
        ("INS", "AzurePortal", "pressed Get it now or Free trial in the Azure portal"),
        ("StartTestDrive", "TestDrive", "started a test drive"),
        ("Create", "AzureMarketplace", "pressed Create in the Azure portal"),
        ("DNC", "AppSource", "asked another partner on AppSource"),
        ("WALLET", "AppSource", "did “WALLET” on AppSource"),
        ("WALLET", "Some\nStore", "did “WALLET” on Some Store"),
        ("", "AppSource", "got in touch on AppSource"),
        ("", "", "got in touch"),
    ],
)
def test_an_action_is_said_in_plain_words(code: str, source: str, sentence: str) -> None:
    assert describe_action(code, source) == sentence


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("source", SOURCES)
def test_nobody_is_said_to_have_bought(code: str, source: str) -> None:
    words = describe_action(code, source) + str(draft_first_answer(code=code, first_name="Ana", offer="CRM"))
    assert not re.search(r"bought|purchase|order", words, re.IGNORECASE)


@pytest.mark.parametrize(
    ("waited", "words"),
    [
        (timedelta(minutes=-5), "less than a minute"),
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=20, seconds=59), "20 minutes"),
        (timedelta(minutes=59, seconds=59), "59 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=5, minutes=59), "5 hours"),
        (timedelta(hours=24), "24 hours"),
        (timedelta(hours=47, minutes=59), "47 hours"),
        (timedelta(hours=48), "2 days"),
        (timedelta(days=3, hours=23), "3 days"),
        (timedelta(days=400), "400 days"),
    ],
)
def test_a_wait_is_said_roughly(waited: timedelta, words: str) -> None:
    assert describe_wait(waited) == words


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("New", "New"),
        ("Contacted", "Contacted"),
        ("Qualified", "Qualified"),
        ("Disqualified", "Disqualified (not a fit)"),
        ("DoNotContact", "Do not contact"),
        ("called?", "called?"),
    ],
)
def test_a_status_is_shown_in_the_tables_word(status: str, words: str) -> None:
    assert describe_status(status) == words


@pytest.mark.parametrize(
    ("attempts", "words"),
    [(0, ""), (1, "Tried once, no answer yet."), (2, "Tried 2 times, no answer yet.")],
)
def test_attempts_are_counted(attempts: int, words: str) -> None:
    assert describe_attempts(attempts) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 11, 3, 8, 5, tzinfo=UTC), "3 November 2026, 08:05 UTC"),
        (datetime(2026, 11, 3, 8, 5, tzinfo=timezone(timedelta(hours=1), "CET")), "3 November 2026, 08:05 CET"),
        (datetime(2026, 11, 3, 8, 5, tzinfo=timezone(timedelta(hours=-3), "-03")), "3 November 2026, 08:05 UTC-03"),
    ],
)
def test_a_moment_is_said_in_its_own_zone(moment: datetime, words: str) -> None:
    assert describe_moment(moment) == words


@pytest.mark.parametrize(
    ("code", "name"),
    [("BR", "Brazil"), ("KR", "South Korea"), ("TW", "Taiwan"), ("Atlantis", "Atlantis"), ("ZZ", "ZZ"), ("", "")],
)
def test_a_country_is_called_by_its_name(code: str, name: str) -> None:
    assert name_country(code) == name


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


@pytest.mark.parametrize(
    ("text", "calmed"),
    [("a\u202eb\u202cc", "abc"), ("\u2066x\u2069\u2067\u2068", "x"), ("שלום\u200f!", "שלום\u200f!"), ("", "")],
)
def test_nothing_turns_its_surroundings_round(text: str, calmed: str) -> None:
    assert calm(text) == calmed


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", ()),
        ("one", ("one",)),
        ("one\r\ntwo\rthree\u2028four", ("one", "two", "three", "four")),
        ("one\n \n\n\ttwo", ("one", "", "two")),
        ("\n\none\n\n", ("one",)),
        ("x" * 30, ("x" * 19 + "…",)),
        ("\n".join("abcdef"), ("a", "b", "c", "d", "…")),
    ],
)
def test_a_text_is_cut_and_keeps_its_lines(text: str, lines: tuple[str, ...]) -> None:
    assert show_text(text, 20, max_lines=5) == lines


@pytest.mark.parametrize(
    ("address", "is_one"),
    [
        ("ana@northwind.example", True),
        ("o'brien+x&y=z@sub.example.co", True),
        ("アナ@例え.jp", True),
        ("Ana <ana@northwind.example>", False),
        ("ana@northwind.example,eve@evil.example", False),
        ("ana@northwind.example?bcc=eve@evil.example", False),
        ("ana@a.example\nBcc: eve@evil.example", False),
        ("ana\u202e@northwind.example", False),
        ("ana@northwind", False),
        ("ana@@northwind.example", False),
        ("a" * 250 + "@b.cc", False),
        ("", False),
    ],
)
def test_only_an_address_is_written_to(address: str, is_one: bool) -> None:
    assert is_plausible_address(address) is is_one
    assert bool(mailto(address)) is is_one
    assert mailto(address, subject="x").startswith("mailto:") is is_one


ADDRESSES = st.from_regex(r"[^\s@<>()\[\],;:\\\"]{1,30}@[a-z]{1,9}\.[a-z]{2,5}", fullmatch=True)


@given(ADDRESSES, st.text(), st.text())
def test_a_mail_link_reads_back_as_it_was_written(address: str, subject: str, body: str) -> None:
    link = mailto(address, subject=subject, body=body)
    if not is_plausible_address(address):
        assert link == ""
        return
    parts = urlsplit(link)
    fields = dict(parse_qsl(parts.query.replace("+", "%2B"), strict_parsing=bool(parts.query)))
    assert link.isascii()
    assert (parts.scheme, unquote(parts.path), parts.fragment) == ("mailto", address, "")
    assert fields.get("subject", "") == clean_line(subject)
    assert fields.get("body", "").replace("\r\n", "\n") == clean_text(body)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("offer", ["Contoso CRM", "", "家" * 300])
def test_a_draft_is_short_asks_one_question_and_is_ready_to_send(code: str, offer: str) -> None:
    subject, body = draft_first_answer(code=code, first_name="Ana", offer=offer)
    assert body.startswith("Hello Ana,\n\nThank you for ")
    assert body.count("?") == 1
    assert body.endswith("?\n\nBest regards")
    assert len(mailto("ana@northwind.example", subject=subject, body=body)) < WINDOWS_LINK_LIMIT
    assert offer[:20] in subject
    assert offer[:20] in body


def test_a_later_draft_thanks_for_nothing_twice() -> None:
    subject, body = draft_next_answer(first_name="Ana", offer="Contoso CRM")
    assert subject == "Following up on Contoso CRM"
    assert body == (
        "Hello Ana,\n\nI am getting back to you about Contoso CRM.\n\nHow can I help you further?\n\nBest regards"
    )


@pytest.mark.parametrize("name", ["Ana", "Jean-Luc", "D’Angelo", "伟", "Zoë M.", "ליאת", "अनीता"])
def test_a_customer_is_greeted_by_name(name: str) -> None:
    assert draft_first_answer(code="PLT", first_name=name, offer="CRM")[1].startswith(f"Hello {name},")


@pytest.mark.parametrize("name", ["", "{{7*7}}", "ana@northwind.example", "Win 500!", "<b>Ana</b>", "x" * 99])
def test_what_is_no_name_greets_nobody(name: str) -> None:
    assert draft_first_answer(code="PLT", first_name=name, offer="CRM")[1].startswith("Hello,\n")


@given(st.text(), st.integers(min_value=1, max_value=99))
def test_a_line_fits_into_a_header(text: str, limit: int) -> None:
    line = show_line(text, limit)
    EmailMessage()["Subject"] = line
    assert len(line) <= limit
    assert line == calm(line)


def test_a_day_is_written_with_its_month_in_letters() -> None:
    assert describe_day(date(2026, 3, 4)) == "4 March 2026"
