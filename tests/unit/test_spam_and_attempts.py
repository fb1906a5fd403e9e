"""*Spam* and *Tried*: on the page, and as words in the status cell."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.lead.changes import StoredLead, edited
from lead_core.lead.choices import Choice
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.owners import Owners
from lead_core.lead.spam import is_spam
from lead_core.lead.status_words import WORDS, Word
from lead_core.lead.values import LeadKey
from lead_core.views.form import fill_in, parse_answer
from lead_core.views.page import render_follow_up
from tests.desk import Desk
from tests.examples import NOON, SALES, at, body
from tests.reader import Reader
from tests.seen import ANA, TODAY, page
from tests.steps import SIGNER

DAY = 24 * 60


@pytest.fixture
async def desk() -> Desk:
    desk = Desk()
    await desk.post(body())
    await desk.tick(0)
    return desk


async def say(desk: Desk, minutes: float, /, **form: str) -> None:
    key = LeadKey(desk.row["PartitionKey"], desk.row["RowKey"])
    token = SIGNER.sign(key, SALES, now=at(0)).rpartition("/")[2]
    said = parse_answer({"click": f"c{minutes}", **form}, today=at(minutes).date())
    await desk.steps.answering.record(token, said, now=at(minutes))


async def type_cells(desk: Desk, **cells: object) -> None:
    """Edit the lead's row, and let the app notice it. A second look changes nothing."""
    await desk.edit(**cells)
    await desk.steps.reconciling.check(now=NOON)
    noticed = desk.memory.leads.rows
    await desk.steps.reconciling.check(now=NOON)
    assert desk.memory.leads.rows == noticed


async def is_spam_now(desk: Desk) -> bool:
    stored = await desk.repository.get(LeadKey(desk.row["PartitionKey"], desk.row["RowKey"]))
    assert stored
    return is_spam(stored.lead)


def cells(desk: Desk) -> tuple[Any, ...]:
    return tuple(desk.row[column] for column in ("Status", "DisqualifiedReason", "Attempts"))


def choices_of(desk: Desk) -> list[str]:
    return [taken.get("choice", "") for taken in json.loads(desk.row["zAppDecisions"])["taken"]]


async def test_spam_is_a_choice_without_a_reason_and_ends_the_mails(desk: Desk) -> None:
    await say(desk, 30, choice="spam")
    assert cells(desk) == ("Disqualified", "Spam", 0)
    assert await is_spam_now(desk)
    await desk.tick(30 * DAY)
    assert len(desk.outbox.mails) == 1


@pytest.mark.parametrize(
    ("answer", "after"),
    [
        ({"choice": "contacted"}, ("Contacted", "", 0)),
        ({"choice": "later-1d"}, ("New", "", 0)),
        ({"choice": "not-a-fit", "reason": "too small"}, ("Disqualified", "too small", 0)),
        ({"choice": "do-not-contact"}, ("DoNotContact", "", 0)),
    ],
)
async def test_spam_is_undone_by_any_other_answer(
    desk: Desk, answer: dict[str, str], after: tuple[object, ...]
) -> None:
    await say(desk, 30, choice="spam")
    await say(desk, 40, **answer)
    assert cells(desk) == after
    assert not await is_spam_now(desk)


@pytest.mark.parametrize("word", ["Spam", "junk", "Fake", "迷惑メール"])
async def test_a_word_for_spam_in_the_status_cell_is_spam(desk: Desk, word: str) -> None:
    await type_cells(desk, Status=word)
    assert cells(desk) == ("Disqualified", "Spam", 0)
    assert choices_of(desk) == [Choice.SPAM]
    assert await is_spam_now(desk)


async def test_a_reason_that_a_person_gave_stays(desk: Desk) -> None:
    await type_cells(desk, Status="Spam", DisqualifiedReason="a student")
    assert cells(desk) == ("Disqualified", "a student", 0)
    assert not await is_spam_now(desk)


async def test_a_word_for_spam_as_the_reason_counts_as_well(desk: Desk) -> None:
    await type_cells(desk, Status="Disqualified", DisqualifiedReason="junk")
    assert await is_spam_now(desk)


async def test_a_disqualified_lead_becomes_spam_and_another_status_ends_it(desk: Desk) -> None:
    await type_cells(desk, Status="Lost")
    assert not await is_spam_now(desk)
    await type_cells(desk, Status="Spam")
    assert await is_spam_now(desk)
    await type_cells(desk, Status="Won")
    assert cells(desk) == ("Qualified", "", 0)


@pytest.mark.parametrize("word", ["Tried", "No answer", "Left voicemail", "nicht erreicht", "sin respuesta"])
async def test_without_a_plan_a_word_for_an_attempt_counts_and_the_reminders_go_on(desk: Desk, word: str) -> None:
    desk.policy = replace(desk.policy, touches=())
    desk.steps = desk.make_steps(lambda table: table)
    asked_again_at = desk.row["NextReminderAt"]
    await type_cells(desk, Status=word)
    assert cells(desk) == ("New", "", 1)
    assert choices_of(desk) == [Choice.TRIED]
    assert desk.row["NextReminderAt"] == asked_again_at
    await type_cells(desk, Status=word)
    assert cells(desk) == ("New", "", 2)
    await desk.tick(DAY + 1)
    assert len(desk.outbox.mails) == 2


async def test_an_attempt_on_an_answered_lead_makes_it_wait_again(desk: Desk) -> None:
    """Its cell says that the customer has no answer."""
    await say(desk, 30, choice="contacted")
    await type_cells(desk, Status="No answer")
    assert cells(desk) == ("New", "", 1)
    assert desk.row["NextReminderAt"] is not None


@pytest.mark.parametrize("by_page", [True, False])
async def test_a_customer_who_asks_again_is_no_spam_any_more(desk: Desk, by_page: bool) -> None:
    if by_page:
        await say(desk, 10, choice="spam")
    else:
        await type_cells(desk, Status="Junk")
    await desk.post(body(code="PLT"), event=2, minutes=60)
    assert cells(desk) == ("New", "", 0)
    await type_cells(desk, Status="Disqualified")
    assert not await is_spam_now(desk)


async def test_an_attempt_lifts_no_do_not_contact(desk: Desk) -> None:
    await say(desk, 30, choice="do-not-contact")
    await type_cells(desk, Status="Tried")
    assert cells(desk) == ("DoNotContact", "", 1)


@given(
    words=st.lists(st.sampled_from([*(lines.split(",")[0].strip() for lines in WORDS.values()), "asdf"]), max_size=5)
)
async def test_what_was_typed_is_noticed_once(words: list[str]) -> None:
    desk = Desk()
    await desk.post(body())
    for word in words:
        await type_cells(desk, Status=word)
    attempts = [word for word in words if word == WORDS[Word.TRIED].split(",")[0].strip()]
    assert desk.row["Attempts"] == len(attempts)


async def test_a_word_that_was_noticed_before_it_was_written_counts_once(desk: Desk) -> None:
    """A worker that loses the race for the row reads it again."""
    await desk.edit(Status="Tried")
    stored = await desk.repository.get(LeadKey(desk.row["PartitionKey"], desk.row["RowKey"]))
    assert stored
    policy = FollowUpPolicy(owners=Owners.parse(SALES))
    once = edited(stored, policy)
    again = edited(StoredLead(once, stored.version, stored.changed_at), policy)
    assert (once.attempts, again) == (1, once)


def test_the_page_offers_spam_and_says_so_of_a_lead_that_is_spam() -> None:
    offered = Reader(render_follow_up(page()))
    assert [button.get("value") for button in offered.named("button")].count(Choice.SPAM) == 1
    spam = Reader(
        render_follow_up(
            page(status="Disqualified", is_spam=True, disqualified_reason="Spam", waited=None, answered_at=at(0))
        )
    )
    assert "Disqualified (spam)" in spam.text("span")
    assert "Reason" not in spam.text("p")


def test_the_reason_of_spam_is_not_suggested_as_the_reason_why_it_is_not_a_fit() -> None:
    spam = replace(ANA, disqualified_reason="Spam", is_spam=True)
    assert fill_in({}, spam, today=TODAY)["reason"] == ""
    assert fill_in({}, replace(spam, disqualified_reason="small", is_spam=False), today=TODAY)["reason"] == "small"


async def test_a_row_that_a_person_typed_may_be_spam() -> None:
    desk = Desk()
    typed = {"PartitionKey": "p", "RowKey": "r", "LastName": "Smith", "Email": "j@northwind.example", "Status": "junk"}
    await desk.memory.leads.upsert(typed)
    await desk.steps.reconciling.check(now=NOON)
    assert cells(desk) == ("Disqualified", "Spam", 0)
    assert await is_spam_now(desk)
