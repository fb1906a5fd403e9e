"""Plain words for actions, answers, statuses, times and countries."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from lead_core.lead.actions import ActionCode
from lead_core.lead.addresses import is_plausible_address
from lead_core.views.contact_links import mailto
from lead_core.views.drafts import OUR_DRAFTS, Occasion
from lead_core.views.words import (
    describe_action,
    describe_attempts,
    describe_day,
    describe_moment,
    describe_status,
    describe_wait,
    name_country,
)

CODES = [*ActionCode, "WALLET", ""]
SOURCES = ["AppSource", "AzureMarketplace", "AzurePortal", "TestDrive", "Elsewhere", ""]


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
def test_an_action_is_described_in_plain_words(code: str, source: str, sentence: str) -> None:
    assert describe_action(code, source) == sentence


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("source", SOURCES)
def test_no_action_is_called_a_purchase(code: str, source: str) -> None:
    words = describe_action(code, source) + str(OUR_DRAFTS.write(Occasion(code=code, first_name="Ana", offer="CRM")))
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
def test_a_wait_is_rounded(waited: timedelta, words: str) -> None:
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
def test_a_moment_is_shown_in_its_own_zone(moment: datetime, words: str) -> None:
    assert describe_moment(moment) == words


@pytest.mark.parametrize(
    ("code", "name"),
    [("BR", "Brazil"), ("KR", "South Korea"), ("TW", "Taiwan"), ("Atlantis", "Atlantis"), ("ZZ", "ZZ"), ("", "")],
)
def test_a_country_is_called_by_its_name(code: str, name: str) -> None:
    assert name_country(code) == name


@pytest.mark.parametrize(
    ("address", "is_one"),
    [
        ("ana@northwind.example", True),
        ("o'brien+x&y=z@sub.example.co", True),
        ("アナ@例え.jp", True),
        ("ana@a.example\nBcc: eve@evil.example", False),
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


@pytest.mark.parametrize(
    "text",
    [
        "Ana <ana@northwind.example>",
        "ana@northwind.example,eve@evil.example",
        "ana@northwind.example?bcc=eve@evil.example",
        "ana\u202e@northwind.example",
    ],
)
def test_what_stands_round_an_address_is_not_written_to(text: str) -> None:
    assert mailto(text) == "mailto:ana@northwind.example"


def test_a_day_is_written_with_its_month_in_letters() -> None:
    assert describe_day(date(2026, 3, 4)) == "4 March 2026"
