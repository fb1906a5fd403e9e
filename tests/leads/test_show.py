"""``leads show``: all on one person."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from lead_core.lead.choices import Answer, Choice
from lead_core.lead.values import LeadKey
from tests.examples import ANNA, JOHN, SALES, person
from tests.operator import Operator, open_operator

DAY = timedelta(days=1)
ADA = replace(JOHN, first_name="Ada", last_name="Lovelace", email="ada@northwind.example", phone="+442079460000")


@pytest.fixture
async def operator(account: str) -> AsyncIterator[Operator]:
    """Yield an operator with two leads of Ada. A colleague tried to reach her about the first."""
    async with open_operator(account) as operator:
        await operator.post(ADA, ago=4 * DAY, description="Please call me.\nAda")
        await operator.post(ADA, ago=2 * DAY, offer="contoso.contoso-erp", code="INS")
        await operator.post(person(1))
        crm, _ = operator.storage.rows("Leads", Name="Ada Lovelace")
        rest = operator.services.rest
        link = rest.links.sign(LeadKey(crm["PartitionKey"], crm["RowKey"]), SALES, now=operator.now - DAY)
        tried = Answer(choice=Choice.TRIED, click="c1", note="Not in the office", said_by="Bob")
        await rest.answering.record(link.rpartition("/")[2], tried, now=operator.now - DAY)
        yield operator


async def test_a_person_is_shown_with_each_lead(operator: Operator) -> None:
    ran = await operator.run("show", "ada@northwind.example", columns=80)
    text = " ".join(ran.stdout.split())
    assert ran.code == 0
    assert max(map(len, ran.stdout.splitlines())) <= 80
    for words in (
        "Ada Lovelace, Northwind, CTO",
        "ada@northwind.example, +442079460000",
        "recognised by email",
        "(contoso.contoso-crm)",
        "(contoso.contoso-erp)",
        "status New. Waiting for 4 days. Tried once, no answer yet.",
        f"owner {SALES}",
        f"owner {ANNA}",
        "next new: due now",
        "they wrote Please call me. Ada",
        "note Not in the office",
        "The customer pressed Contact me on AppSource",
        f"Tried, no answer (Bob, {SALES}).",
    ):
        assert words in text


async def test_a_document_has_actions_and_decisions(operator: Operator) -> None:
    shown = await operator.read("show", "ada", "lovelace")
    crm, erp = shown["leads"]
    assert shown["foundBy"] == "name"
    assert [action["code"] for action in crm["actions"]] == ["PLT"]
    assert [(taken["choice"], taken["by"]) for taken in crm["decisions"]] == [("tried", f"Bob ({SALES})")]
    next_attempt_at = operator.now - DAY + 3 * DAY
    assert (crm["isListed"], crm["next"], crm["dueAt"]) == (True, "attempt 2 of 4", next_attempt_at.isoformat())
    assert (erp["decisions"], erp["owner"]) == ([], ANNA)


async def test_an_edit_that_was_not_noticed_yet_is_shown(operator: Operator) -> None:
    operator.edit("Ada Lovelace", Status="Contacted", SnoozedUntil="someday")
    text = " ".join((await operator.run("show", "ada lovelace")).stdout.split())
    assert "status Contacted. Someone in the table answered" in text
    assert "next nothing is due" in text
    assert "problem SnoozedUntil says “someday”" in text


async def test_a_missing_entry_of_the_to_do_list_is_said(operator: Operator) -> None:
    for row in operator.storage.rows("FollowUps"):
        operator.storage.delete("FollowUps", row)
    text = " ".join((await operator.run("show", "ada lovelace")).stdout.split())
    assert "not on the to-do list yet" in text


async def test_the_mails_are_shown(operator: Operator) -> None:
    operator.edit("Ada Lovelace", Status="New")
    crm, _ = operator.storage.rows("Leads", Name="Ada Lovelace")
    await operator.tick()
    shown = await operator.read("show", crm["PartitionKey"])
    assert [(lead["mails"]["sent"], lead["mails"]["told"]) for lead in shown["leads"]] == [(0, ""), (1, ANNA)]
    assert f"mails 1 mail since, the last on {operator.now:%Y-%m-%d}" in " ".join(
        (await operator.run("show", crm["PartitionKey"])).stdout.split()
    )


async def test_several_persons_are_listed_with_a_key_for_each(operator: Operator) -> None:
    ran = await operator.run("show", "northwind")
    assert ran.code == 1
    assert "2 persons are found by 'northwind'. Name the one you mean by their key." in ran.stderr
    keys = [word for word in ran.stderr.split() if word.isalnum() and len(word) == 12]
    for key in keys:
        assert (await operator.run("show", key)).code == 0
    assert len(keys) == 2


async def test_nobody_is_found(operator: Operator) -> None:
    ran = await operator.run("show", "grace")
    assert (ran.code, ran.stdout) == (1, "")
    assert "Nobody is found by 'grace'." in ran.stderr
    assert "In notes about others: leads find" in ran.stderr


async def test_a_typed_row_is_shown(operator: Operator) -> None:
    operator.storage.insert("Leads", {"PartitionKey": "mine", "RowKey": "1", "Name": "Grace Hopper"})
    ran = await operator.run("show", "grace")
    assert "key mine/1, recognised by nobody: the row was typed" in ran.stdout
    assert (await operator.run("show", "mine/1")).stdout == ran.stdout


async def test_what_a_stranger_wrote_does_not_steer_the_terminal(operator: Operator) -> None:
    operator.edit("Ada Lovelace", Note="\x1b[31mred \u202egnp")
    out = (await operator.run("show", "ada", "lovelace")).stdout
    assert "\x1b" not in out
    assert "\u202e" not in out
