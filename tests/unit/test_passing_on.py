"""To whom a lead may be passed on: one rule for the page and for the grid."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.errors import AnswerError
from lead_core.lead.owners import Owners
from lead_core.lead.values import LeadKey
from lead_core.steps.answering import OpenedLead
from lead_core.views.colleagues import Colleague, refuse_colleague
from lead_core.views.facts import collect_facts
from lead_core.views.form import parse_answer
from lead_core.views.page import render_follow_up
from tests.desk import OWNERS, Desk
from tests.examples import ANNA, BOSS, NOON, SALES, at, body
from tests.reader import Reader
from tests.seen import page
from tests.steps import SIGNER

CARL = "carl@contoso.example"
OR_CHOOSE = f"Type their whole e-mail address, or choose Anna or {BOSS}."
TEAM = Colleague.list_of(OWNERS.team, owner=SALES)


@pytest.fixture
async def desk() -> Desk:
    """A desk with a lead of which the sales team was told."""
    desk = Desk()
    await desk.post(body())
    await desk.tick(0)
    return desk


async def answer(desk: Desk, minutes: float = 30, /, **form: str) -> OpenedLead:
    key = LeadKey(desk.row["PartitionKey"], desk.row["RowKey"])
    token = SIGNER.sign(key, SALES, now=at(0)).rpartition("/")[2]
    said = parse_answer({"click": "c1", **form}, today=at(minutes).date())
    await desk.steps.answering.record(token, said, now=at(minutes))
    return await desk.steps.answering.show(token, now=at(minutes))


async def refusal(desk: Desk, **form: str) -> AnswerError:
    """Return why a form is refused. Nothing is recorded then."""
    before = desk.memory.leads.rows
    with pytest.raises(AnswerError) as refused:
        await answer(desk, **form)
    assert desk.memory.leads.rows == before
    assert refused.value.field == "colleague"
    return refused.value


def told(desk: Desk) -> list[str]:
    return [mail.to for mail in desk.outbox.mails]


async def type_cells(desk: Desk, minutes: float, **cells: object) -> None:
    """Edit the lead's row, and let the app notice it."""
    await desk.edit(**cells)
    await desk.steps.reconciling.check(now=NOON)
    await desk.tick(minutes)


@pytest.mark.parametrize("typed", ["Anna", "anna@", "ANNA@contoso.example", "Anna Schmidt <anna@contoso.example>;"])
async def test_a_colleague_is_understood_on_the_page_as_in_the_grid(desk: Desk, typed: str) -> None:
    await answer(desk, choice="pass", colleague=typed)
    await desk.tick(31)
    assert (desk.row["Owner"], desk.row["Problem"], told(desk)) == (ANNA, "", [SALES, ANNA])

    grid = Desk()
    await grid.post(body())
    await grid.tick(0)
    await type_cells(grid, 31, Owner=typed)
    assert (grid.row["Problem"], told(grid)) == ("", [SALES, ANNA])


async def test_the_page_asks_before_it_sends_a_customers_data_to_an_address_nobody_named(desk: Desk) -> None:
    asked = await refusal(desk, choice="pass", colleague="Carl@Contoso.example")
    assert asked.explanation == f"{CARL} gets no leads so far. Send this customer's data there?"
    assert asked.offered == (CARL,)
    await desk.tick(31)
    assert told(desk) == [SALES]

    await answer(desk, confirm=asked.offered[0])
    await desk.tick(32)
    assert (desk.row["Owner"], desk.row["Problem"], told(desk)) == (CARL, "", [SALES, CARL])
    await desk.tick(33 + 24 * 60)
    assert told(desk) == [SALES, CARL, CARL]


async def test_a_typing_error_is_asked_about_with_the_address_that_it_resembles(desk: Desk) -> None:
    asked = await refusal(desk, choice="pass", colleague="ana@contoso.example")
    assert f"resembles {ANNA}. Send this customer's data there?" in asked.explanation
    assert asked.offered == (ANNA, "ana@contoso.example")
    await answer(desk, confirm=ANNA)
    assert desk.row["Owner"] == ANNA


@pytest.mark.parametrize(
    ("typed", "said", "offered"),
    [
        (
            "carl",
            f"Nobody of that name gets leads so far. {OR_CHOOSE}",
            (),
        ),
        ("ana", "Nobody of that name gets leads so far. Did you mean Anna?", (ANNA,)),
        (
            "naan",
            f"Nobody of that name gets leads so far. {OR_CHOOSE}",
            (),
        ),
        ("anan", "Nobody of that name gets leads so far. Did you mean Anna?", (ANNA,)),
        ("anna, sales", "A lead has one owner. Name one colleague only.", (ANNA,)),
        ("eve@evil.example", "A lead can only be passed on within your company. Type an address at your company", ()),
    ],
)
async def test_the_page_says_what_to_do_if_it_does_not_know_a_colleague(
    desk: Desk, typed: str, said: str, offered: tuple[str, ...]
) -> None:
    refused = await refusal(desk, choice="pass", colleague=typed)
    assert refused.explanation.startswith(said)
    assert refused.offered == offered
    assert "OWNERS" not in refused.explanation
    shown = page(problem=refused.explanation, wrong_field="colleague", offered=offered, colleagues=TEAM)
    buttons = Reader(render_follow_up(shown)).text("button")
    assert "Yes, send it" not in buttons
    assert ("I meant" in buttons) is bool(offered)


def test_a_team_of_one_has_nobody_to_choose() -> None:
    meaning = Owners.parse(SALES).interpret("carl")
    said = refuse_colleague(meaning, ())
    assert said == "Nobody of that name gets leads so far. Type their whole e-mail address."


@pytest.mark.parametrize("typed", ["Sales", SALES])
async def test_a_lead_is_not_passed_to_the_one_who_has_it(desk: Desk, typed: str) -> None:
    refused = await refusal(desk, choice="pass", colleague=typed)
    assert refused.explanation == "You have this lead already."


async def test_what_another_has_already_is_said_of_them_and_the_same_click_is_no_mistake(desk: Desk) -> None:
    await answer(desk, choice="pass", colleague="Anna")
    await answer(desk, choice="pass", colleague="Anna")
    refused = await refusal(desk, choice="pass", colleague="Anna", click="c2")
    assert refused.explanation == f"{ANNA} has this lead already."


async def test_the_history_says_to_whom_a_lead_was_passed(desk: Desk) -> None:
    opened = await answer(desk, choice="pass", colleague="Anna")
    history = collect_facts(opened.lead, (), now=at(32), zone=desk.steps.answering.zone).history
    assert history[0].sentence == f"Passed to {ANNA} ({SALES})."


async def test_a_confirmation_is_for_what_its_button_says(desk: Desk) -> None:
    """Whatever stands in the field by then."""
    await answer(desk, confirm=CARL, colleague="eve@contoso.example")
    assert desk.row["Owner"] == CARL


@pytest.mark.parametrize("stranger", ["eve@evil.example", "anna@gmail.com", "eve@contoso.example.evil.example"])
async def test_a_stranger_gets_no_lead_even_with_a_confirmation(desk: Desk, stranger: str) -> None:
    for form in ({"choice": "pass", "colleague": stranger}, {"confirm": stranger}):
        refused = await refusal(desk, **form)
        assert "only be passed on within your company" in refused.explanation
        assert refused.offered == ()
    await type_cells(desk, 31, Owner=stranger)
    assert set(told(desk)) == {SALES}
    assert "is at a domain that neither OWNERS nor ESCALATE_TO names" in desk.row["Problem"]


async def test_at_a_provider_of_mailboxes_only_the_named_addresses_are_colleagues() -> None:
    desk = Desk(Owners.parse("contoso@gmail.com"))
    await desk.post(body())
    await desk.tick(0)
    await refusal(desk, confirm="eve@gmail.com")
    await type_cells(desk, 31, Owner="eve@gmail.com")
    assert set(told(desk)) == {"contoso@gmail.com"}


async def test_the_grid_takes_only_known_addresses_and_says_where_to_confirm_another(desk: Desk) -> None:
    await type_cells(desk, 31, Owner=CARL)
    assert set(told(desk)) == {SALES}
    assert desk.row["Owner"] == CARL
    assert "is in neither OWNERS nor ESCALATE_TO. Mails go to sales@contoso.example." in desk.row["Problem"]
    assert "pass the lead on from its page, which asks once more" in desk.row["Problem"]

    await answer(desk, 32, confirm=CARL)
    await desk.tick(33)
    assert (told(desk)[-1], desk.row["Problem"]) == (CARL, "")


async def test_what_was_confirmed_for_a_lead_may_be_typed_into_it_again(desk: Desk) -> None:
    await answer(desk, confirm=CARL)
    await type_cells(desk, 31, Owner=ANNA)
    await type_cells(desk, 32, Owner=CARL)
    assert (told(desk), desk.row["Problem"]) == ([SALES, ANNA, CARL], "")


def as_the_version_before_wrote_it(row: dict[str, Any]) -> dict[str, Any]:
    decisions = json.loads(row["zAppDecisions"])
    decisions["written"].pop("OwnerConfirmed", None)
    return row | {"zAppDecisions": json.dumps(decisions)}


async def test_an_owner_who_was_chosen_in_the_version_before_stays(desk: Desk) -> None:
    await answer(desk, confirm=CARL)
    await desk.memory.leads.upsert(as_the_version_before_wrote_it(desk.row))
    await desk.tick(31)
    await desk.steps.reconciling.check(now=NOON)
    await desk.tick(31 + 24 * 60)
    assert (desk.row["Owner"], desk.row["Problem"], told(desk)) == (CARL, "", [SALES, CARL, CARL])


@pytest.mark.parametrize("is_of_before", [True, False])
async def test_whom_only_a_rule_chose_is_nobody_whom_a_person_confirmed(desk: Desk, is_of_before: bool) -> None:
    """Once `OWNERS` drops them, they are typed like any other."""
    dropped = replace(desk.policy, owners=Owners.parse("boss@contoso.example"))
    if is_of_before:
        await desk.memory.leads.upsert(as_the_version_before_wrote_it(desk.row))
    desk.steps = replace(desk.steps, policy=dropped)
    await desk.steps.reconciling.check(now=NOON)
    assert desk.row["Owner"] == "boss@contoso.example"
    await type_cells(desk, 31, Owner=SALES)
    assert told(desk) == [SALES, "boss@contoso.example"]
    assert "is in neither OWNERS nor ESCALATE_TO" in desk.row["Problem"]


@pytest.mark.parametrize("typed", ["dora@contoso.example", "eve@evil.example"])
async def test_an_owner_who_is_typed_after_the_update_is_no_owner_of_the_version_before(desk: Desk, typed: str) -> None:
    await answer(desk, confirm=CARL)
    await desk.memory.leads.upsert(as_the_version_before_wrote_it(desk.row))
    await type_cells(desk, 31, Owner=typed)
    assert set(told(desk)) == {SALES}
    assert desk.row["Problem"]


async def test_a_near_miss_in_a_row_of_the_version_before_is_asked_about_as_then(desk: Desk) -> None:
    await type_cells(desk, 31, Owner="ana@contoso.example")
    await desk.memory.leads.upsert(as_the_version_before_wrote_it(desk.row))
    await desk.steps.reconciling.check(now=NOON)
    assert "resembles anna@contoso.example" in desk.row["Problem"]
    assert set(told(desk)) == {SALES}


async def test_an_owner_in_a_row_that_a_person_typed_is_not_confirmed() -> None:
    desk = Desk()
    row = {"PartitionKey": "p", "RowKey": "r", "LastName": "Smith", "Email": "j@northwind.example", "Owner": CARL}
    await desk.memory.leads.upsert(row)
    await desk.steps.reconciling.check(now=NOON)
    await desk.tick(1)
    assert "is in neither OWNERS nor ESCALATE_TO" in desk.row["Problem"]
    assert CARL not in told(desk)


@given(typed=st.text() | st.sampled_from([CARL, "eve@evil.example", "ana@contoso.example", "Anna"]))
async def test_whatever_is_typed_and_confirmed_stays_within_the_team(typed: str) -> None:
    desk = Desk()
    await desk.post(body())
    for form in ({"choice": "pass", "colleague": typed, "click": "c1"}, {"confirm": typed, "click": "c2"}):
        try:
            await answer(desk, **form)
        except AnswerError:
            continue
        assert desk.row["Owner"].endswith("@contoso.example")
        assert desk.row["Problem"] == ""


def test_the_page_suggests_the_team_without_the_owner_of_the_lead() -> None:
    assert Colleague.list_of(OWNERS.team, owner=SALES) == ((ANNA, "Anna"),)


async def test_the_history_does_not_say_that_a_lead_was_passed_on_that_was_not(desk: Desk) -> None:
    await type_cells(desk, 31, Owner="eve@evil.example")
    stored = await desk.repository.get(LeadKey(desk.row["PartitionKey"], desk.row["RowKey"]))
    assert stored
    told_so_far = collect_facts(stored.lead, (), now=at(32), zone=desk.steps.answering.zone).history
    assert "Another owner was typed: “eve@evil.example” (in the table)." in {line.sentence for line in told_so_far}


async def test_a_row_that_was_never_passed_on_is_as_strict_as_any(desk: Desk) -> None:
    assert json.loads(desk.row["zAppDecisions"])["written"]["OwnerConfirmed"] == ""
    await type_cells(desk, 31, Owner=CARL)
    assert json.loads(desk.row["zAppDecisions"])["written"]["OwnerConfirmed"] == ""
    await type_cells(desk, 32, Owner=CARL)
    assert set(told(desk)) == {SALES}


async def test_an_owner_that_nobody_knows_passes_nothing_on(desk: Desk) -> None:
    desk.memory.leads.clock = lambda: at(30)
    await type_cells(desk, 31, Owner="annna")
    assert told(desk) == [SALES, SALES]
    mail = desk.outbox.mails[-1]
    assert (mail.to, mail.subject) == (SALES, "Still waiting: Northwind")
    assert "Passed to you" not in mail.text
    why = "which names nobody in OWNERS or ESCALATE_TO and resembles anna@contoso.example."
    assert why in " ".join(mail.text.split())


@pytest.mark.parametrize(("note", "label"), [("Call her mother.", "Their note"), ("", "Note")])
async def test_a_note_is_the_senders_if_they_wrote_it_with_the_pass(desk: Desk, note: str, label: str) -> None:
    await type_cells(desk, 10, Note="Wants a price.")
    wrote = {"note": note, "note_was": "Wants a price."} if note else {}
    await answer(desk, choice="pass", colleague=ANNA, **wrote)
    await desk.tick(35)
    (mail,) = [mail for mail in desk.outbox.mails if mail.to == ANNA]
    assert f"\n{label}: {note or 'Wants a price.'}" in mail.text
