"""A customer's text is only shown. It makes no element, attribute, header, link or reversed word."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lead_core.adapters.mail.address import address_letter
from lead_core.adapters.mail.message import compose_message
from lead_core.lead.report import Group, Period
from lead_core.lead.tally import Dimension
from lead_core.lead.urgency import Urgency
from lead_core.views.confirmation import TestConfirmation, compose_test_confirmation
from lead_core.views.digest import compose_digest
from lead_core.views.drafts import OUR_DRAFTS, Occasion
from lead_core.views.facts import HistoryLine
from lead_core.views.my_leads import MyLeads, OpenLead, render_my_leads
from lead_core.views.page import render_follow_up
from lead_core.views.report import ReportPage, render_report
from lead_core.views.safe_text import calm
from tests.examples import at
from tests.reader import Reader
from tests.reports import SPEED, report
from tests.seen import LINK, MY_LEADS, SEEN_AT, card, digest, page, unanswered

INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]")
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</bdi></td></table></textarea></style></title><h1>Pay here</h1>",
    "<!-- --><!--[if mso]><b>x</b><![endif]-->",
    "&lt;b&gt;&#60;i&#62;&amp;",
    "{{7*7}}{% include 'page.html.j2' %}{# #}${7*7}",
    "\u202eneddih\u202c \u2067x",
    "x\r\nBcc: eve@evil.example\r\n\r\nHello",
    "javascript:alert(1)",
    "%0d%0aBcc:eve@evil.example?bcc=eve@evil.example",
    "\x00\x07\x1b[31m\ud800\ufffe",
    "Klinik http://evil.example/x www.evil.example evil.example/x evil.example",
    "a" + "".join(chr(0xE0000 + ord(c)) for c in "buy") + "\u200b\u2060\ufeffb",
    "Zalgo" + "\u0335\u0301" * 500,
]
TEXTS = (
    *("first_name", "last_name", "company", "title", "country", "phone"),
    *("offer_title", "source", "action_code", "description"),
)
RIGHT_LINKS = re.compile(
    rf"{re.escape(LINK)}|{re.escape(MY_LEADS)}|mailto:[^?]+@[^?]+(\?subject=[^&?]*(&body=[^&?]*)?)?|tel:\+[\d;=ext]+"
)


def filled(text: str) -> dict[str, Any]:
    return {**dict.fromkeys(TEXTS, text), "email": text, "note": text, "other_offers": (text,)}


def open_lead(**given: Any) -> OpenLead:
    return OpenLead(facts=card(**given).facts, urgency=Urgency.OVERDUE, next_mail_at=None, link=LINK)


def outline(html: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the elements and the names of their attributes, without those that line breaks make."""
    return [(tag, tuple(found)) for tag, found in Reader(html).elements if tag not in {"br", "bdi", "wbr"}]


def links(html: str) -> list[str]:
    return [found["href"] or "" for found in Reader(html).named("a")]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_lead_leaves_the_mail_intact(text: str) -> None:
    mail = compose_digest(digest(card(**filled(text), unread_status=text, owner_problem=text)))
    benign = compose_digest(digest(card(**filled("x"), unread_status="x", owner_problem="x")))
    assert outline(mail.html) == outline(benign.html)
    assert all(RIGHT_LINKS.fullmatch(link) for link in links(mail.html))
    assert not TURNING.search(mail.subject + mail.text + mail.html)
    assert len(mail.subject.splitlines()) == 1
    assert "49" not in mail.subject + mail.text
    mail.text.encode()
    mail.html.encode()


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_lead_is_shown_as_it_was_written(text: str) -> None:
    words = calm(text).replace("\ud800", " ").replace("\ufffe", " ")
    words = " ".join(re.sub(r"[\x00\x07\x1b]", " ", words).split())
    mail = compose_digest(digest(card(first_name=text, last_name="")))
    assert Reader(mail.html).text("h3") == words
    assert words in " ".join(mail.text.split())
    assert Reader(render_follow_up(page(first_name=text, last_name=""))).text("h1") == words


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_lead_leaves_the_page_intact(text: str) -> None:
    more = {"status": text, "owner": text, "disqualified_reason": text, "history": (HistoryLine(at(0), text),)}
    html = render_follow_up(page(**filled(text), **more))
    benign = render_follow_up(page(**filled("x"), **{**more, "history": (HistoryLine(at(0), "x"),)}))
    assert outline(html) == outline(benign)
    assert not TURNING.search(html)
    html.encode()


def report_of(text: str) -> str:
    """Return the page of a report in which every name is *text*."""
    groups = {dimension: (Group(text, 3, SPEED),) for dimension in Dimension}
    shown = report(groups=groups, qualified={text: 1}, apart={text: 2})
    waiting = (unanswered(**filled(text) | {"other_offers": ()}, owner=text, status="New", unread_status=text),)
    return render_report(ReportPage(period=Period.MONTH, now=SEEN_AT, report=shown, waiting=waiting))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_leaves_the_report_intact(text: str) -> None:
    html = report_of(text)
    assert outline(html) == outline(report_of("x"))
    assert not TURNING.search(html)
    assert set(links(html)) == set(links(report_of("x")))
    html.encode()


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_lead_leaves_the_list_of_open_leads_intact(text: str) -> None:
    html, benign = (
        render_my_leads(MyLeads(leads=(open_lead(**filled(each)), open_lead()), more=0, is_cut=False, seen_at=SEEN_AT))
        for each in (text, "x")
    )
    assert outline(html) == outline(benign)
    assert all(link in {"#overdue", LINK} for link in links(html))
    assert not TURNING.search(html)
    html.encode()


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_lead_adds_no_header(text: str) -> None:
    mail = compose_digest(digest(card(**filled(text))))
    received = message_from_bytes(compose_message(address_letter(mail)).as_bytes(), policy=policy.default)
    assert received["Bcc"] is None
    assert received["Subject"] == mail.subject


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_lead_puts_no_link_and_nothing_hidden_where_people_do_not_expect_it(text: str) -> None:
    shown = card(**filled(text))
    mail = compose_digest(digest(shown))
    draft = OUR_DRAFTS.write(Occasion(code=text, first_name=text, last_name=text, offer=text))
    arrived = compose_test_confirmation(
        TestConfirmation(
            id="1" * 32,
            sender="a@b.example",
            to="a@b.example",
            offers=(text,),
            received_at=at(0),
            owners=(),
            escalate_to="",
            my_leads=MY_LEADS,
        )
    )
    for written in (mail.subject, mail.html.partition("<table")[0].partition("<body")[2], arrived.subject, *draft):
        assert not re.search(r"evil\.example|www\.|://", written)
        assert not INVISIBLE.search(written.replace("&#847;&zwnj;", ""))
        assert not re.search("\u0335{5}|(\u0335\u0301){3}", written)


@pytest.mark.parametrize(
    "address", ["a&bcc=e@x.example", 'a"b@x.example', "a'b@x.example", "a%0d%0ab@x.example", "#@x.co"]
)
def test_an_odd_address_stays_one_address(address: str) -> None:
    mail = compose_digest(digest(card(email=address)))
    assert all(RIGHT_LINKS.fullmatch(link) for link in links(mail.html))
    assert f"Write: {address}" in mail.text


WRITTEN = (*TEXTS, "email", "note", "unread_status")


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from(WRITTEN), st.text(st.characters())))
def test_any_text_of_a_customer_gives_a_mail_and_a_page(texts: dict[str, str]) -> None:
    mail = compose_digest(digest(card(**texts)))
    Reader(mail.html)
    (mail.subject + mail.text + mail.html).encode()
    EmailMessage()["Subject"] = mail.subject
    assert not TURNING.search(mail.subject + mail.text + mail.html)
    on_page = {name: text for name, text in texts.items() if name != "unread_status"}
    Reader(render_follow_up(page(**on_page)))
