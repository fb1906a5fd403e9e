"""Who waits since when: the subject of a mail, and the line under it."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.lead.delivery import Shown
from lead_core.lead.follow_up import Kind
from lead_core.views.card import Card, Detail
from lead_core.views.digest import compose_digest
from lead_core.views.openings import Passing, Reopening
from lead_core.views.subject import list_offers
from tests.seen import card, digest


def lead(company: str = "Klinikum Süd", **more: Any) -> Card:
    return card(company=company, **more)


def waiting(days: float, company: str = "Klinikum Süd", **more: Any) -> Card:
    return lead(company, kind=Kind.REMINDER, acted_ago=timedelta(days=days), **more)


def subject(*cards: Card, **more: Any) -> str:
    return compose_digest(digest(*cards, **more)).subject


def preview(*cards: Card) -> str:
    return unescape(compose_digest(digest(*cards)).html.partition('mso-hide:all">')[2].partition("&#847;")[0])


PASSED: dict[str, Any] = {"passing": Passing("Passed to you by sales@", has_senders_note=True)}
REOPENED: dict[str, Any] = {"reopening": Reopening("Reopened: contacted on 22 November by anna@.", is_customers=True)}
NAMELESS: dict[str, Any] = {"company": "", "first_name": "", "last_name": ""}


@pytest.mark.parametrize(
    ("cards", "words"),
    [
        ([lead()], "Klinikum Süd asks to be contacted: Contoso CRM"),
        ([lead(action_code="StartTestDrive")], "Klinikum Süd started a test drive: Contoso CRM"),
        ([lead(action_code="INS")], "Klinikum Süd shows interest: Contoso CRM"),
        ([lead(action_code="Create", offer_title="")], "Klinikum Süd shows interest"),
        ([lead(action_code="WALLET")], "Klinikum Süd shows interest: Contoso CRM"),
        ([lead(), lead("Adatum"), lead("Gruber KG")], "3 new leads: Klinikum Süd, Adatum, Gruber KG"),
        ([lead(), lead()], "2 new leads: Klinikum Süd"),
        ([lead(str(n)) for n in range(25)], "25 new leads: 0, 1, 2 and 22 more"),
        ([waiting(3), waiting(2, "A"), waiting(1, "B")], "Waiting 3 days: Klinikum Süd and 2 more"),
        ([waiting(1, "A"), waiting(7)], "Waiting 7 days: Klinikum Süd and 1 more"),
        ([waiting(1)], "Waiting 24 hours: Klinikum Süd"),
        ([waiting(0.01)], "Still waiting: Klinikum Süd"),
        ([waiting(3), waiting(7, "A", is_last=True)], "LAST reminder: A; 1 waits"),
        ([waiting(7, is_last=True)], "LAST reminder: Klinikum Süd"),
        ([waiting(7, is_last=True), waiting(7, "A", is_last=True)], "LAST reminder: Klinikum Süd and 1 more"),
        ([lead(kind=Kind.PLANNED)], "Planned for today: Klinikum Süd"),
        ([lead(**PASSED), lead("A", **PASSED)], "Passed to you: Klinikum Süd and 1 more"),
        ([lead(**REOPENED)], "Reopened: Klinikum Süd"),
        ([lead(kind=Kind.NEWS), lead("A", kind=Kind.NEWS)], "News: Klinikum Süd and 1 more"),
        (
            [lead("C", kind=Kind.NEWS), lead("A"), waiting(3), lead("B", **PASSED), lead("D", **REOPENED)],
            "Waiting 3 days: Klinikum Süd; 1 was reopened, 1 was passed to you, 1 is new, news from 1 customer",
        ),
    ],
)
def test_the_subject_says_who_waits_and_for_how_long(cards: list[Card], words: str) -> None:
    in_order = sorted(cards, key=lambda each: list(Kind).index(each.kind))
    assert subject(*in_order) == words
    assert subject(*in_order, more=7) == f"{words}{', ' if ';' in words else '; '}7 more later"


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({"company": "Klinikum Süd"}, "Klinikum Süd asks to be contacted: Contoso CRM"),
        ({"company": ""}, "Ana Silva asks to be contacted: Contoso CRM"),
        (
            {"company": " \u202e ", "first_name": "Ana\r\nBcc: eve@evil.example"},
            "Ana Bcc: eve@evil .example Silva asks",
        ),
        (NAMELESS, "A customer asks to be contacted: Contoso CRM"),
        ({**NAMELESS, "kind": Kind.REMINDER, "acted_ago": timedelta(days=3)}, "Waiting 3 days: 1 lead"),
        ({"detail": Detail.BRIEF}, "Northwind Traders asks to be contacted: Contoso CRM"),
        ({"detail": Detail.BARE}, "1 new lead"),
        ({"detail": Detail.BARE, "kind": Kind.NEWS}, "News: 1 lead"),
    ],
)
def test_a_person_is_named_only_if_no_company_is_known(known: dict[str, Any], words: str) -> None:
    assert subject(card(**known)).startswith(words)


def test_no_person_is_named_in_a_brief_mail() -> None:
    assert subject(card(company=""), is_brief=True) == "1 new lead: Contoso CRM"


@pytest.mark.parametrize(
    ("company", "words"),
    [
        ("אלפא", "New lead: אלפא asks"),
        ("123 شركة", "New lead: 123 شركة asks"),
        ("\u202eevil", "evil asks"),
        ("Klinik http://evil.example", "Klinik asks"),
        ("evil.example", "evil .example asks"),
        ("x" * 400, "x" * 49 + "… asks"),
        ("A\r\nBcc: eve@x.y\n\nHello", "A Bcc: eve@x.y Hello asks"),
        ("\U0001f469\u200d\U0001f4bb Ltd", "\U0001f469\U0001f4bb Ltd asks"),
    ],
)
def test_a_hostile_company_leaves_the_subject_readable(company: str, words: str) -> None:
    assert subject(card(company=company)).startswith(words)


@given(st.lists(st.text(), min_size=1, max_size=5), st.sampled_from(Kind))
def test_any_company_gives_a_subject_on_one_line(companies: list[str], kind: Kind) -> None:
    said = subject(*(card(company=company, kind=kind) for company in companies))
    assert len(said.splitlines()) == 1
    assert not re.search("[\u200b-\u200f\u202a-\u202e\u2066-\u2069]", said)


@pytest.mark.parametrize(
    ("cards", "words"),
    [
        ([lead()], "Since Thu 26 Nov, 23:11 CET: pressed Contact me on AppSource"),
        (
            [lead(**PASSED)],
            "Passed to you by sales@. Since Thu 26 Nov, 23:11 CET: pressed Contact me on AppSource",
        ),
        (
            [lead(**REOPENED)],
            "Reopened: contacted on 22 November by anna@. Since Thu 26 Nov, 23:11 CET: pressed Contact me on AppSource",
        ),
        (
            [waiting(3), card(**NAMELESS)],
            "Since Mon 23 Nov, 23:31 CET: Klinikum Süd; since Thu 26 Nov, 23:11 CET: a customer",
        ),
        ([lead(kind=Kind.NEWS)], "Thu 26 Nov, 23:11 CET: pressed Contact me on AppSource"),
        (
            [lead(), lead(kind=Kind.NEWS)],
            "Since Thu 26 Nov, 23:11 CET: pressed Contact me on AppSource",
        ),
        ([lead(detail=Detail.BARE)], ""),
    ],
)
def test_the_preview_says_since_when(cards: list[Card], words: str) -> None:
    assert preview(*cards) == words


@pytest.mark.parametrize(
    ("offers", "names"),
    [
        ([("contoso-crm", "Contoso CRM"), ("contoso-crm", "")], ["Contoso CRM"]),
        ([("contoso-crm", ""), ("contoso-crm", "Contoso CRM")], ["Contoso CRM"]),
        ([("", "Contoso CRM"), ("crm-1", "CONTOSO crm"), ("crm-1", "")], ["Contoso CRM"]),
        ([("contoso-crm", ""), ("", "Contoso CRM")], ["Contoso CRM"]),
        ([("contoso-crm", ""), ("contoso-erp", "")], ["contoso-crm", "contoso-erp"]),
        ([("", "+"), ("", "++"), ("", "")], ["+", "++"]),
        ([("", "http://evil.example"), ("x", "http://evil.example")], ["x"]),
    ],
)
def test_an_offer_with_and_without_its_title_is_one_offer(offers: list[tuple[str, str]], names: list[str]) -> None:
    assert list_offers([Shown(offer_id=offer_id, offer_title=title) for offer_id, title in offers]) == names
