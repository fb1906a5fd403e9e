"""The page of all open leads of one owner: what is read for it, and what it says."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lead_core.errors import ExpiredListLinkError, ForgedLinkError
from lead_core.lead.choices import Choice
from lead_core.lead.delivery import Shown
from lead_core.lead.urgency import Urgency
from lead_core.links import LINKS_LAST, name_recipient
from lead_core.steps import my_leads
from lead_core.views.form import parse_answer
from lead_core.views.my_leads import MyLeads, OpenLead, render_my_leads
from tests.desk import Desk
from tests.examples import ANNA, BOSS, JOHN, NOON, SALES, at, body, person
from tests.reader import Reader
from tests.seen import ANA, LINK, SEEN_AT, change_facts
from tests.steps import SIGNER

HOUR, DAY = 60, 24 * 60


def token_of(link: str) -> str:
    return link.rpartition("/")[2]


async def open_page(desk: Desk, owner: str = SALES, *, minutes: float = 1, signed: float = 0) -> MyLeads:
    token = token_of(SIGNER.sign_my_leads(owner, now=at(signed)))
    return await desk.steps.my_leads.show(token, now=at(minutes))


def names(page: MyLeads) -> list[str]:
    return [lead.facts.shown.first_name for lead in page.leads]


def states(desk: Desk) -> list[tuple[str, str]]:
    return [(entry["PartitionKey"], entry["State"]) for entry in desk.memory.follow_ups.rows]


async def say(desk: Desk, lead: OpenLead, choice: Choice, *, minutes: float = 1, **said: str) -> None:
    form = parse_answer({"choice": choice, "click": f"c{minutes}", **said}, today=NOON.date())
    await desk.steps.answering.record(token_of(lead.link), form, now=at(minutes))


# What is read


async def test_an_owner_sees_all_their_open_leads_and_nobody_elses(desk: Desk) -> None:
    await desk.post(body(person(1)), event=1)
    await desk.post(body(person(2), offer="contoso.erp"), event=2)
    await desk.post(body(person(3), code="PLT"), event=3)
    assert names(await open_page(desk)) == ["P3", "P1"]
    assert names(await open_page(desk, ANNA)) == ["P2"]
    assert names(await open_page(desk, BOSS)) == []


async def test_who_gets_the_weekly_summary_finds_the_report_and_nobody_else_does(desk: Desk) -> None:
    page = await open_page(desk, BOSS, signed=-DAY)
    links = [found["href"] for found in Reader(render_my_leads(page)).named("a")]
    assert links[-1] == page.report_link == SIGNER.sign_report(BOSS, now=at(-DAY))  # It ends with the page's own link.
    assert (await open_page(desk)).report_link == ""
    nobody = replace(desk.steps, escalate_to="").my_leads
    assert (await nobody.show(token_of(SIGNER.sign_my_leads(SALES, now=at(0))), now=at(1))).report_link == ""


async def test_the_letter_case_of_an_address_does_not_matter(desk: Desk) -> None:
    await desk.post(body(person(1)))
    assert names(await open_page(desk, SALES.upper())) == ["P1"]


async def test_one_tap_opens_the_lead_and_what_is_said_there_is_the_owners_word(desk: Desk) -> None:
    await desk.post(body(person(1)))
    (lead,) = (await open_page(desk)).leads
    await say(desk, lead, Choice.CONTACTED)
    assert (desk.row["Status"], desk.row["ContactedBy"]) == ("Contacted", SALES)
    assert (await open_page(desk)).leads == ()


async def test_a_planned_follow_up_of_an_answered_lead_is_open(desk: Desk) -> None:
    await desk.post(body(person(1)))
    (lead,) = (await open_page(desk)).leads
    await say(desk, lead, Choice.LATER_3D)
    (lead,) = (await open_page(desk)).leads
    assert (lead.urgency, lead.next_mail_at) == (Urgency.PLANNED, at(3 * DAY + 1))


async def test_a_follow_up_whose_mail_was_deleted_stays_until_someone_says_what_came_of_it(desk: Desk) -> None:
    await desk.post(body(person(1)))
    (lead,) = (await open_page(desk)).leads
    await say(desk, lead, Choice.CONTACTED_FOLLOW_UP, follow_up_on="2026-11-25")
    await desk.tick(3 * DAY)
    page = await open_page(desk, minutes=3 * DAY)
    assert [lead.urgency for lead in page.leads] == [Urgency.DUE]
    assert "A follow-up was planned for" in render_my_leads(page)
    assert states(desk) == [("0-follow-up", "follow-up due")]
    (lead,) = (await open_page(desk, minutes=4 * DAY)).leads
    assert lead.urgency is Urgency.OVERDUE
    await say(desk, lead, Choice.CONTACTED, minutes=4 * DAY)
    assert (await open_page(desk, minutes=4 * DAY)).leads == ()
    assert states(desk) == []


async def test_news_of_a_customer_does_not_hide_a_follow_up_that_is_due(desk: Desk) -> None:
    await desk.post(body(person(1)))
    (lead,) = (await open_page(desk)).leads
    await say(desk, lead, Choice.CONTACTED_FOLLOW_UP, follow_up_on="2026-11-25")
    await desk.tick(3 * DAY)
    await desk.post(body(person(1), code="Create"), event=2, minutes=3 * DAY)
    assert [entry.urgency for entry in (await open_page(desk, minutes=3 * DAY)).leads] == [Urgency.DUE]
    await desk.tick(3 * DAY + 1)
    assert states(desk) == [("0-follow-up", "follow-up due")]
    assert len((await open_page(desk, minutes=3 * DAY + 2)).leads) == 1


async def test_a_lead_that_was_tried_says_which_attempt_comes_next_and_when(desk: Desk) -> None:
    await desk.post(body(person(1)))
    (lead,) = (await open_page(desk)).leads
    await say(desk, lead, Choice.TRIED)
    page = await open_page(desk)
    assert [lead.urgency for lead in page.leads] == [Urgency.PLANNED]
    assert "Tried once, no answer yet. Next: attempt 2 of 4, on Wed 25 November." in render_my_leads(page)


async def test_a_page_links_no_longer_than_the_link_that_opened_it(desk: Desk) -> None:
    """Otherwise one link would be a way in for ever, from page to page."""
    await desk.post(body(person(1)))
    (lead,) = (await open_page(desk, minutes=29 * DAY)).leads
    assert SIGNER.read(token_of(lead.link), now=at(29 * DAY)).holder.signed_at == at(0).replace(microsecond=0)
    opened = await desk.steps.answering.show(token_of(lead.link), now=at(29 * DAY))
    with pytest.raises(ExpiredListLinkError):
        await desk.steps.my_leads.show(token_of(opened.my_leads), now=at(0) + LINKS_LAST + timedelta(seconds=1))


@pytest.mark.parametrize("other", [SIGNER.sign_report(SALES, now=at(0)), f"{SIGNER.sign_my_leads(SALES, now=at(0))}x"])
async def test_no_other_link_opens_it(desk: Desk, other: str) -> None:
    with pytest.raises(ForgedLinkError):
        await desk.steps.my_leads.show(token_of(other), now=at(0))


async def test_a_lead_that_was_answered_in_the_table_is_not_shown_as_open(desk: Desk) -> None:
    await desk.post(body(person(1)))
    await desk.edit(Status="Contacted")
    assert len(desk.memory.follow_ups.rows) == 1  # Nothing has noticed it yet.
    assert (await open_page(desk)).leads == ()


async def test_a_lead_that_was_given_away_in_the_table_is_no_longer_shown(desk: Desk) -> None:
    await desk.post(body(person(1)))
    await desk.edit(Owner=ANNA)
    assert (await open_page(desk)).leads == ()


async def test_a_lead_that_was_removed_is_left_out(desk: Desk) -> None:
    await desk.post(body(person(1)))
    await desk.memory.leads.delete(desk.row["PartitionKey"], desk.row["RowKey"])
    assert (await open_page(desk)).leads == ()


async def test_a_lead_whose_entry_moved_stands_once(desk: Desk) -> None:
    await desk.post(body(person(1)))
    (entry,) = desk.memory.follow_ups.rows
    await desk.tick(1)
    await desk.memory.follow_ups.upsert(entry)  # as if the process had ended before it was removed
    assert len(desk.memory.follow_ups.rows) == 2
    page = await open_page(desk, minutes=2)
    assert (names(page), page.more) == (["P1"], 0)


async def test_those_who_were_never_answered_stand_last_with_their_wait(desk: Desk) -> None:
    await desk.post(body(person(1)), event=1)
    for day in range(8):
        await desk.tick(day * DAY + 1)
    await desk.tick(8 * DAY)  # It is escalated, and rests.
    await desk.post(body(person(2)), event=2, minutes=9 * DAY)
    page = await open_page(desk, minutes=9 * DAY + 1)
    assert [(lead.facts.shown.first_name, lead.urgency) for lead in page.leads] == [
        ("P2", Urgency.DUE),
        ("P1", Urgency.RESTING),
    ]
    assert "Waiting for 9 days, since Sun 22 Nov, 12:00 UTC." in render_my_leads(page)


async def test_showing_the_page_writes_nothing(desk: Desk) -> None:
    await desk.post(body(person(1)))
    await desk.edit(Status="Contacted")
    before = {name: table.rows for name, table in desk.memory.tables.items()}
    await open_page(desk)
    assert {name: table.rows for name, table in desk.memory.tables.items()} == before


class Reads:
    """A table that counts what is read of it."""

    def __init__(self, table: Any) -> None:
        self.table, self.queries = table, 0

    def __getattr__(self, name: str) -> Any:
        self.queries += name == "query"
        return getattr(self.table, name)


async def test_a_page_reads_each_part_of_the_list_and_each_person_who_is_shown_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(my_leads, "MAX_SHOWN", 5)
    for number in range(9):
        await desk.post(body(person(number)), event=number)
    reads = {name: Reads(table) for name, table in desk.memory.tables.items()}
    desk.steps = replace(desk.steps, tables=reads)
    page = await open_page(desk)
    assert (len(page.leads), page.more) == (5, 4)
    assert {name: table.queries for name, table in reads.items() if table.queries} == {"follow_ups": 3, "leads": 5}


async def test_places_are_kept_for_those_who_were_never_answered(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(my_leads, "MAX_SHOWN", 3)
    monkeypatch.setattr(my_leads, "KEPT_FOR_RESTING", 1)
    for number in range(1, 3):
        await desk.post(body(replace(person(number), email="", phone="")), event=number)
    await desk.tick(1)
    for number in range(3, 8):
        await desk.post(body(person(number)), event=number, minutes=2)
    page = await open_page(desk, minutes=3)
    assert [lead.urgency for lead in page.leads] == [Urgency.DUE, Urgency.DUE, Urgency.RESTING]
    assert page.more == 4


async def test_a_list_that_is_too_long_is_read_in_part_and_the_page_says_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        await desk.post(body(person(number)), event=number)
    monkeypatch.setattr(my_leads, "MAX_LISTED", 3)
    assert not (await open_page(desk)).is_cut
    monkeypatch.setattr(my_leads, "MAX_LISTED", 2)
    page = await open_page(desk)
    assert (len(page.leads), page.is_cut) == (2, True)
    assert "there may be more of yours" in render_my_leads(page)


# How one gets there


async def test_every_mail_links_to_the_open_leads_of_its_reader(desk: Desk) -> None:
    await desk.post(body(replace(JOHN, first_name="MSFT_TEST", email="MSFT_TEST@test.com")), event=1)
    await desk.post(body(person(1)), event=2)
    for day in range(9):
        await desk.tick(day * DAY + 1)  # They are told, reminded and escalated.
    assert find_holders(desk, minutes=9 * DAY) == {name_recipient(SALES), name_recipient(BOSS)}
    told = [mail.subject for mail in desk.outbox.mails]
    for begin in ("A test lead arrived", "Northwind", "LAST reminder", "1 lead of 1 owner"):
        assert any(subject.startswith(begin) for subject in told), begin


async def test_the_mail_with_a_new_link_to_a_lead_has_one_as_well(desk: Desk) -> None:
    await desk.post(body(person(1)))
    (lead,) = (await open_page(desk)).leads
    await say(desk, lead, Choice.CONTACTED)
    await desk.steps.asking.ask(token_of(lead.link), now=at(31 * DAY))
    await desk.tick(31 * DAY)
    assert find_holders(desk, minutes=31 * DAY) == {name_recipient(SALES)}


def find_holders(desk: Desk, *, minutes: float) -> set[str]:
    """Return whose open leads the mails link to: each to those of its reader."""
    holders = set()
    for mail in desk.outbox.mails:
        (token,) = re.findall(r"https://leads\.example/api/my-leads/(\S+)", mail.text)
        assert mail.html.count(f'href="https://leads.example/api/my-leads/{token}"') == 1
        holder = SIGNER.read_my_leads(token, now=at(minutes)).recipient
        assert holder == name_recipient(mail.to)
        holders.add(holder)
    return holders


# What it says


def shown(urgency: Urgency = Urgency.DUE, *, next_mail_at: Any = None, **given: Any) -> OpenLead:
    facts = change_facts(ANA, given)
    assert not given
    return OpenLead(facts=facts, urgency=urgency, next_mail_at=next_mail_at, link=LINK)


def page_of(*leads: OpenLead, more: int = 0) -> MyLeads:
    return MyLeads(leads=leads, more=more, is_cut=False, seen_at=SEEN_AT)


def read(page: MyLeads) -> Reader:
    return Reader(render_my_leads(page))


def test_each_lead_says_who_wants_what_since_when_and_when_the_next_mail_comes() -> None:
    text = read(page_of(shown(attempts=2, next_mail_at=SEEN_AT + timedelta(days=2)))).text("li")
    assert "Ana Silva" in text
    assert "Northwind Traders · Contoso CRM" in text
    assert "Pressed Contact me on AppSource." in text
    assert "Waiting for 20 minutes, since Thu 26 Nov, 23:11 CET." in text
    assert "Tried 2 times, no answer yet." in text
    assert "The next mail comes on Sat 28 Nov, 23:31 CET." in text


def test_an_answered_lead_says_when_it_was_answered() -> None:
    answered_at = SEEN_AT - timedelta(days=3)
    told = {"answered_at": answered_at, "status": "Contacted", "waited": None}
    text = read(page_of(shown(Urgency.PLANNED, next_mail_at=SEEN_AT, **told))).text("li")
    assert "Answered on 23 November. A mail about it is due now." in text


def test_the_page_begins_with_how_many_there_are_of_each_and_leads_there() -> None:
    reader = read(page_of(shown(Urgency.OVERDUE), shown(Urgency.OVERDUE), shown(Urgency.RESTING, email="", phone="")))
    ids = [heading["id"] for heading in reader.named("h2")]
    assert [link["href"] for link in reader.named("a")] == ["#overdue", "#resting", LINK, LINK, LINK]
    assert ids == ["overdue", "resting"]
    assert re.findall(r"[\w ]+: \d", reader.text("a")) == ["Overdue: 2", "Never answered: 1"]
    assert "They left no e-mail address and no phone." in reader.text("li")


def test_a_page_without_leads_says_that_nothing_waits() -> None:
    assert "No customer of yours waits for an answer, and no follow-up is planned." in read(page_of()).text("main")


def test_more_than_are_shown_are_counted() -> None:
    assert "And 1,204 more." in read(page_of(shown(), more=1_204)).text("main")


def test_the_page_says_how_fresh_it_is_and_its_title_names_nobody() -> None:
    reader = read(page_of(shown()))
    assert "As of Thu 26 Nov, 23:31 CET." in reader.text("main")
    assert reader.text("title") == "Your open leads"


def test_the_page_has_no_script_and_no_form_and_fetches_nothing() -> None:
    reader = read(page_of(*(shown(urgency) for urgency in Urgency)))
    tags = {tag for tag, _ in reader.elements}
    assert not tags & {"script", "img", "link", "iframe", "object", "base", "form", "button"}
    assert not {name for _, found in reader.elements for name in found if name == "style" or name.startswith("on")}


def test_a_lead_of_which_little_is_known_has_a_name_all_the_same() -> None:
    nobody = OpenLead(facts=replace(ANA, shown=Shown()), urgency=Urgency.DUE, next_mail_at=None, link=LINK)
    assert "A customer who left no name" in read(page_of(nobody)).text("h3")
