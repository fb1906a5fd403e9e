"""The mails, word for word: see tests/golden/README.md."""

import os
import re
from dataclasses import replace
from datetime import UTC, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from lead_core.errors import RejectCode
from lead_core.lead.attempts import Plan
from lead_core.lead.canary import CanaryTrouble
from lead_core.lead.follow_up import Kind
from lead_core.lead.owners import Owners
from lead_core.lead.silence import Silence
from lead_core.messages import Mail
from lead_core.views.canary import CanaryLost, compose_canary_lost
from lead_core.views.card import Card, Detail
from lead_core.views.confirmation import TestConfirmation, compose_test_confirmation
from lead_core.views.digest import compose_digest
from lead_core.views.drafts import Drafts
from lead_core.views.escalation import Escalation, compose_escalation
from lead_core.views.openings import Passing, Reopening
from lead_core.views.plain_text import TEXT_COLUMNS, count_columns
from lead_core.views.rejects import Reject, list_reasons
from lead_core.views.rendering import MAX_HTML_BYTES
from lead_core.views.renewal import Renewal, compose_renewal
from lead_core.views.silence import SilenceMail, compose_silence
from lead_core.views.summary import compose_summary
from lead_core.views.unanswered import UnansweredLead, UnansweredList
from lead_core.views.words import NO_REPLIES
from tests.examples import NOON
from tests.reader import Reader
from tests.seen import LINK, MY_LEADS, SEEN_AT, card, digest, unanswered
from tests.summaries import NOTHING_CAME, summary

GOLDEN = Path(__file__).parent.parent / "golden"


def subject(*cards: Card, **given: Any) -> str:
    return compose_digest(digest(*cards, **given)).subject


CONFIRMATION = TestConfirmation(
    id="1" * 32,
    sender="leads@contoso.example",
    to="sales@contoso.example",
    offers=("Contoso CRM",),
    received_at=NOON,
    owners=("ana@contoso.example",),
    escalate_to="sales@contoso.example",
    my_leads=MY_LEADS,
)

FULL = digest(
    card(
        kind=Kind.REMINDER,
        description="We are 60 people in sales across three countries and would like to replace our spreadsheets"
        " before January.\n\nCould you show us how the approval of discounts works?\nMornings are best.",
        acted_ago=timedelta(days=3, hours=2),
        attempts=1,
        mails_sent=2,
        other_offers=("Contoso ERP: started a test drive, answered",),
    ),
    card(
        kind=Kind.REMINDER,
        first_name="伟",
        last_name="王",
        company="宁波远洋物流有限公司",
        title="",
        country="CN",
        email="wang.wei@yuanyang.example",
        phone="",
        source="TestDrive",
        action_code="StartTestDrive",
        description="请问是否支持多仓库管理?我们在宁波、上海和鹿特丹各有一个仓库,希望在一个系统里看到全部库存。谢谢。",
        acted_ago=timedelta(days=7, hours=1),
        mails_sent=3,
        is_last=True,
        unread_status="talking to",
    ),
    card(
        kind=Kind.PLANNED,
        first_name="Liam",
        last_name="O’Brien",
        company="Fabrikam",
        title="CTO",
        country="IE",
        email="liam@fabrikam.example",
        phone="+35312345678 x12",
        source="AzureMarketplace",
        action_code="INS",
        acted_ago=timedelta(days=9),
        note="Wants a price for 40 seats.\nBack from holiday on Monday.",
    ),
    card(
        first_name="ליאת",
        last_name="כהן",
        company="אלפא",
        title="CFO",
        country="IL",
        email="liat@alpha.example",
        phone="",
        source="AzureMarketplace",
        action_code="INS",
        description="שלום, נשמח לקבל הצעת מחיר.",
        acted_ago=timedelta(minutes=4),
    ),
    card(
        first_name="",
        last_name="",
        company="",
        title="",
        country="US",
        email="",
        phone="",
        offer_title="Contoso Backup",
        source="AzurePortal",
        action_code="WALLET",
        acted_ago=timedelta(seconds=40),
    ),
    card(
        kind=Kind.NEWS,
        first_name="Jo",
        last_name="Park",
        company="Tailspin Toys",
        title="",
        country="KR",
        email="jo@tailspin.example",
        phone="02 555 123",
        offer_title="Contoso ERP",
        source="AzurePortal",
        action_code="Create",
        acted_ago=timedelta(hours=2),
    ),
    escalate_to="boss@contoso.example",
    more=3,
    rejected=(Reject("not-json", "Name: Ada Lovelace; Company: Northwind"), Reject("not-json"), Reject("no-lead")),
    unanswered=UnansweredList(
        leads=(
            unanswered(first_name="Kim", last_name="Lee", company="Wingtip Toys", owner="anna@contoso.example"),
            unanswered(first_name="Ida", last_name="Gruber", company="Gruber KG"),
        ),
        more=2,
        unreachable=(unanswered(first_name="Noor", last_name="", company="", email="", phone=""),),
        more_unreachable=1,
    ),
)

ESCALATION = Escalation(
    id="1" * 32,
    sender="leads@contoso.example",
    to="sales@contoso.example",
    leads=(
        unanswered(owner="anna@contoso.example"),
        unanswered(first_name="伟", last_name="王", company="宁波远洋物流有限公司", owner="bob@contoso.example"),
        unanswered(first_name="", last_name="", company="Gruber KG", offer_title="", owner="bob@contoso.example"),
        unanswered(first_name="Kim", last_name="Lee", company="", waited=timedelta(days=7), owner=""),
    ),
    more=2,
    my_leads=MY_LEADS,
)

ADATUM = {"first_name": "MARIE", "last_name": "DUPONT", "company": "Adatum", "email": "marie@adatum.example"}

SILENCE = SilenceMail(
    id="1" * 32,
    sender="leads@contoso.example",
    to="sales@contoso.example",
    silent=(
        Silence("contoso.contoso-crm", "Contoso CRM", NOON - timedelta(days=20), 3.8),
        Silence("contoso.erp", "", NOON - timedelta(days=60), 0.4),
    ),
    lead_url="https://leads.example/api/leads",
    zone=UTC,
    my_leads=MY_LEADS,
)

CANARY_LOST = CanaryLost(
    id="1" * 32,
    sender="leads@contoso.example",
    to="sales@contoso.example",
    posted_at=NOON,
    trouble=CanaryTrouble.KEY_REFUSED,
    my_leads=MY_LEADS,
)

RENEWAL = Renewal(
    id="1" * 32,
    sender="leads@contoso.example",
    to="sales@contoso.example",
    link=LINK,
    my_leads=MY_LEADS,
    days=30,
    shown=card(**ADATUM).facts.shown,
    still_waits=True,
)


def attempt(made: int) -> Card:
    """Return a card about Marie, of whose four attempts so many are made."""
    plan = Plan(made, 4, SEEN_AT)
    drafts = Drafts(attempts=plan.total)
    return card(
        kind=Kind.ATTEMPT, attempts=made, next_attempt=plan.number, plan=plan, drafts=drafts, country="FR", **ADATUM
    )


MAILS = {
    "contact-me": compose_digest(digest(card(description="Please call me about a demo."))),
    "passed-on": compose_digest(
        digest(
            card(
                passing=Passing("Passed to you by anna@", has_senders_note=True),
                note="Speaks French. Wants a price for 40 seats before Friday.",
                other_offers=("Contoso ERP (carl@ has it, answered on 24 November): started a test drive",),
                acted_ago=timedelta(hours=20),
                **ADATUM,
            )
        )
    ),
    "reopened": compose_digest(
        digest(
            card(
                reopening=Reopening("Reopened: contacted on 22 November by anna@.", is_customers=True),
                description="I have not heard from you since our call. Is the offer still open?",
                **ADATUM,
            )
        )
    ),
    "attempt": compose_digest(digest(attempt(1))),
    "all-attempts": compose_digest(digest(attempt(4))),
    "get-it-now": compose_digest(digest(card(action_code="INS", source="AzureMarketplace"))),
    "create": compose_digest(digest(card(action_code="Create", source="AzurePortal"))),
    "test-drive": compose_digest(digest(card(action_code="StartTestDrive", source="TestDrive"))),
    "unknown-action": compose_digest(digest(card(action_code="WALLET"))),
    "full": compose_digest(FULL),
    "brief": compose_digest(replace(FULL, is_brief=True)),
    "escalation": compose_escalation(ESCALATION),
    "test-confirmation": compose_test_confirmation(CONFIRMATION),
    "summary": compose_summary(summary(silent=SILENCE.silent[:1])),
    "summary-nothing-came": compose_summary(NOTHING_CAME),
    "new-link": compose_renewal(RENEWAL),
    "canary-lost": compose_canary_lost(CANARY_LOST),
    "silence": compose_silence(SILENCE),
    "silence-everywhere": compose_silence(
        replace(SILENCE, silent=(Silence("", "", NOON - timedelta(days=13), 9, is_everywhere=True),))
    ),
}


WITH_FRAME = "full"
"""The one mail with its whole HTML. For the other mails, only the content is kept."""


def format_mail(mail: Mail) -> str:
    return f"From: {mail.sender}\nTo: {mail.to}\nSubject: {mail.subject}\n\n{mail.text}"


def split_frame(html: str) -> tuple[str, str]:
    """Return the frame that all mails share, without subject and preview, and the content of this mail."""
    start = html.index('<tr><td style="padding:0 4px;text-align:left">\n<h1')
    end = html.rindex("</table>\n<!--[if mso]>")
    frame = re.sub(r'(<title>|mso-hide:all">).*?(?=</title>|&#847;)', r"\1…", html[:start] + html[end:])
    return frame, html[start:end]


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_is_word_for_word_as_expected(name: str) -> None:
    html = MAILS[name].html if name == WITH_FRAME else split_frame(MAILS[name].html)[1]
    for suffix, content in ((".txt", format_mail(MAILS[name])), (".html", html)):
        expected = GOLDEN / f"{name}{suffix}"
        if os.environ.get("UPDATE_EXPECTED"):
            expected.write_text(content, encoding="utf-8")
        assert content == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", MAILS)
def test_every_mail_has_the_same_frame(name: str) -> None:
    mail = MAILS[name]
    assert split_frame(mail.html)[0] == split_frame(MAILS[WITH_FRAME].html)[0]
    assert f"<title>{mail.subject}</title>" in mail.html


@pytest.mark.parametrize("name", MAILS)
def test_every_mail_leads_to_all_open_leads_of_its_reader(name: str) -> None:
    mail = MAILS[name]
    assert f"All your open leads:\n{MY_LEADS}\n" in f"{mail.text}\n"
    assert f'href="{MY_LEADS}"' in mail.html


def test_no_expectation_is_left_without_its_mail() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == {*MAILS, "README"}


REMINDER, NOTICE = card(kind=Kind.REMINDER), card()
PLANNED, NEWS = card(kind=Kind.PLANNED), card(kind=Kind.NEWS)
PASSED = card(passing=Passing("Passed to you by anna@", has_senders_note=True))
REOPENED = card(reopening=Reopening("Reopened: contacted on 22 November by anna@.", is_customers=True))


@pytest.mark.parametrize(
    ("cards", "counts"),
    [
        ((REMINDER,), "1 lead still waits"),
        ((REMINDER,) * 2, "2 leads still wait"),
        ((NOTICE,), "1 new lead"),
        ((NOTICE,) * 2, "2 new leads"),
        ((PLANNED,), "1 follow-up planned for today"),
        ((PLANNED,) * 2, "2 follow-ups planned for today"),
        ((PASSED,), "1 lead was passed to you"),
        ((PASSED,) * 2, "2 leads were passed to you"),
        ((REOPENED,), "1 lead was reopened"),
        ((NEWS,), "News from 1 customer"),
        ((NEWS,) * 2, "News from 2 customers"),
        ((REMINDER, REMINDER, NOTICE), "2 leads still wait, 1 is new"),
        (
            (REMINDER, PLANNED, NOTICE, NEWS),
            "1 lead still waits, 1 is planned for today, 1 is new, news from 1 customer",
        ),
        (
            (REMINDER, PLANNED, PLANNED, NOTICE, PASSED, NEWS, NEWS),
            "1 lead still waits, 2 are planned for today, 1 was passed to you, 1 is new, news from 2 customers",
        ),
    ],
)
def test_the_subject_of_a_brief_mail_counts(cards: tuple[Card, ...], counts: str) -> None:
    assert subject(*cards, is_brief=True) == f"{counts}: Contoso CRM"
    assert subject(*cards, is_brief=True, more=7) == f"{counts}, 7 more: Contoso CRM"


@pytest.mark.parametrize(
    ("offers", "words"),
    [
        (["CRM"], ": CRM"),
        (["CRM", "CRM"], ": CRM"),
        (["CRM", "ERP"], ": CRM and ERP"),
        (["CRM", "ERP", "Backup"], ": CRM, ERP and 1 more offer"),
        (["CRM", "ERP", "Backup", "BI"], ": CRM, ERP and 2 more offers"),
        (["", "CRM"], ": CRM"),
        ([""], ""),
    ],
)
def test_the_subject_of_a_brief_mail_names_few_offers(offers: list[str], words: str) -> None:
    cards = [card(offer_title=offer) for offer in offers]
    said = subject(*cards, is_brief=True)
    assert said.endswith(f"new lead{words}" if len(cards) == 1 else f"new leads{words}")


@pytest.mark.parametrize("name", MAILS)
def test_neither_subject_nor_preview_names_a_person(name: str) -> None:
    preview = MAILS[name].html.partition("mso-hide:all")[2].partition("</div>")[0]
    seen_on_a_locked_phone = MAILS[name].subject + preview
    for word in ("Ana", "Silva", "王", "Liam", "@northwind", "Mornings"):
        assert word not in seen_on_a_locked_phone


def test_a_brief_mail_shows_nobody_on_a_locked_phone() -> None:
    assert "Northwind" not in MAILS["brief"].subject
    assert 'mso-hide:all">&#847;' in MAILS["brief"].html


def test_leads_of_one_topic_stand_under_one_heading() -> None:
    text = compose_digest(digest(NOTICE, PASSED, NOTICE, REOPENED, PASSED)).text
    headings = [line for line in text.splitlines() if line in {"NEW", "PASSED TO YOU", "REOPENED"}]
    assert headings == ["REOPENED", "PASSED TO YOU", "NEW"]


def test_a_lead_that_was_passed_on_says_by_whom_and_shows_their_note() -> None:
    passed = card(passing=Passing("Passed to you by anna@", has_senders_note=True), note="Speaks French.")
    mail = compose_digest(digest(passed))
    assert mail.subject == "Passed to you: Northwind Traders"
    assert mail.text.startswith("Passed to you by anna@.\n\nPASSED TO YOU\n")
    assert "Their note: Speaks French." in mail.text
    assert "<b>Their note:</b> <bdi>Speaks French.</bdi>" in mail.html
    assert "new" not in mail.subject + mail.text
    assert (mail.text.count("by anna@"), Reader(mail.html).text("h1")) == (1, "Passed to you by anna@")
    assert "Passed to you by anna@." in compose_digest(digest(passed, passed)).text


def test_a_reopened_lead_says_who_answered_it_and_has_a_draft_of_its_own() -> None:
    mail = compose_digest(digest(REOPENED))
    assert mail.subject == "Reopened: Northwind Traders"
    assert "Reopened: contacted on 22 November by anna@." in mail.text
    assert "Agradeço o seu novo pedido sobre Contoso CRM." in mail.text
    assert "new" not in mail.subject + mail.text


def test_a_lead_that_a_person_set_back_to_new_is_not_thanked_for_asking_again() -> None:
    reopening = Reopening("Reopened: contacted on 22 November in the table.")
    mail = compose_digest(digest(card(reopening=reopening, country="US")))
    assert "I am getting back to you about Contoso CRM." in mail.text


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize(
    ("acted_ago", "reminder", "other"),
    [
        (timedelta(seconds=40), "Waiting since Thu 26 Nov, 23:30 CET.", "Thu 26 Nov, 23:30 CET."),
        (timedelta(minutes=59), "Waiting since Thu 26 Nov, 22:32 CET.", "Thu 26 Nov, 22:32 CET."),
        (timedelta(hours=3), "Waiting for 3 hours, since Thu 26 Nov, 20:31 CET.", "20:31 CET (3 hours ago)."),
        (timedelta(days=400), "for 400 days, since Wed 22 Oct 2025, 23:31 CEST.", "2025, 23:31 CEST (400 days ago)."),
    ],
)
def test_times_are_still_true_when_the_mail_is_read(
    kind: Kind, acted_ago: timedelta, reminder: str, other: str
) -> None:
    mail = compose_digest(digest(card(kind=kind, acted_ago=acted_ago)))
    said = reminder if kind in {Kind.REMINDER, Kind.ATTEMPT} else other
    assert said in mail.text
    assert said in mail.html


@pytest.mark.parametrize("name", MAILS)
def test_no_mail_says_what_is_false_a_minute_later(name: str) -> None:
    assert not re.search(r"less than a minute|\bminutes? ago", MAILS[name].text + MAILS[name].html)


LONG = "We compare three products for our warehouses. " * 60


def test_what_is_too_long_ends_at_a_word_and_leads_to_the_page() -> None:
    mail = compose_digest(digest(card(description=LONG, note=LONG)))
    quoted = " ".join(line.removeprefix("> ") for line in mail.text.splitlines() if line.startswith("> "))
    assert quoted.endswith("…")
    assert f"{quoted.removesuffix('…')} " in LONG
    assert f"Read all:\n{LINK}\n" in mail.text
    assert mail.html.count(f'<a class="link" href="{LINK}" style="color:#0b57a4">Read all</a>') == 2


def test_what_is_shown_whole_has_nothing_more_to_read() -> None:
    mail = compose_digest(digest(card(description="Call me.", note="Call.")))
    assert "Read all" not in mail.text + mail.html


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_says_that_nobody_reads_replies_and_begins_with_words(name: str) -> None:
    assert NO_REPLIES in MAILS[name].text
    assert NO_REPLIES in MAILS[name].html
    assert "==" not in MAILS[name].text


@pytest.mark.parametrize("name", MAILS)
def test_a_text_can_be_read_at_72_columns(name: str) -> None:
    long = [line for line in MAILS[name].text.splitlines() if count_columns(line) > TEXT_COLUMNS]
    assert {line for line in long if line.strip().removesuffix("#colleague") not in {LINK, MY_LEADS}} == set()
    assert MAILS[name].text.isprintable() or "\n" in MAILS[name].text


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_fetches_nothing_and_runs_nothing(name: str) -> None:
    html = MAILS[name].html
    for fetching in ("<img", "<link", "<script", "<iframe", "@import", "url(", "@font-face", " src=", " background="):
        assert fetching not in html


def test_both_versions_say_the_same_of_each_lead() -> None:
    text, html = MAILS["full"].text, MAILS["full"].html
    joined = " ".join(text.split())
    for words in (
        "Ana Silva",
        "宁波远洋物流有限公司",
        "Waiting for 3 days, since Mon 23 Nov, 21:31 CET. ",
        "Tried once, no answer yet. Mail 3 about this lead.",
        "Contoso ERP: started a test drive, answered",
        "+353 1 234 5678 x12",
        "02 555 123",
        "Back from holiday on Monday.",
        "This is the last reminder. boss@contoso.example is now told that nobody has answered.",
        "The word “talking to” in its Status cell has no meaning here.",
        "Did “WALLET” in the Azure portal.",
        "3 more leads will come in the next mail.",
        "Kim Lee",
        "Waiting for 12 days, since 10 November 2026.",
        "anna@contoso.example",
        "And 2 more. They stand first in the table FollowUps.",
        "This customer left no e-mail address and no phone.",
        "Pressed Create in the Azure portal. That is no proof of a purchase.",
        "3 messages could not be read as a lead.",
        "2 messages: it is not JSON, often because a comma, a quote or a bracket is wrong.",
        "It seems to be: Name: Ada Lovelace; Company: Northwind",
        "Correct the Body there, and write yes into Retry.",
    ):
        assert words.lower() in joined.lower(), words
        assert words.strip() in html, words


@pytest.mark.parametrize("is_brief", [False, True])
def test_what_is_wrong_with_the_owner_cell_is_said(is_brief: bool) -> None:
    problem = "The Owner cell says “bób”, which names nobody in OWNERS or ESCALATE_TO."
    mail = compose_digest(digest(card(owner_problem=problem), is_brief=is_brief))
    assert problem in " ".join(mail.text.split())
    assert problem in mail.html


def test_a_brief_mail_tells_name_company_and_link_alone() -> None:
    mail = MAILS["brief"]
    for content in (mail.text, mail.html):
        assert "Ana Silva" in content
        assert "Northwind Traders" in content
        assert LINK in content
        for word in (
            "Head of",
            "Brazil",
            "@northwind",
            "+55",
            "spreadsheets",
            "pressed",
            "Pressed",
            "Draft",
            "draft",
            "mailto:",
            "tel:",
            "talking to",
            "holiday",
            "CRM</bdi>",
            "· Contoso CRM",
        ):
            assert word not in content, word


@pytest.mark.parametrize(
    ("known", "title"),
    [
        ({"last_name": "Silva"}, "Silva"),
        ({"email": "a@b.example", "company": "B"}, "a@b.example"),
        ({"phone": "+16175555555"}, "+1 617-555-5555"),
        ({"company": "Northwind"}, "Northwind"),
        ({}, "A customer who left no name"),
    ],
)
@pytest.mark.parametrize("is_brief", [False, True])
def test_a_lead_is_called_by_the_best_that_is_known(known: dict[str, str], title: str, is_brief: bool) -> None:
    blank = dict.fromkeys(("first_name", "last_name", "company", "email", "phone"), "")
    mail = compose_digest(digest(card(**{**blank, **known}), is_brief=is_brief))
    if is_brief and "last_name" not in known:
        title = known.get("company", "A customer who left no name")
    assert f"\n\n{title}\n" in mail.text
    assert f"<bdi>{title}</bdi></h3>" in mail.html
    assert f"<bdi>{title}</bdi> ·" not in mail.html


def test_the_last_reminder_says_so() -> None:
    last = card(kind=Kind.REMINDER, is_last=True)
    alone = compose_digest(digest(last))
    assert "This is the last reminder. After it, the lead is only named in your later mails" in " ".join(
        alone.text.split()
    )
    assert "last reminder" not in compose_digest(digest(REMINDER)).text


def test_a_lead_without_an_address_or_phone_points_to_partner_center() -> None:
    nowhere = compose_digest(digest(card(email="", phone="")))
    assert "so no reminder follows. Partner Center's Referrals page may know more" in " ".join(nowhere.text.split())
    assert "Referrals" not in compose_digest(digest(card(email=""))).text


@pytest.mark.parametrize("email", ["not an address", "ana@northwind"])
def test_what_is_no_address_is_shown_without_a_link(email: str) -> None:
    mail = compose_digest(digest(card(email=email)))
    assert email in mail.text
    assert "mailto:" not in mail.html
    assert "draft" not in mail.text


def test_a_customer_who_was_answered_is_not_thanked_again() -> None:
    assert "Thank you" not in compose_digest(digest(PLANNED, NEWS)).text


def test_other_offers_are_named_up_to_three() -> None:
    text = compose_digest(digest(card(other_offers=tuple(f"Offer {n}: got in touch" for n in range(5))))).text
    assert [line for line in text.splitlines() if line.startswith("Also")] == [
        "Also: Offer 0: got in touch",
        "Also: Offer 1: got in touch",
        "Also: Offer 2: got in touch",
        "Also: and 2 more offers",
    ]


@pytest.mark.parametrize("letter", ["x", "家", '"', "𠀀", "x ", "\n"])
def test_gmail_does_not_cut_off_the_largest_mail(letter: str) -> None:
    long = letter * 8_000
    large = card(
        **dict.fromkeys(
            ("first_name", "last_name", "company", "title", "country", "phone", "offer_title", "source"), long
        ),
        description=long,
        note=long,
        unread_status=long,
        owner_problem=Owners.parse("sales@contoso.example").explain(long),
        other_offers=(long,) * 9,
        email=f"{'a' * 60}@{'b' * 180}.example",
        kind=Kind.REMINDER,
        is_last=True,
    )
    never = UnansweredList(leads=(UnansweredLead(facts=large.facts, since=NOON, link=LINK),) * 10, more=9)
    mail = compose_digest(digest(*[large] * 25, escalate_to="boss@contoso.example", unanswered=never))
    assert len(mail.html.encode()) <= MAX_HTML_BYTES
    assert mail.html.count("</h3>") == 25
    assert mail.html.count(f'href="{LINK}"') >= 2 * 25
    assert ("And 9 more." in mail.text) != ("19 leads never got an answer." in mail.text)
    assert "Everything else is on the page." in mail.text


def test_in_a_full_mail_drafts_lose_their_quotes_before_leads_are_told_briefly() -> None:
    wrote = "We are 60 people in sales across three countries. " * 3
    typical = card(description=wrote, note="Back on Monday.", country="US")
    mail = compose_digest(digest(*[typical] * 25))
    assert mail.html.count("Draft an answer") == 25
    assert "You%20wrote" not in mail.html
    assert compose_digest(digest(*[typical] * 5)).html.count("You%20wrote") == 5


def test_a_mail_about_nothing_but_what_could_not_be_read() -> None:
    mail = compose_digest(digest(rejected=(Reject("not-json"),), unanswered=UnansweredList(more=1)))
    assert mail.subject == "1 message could not be read"
    assert "- 1 message: it is not JSON, often because a comma" in mail.text
    assert "1 lead never got an answer. See the table FollowUps." in mail.text


def test_a_long_list_of_the_unanswered_says_how_many_more_there_are() -> None:
    never = UnansweredList(leads=(unanswered(),) * 10, more=4_990, is_cut=True)
    assert "And more than 4,990 more." in compose_digest(digest(NOTICE, unanswered=never)).text


@pytest.mark.parametrize(
    ("owners", "subject"),
    [
        (["anna"], "1 lead of 1 owner was never answered"),
        (["anna", "Anna"], "2 leads of 1 owner were never answered"),
        (["anna", "bob", "carl", "bob"], "4 leads of 3 owners were never answered"),
    ],
)
def test_the_subject_of_an_escalation_counts_leads_and_owners(owners: list[str], subject: str) -> None:
    escalation = replace(ESCALATION, leads=tuple(unanswered(owner=owner) for owner in owners))
    assert compose_escalation(escalation).subject == subject


def test_an_escalated_lead_can_be_given_to_somebody_else() -> None:
    mail = MAILS["escalation"]
    assert mail.text.count(f"Give to …:\n  {LINK}#colleague") == len(ESCALATION.leads)
    assert mail.html.count(f'href="{LINK}#colleague"') == len(ESCALATION.leads)


def test_an_escalation_that_the_provider_refused_has_less_of_each_customer() -> None:
    brief, bare = (
        compose_escalation(replace(ESCALATION, leads=(unanswered(detail=detail),)))
        for detail in (Detail.BRIEF, Detail.BARE)
    )
    assert ("Ana Silva" in brief.text, "Northwind" in brief.text, "Contoso CRM" in brief.text) == (True, True, False)
    assert ("A lead" in bare.text, "Ana" in bare.text, "Northwind" in bare.text) == (True, False, False)


def test_a_mail_about_nothing_is_possible() -> None:
    assert compose_digest(digest()).subject == "Nothing waits for you"


def test_a_confirmation_without_an_offer_or_an_escalation() -> None:
    mail = compose_test_confirmation(replace(CONFIRMATION, offers=("\n",), escalate_to=""))
    assert mail.subject == "A test lead arrived"
    assert "Offer: not named" in mail.text
    assert "Told if nobody answers: nobody else" in mail.text


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_has_the_headers_it_is_given(name: str) -> None:
    message = EmailMessage()
    message["Subject"] = MAILS[name].subject
    assert message["Subject"] == MAILS[name].subject
    assert (MAILS[name].id, MAILS[name].to) == ("1" * 32, "sales@contoso.example")


@pytest.mark.parametrize("is_brief", [False, True])
def test_what_could_not_be_read_stands_in_the_subject_and_is_named_unless_the_mail_is_brief(is_brief: bool) -> None:
    unread = Reject("not-json", "Name: Ada Lovelace; Company: Lovelace Ltd")
    mail = compose_digest(digest(NOTICE, rejected=(unread,), is_brief=is_brief))
    assert mail.subject.endswith("; 1 could not be read")
    assert ("Ada Lovelace" in mail.text) is not is_brief


def test_a_reason_that_a_person_typed_over_is_quoted() -> None:
    mail = compose_digest(digest(rejected=(Reject("ask Tom\n<b>"),)))
    assert "- 1 message: ask Tom <b>." in mail.text
    assert "ask Tom &lt;b&gt;" in mail.html


def test_each_reason_has_words() -> None:
    for code in set(RejectCode) - {RejectCode.DAMAGED_ROW}:  # Which is told apart.
        (line,) = list_reasons([Reject(code)], is_brief=False)
        assert code not in line


def test_the_last_reminders_come_first_as_in_the_subject() -> None:
    cards = [card(kind=Kind.REMINDER, company=name, is_last=name == "Alpine") for name in ("Tailspin", "Alpine")]
    mail = compose_digest(digest(*cards))
    assert mail.subject == "LAST reminder: Alpine; 1 waits"
    assert mail.text.index("Alpine") < mail.text.index("Tailspin")


def test_an_escalation_says_what_its_reader_needs_to_call_the_customer() -> None:
    told = unanswered(description="Please call me.", other_offers=("Contoso ERP: started a test drive, answered",))
    mail = compose_escalation(replace(ESCALATION, leads=(told,)))
    for words in ("Pressed Contact me on AppSource.", "Please call me.", "Also: ", "Contoso ERP: started a test drive"):
        assert words in mail.text
        assert words in mail.html
    assert 'href="tel:+5511912345678"' in mail.html
    assert 'href="mailto:ana.silva@northwind.example"' in mail.html
    assert "+55 11 91234-5678" in mail.text
    assert LINK in mail.text


@pytest.mark.parametrize("detail", [Detail.BRIEF, Detail.BARE])
def test_a_brief_escalation_says_name_company_and_link_alone(detail: Detail) -> None:
    told = unanswered(description="Please call me.", other_offers=("Contoso ERP: answered",), detail=detail)
    mail = compose_escalation(replace(ESCALATION, leads=(told,)))
    assert not re.search("Contact me|call me|Contoso ERP|CRM|5511|ana.silva", f"{mail.text}{mail.html}")
    assert ("Ana Silva · Northwind Traders" in mail.text) is (detail is Detail.BRIEF)


def test_an_escalation_is_never_cut_off() -> None:
    told = unanswered(
        description="<" * 400, other_offers=("&" * 160,) * 9, company="<" * 200, offer_title="<" * 200, title="<" * 200
    )
    mail = compose_escalation(replace(ESCALATION, leads=(told,) * 25))
    assert len(mail.html.encode()) <= MAX_HTML_BYTES
    assert mail.text.count("Give to …") == 25


@pytest.mark.parametrize("is_brief", [False, True])
def test_the_list_of_the_unanswered_says_which_status_has_no_meaning(is_brief: bool) -> None:
    listed = UnansweredList(leads=(unanswered(unread_status="talking to her"),))
    mail = compose_digest(digest(card(), unanswered=listed, is_brief=is_brief))
    word = "" if is_brief else " “talking to her”"
    assert f"The word{word} in its Status cell has no meaning here." in " ".join(mail.text.split())
    assert f"The word{word} in its Status cell has no meaning here." in mail.html
    assert ("talking to her" in mail.text + mail.html) is not is_brief
