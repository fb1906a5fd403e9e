"""The fourth step: what a person says on the page behind a link."""

import itertools
import string
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.errors import AnswerError, ExpiredLinkError, ForgedLinkError, IncompleteLinkError, LeadGoneError
from lead_core.lead.values import LeadKey
from lead_core.links import LINKS_LAST, Holder, Link, LinkSigner
from lead_core.steps.answering import Answering
from lead_core.views.facts import Facts, collect_facts
from lead_core.views.form import find_seen, parse_answer
from lead_core.views.page import FollowUpPage, find_next_url, render_follow_up
from tests.desk import Desk
from tests.examples import ANNA, BOSS, NOON, SALES, at, body
from tests.reader import Reader

KEY = LeadKey("5b1a5f6e000040008000000000000001", "contoso crm/é")
OLD, NEW = "o" * 32, "n" * 32


def signer(*keys: str) -> LinkSigner:
    return LinkSigner(keys, "https://leads.example")


def token_of(link: str) -> str:
    return link.removeprefix("https://leads.example/api/follow-up/")


def test_a_link_reads_back_and_holds_no_personal_data() -> None:
    link = signer(NEW).sign(KEY, SALES, now=at(0))
    assert signer(NEW).read(token_of(link), now=at(0)) == Link(KEY, Holder.of(SALES, at(0).replace(microsecond=0)))
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
            with pytest.raises((ForgedLinkError, IncompleteLinkError)):
                signer(NEW).read(changed, now=at(0))
    for place in range(len(token)):
        with pytest.raises((ForgedLinkError, IncompleteLinkError)):
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
    with pytest.raises((ForgedLinkError, IncompleteLinkError)):
        signer(NEW).read(text, now=at(0))


def test_a_link_that_lost_its_end_says_so() -> None:
    token = token_of(signer(NEW).sign(KEY, SALES, now=at(0)))
    for length in range(1, len(token)):
        with pytest.raises(IncompleteLinkError):
            signer(NEW).read(token[:length], now=at(0))


def test_an_expired_link_still_says_which_lead_it_was_for_but_a_forged_one_does_not() -> None:
    token = token_of(signer(OLD).sign(KEY, SALES, now=at(0)))
    assert signer(OLD).read_expired(token).lead == KEY
    with pytest.raises(ForgedLinkError):
        signer(NEW).read_expired(token)


def sent_by(shown: FollowUpPage) -> dict[str, str]:
    """Return what the form of a page sends, as a browser does."""
    reader = Reader(render_follow_up(shown))
    fields = {field["name"] or "": field.get("value") or "" for field in reader.named("input")}
    # A browser drops the first line feed.
    return fields | ({"note": reader.text("textarea")[1:]} if reader.named("textarea") else {})


class Page:
    """The page of one lead, and how to use it."""

    def __init__(self, desk: Desk, offer: str = "contoso.contoso-crm") -> None:
        self.desk = desk
        self.answering = Answering(desk.repository, signer(NEW), desk.steps.erasures)
        row = next(row for row in desk.memory.leads.rows if row["RowKey"] == offer)
        key = LeadKey(row["PartitionKey"], row["RowKey"])
        self.token = token_of(signer(NEW).sign(key, SALES, now=at(0)))

    async def choose(self, choice: str, **fields: str) -> str:
        return await self.choose_at(30, choice, **fields)

    async def choose_at(self, minutes: float, choice: str, **fields: str) -> str:
        form, now = {"choice": choice, "click": "c1", **fields}, at(minutes)
        try:
            answer = parse_answer(form, today=now.date())
            lead = await self.answering.record(self.token, answer, now=now)
        except AnswerError as error:
            return error.explanation
        next_url = urlsplit(find_next_url(self.token, lead, answer))
        assert next_url.path.endswith(self.token)
        return (await self.open(minutes, **dict(parse_qsl(next_url.query, keep_blank_values=True)))).said

    async def open(self, minutes: float, **params: str) -> FollowUpPage:
        """Open the page as a browser does, also where an answer sends it."""
        now, zone = at(minutes), self.answering.zone
        opened = await self.answering.show(self.token, now=now)
        touches = self.desk.policy.touches
        page = FollowUpPage.of(
            opened.lead, opened.others, token=self.token, click="c9", now=now, zone=zone, touches=touches
        )
        return page.after(opened.lead, params.get("said", ""), find_seen(params), now=now, zone=zone)

    async def look(self, minutes: float) -> str:
        """Return what the form of the page that is opened now remembers of the lead."""
        return (await self.open(minutes)).told.seen

    def as_recipient(self, address: str) -> "Page":
        """Return the same page behind the link that was mailed to *address*."""
        other = Page(self.desk)
        row = self.desk.row
        other.token = token_of(signer(NEW).sign(LeadKey(row["PartitionKey"], row["RowKey"]), address, now=at(0)))
        return other

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


async def test_a_page_names_who_really_has_the_lead(page: Page) -> None:
    page.desk.memory.leads.clock = lambda: at(10)
    await page.desk.edit(Owner="eve@gmail.com")
    assert (await page.show(40)).owner == SALES
    told = (await page.open(40)).told.sentences
    assert f"Someone in the table wrote another owner on 22 November 2026. {SALES} has the lead." in told


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
        ("tried", {}, "Next: attempt 2 of 4, on Wed 25 November."),
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
    page.answering = replace(page.answering, repository=replace(page.desk.steps, escalate_to=escalate_to).repository)
    before = page.desk.memory.leads.rows
    assert "only be passed on within your company" in await page.choose("pass", colleague=colleague)
    assert page.desk.memory.leads.rows == before


@pytest.mark.parametrize("colleague", ["eve；x@evil.example", "eve@contoso..example", "é@contoso.example", "x@@y"])
async def test_a_lead_is_passed_on_to_addresses_that_mail_can_be_sent_to(page: Page, colleague: str) -> None:
    before = page.desk.memory.leads.rows
    said = await page.choose("pass", colleague=colleague)
    assert " is no address for mail: " in said or said.startswith("A lead can only be passed on within your company.")
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
    assert page.desk.row["Note"] == "from the table\n\nmy own"


async def test_lifting_leaves_the_note(page: Page) -> None:
    await page.choose_at(10, "do-not-contact", click="c0", note="Works from Oslo.")
    closed = sent_by(await page.open(20))
    assert "note" not in closed
    await page.choose_at(30, "lift", **{**closed, "reason": "Asked."})
    assert page.desk.row["Note"] == "Works from Oslo."


@pytest.mark.parametrize(
    ("mine", "kept"),
    [("Call after 3.", "Speaks French.\n\nCall after 3."), ("Old.", "Speaks French."), ("", "Speaks French.")],
)
async def test_a_page_that_comes_again_loses_no_note_of_a_colleague(page: Page, mine: str, kept: str) -> None:
    await page.choose_at(5, "note", note="Old.")
    form = {**sent_by(await page.open(10)), "note": mine}
    await page.choose_at(20, "note", note="Speaks French.", note_was="Old.")
    assert "why" in await page.choose_at(30, "not-a-fit", **form)
    again = replace(await page.open(30), problem="Say why.", wrong_field="reason", entered=form)
    await page.choose_at(31, "not-a-fit", **{**sent_by(again), "reason": "too small"})
    assert page.desk.row["Note"] == kept


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


async def test_a_lead_that_a_colleague_answered_meanwhile_keeps_their_answer(page: Page) -> None:
    seen = await page.look(0)
    await page.choose_at(10, "qualified", click="colleague")
    said = await page.choose_at(30, "tried", seen=seen)
    assert said == (
        f"Recorded: tried, no answer. While this page was open, {SALES} said “Qualified”; that stands. "
        "There are no more reminders, unless the customer asks to be contacted again."
    )
    assert (page.desk.row["Status"], page.desk.row["Attempts"]) == ("Qualified", 1)


@pytest.mark.parametrize("choice", ["later-1d", "later-7d", "contacted", "contacted-follow-up"])
async def test_what_says_less_than_a_colleagues_answer_is_recorded_beside_it(page: Page, choice: str) -> None:
    seen = await page.look(0)
    await page.choose_at(10, "qualified", click="colleague")
    said = await page.choose_at(30, choice, seen=seen, follow_up_on="2026-12-01")
    assert f"While this page was open, {SALES} said “Qualified”; that stands." in said
    assert page.desk.row["Status"] == "Qualified"
    assert ("You are reminded on 1 December 2026." in said) is (choice == "contacted-follow-up")
    assert ("NextReminderAt" in page.desk.row) is (choice == "contacted-follow-up")


@pytest.mark.parametrize(
    ("theirs", "mine"), [("qualified", "not-a-fit"), ("not-a-fit", "qualified"), ("contacted", "pass")]
)
async def test_what_contradicts_a_colleagues_answer_is_asked_again(page: Page, theirs: str, mine: str) -> None:
    seen = await page.look(0)
    await page.choose_at(10, theirs, click="colleague", reason="too small")
    before = page.desk.memory.leads.rows
    refused = await page.choose_at(30, mine, seen=seen, reason="no budget", colleague=ANNA)
    assert refused.startswith(f"While this page was open, {SALES} said “")
    assert page.desk.memory.leads.rows == before
    said = await page.choose_at(31, mine, seen=await page.look(31), reason="no budget", colleague=ANNA)
    assert said.startswith("Recorded: ")
    assert "before." in said


async def test_a_word_in_the_table_is_an_answer_meanwhile(page: Page) -> None:
    seen = await page.look(0)
    page.desk.memory.leads.clock = lambda: at(10)
    await page.desk.edit(Status="Qualified")
    said = await page.choose_at(30, "tried", seen=seen)
    assert "While this page was open, someone in the table said “Qualified”; that stands." in said


async def test_qualified_goes_on_from_a_colleagues_contacted(page: Page) -> None:
    seen = await page.look(0)
    await page.choose_at(10, "contacted", click="colleague")
    said = await page.choose_at(30, "qualified", seen=seen)
    assert f"While this page was open, {SALES} said “Contacted” before." in said
    assert page.desk.row["Status"] == "Qualified"


async def test_ones_own_answer_is_nobody_elses(page: Page) -> None:
    """The back button brings back the page with its old click, and with what it had seen."""
    seen = await page.look(0)
    await page.choose_at(10, "contacted", seen=seen)
    said = await page.choose_at(11, "not-a-fit", seen=seen, reason="too small")
    assert said.startswith("Recorded: not a fit. It was “Contacted” before.")


async def test_a_lower_status_is_said(page: Page) -> None:
    await page.choose_at(10, "qualified", click="c0")
    said = await page.choose_at(30, "contacted", seen=await page.look(20))
    assert said.startswith("Recorded: contacted. It was “Qualified” before.")
    assert page.desk.row["Status"] == "Contacted"


async def test_a_follow_up_leaves_a_qualified_lead_qualified(page: Page) -> None:
    await page.choose_at(10, "qualified", click="c0")
    said = await page.choose_at(30, "contacted-follow-up", follow_up_on="2026-12-01")
    assert said == "Recorded: contacted, with a follow-up. You are reminded on 1 December 2026."
    assert page.desk.row["Status"] == "Qualified"


PLAN = {"follow_up_on": "2026-12-01"}
DAY = 24 * 60


async def test_qualified_leaves_a_planned_follow_up(page: Page) -> None:
    await page.choose_at(10, "contacted-follow-up", click="c0", **PLAN)
    said = await page.choose_at(30, "qualified", seen=await page.look(20))
    assert said.endswith("The next reminder comes on 1 December 2026, 08:00 UTC.")
    assert "A follow-up is planned for 1 December 2026." in (await page.open(40)).told.sentences


async def test_contacted_on_a_page_of_before_leaves_the_answer_and_the_plan_of_a_colleague(page: Page) -> None:
    seen = await page.look(0)
    await page.desk.edit(Owner=ANNA)
    await page.as_recipient(ANNA).choose_at(10, "contacted-follow-up", click="c0", **PLAN)
    await page.choose_at(30, "contacted", seen=seen)
    told = (await page.open(40)).told.sentences
    assert told[:2] == (
        f"{ANNA} answered on 22 November 2026: Contacted.",
        "A follow-up is planned for 1 December 2026.",
    )
    await page.desk.tick(9 * DAY)
    assert page.desk.outbox.mails[-1].subject.startswith("Planned for today")


async def test_a_plan_is_there_again_after_do_not_contact_was_lifted(page: Page) -> None:
    await page.choose_at(10, "contacted-follow-up", click="c0", **PLAN)
    await page.choose_at(20, "do-not-contact")
    await page.desk.tick(25)
    assert page.desk.row.get("NextReminderAt") is None
    await page.choose_at(30, "lift", click="c2", reason="A slip.")
    assert "A follow-up is planned for 1 December 2026." in (await page.open(40)).told.sentences


async def test_a_plan_that_is_over_does_not_come_back(page: Page) -> None:
    await page.choose_at(10, "contacted-follow-up", click="c0", **PLAN)
    await page.choose_at(20, "do-not-contact")
    await page.choose_at(10 * DAY, "lift", click="c2", reason="A slip.")
    assert page.desk.row.get("NextReminderAt") is None


async def test_a_follow_up_that_is_due_can_be_recorded(page: Page) -> None:
    await page.choose_at(10, "contacted-follow-up", click="c0", **PLAN)
    await page.desk.tick(9 * DAY)
    shown = await page.open(9 * DAY + 1)
    assert "A follow-up was planned for today." in shown.told.sentences
    assert "A follow-up was planned for 1 December 2026." in (await page.open(11 * DAY)).told.sentences
    html = render_follow_up(shown)
    first = html[html.index('class="first"') - 60 :].partition("</button>")[0]
    assert 'value="contacted"' in first
    assert "Followed up" in first
    said = await page.choose_at(9 * DAY + 2, "contacted", seen=shown.told.seen)
    assert said.startswith("Recorded: contacted.")
    done = await page.open(9 * DAY + 3)
    assert not done.told.is_follow_up_due
    assert "Followed up" not in render_follow_up(done)


async def test_a_note_is_saved_alone_and_changes_nothing_else(page: Page) -> None:
    before = page.desk.row
    said = await page.choose("note", note="Call after 3.")
    assert said == "The note is saved. Nothing else has changed."
    assert page.desk.row | {"Note": ""} == before | {"Note": ""}
    await page.choose("note", note="Call after 3.")
    assert page.desk.row["Note"] == "Call after 3."


async def test_the_page_shows_what_was_typed_before_the_app_notices(page: Page) -> None:
    page.desk.memory.leads.clock = lambda: at(10)
    await page.desk.edit(Status="Qualified")
    before = page.desk.memory.leads.rows
    shown = await page.open(30)
    assert (shown.told.standing, shown.facts.status) == ("answered", "Qualified")
    assert page.desk.memory.leads.rows == before
    assert "It was “Qualified” before." in await page.choose_at(31, "not-a-fit", seen=shown.told.seen, reason="x")


class TwoOffers:
    """One person who asked about two offers."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.crm, self.erp = Page(desk, "contoso.contoso-crm"), Page(desk, "contoso.erp")

    def read(self, column: str) -> list[object]:
        return [row.get(column) for row in self.desk.memory.leads.rows]

    @property
    def listed(self) -> int:
        return len(self.desk.memory.follow_ups.rows)

    async def type_status(self, offer: str, word: str, minutes: float) -> None:
        self.desk.memory.leads.clock = lambda: at(minutes)
        row = next(row for row in self.desk.memory.leads.rows if row["RowKey"] == offer)
        await self.desk.memory.leads.upsert(row | {"Status": word})


@pytest.fixture
async def two() -> TwoOffers:
    desk = Desk()
    await desk.post(body())
    await desk.post(body(offer="contoso.erp"), event=2)
    await desk.tick(0)
    return TwoOffers(desk)


async def test_do_not_contact_is_in_all_rows_of_the_person_at_once(two: TwoOffers) -> None:
    assert two.listed == 2
    await two.crm.choose("do-not-contact")
    assert two.read("Status") == ["DoNotContact", "DoNotContact"]
    assert two.read("NextReminderAt") == [None, None]
    assert two.listed == 0
    shown = await two.erp.open(31)
    assert (shown.told.standing, shown.told.sentences[0]) == ("closed", f"{SALES} said so on 22 November 2026.")


async def test_do_not_contact_is_seen_on_all_pages_even_if_the_process_ended_in_between(two: TwoOffers) -> None:
    (erp,) = [row for row in two.desk.memory.leads.rows if row["RowKey"] == "contoso.erp"]
    await two.crm.choose("do-not-contact")
    await two.desk.memory.leads.upsert(erp)  # as if it was never written
    assert (await two.erp.open(31)).told.standing == "closed"
    assert two.read("Status") == ["DoNotContact", "New"]
    await two.crm.choose("do-not-contact")  # The person presses again: the same click.
    assert two.read("Status") == ["DoNotContact", "DoNotContact"]


@pytest.mark.parametrize("noticed_by", ["tick", "check", "post", "click"])
async def test_do_not_contact_in_the_table_is_in_all_rows_once_it_is_noticed(two: TwoOffers, noticed_by: str) -> None:
    await two.type_status("contoso.contoso-crm", "do not contact", 10)
    if noticed_by == "tick":
        await two.desk.tick(25 * 60)
    elif noticed_by == "check":
        await two.desk.steps.reconciling.check(now=NOON)
    elif noticed_by == "post":
        await two.desk.post(body(), event=3, minutes=60)
    else:
        await two.crm.choose("tried")
    assert two.read("Status") == ["DoNotContact", "DoNotContact"]
    assert two.read("NextReminderAt") == [None, None]


async def test_nothing_but_lift_opens_a_person_who_is_not_to_be_contacted(two: TwoOffers) -> None:
    seen = await two.erp.look(10)
    await two.crm.choose("do-not-contact")
    said = await two.erp.choose_at(40, "contacted", seen=seen)
    assert f"While this page was open, {SALES} said “Do not contact”; that stands." in said
    assert two.read("Status") == ["DoNotContact", "DoNotContact"]


async def test_lifting_needs_a_reason_holds_for_all_offers_and_the_unanswered_wait_again(two: TwoOffers) -> None:
    await two.crm.choose_at(10, "qualified", click="c0")
    await two.crm.choose_at(20, "do-not-contact")
    assert "why the customer may be contacted again" in await two.erp.choose_at(30, "lift")
    assert two.read("Status") == ["DoNotContact", "DoNotContact"]
    said = await two.erp.choose_at(30, "lift", reason="She asked for an offer.")
    assert said == (
        "Recorded: may be contacted again. It holds for all of this customer's offers. "
        "The next reminder comes within minutes."
    )
    assert two.read("Status") == ["Qualified", "New"]
    assert two.listed == 1
    history = (await two.crm.show(40)).history
    assert history[0].sentence == f"May be contacted again: “She asked for an offer.” ({SALES})."
    assert (await two.crm.open(40)).told.sentences[0] == f"{SALES} answered on 22 November 2026: Qualified."
    mails = len(two.desk.outbox.mails)
    await two.desk.tick(41)
    assert len(two.desk.outbox.mails) == mails + 1


async def test_do_not_contact_can_be_said_again_after_it_was_lifted(two: TwoOffers) -> None:
    await two.crm.choose_at(10, "do-not-contact")
    await two.erp.choose_at(20, "lift", reason="Asked.")
    assert two.read("Status") == ["New", "New"]
    await two.erp.choose_at(30, "do-not-contact", click="c3")
    assert two.read("Status") == ["DoNotContact", "DoNotContact"]
    await two.desk.steps.reconciling.check(now=NOON)
    assert two.read("Status") == ["DoNotContact", "DoNotContact"]


async def test_another_status_in_the_table_lifts_for_all_rows(two: TwoOffers) -> None:
    await two.crm.choose_at(10, "do-not-contact")
    await two.type_status("contoso.erp", "Contacted", 60)
    await two.desk.steps.reconciling.check(now=NOON)
    assert two.read("Status") == ["New", "Contacted"]


@pytest.fixture
async def noticed() -> TwoOffers:
    """A person who asked about one offer, and of whom there is only a DNC notification on the other."""
    desk = Desk()
    await desk.post(body())
    await desk.post(body(offer="contoso.erp", code="DNC"), event=2)
    await desk.tick(0)
    return TwoOffers(desk)


async def test_a_closed_customer_stays_closed_on_an_offer_that_a_notice_had_closed_before(noticed: TwoOffers) -> None:
    await noticed.crm.choose_at(10, "do-not-contact")
    shown = await noticed.erp.open(11)
    assert (shown.told.standing, shown.told.sentences[0]) == ("closed", f"{SALES} said so on 22 November 2026.")
    await noticed.desk.post(body(offer="contoso.erp", code="PLT"), event=3, minutes=60)
    assert noticed.read("Status") == ["DoNotContact", "DoNotContact"]
    assert await noticed.desk.tick(60) == {}


@pytest.mark.parametrize("asks_at", [15, 60])
async def test_after_a_lift_a_notice_is_a_notice_again_and_the_customer_opens_it(
    noticed: TwoOffers, asks_at: int
) -> None:
    await noticed.crm.choose_at(10, "do-not-contact")
    if asks_at == 60:
        await noticed.crm.choose_at(20, "lift", reason="Asked.", click="c2")
        assert noticed.read("Status") == ["New", "DoNotContact"]
    await noticed.desk.post(body(offer="contoso.erp", code="PLT"), event=3, minutes=asks_at)
    if asks_at == 15:
        await noticed.crm.choose_at(20, "lift", reason="Asked.", click="c2")
    assert noticed.read("Status") == ["New", "New"]
    await noticed.desk.tick(60)
    assert sorted(mail.to for mail in noticed.desk.outbox.mails[1:]) == [ANNA, SALES]


@pytest.mark.parametrize(("typed", "stays"), [("", "DoNotContact"), (" ", "DoNotContact"), ("asdf", "asdf")])
async def test_a_typing_error_lifts_no_do_not_contact(two: TwoOffers, typed: str, stays: str) -> None:
    await two.crm.choose_at(10, "do-not-contact")
    await two.type_status("contoso.erp", typed, 60)
    for _ in range(2):
        await two.desk.steps.reconciling.check(now=NOON)
        assert two.read("Status") == ["DoNotContact", stays]
        assert two.read("NextReminderAt") == [None, None]
    assert ("the customer is still not to be contacted" in str(two.read("Problem")[1])) is (stays == "asdf")
    await two.desk.post(body(offer="contoso.erp", code="PLT"), event=3, minutes=90)
    assert two.read("Status") == ["DoNotContact", stays]
    await two.type_status("contoso.erp", "Contacted", 100)
    await two.desk.steps.reconciling.check(now=NOON)
    assert two.read("Status") == ["New", "Contacted"]
    assert two.read("Problem") == ["", ""]


async def test_a_typing_error_opens_nothing_that_a_notice_closed(noticed: TwoOffers) -> None:
    await noticed.type_status("contoso.erp", "", 60)
    await noticed.desk.steps.reconciling.check(now=NOON)
    assert noticed.read("Status") == ["New", "DoNotContact"]


async def test_what_nobody_said_cannot_be_lifted(page: Page) -> None:
    before = page.desk.memory.leads.rows
    assert await page.choose("lift", reason="x") == "Nobody says “Do not contact” of this customer any more."
    assert page.desk.memory.leads.rows == before


async def test_a_customer_who_asks_again_while_a_page_is_open_is_not_answered_unseen(page: Page) -> None:
    seen = await page.look(0)
    await page.desk.post(body(code="PLT"), event=2, minutes=20)
    before = page.desk.memory.leads.rows
    said = await page.choose_at(30, "contacted", seen=seen)
    assert said.startswith("While this page was open, the customer got in touch again.")
    assert page.desk.memory.leads.rows == before
    assert (await page.choose_at(31, "contacted", seen=await page.look(31))).startswith("Recorded: contacted.")


@pytest.mark.parametrize("choice", ["later-1d", "do-not-contact"])
async def test_what_ends_no_reminders_is_recorded_all_the_same(page: Page, choice: str) -> None:
    seen = await page.look(0)
    await page.desk.post(body(code="PLT"), event=2, minutes=20)
    assert (await page.choose_at(30, choice, seen=seen)).startswith("Recorded: ")


async def test_the_same_action_delivered_again_is_nothing_new(page: Page) -> None:
    seen = await page.look(0)
    await page.desk.post(body(), event=2, minutes=5)
    assert (await page.choose_at(30, "contacted", seen=seen)).startswith("Recorded: contacted.")
