"""Nobody is forgotten: a lead that nobody answers stays on the list and in the mails, and is escalated once."""

import re
from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from lead_core.lead.choices import Choice
from lead_core.lead.follow_up import TOLD_AT_ONCE
from lead_core.lead.owners import Owners
from lead_core.lead.person import Contact
from lead_core.messages import Mail
from lead_core.steps import unanswered
from lead_core.steps.unanswered import MAX_NAMED
from lead_core.views.form import parse_answer
from lead_core.views.page import FollowUpPage
from lead_core.views.recorded import name_recorded, tell_recorded
from tests.desk import Desk
from tests.examples import ANNA, BOSS, JOHN, NOON, SALES, at, body, person

CARL = "carl@contoso.example"
DAY = 24 * 60
RESTING = "0-never-answered"


@pytest.fixture
def one_mail(desk: Desk) -> Desk:
    """A desk at which a lead rests after its notice, and nobody else is told."""
    return let_rest_after_one_mail(desk)


def let_rest_after_one_mail(desk: Desk, escalate_to: str = "") -> Desk:
    desk.policy = replace(desk.policy, waits=(TOLD_AT_ONCE,))
    desk.steps = replace(desk.make_steps(lambda table: table), escalate_to=escalate_to)
    desk.memory.processing = desk.steps.processing
    return desk


async def say(desk: Desk, mail: Mail, choice: Choice, **said: str) -> None:
    """Choose on the page behind the last link in a mail."""
    token = mail.text.rpartition("/api/follow-up/")[2].split()[0].partition("#")[0]
    form = {"choice": choice, "click": f"c{choice}", **said}
    await desk.steps.answering.record(token, parse_answer(form, today=NOON.date()), now=at(13 * DAY))


def part_below(mail: Mail) -> str:
    return mail.text.partition("NEVER ANSWERED")[2]


def states(desk: Desk) -> list[tuple[bool, str]]:
    """Return of each entry whether it rests, and its words."""
    return [(row["PartitionKey"] == RESTING, row["State"]) for row in desk.memory.follow_ups.rows]


# The list


async def test_those_who_were_never_answered_stand_first_in_the_list_until_someone_answers(one_mail: Desk) -> None:
    await one_mail.post(body(person(1)), event=1)
    await one_mail.tick(0)
    await one_mail.post(body(person(2)), event=2, minutes=5)
    assert states(one_mail) == [(True, "never answered"), (False, "new")]
    await say(one_mail, one_mail.outbox.mails[0], Choice.CONTACTED)
    assert states(one_mail) == [(False, "new")]


async def test_the_list_says_what_it_knows_of_each_lead(desk: Desk) -> None:
    await desk.post(body())
    (entry,) = desk.memory.follow_ups.rows
    assert (entry["DueAt"], entry["State"]) == (NOON, "new")
    assert (entry["Email"], entry["Phone"]) == (JOHN.email, JOHN.phone)
    await desk.tick(0)
    (entry,) = desk.memory.follow_ups.rows
    assert (entry["DueAt"], entry["State"]) == (NOON + timedelta(days=1), "reminder 1 of 3, after 1 day")
    await desk.tick(DAY)
    assert states(desk) == [(False, "reminder 2 of 3, after 3 days")]


async def test_the_list_says_what_an_answered_lead_is_listed_for(desk: Desk) -> None:
    await desk.post(body())
    await desk.tick(0)
    await say(desk, desk.outbox.mails[0], Choice.CONTACTED_FOLLOW_UP, follow_up_on="2026-12-10")
    assert states(desk) == [(False, "planned")]
    await desk.post(body(code="Create", description="more"), event=2, minutes=10 * DAY)
    assert states(desk)[-1] == (False, "planned")
    await desk.edit(SnoozedUntil=None)
    await desk.edit(Status="Contacted")
    await desk.steps.reconciling.check(now=NOON)
    assert (False, "news") in states(desk)


async def test_a_lead_for_a_new_owner_says_so(desk: Desk) -> None:
    await desk.post(body())
    await desk.tick(0)
    await desk.edit(Owner=ANNA)
    await desk.steps.reconciling.check(now=NOON)
    assert states(desk) == [(False, "new owner")]


async def test_a_word_that_nobody_can_read_in_the_status_counts_as_unanswered(one_mail: Desk) -> None:
    await one_mail.post(body())
    await one_mail.edit(Status="talking to her")
    await one_mail.tick(0)
    assert states(one_mail) == [(True, "never answered")]
    await one_mail.post(body(person(1)), event=1, minutes=5)
    await one_mail.tick(5)
    below = part_below(one_mail.outbox.mails[-1])
    assert "John Smith" in below
    assert "The word “talking to her” in its Status cell has no meaning here." in " ".join(below.split())


async def test_contact_me_takes_a_lead_from_the_unanswered_to_the_new(one_mail: Desk) -> None:
    await one_mail.post(body())
    await one_mail.tick(0)
    await one_mail.post(body(code="PLT"), event=2, minutes=2 * DAY)
    assert (False, "new") in states(one_mail)
    await one_mail.tick(2 * DAY)
    await one_mail.steps.reconciling.check(now=NOON)
    assert states(one_mail) == [(True, "never answered")]
    assert len(one_mail.outbox.mails) == 2


async def test_the_page_says_that_a_status_has_no_meaning(one_mail: Desk) -> None:
    await one_mail.post(body())
    await one_mail.edit(Status="talking to her")
    await one_mail.tick(0)
    (mail,) = one_mail.outbox.mails
    token = mail.text.rpartition("/api/follow-up/")[2].split()[0]
    opened = await one_mail.steps.answering.show(token, now=at(5))
    page = FollowUpPage.of(opened.lead, opened.others, token=token, click="c9", now=at(5), zone=UTC)
    assert (
        "The word “talking to her” in its Status cell has no meaning here, so it counts as unanswered."
        in page.told.sentences
    )


# In the mails


async def test_mails_name_those_who_were_never_answered_to_their_owner_and_all_to_the_default_owner(
    one_mail: Desk,
) -> None:
    await one_mail.post(body(person(1), offer="contoso.erp"), event=1)
    await one_mail.post(body(person(2)), event=2, minutes=1)
    for minutes in (5, 10):  # The second is the escalation to the default owner.
        await one_mail.tick(minutes)
    one_mail.outbox.mails.clear()
    await one_mail.post(body(person(3), offer="contoso.erp"), event=3, minutes=12 * DAY)
    await one_mail.post(body(person(4)), event=4, minutes=12 * DAY)
    await one_mail.tick(12 * DAY)
    of = {mail.to: part_below(mail) for mail in one_mail.outbox.mails}
    assert ["P1 Smith" in of[ANNA], "P2 Smith" in of[ANNA]] == [True, False]
    assert ["P1 Smith" in of[SALES], "P2 Smith" in of[SALES]] == [True, True]
    assert of[SALES].index("P1 Smith") < of[SALES].index("P2 Smith")
    assert f"Waiting for 12 days, since 22 November 2026.\n  Owner: {ANNA}" in of[SALES]
    for mail in one_mail.outbox.mails:
        await say(one_mail, replace(mail, text=part_below(mail)), Choice.TRIED)
    said = {row["FirstName"]: row["zAppDecisions"] for row in one_mail.memory.leads.rows}
    assert f'"by":"{ANNA}"' in said["P1"]
    assert f'"by":"{SALES}"' in said["P2"]


async def test_a_colleague_whom_a_person_confirmed_reads_whom_nobody_answered(one_mail: Desk) -> None:
    for number in (1, 2):
        minutes = 13 * DAY + 2 * number
        await one_mail.post(body(person(number)), event=number, minutes=minutes)
        await one_mail.tick(minutes)
        mail = next(mail for mail in reversed(one_mail.outbox.mails) if mail.to == SALES)
        await say(one_mail, replace(mail, text=mail.text.partition("NEVER ANSWERED")[0]), Choice.PASS, confirm=CARL)
        await one_mail.tick(minutes + 1)
    assert one_mail.outbox.mails[-1].to == CARL
    assert "P1 Smith" in part_below(one_mail.outbox.mails[-1])


async def test_the_list_and_the_escalation_name_who_gets_the_mails_not_what_was_typed(desk: Desk) -> None:
    await desk.post(body())
    await desk.edit(Owner="eve@evil.example")
    await desk.steps.reconciling.check(now=NOON)
    assert [row["Owner"] for row in desk.memory.follow_ups.rows] == [SALES]
    for minutes in (0, DAY, 3 * DAY, 7 * DAY, 8 * DAY):
        await desk.tick(minutes)
    assert [mail.to for mail in desk.outbox.mails][-1] == BOSS
    assert f"Owner: {SALES}" in desk.outbox.mails[-1].text
    assert "eve@" not in desk.outbox.mails[-1].text


async def test_what_the_version_before_listed_as_owner_is_corrected_and_read_meanwhile(one_mail: Desk) -> None:
    await one_mail.post(body(offer="contoso.erp"))
    for minutes in (0, 1):  # The second is the escalation to the default owner.
        await one_mail.tick(minutes)
    (entry,) = one_mail.memory.follow_ups.rows
    typed = {column: cell for column, cell in entry.items() if column != "zAppWritten"} | {"Owner": "Anna"}
    await one_mail.memory.follow_ups.upsert(typed)
    await one_mail.post(body(person(1), offer="contoso.erp"), event=2, minutes=5)
    await one_mail.tick(5)
    assert "John Smith" in part_below(one_mail.outbox.mails[-1])
    await one_mail.steps.reconciling.check(now=NOON)
    assert {row["Owner"] for row in one_mail.memory.follow_ups.rows} == {ANNA}


async def test_a_mail_names_ten_and_says_how_many_more(one_mail: Desk) -> None:
    for number in range(MAX_NAMED + 4):
        await one_mail.post(body(person(number)), event=number, minutes=number)
    await one_mail.tick(60)
    await one_mail.post(body(person(99)), event=99, minutes=DAY)
    await one_mail.tick(DAY)
    mail = one_mail.outbox.mails[-1]
    below = replace(mail, text=part_below(mail))
    assert one_mail.outbox.leads_of(below) == {f"P{number} Smith" for number in range(MAX_NAMED)}
    assert "And 4 more." in below.text


async def test_more_than_can_be_counted_are_said_to_be_more(one_mail: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unanswered, "MAX_COUNTED", 12)
    for number in range(14):
        await one_mail.post(body(person(number)), event=number, minutes=number)
    await one_mail.tick(60)
    await one_mail.post(body(person(99)), event=99, minutes=DAY)
    await one_mail.tick(DAY)
    assert "And more than 2 more." in one_mail.outbox.mails[-1].text


async def test_a_brief_mail_names_them_by_name_and_company(one_mail: Desk) -> None:
    one_mail.steps = replace(one_mail.steps, is_brief=True)
    await one_mail.post(body())
    await one_mail.tick(0)
    await one_mail.post(body(person(1)), event=1, minutes=5)
    await one_mail.tick(5)
    below = part_below(one_mail.outbox.mails[-1])
    assert ["John Smith · Northwind" in below, "Contoso CRM" in below] == [True, False]


@pytest.mark.parametrize("cells", [{"Status": "contacted"}, {"Status": "do not contact"}, {"IsTest": True}], ids=str)
async def test_nobody_is_named_who_was_answered_in_the_grid_a_moment_ago(
    one_mail: Desk, cells: dict[str, object]
) -> None:
    await one_mail.post(body())
    await one_mail.tick(0)
    await one_mail.edit(**cells)
    await one_mail.post(body(person(1)), event=1, minutes=5)
    await one_mail.tick(5)
    assert part_below(one_mail.outbox.mails[-1]) == ""


async def test_nobody_is_named_who_asked_on_another_offer_not_to_be_contacted(one_mail: Desk) -> None:
    await one_mail.post(body(), event=1)
    await one_mail.post(body(offer="contoso.erp"), event=2)
    await one_mail.tick(0)
    closed = next(row for row in one_mail.memory.leads.rows if row["RowKey"] == "contoso.erp")
    await one_mail.memory.leads.upsert(closed | {"Status": "DoNotContact"})
    await one_mail.post(body(person(1)), event=3, minutes=5)
    await one_mail.tick(5)
    assert part_below(one_mail.outbox.mails[-1]) == ""


async def test_no_mail_goes_out_for_the_list_alone(one_mail: Desk) -> None:
    await one_mail.post(body())
    for day in range(30):
        await one_mail.tick(day * DAY)
    assert len(one_mail.outbox.mails) == 1


# The escalation


async def test_the_boss_gets_a_mail_of_their_own_about_the_leads_of_all_owners(desk: Desk) -> None:
    let_rest_after_one_mail(desk, BOSS)
    await desk.post(body(person(1)), event=1)
    await desk.post(body(person(2), offer="contoso.erp"), event=2)
    await desk.tick(0)
    assert states(desk) == [(False, "never answered, goes to ESCALATE_TO")] * 2
    for minutes in (5, 10, DAY):
        await desk.tick(minutes)
    escalation = desk.outbox.mails[-1]
    assert [mail.to for mail in desk.outbox.mails[2:]] == [BOSS]
    assert escalation.subject == "2 leads of 2 owners were never answered"
    assert desk.outbox.leads_of(escalation) == {"P1 Smith", "P2 Smith"}
    assert states(desk) == [(True, "never answered")] * 2
    assert f"Owner: {ANNA}" in escalation.text
    said = " ".join(escalation.text.split())
    assert said.count("Pressed Get it now or Free trial on AppSource. That is no proof of a purchase.") == 2
    assert escalation.text.count("Call: +1 617-555-5555") == 2


async def test_a_brief_escalation_names_the_customer_and_no_offer(desk: Desk) -> None:
    let_rest_after_one_mail(desk, BOSS)
    desk.steps = replace(desk.steps, is_brief=True)
    await desk.post(body())
    for minutes in (0, 5):
        await desk.tick(minutes)
    (mail,) = [mail for mail in desk.outbox.mails if mail.to == BOSS]
    told = f"{mail.text}{mail.html}"
    assert "John Smith" in told
    assert not re.search("Contoso CRM|617-555|Get it now", told)


async def test_the_last_reminder_says_who_is_told_next(desk: Desk) -> None:
    let_rest_after_one_mail(desk, BOSS)
    await desk.post(body())
    await desk.tick(0)
    (mail,) = desk.outbox.mails
    assert f"This is the last reminder. {BOSS} is now told that nobody has answered." in " ".join(mail.text.split())


async def test_a_click_in_the_escalation_is_recorded_as_the_bosses(desk: Desk) -> None:
    let_rest_after_one_mail(desk, BOSS)
    await desk.post(body())
    for minutes in (0, 5):
        await desk.tick(minutes)
    await say(desk, desk.outbox.mails[-1], Choice.PASS, colleague=ANNA)
    assert f'"by":"{BOSS}"' in desk.row["zAppDecisions"]
    desk.outbox.mails.clear()
    await desk.tick(13 * DAY)
    assert [mail.to for mail in desk.outbox.mails] == [ANNA]


async def test_without_a_plan_an_attempt_before_the_escalation_promises_no_reminder(desk: Desk) -> None:
    desk.policy = replace(desk.policy, touches=())
    let_rest_after_one_mail(desk, BOSS)
    await desk.post(body())
    await desk.tick(0)
    token = desk.outbox.mails[0].text.rpartition("/api/follow-up/")[2].split()[0]
    answer = parse_answer({"choice": Choice.TRIED, "click": "c1"}, today=NOON.date())
    lead = await desk.steps.answering.record(token, answer, now=at(1))
    said = tell_recorded(lead, name_recorded(lead, answer), seen=None, now=at(1), zone=UTC)
    assert said.endswith("The reminders have ended. A person whom your company chose is told next.")
    await desk.tick(5)
    assert [mail.to for mail in desk.outbox.mails] == [SALES, BOSS]


async def test_an_answer_before_the_escalation_keeps_it_from_going_out(desk: Desk) -> None:
    let_rest_after_one_mail(desk, BOSS)
    await desk.post(body())
    await desk.tick(0)
    await say(desk, desk.outbox.mails[0], Choice.LATER_1D)
    await desk.tick(5)
    assert [mail.to for mail in desk.outbox.mails] == [SALES]


async def test_contact_me_before_the_escalation_begins_the_mails_to_the_owner_again(desk: Desk) -> None:
    let_rest_after_one_mail(desk, BOSS)
    await desk.post(body())
    await desk.tick(0)
    await desk.post(body(code="PLT"), event=2, minutes=4)
    await desk.tick(5)
    assert [mail.to for mail in desk.outbox.mails] == [SALES, SALES]
    await desk.tick(10)
    assert [mail.to for mail in desk.outbox.mails] == [SALES, SALES, BOSS]


@pytest.mark.parametrize(
    ("escalate_to", "offer", "told"),
    [
        ("", "contoso.crm", [SALES]),
        ("", "contoso.erp", [ANNA, SALES]),
        (SALES.upper(), "contoso.crm", [SALES]),
        (ANNA, "contoso.erp", [ANNA]),
        (ANNA, "contoso.crm", [SALES, ANNA]),
    ],
)
async def test_who_had_the_last_reminder_gets_no_further_mail(
    desk: Desk, escalate_to: str, offer: str, told: list[str]
) -> None:
    let_rest_after_one_mail(desk, escalate_to)
    await desk.post(body(offer=offer))
    for minutes in (0, 5, 10, DAY):
        await desk.tick(minutes)
    assert [mail.to for mail in desk.outbox.mails] == told
    assert (
        f"{told[-1]} is now told that nobody has answered" in " ".join(desk.outbox.mails[0].text.split())
        or len(told) == 1
    )


async def test_leads_that_rested_before_an_update_are_not_escalated_now(desk: Desk) -> None:
    let_rest_after_one_mail(desk)
    await desk.post(body())
    await desk.tick(0)
    desk.steps = replace(desk.steps, escalate_to=BOSS)
    for minutes in (5, DAY):
        await desk.steps.reconciling.check(now=NOON)
        await desk.tick(minutes)
    assert [mail.to for mail in desk.outbox.mails] == [SALES]


async def test_a_new_owner_is_told_before_the_boss(desk: Desk) -> None:
    let_rest_after_one_mail(desk, BOSS)
    await desk.post(body())
    await desk.tick(0)
    desk.policy = replace(desk.policy, owners=Owners.parse(ANNA))
    desk.steps = replace(desk.steps, policy=desk.policy)
    for minutes in (5, 10, 15):
        await desk.tick(minutes)
    assert [mail.to for mail in desk.outbox.mails] == [SALES, ANNA, BOSS]


# Those whom nobody can reach


@pytest.mark.parametrize(
    ("contact", "is_reachable"),
    [
        (Contact("Ana", "Silva", "", "", "BR", "Northwind"), False),
        (Contact("Ana", "Silva", "none", "-", "BR", "Northwind"), False),
        (Contact("Ana", "Silva", "", "+5511912345678", "BR", "Northwind"), True),
        (Contact("Ana", "Silva", "ana@northwind.example", "", "BR", "Northwind"), True),
    ],
)
async def test_a_lead_that_nobody_can_reach_is_told_once_and_rests(
    desk: Desk, contact: Contact, is_reachable: bool
) -> None:
    await desk.post(body(contact))
    for hours in range(0, 12 * 24, 6):
        await desk.tick(hours * 60)
    assert [mail.to for mail in desk.outbox.mails] == ([SALES] * 4 + [BOSS] if is_reachable else [SALES])
    assert states(desk) == [(True, "never answered" if is_reachable else "cannot be reached")]
    assert "last reminder" not in desk.outbox.mails[0].text


async def test_those_whom_nobody_can_reach_are_named_apart(one_mail: Desk) -> None:
    await one_mail.post(body(Contact("Ana", "Silva", company="Northwind")), event=1)
    await one_mail.tick(0)
    await one_mail.post(body(person(1)), event=2, minutes=5)
    await one_mail.tick(5)
    below = part_below(one_mail.outbox.mails[-1])
    assert "- Ana Silva · Northwind" in below
    assert "/api/follow-up/" in below
    assert "This customer left no e-mail address and no phone. Partner Center's" in " ".join(below.split())


async def test_customers_whom_nobody_can_reach_are_named_beside_many_others(one_mail: Desk) -> None:
    for number in range(MAX_NAMED + 2):
        await one_mail.post(body(person(number)), event=number, minutes=number)
    for number in range(4):
        await one_mail.post(body(Contact(f"Ana{number}", "Silva")), event=50 + number, minutes=20)
    await one_mail.tick(60)
    await one_mail.post(body(person(99)), event=99, minutes=DAY)
    await one_mail.tick(DAY)
    below = part_below(one_mail.outbox.mails[-1])
    assert (below.count("- P"), below.count("- Ana")) == (MAX_NAMED - 2, 2)
    assert below.count("They stand first in the table FollowUps.") == 2
    assert "And 4 more." in below
    assert "And 2 more." in below
