"""Who answers, if several people read the mailbox that a mail went to."""

import json
from dataclasses import replace
from http.cookies import SimpleCookie

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.adapters.tables.cells import PROPERTY_BYTES
from lead_core.adapters.tables.leads import lead_to_row
from lead_core.lead.choices import Choice
from lead_core.lead.decisions import MAX_DECISIONS
from lead_core.lead.lead import Decision, fold
from lead_core.lead.owners import Owners
from lead_core.lead.values import LeadKey, Status
from lead_core.lead.who import MAX_NAME_CHARACTERS, clean_name, guess_name, is_shared, list_names
from lead_core.steps.answering import OpenedLead
from lead_core.views.facts import collect_facts
from lead_core.views.form import parse_answer
from lead_core.views.name_cookie import COOKIE, read_name, write_name
from lead_core.views.page import render_follow_up
from lead_core.views.who import Who
from tests.desk import Desk
from tests.examples import ANNA, SALES, at, body, delivery
from tests.reader import Reader
from tests.seen import page
from tests.steps import SIGNER

WHO = Who(mailbox=SALES, names=("Anna", "Bob"), name="")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("sales@contoso.com", True),
        ("it-support@contoso.com", True),
        ("contoso@contoso.com", True),
        ("no-reply@contoso.com", True),
        ("anna@contoso.com", False),
        ("Anna.Schmidt+leads@contoso.com", False),
        ("link", True),
        ("", True),
    ],
)
def test_a_mailbox_of_several_people_does_not_say_who_answers(address: str, expected: bool) -> None:
    assert is_shared(address) is expected


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("anna@contoso.com", "Anna"),
        ("anna.schmidt@contoso.com", "Anna Schmidt"),
        ("anna_schmidt2@contoso.com", "Anna Schmidt"),
        ("jean-luc.o'brien@contoso.com", "Jean-Luc O'Brien"),
        ("anna+leads@contoso.com", "Anna"),
        ("42@contoso.com", ""),
    ],
)
def test_a_persons_address_spells_their_name(address: str, name: str) -> None:
    assert guess_name(address) == name


def test_the_people_of_the_team_are_suggested_by_name_and_namesakes_by_address() -> None:
    team = [SALES, "anna@contoso.com", "bob.jones@contoso.com", "anna@contoso.de", "anna@contoso.com"]
    assert list_names(team) == ("anna@contoso.com", "Bob Jones", "anna@contoso.de")


async def answer(desk: Desk, recipient: str, /, **form: str) -> OpenedLead:
    key = LeadKey(desk.row["PartitionKey"], desk.row["RowKey"])
    token = SIGNER.sign(key, recipient, now=at(0)).rpartition("/")[2]
    said = parse_answer({"click": "c1", **form}, today=at(30).date())
    await desk.steps.answering.record(token, said, now=at(30))
    return await desk.steps.answering.show(token, now=at(30))


@pytest.fixture
async def desk() -> Desk:
    desk = Desk(Owners.parse(f"contoso.erp: {ANNA}; {SALES}"))
    await desk.post(body())
    await desk.tick(0)
    return desk


def taken(desk: Desk) -> dict[str, str]:
    decision: dict[str, str]
    (decision,) = json.loads(desk.row["zAppDecisions"])["taken"]
    return decision


async def test_who_answers_from_a_shared_mailbox_stands_in_the_row_and_on_the_page(desk: Desk) -> None:
    opened = await answer(desk, SALES, choice="contacted", i_am="  Zoë \n O'Neil ")
    assert (taken(desk)["name"], taken(desk)["by"]) == ("Zoë O'Neil", SALES)
    assert desk.row["ContactedBy"] == f"Zoë O'Neil ({SALES})"
    facts = collect_facts(opened.lead, (), now=at(60), zone=desk.steps.answering.zone)
    assert facts.answered_by == f"Zoë O'Neil ({SALES})"
    assert facts.history[0].sentence == f"Contacted (Zoë O'Neil, {SALES})."


async def test_a_name_may_stay_empty_as_before(desk: Desk) -> None:
    await answer(desk, SALES, choice="contacted", i_am=" ")
    assert "name" not in taken(desk)
    assert desk.row["ContactedBy"] == SALES


async def test_a_persons_own_link_says_who_they_are_whatever_the_form_says(desk: Desk) -> None:
    opened = await answer(desk, ANNA, choice="contacted", i_am="Bob")
    assert opened.shared_mailbox is None
    assert desk.row["ContactedBy"] == ANNA
    assert "name" not in taken(desk)


async def test_a_recipient_who_is_not_known_any_more_is_asked(desk: Desk) -> None:
    opened = await answer(desk, "gone@contoso.example", choice="contacted", i_am="Bob")
    assert opened.shared_mailbox == ""
    assert desk.row["ContactedBy"] == "Bob (link)"


@pytest.mark.parametrize("name", ["=1+1", "@SUM(1)", '=HYPERLINK("http://evil.example")', "+cmd|' /C calc'!A0"])
async def test_a_name_is_no_formula_in_a_spreadsheet(desk: Desk, name: str) -> None:
    opened = await answer(desk, SALES, choice="contacted", i_am=name)
    assert desk.row["ContactedBy"] == f"'{name} ({SALES})"
    assert opened.lead.contacted_by == f"{name} ({SALES})"


async def test_a_decision_reads_back_with_its_name_and_one_of_the_version_before_without(desk: Desk) -> None:
    await answer(desk, SALES, choice="tried", i_am="Bob")
    stored = await desk.repository.get(LeadKey(desk.row["PartitionKey"], desk.row["RowKey"]))
    assert stored
    assert [decision.name for decision in stored.lead.decisions] == ["Bob"]
    await desk.edit(zAppDecisions=desk.row["zAppDecisions"].replace(',"name":"Bob"', ""))
    stored = await desk.repository.get(stored.lead.key)
    assert stored
    assert [decision.name for decision in stored.lead.decisions] == [""]


def test_the_page_asks_only_who_shares_a_mailbox() -> None:
    asked = Reader(render_follow_up(page(who=WHO)))
    (field,) = [field for field in asked.named("input") if field.get("name") == "i_am"]
    assert (field["value"], field["maxlength"], field["list"]) == ("", "60", "i_am-names")
    assert {"for": "i_am"} in asked.named("label")
    assert [option["value"] for option in asked.named("option")] == ["Anna", "Bob"]
    assert f"Several people read {SALES}" in asked.text("span")
    assert "I am" not in Reader(render_follow_up(page())).text("label")


def test_the_field_has_what_was_entered_or_what_the_browser_remembers() -> None:
    cookie = write_name("Zoë", is_https=True).partition(";")[0]
    assert Who.of(SALES, (), cookie=cookie, entered={}).name == "Zoë"
    assert Who.of(SALES, (), cookie=cookie, entered={"i_am": "Bob"}).name == "Bob"
    assert Who.of(SALES, (), cookie=cookie, entered={"i_am": ""}).name == ""
    assert Who.of(SALES, (ANNA, SALES), cookie="", entered={}) == Who(mailbox=SALES, names=("Anna",), name="")


@given(st.text())
def test_a_name_comes_back_from_the_cookie_as_it_is_kept(text: str) -> None:
    name = clean_name(text)
    header = write_name(name, is_https=True)
    assert header.isascii()
    assert header.isprintable()
    assert len(header) < 1_000
    assert read_name(f"a=b; {header.partition(';')[0]}; c=d") == read_name(write_name(read_name(header), is_https=True))


@pytest.mark.parametrize("name", ["Anna", "Zoë O'Neil", "日本 太郎", "a; b=c, d", "\U0001f680" * 60, "x" * 60])
def test_a_plain_name_comes_back_as_it_is(name: str) -> None:
    assert read_name(write_name(name, is_https=False).partition(";")[0]) == name


@given(st.text())
def test_any_cookie_is_a_name_or_none(header: str) -> None:
    for text in (header, f"{COOKIE}={header}"):
        assert len(read_name(text)) <= MAX_NAME_CHARACTERS
        assert "\n" not in read_name(text)


@pytest.mark.parametrize("is_https", [True, False])
def test_the_cookie_is_for_the_page_alone_and_no_script_reads_it(is_https: bool) -> None:
    (cookie,) = SimpleCookie(write_name("Anna", is_https=is_https)).values()
    assert (cookie.value, cookie["path"], cookie["samesite"]) == ("Anna", "/api/follow-up", "Lax")
    assert cookie["httponly"] is True
    assert bool(cookie["secure"]) is is_https
    assert cookie["max-age"] == str(180 * 24 * 60 * 60)


def test_an_empty_name_makes_the_browser_forget_it() -> None:
    assert "Max-Age=0" in write_name("", is_https=True)


def test_the_longest_names_fit_into_the_cell_with_as_many_decisions_as_are_kept() -> None:
    name = clean_name('\U0001f680"' * 99)
    longest = Decision(Status.DISQUALIFIED, at(0), f"{'x' * 242}@contoso.com", Choice.DO_NOT_CONTACT, "c" * 64, name)
    lead = replace(fold(None, delivery()), decisions=(longest,) * MAX_DECISIONS)
    assert len(lead_to_row(lead)["zAppDecisions"].encode("utf-16-le")) < PROPERTY_BYTES


@pytest.mark.parametrize("name", ['"><script>alert(1)</script>', "</datalist><b>", "\u202eevil", "{{ 7*7 }}"])
def test_a_hostile_name_leaves_the_page_intact(name: str) -> None:
    cookie = write_name(name, is_https=True).partition(";")[0]
    who = Who.of(SALES, (), cookie=cookie, entered={})
    plain = Reader(render_follow_up(page(who=replace(WHO, names=()))))
    shown = Reader(render_follow_up(page(who=who, answered_at=None)))
    assert [tag for tag, _ in shown.elements] == [tag for tag, _ in plain.elements]
    assert "\u202e" not in who.name
