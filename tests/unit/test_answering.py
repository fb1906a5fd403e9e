"""The fourth step: what a person says on the page behind a link."""

import itertools
import string
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.errors import AnswerError, ExpiredLinkError, ForgedLinkError, LeadGoneError
from lead_core.lead.values import LeadKey
from lead_core.links import LINKS_LAST, Link, LinkSigner, name_recipient
from lead_core.steps.answering import Answering
from lead_core.views.facts import Facts, collect_facts
from lead_core.views.form import parse_answer
from lead_core.views.page import say_what_is_next
from tests.desk import Desk
from tests.examples import ANNA, BOSS, SALES, at, body

KEY = LeadKey("5b1a5f6e000040008000000000000001", "contoso crm/é")
OLD, NEW = "o" * 32, "n" * 32


def signer(*keys: str) -> LinkSigner:
    return LinkSigner(keys, "https://leads.example")


def token_of(link: str) -> str:
    return link.removeprefix("https://leads.example/api/follow-up/")


def test_a_link_reads_back_and_holds_no_personal_data() -> None:
    link = signer(NEW).sign(KEY, SALES, now=at(0))
    assert signer(NEW).read(token_of(link), now=at(0)) == Link(KEY, name_recipient(SALES))
    assert "sales" not in link
    assert "@" not in link


def test_a_link_lasts_thirty_days() -> None:
    token = token_of(signer(NEW).sign(KEY, SALES, now=at(0)))
    assert signer(NEW).read(token, now=at(0) + LINKS_LAST - timedelta(seconds=1))
    with pytest.raises(ExpiredLinkError):
        signer(NEW).read(token, now=at(0) + LINKS_LAST + timedelta(seconds=1))


def test_a_link_from_the_future_is_not_good() -> None:
    """Otherwise a stolen key could sign links that last longer than thirty days."""
    token = token_of(signer(NEW).sign(KEY, SALES, now=at(60)))
    with pytest.raises(ExpiredLinkError):
        signer(NEW).read(token, now=at(0))
    assert signer(NEW).read(token, now=at(55))


def test_in_a_rotation_links_of_the_old_key_still_work_and_new_ones_are_of_the_new() -> None:
    old, new = (token_of(signer(*keys).sign(KEY, SALES, now=at(0))) for keys in ((OLD,), (NEW, OLD)))
    assert signer(NEW, OLD).read(old, now=at(0)).lead == KEY
    assert signer(NEW).read(new, now=at(0)).lead == KEY
    with pytest.raises(ForgedLinkError):
        signer(NEW).read(old, now=at(0))


@given(st.text())
def test_a_link_with_something_added_is_forged(more: str) -> None:
    if more:
        with pytest.raises(ForgedLinkError):
            signer(NEW).read(token_of(signer(NEW).sign(KEY, SALES, now=at(0))) + more, now=at(0))


def test_every_character_of_a_link_counts() -> None:
    """Base64 spells some bytes in more than one way: ``_`` as ``/``, and the spare bits of the last character."""
    token = token_of(signer(NEW).sign(KEY, SALES, now=at(0)))
    for place, character in itertools.product(range(len(token)), "/+_-.=% \0" + string.ascii_letters + string.digits):
        changed = token[:place] + character + token[place + 1 :]
        if changed != token:
            with pytest.raises(ForgedLinkError):
                signer(NEW).read(changed, now=at(0))
    for place in range(len(token)):
        with pytest.raises(ForgedLinkError):
            signer(NEW).read(token[:place] + token[place + 1 :], now=at(0))


def test_a_link_is_good_for_its_own_lead_recipient_and_time_alone() -> None:
    """The text of one link with the signature of another."""
    signed = signer(NEW)
    links = (
        signed.sign(KEY, SALES, now=at(0)),
        signed.sign(KEY._replace(row="contoso.erp"), SALES, now=at(0)),
        signed.sign(KEY._replace(partition="0" * 32), SALES, now=at(0)),
        signed.sign(KEY, ANNA, now=at(0)),
        signed.sign(KEY, SALES, now=at(1)),
    )
    said_and_signed = [token_of(link).rpartition(".") for link in links]
    for (said, dot, _), (_, _, signature) in itertools.permutations(said_and_signed, 2):
        with pytest.raises(ForgedLinkError):
            signed.read(said + dot + signature, now=at(1))


@given(st.text())
def test_any_text_is_a_forged_link(text: str) -> None:
    with pytest.raises(ForgedLinkError):
        signer(NEW).read(text, now=at(0))


class Page:
    """The page of one lead, and how to use it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.answering = Answering(desk.repository, signer(NEW), BOSS)
        row = desk.row
        key = LeadKey(row["PartitionKey"], row["RowKey"])
        self.token = token_of(signer(NEW).sign(key, SALES, now=at(0)))

    async def choose(self, choice: str, **fields: str) -> str:
        return await self.choose_at(30, choice, **fields)

    async def choose_at(self, minutes: float, choice: str, **fields: str) -> str:
        form, now, zone = {"choice": choice, "click": "c1", **fields}, at(minutes), self.answering.zone
        try:
            answer = parse_answer(form, today=now.date())
            opened = await self.answering.record(self.token, answer, now=now)
        except AnswerError as error:
            return error.explanation
        return say_what_is_next(opened.lead, answer, now=now, zone=zone)

    async def show(self, minutes: float) -> Facts:
        now = at(minutes)
        opened = await self.answering.show(self.token, now=now)
        return collect_facts(opened.lead, opened.others, now=now, zone=self.answering.zone)


@pytest.fixture
async def page() -> Page:
    desk = Desk()
    await desk.post(body())
    await desk.tick(0)
    return Page(desk)


async def test_looking_changes_nothing(page: Page) -> None:
    before = page.desk.memory.leads.rows
    facts = await page.show(60)
    assert (facts.shown.name, facts.status, facts.waited) == ("John Smith", "New", timedelta(hours=1))
    assert page.desk.memory.leads.rows == before


async def test_a_choice_is_recorded_with_who_took_it(page: Page) -> None:
    assert (await page.choose("contacted")).startswith("Recorded: contacted.")
    row = page.desk.row
    assert (row["Status"], row["ContactedBy"], row["FirstContactedAt"]) == ("Contacted", SALES, at(30))
    await page.desk.tick(3 * 24 * 60)
    assert len(page.desk.outbox.mails) == 1


async def test_the_same_click_twice_is_one_change(page: Page) -> None:
    await page.choose("tried")
    await page.choose("tried")
    assert page.desk.row["Attempts"] == 1
    await page.choose("tried", click="c2")
    assert page.desk.row["Attempts"] == 2


async def test_a_choice_can_be_changed_through_the_same_link(page: Page) -> None:
    await page.choose("contacted")
    await page.choose_at(40, "not-a-fit", click="c2", reason="too small")
    row = page.desk.row
    assert (row["Status"], row["DisqualifiedReason"]) == ("Disqualified", "too small")
    facts = await page.show(60)
    assert [line.sentence.partition(" (")[0] for line in facts.history[:2]] == ["Not a fit", "Contacted"]


@pytest.mark.parametrize(
    ("choice", "fields", "said"),
    [
        ("contacted-follow-up", {"follow_up_on": "2026-11-30"}, "You are reminded on 30 November 2026."),
        ("tried", {}, "The next reminder comes on 23 November 2026, 12:00 UTC."),
        ("later-3d", {}, "The next reminder comes on 25 November 2026, 12:30 UTC."),
        ("qualified", {}, "There are no more reminders, unless the customer asks to be contacted again."),
        ("pass", {"colleague": ANNA}, f"{ANNA} is told within minutes."),
        ("do-not-contact", {}, "Nobody is reminded of this customer any more, on any offer."),
    ],
)
async def test_the_page_says_what_happens_next(page: Page, choice: str, fields: dict[str, str], said: str) -> None:
    assert (await page.choose(choice, **fields)).endswith(said)


async def test_a_lead_that_was_passed_on_is_told_to_the_colleague(page: Page) -> None:
    await page.choose("pass", colleague=ANNA)
    await page.desk.tick(31)
    assert [mail.to for mail in page.desk.outbox.mails] == [SALES, ANNA]


@pytest.mark.parametrize("escalate_to", [BOSS, ""])
@pytest.mark.parametrize(
    "colleague",
    ["eve@evil.example", "eve@contoso.example.evil.example", "eve@evilcontoso.example"],
)
async def test_a_lead_cannot_be_passed_outside_the_company(page: Page, colleague: str, escalate_to: str) -> None:
    """A forwarded mail gives its link to other people."""
    page.answering = replace(page.answering, escalate_to=escalate_to)
    before = page.desk.memory.leads.rows
    assert "only be passed on within your company" in await page.choose("pass", colleague=colleague)
    assert page.desk.memory.leads.rows == before


@pytest.mark.parametrize("colleague", ["eve；x@evil.example", "eve@contoso..example", "é@contoso.example", "x@@y"])
async def test_a_lead_is_passed_on_to_addresses_that_mail_can_be_sent_to(page: Page, colleague: str) -> None:
    before = page.desk.memory.leads.rows
    said = await page.choose("pass", colleague=colleague)
    assert said.startswith(("What you wrote is no address for mail: ", "What you wrote is at a domain that neither"))
    assert page.desk.memory.leads.rows == before


async def test_a_form_that_cannot_be_read_changes_nothing_and_says_why(page: Page) -> None:
    before = page.desk.memory.leads.rows
    assert "why" in await page.choose("not-a-fit")
    assert await page.choose("nonsense")
    assert page.desk.memory.leads.rows == before


async def test_a_lead_that_was_erased_is_gone(page: Page) -> None:
    row = page.desk.row
    await page.desk.memory.leads.delete(row["PartitionKey"], row["RowKey"])
    with pytest.raises(LeadGoneError):
        await page.show(60)
    with pytest.raises(LeadGoneError):
        await page.choose("contacted")


async def test_the_same_click_with_another_choice_is_another_answer(page: Page) -> None:
    """The back button brings back a page with its old click."""
    await page.choose("tried")
    await page.choose("contacted")
    assert page.desk.row["Status"] == "Contacted"


async def test_a_note_written_into_the_table_meanwhile_stays(page: Page) -> None:
    await page.desk.edit(Note="from the table")
    await page.choose("tried", note="as shown", note_was="as shown")
    assert page.desk.row["Note"] == "from the table"
    await page.choose("contacted", note="my own", note_was="as shown")
    assert page.desk.row["Note"] == "my own"


async def test_an_attempt_on_an_answered_lead_leaves_it_answered(page: Page) -> None:
    await page.choose("contacted")
    await page.choose("tried", click="c2")
    assert (page.desk.row["Status"], page.desk.row["Attempts"]) == ("Contacted", 1)
    await page.desk.tick(24 * 60)
    assert len(page.desk.outbox.mails) == 1


async def test_an_attempt_lifts_no_do_not_contact_of_another_offer(page: Page) -> None:
    await page.choose("do-not-contact")
    await page.desk.post(body(offer="contoso.erp"), event=2, minutes=60)
    key = next(row for row in page.desk.memory.leads.rows if row["RowKey"] == "contoso.erp")
    page.token = token_of(signer(NEW).sign(LeadKey(key["PartitionKey"], key["RowKey"]), SALES, now=at(60)))
    assert (await page.choose_at(61, "tried")).endswith("so nobody is reminded.")
    for minutes in range(62, 10 * 24 * 60, 600):
        await page.desk.tick(minutes)
    assert len(page.desk.outbox.mails) == 1


async def test_an_owner_by_a_typed_address_is_named(page: Page) -> None:
    await page.choose("pass", confirm=" Carl@Contoso.example")
    row = page.desk.row
    key = LeadKey(row["PartitionKey"], row["RowKey"])
    page.token = token_of(signer(NEW).sign(key, "carl@contoso.example", now=at(0)))
    await page.choose("contacted", click="c2")
    assert page.desk.row["ContactedBy"] == "carl@contoso.example"
