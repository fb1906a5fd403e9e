"""``leads forget``: who goes, what is shown before, and what nobody finds afterwards."""

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueClient

from lead_core.lead.erasure import list_keys_of
from lead_core.lead.follow_up import Turn
from lead_core.lead.values import LeadKey
from lead_core.marketplace.notification import normalise
from lead_core.ports.outgoing import Claim, ClaimedLead, LinkRequest, OwnersDigest
from tests.examples import JOHN, SALES, body, message
from tests.leaks import hearing_everything
from tests.operator import Operator, open_operator

MARKERS = ("vqada", "vqlast", "vqmail", "vqdomain", "vqcompany", "vqtitle", "vqnotes", "5550187")
ADA = replace(
    JOHN,
    first_name="Vqada",
    last_name="Vqlast",
    email="vqmail@vqdomain.example",
    phone="+16175550187",
    company="Vqcompany",
    title="vqtitle",
)
TABLES = ("Leads", "FollowUps", "MarketplaceLeads", "RejectedLeads", "Digests", "Erasures", "Reports")
QUEUES = ("leads", "leads-poison")


@pytest.fixture
async def operator(account: str) -> AsyncIterator[Operator]:
    """Yield an operator with leads of John and of Ada, who wants two offers."""
    async with open_operator(account) as operator:
        await operator.post(JOHN, description="my boss has no objections")
        await operator.post(ADA, description="vqnotes")
        await operator.post(ADA, offer="contoso.contoso-erp")
        await operator.post(replace(ADA, email="", company=""))
        yield operator


def queued(operator: Operator, queue: str) -> list[str]:
    with QueueClient.from_connection_string(operator.storage.connection_string, queue) as client:
        try:
            return [str(each.content) for each in client.peek_messages(max_messages=32)]
        except ResourceNotFoundError:
            return []


def put(operator: Operator, queue: str, *contents: bytes) -> None:
    with QueueClient.from_connection_string(operator.storage.connection_string, queue) as client:
        client.create_queue()
        for content in contents:
            client.send_message(base64.b64encode(content).decode())


def find_traces(operator: Operator) -> list[str]:
    """Return where a marker or a key of Ada stands, in any table or queue."""
    keys = [*list_keys_of(normalise(ADA))]
    texts = {table: str(operator.storage.rows(table)) for table in TABLES}
    texts |= {queue: str([base64.b64decode(each) for each in queued(operator, queue)]) for queue in QUEUES}
    return [
        f"{place}: {trace}" for place, text in texts.items() for trace in (*MARKERS, *keys) if trace in text.casefold()
    ]


async def plant(operator: Operator) -> None:
    """Leave Ada in a reject, in the queues, in a claim and in a request for a link."""
    processing, claims = operator.services.rest.processing, operator.services.rest.claims
    for number, content in enumerate((b"call Vqada Vqlast", b'{"email": "VQMAIL@vqdomain.example"')):
        await processing.process(message(content, event=50 + number), message_id="m", queued_at=operator.now)
    put(operator, "leads", message(body(ADA), event=60), message(body(JOHN), event=61), b"Vqada Vqlast wants a call")
    put(operator, "leads-poison", message(body(ADA), event=62), message(body(JOHN), event=63))
    leads = [LeadKey(row["PartitionKey"], row["RowKey"]) for row in operator.storage.rows("Leads")]
    digest = OwnersDigest(SALES, tuple(ClaimedLead(lead, Turn(0, 0, 0)) for lead in leads))
    await claims.write(Claim(digest, "mail", operator.now + timedelta(minutes=10)))
    for lead in leads:
        await claims.write(Claim(LinkRequest(lead, operator.now)))
    await operator.services.rest.reconciling.check(now=operator.now)


async def test_no_trace_of_the_person_is_left_anywhere(operator: Operator, capfd: pytest.CaptureFixture[str]) -> None:
    await plant(operator)
    assert {trace.partition(":")[0] for trace in find_traces(operator)} == {*TABLES, *QUEUES} - {"Erasures"}
    with hearing_everything() as ear:
        ran = await operator.run("forget", "vqmail@vqdomain.example", "--yes", "--reason", "asked by letter")
    assert ran.code == 0, ran.stderr
    assert find_traces(operator) == []
    assert not [marker for marker in MARKERS if marker in ear.text.casefold()]
    assert len(operator.storage.rows("Leads")) == len(operator.storage.rows("MarketplaceLeads")) == 1
    assert [len(queued(operator, queue)) for queue in QUEUES] == [1, 1]


async def test_the_receipt_says_what_went(operator: Operator) -> None:
    await plant(operator)
    (_, document) = await forget(operator)
    assert document["receipt"]["erased"] == {
        "MarketplaceLeads": 3,
        "Leads": 3,
        "FollowUps": 3,
        "Digests": 4,
        "RejectedLeads": 2,
        "Reports": 1,
        "queue leads": 2,
        "queue leads-poison": 1,
    }
    assert document["receipt"]["isDone"]
    (row,) = [row for row in operator.storage.rows("Erasures") if row["PartitionKey"] == "receipts"]
    assert (row["RowKey"], row["Reason"], row["IsDone"]) == (document["receipt"]["id"], "asked by letter", True)
    assert "RejectedLeads: 2" in row["Erased"]


async def forget(operator: Operator, *options: str) -> tuple[int, Any]:
    ran = await operator.run(
        "forget", "vqmail@vqdomain.example", "--yes", "--json", "--reason", "asked by letter", *options
    )
    return ran.code, ran.document


async def test_the_person_stays_away_and_a_new_lead_of_theirs_is_new(operator: Operator) -> None:
    await forget(operator)
    await operator.post(ADA, ago=timedelta(hours=1))
    assert find_traces(operator) == []
    await operator.post(ADA, ago=timedelta(seconds=-60))
    assert [row["Status"] for row in operator.storage.rows("Leads", FirstName="Vqada")] == ["New"]


async def test_who_asked_for_no_contact_comes_back_closed(operator: Operator) -> None:
    operator.edit("Vqada Vqlast", Status="Do not contact")
    _, document = await forget(operator)
    assert document["objects"]
    await operator.post(ADA, ago=timedelta(seconds=-60))
    assert [row["Status"] for row in operator.storage.rows("Leads", FirstName="Vqada")] == ["DoNotContact"]


@pytest.mark.parametrize("columns", [80, 120])
async def test_what_would_go_is_shown_before_and_nothing_goes_without_a_yes(operator: Operator, columns: int) -> None:
    await plant(operator)
    before = {table: operator.storage.rows(table) for table in TABLES}
    for options, typed in ((["--dry-run"], ""), ([], "n\n")):
        ran = await operator.run("forget", "vqada", "vqlast", *options, typed=typed, columns=columns)
        assert ran.code == 0
        shown = ran.stdout if options else ran.stderr
        assert "Vqada Vqlast, vqmail@vqdomain.example: Contoso CRM, New" in " ".join(shown.split())
        assert "call Vqada Vqlast" in shown
        assert "Nothing was changed" in ran.stderr
        assert max(len(line) for line in shown.splitlines() if not line.startswith("account ")) <= columns
    assert {table: operator.storage.rows(table) for table in TABLES} == before


async def test_whom_it_is_about_must_be_one_person(operator: Operator) -> None:
    await operator.post(replace(JOHN, first_name="Vqada", last_name="Other", email="other@vqdomain.example"))
    ran = await operator.run("forget", "vqada", "--yes")
    assert ran.code == 1
    assert "persons are found" in ran.stderr
    assert len(operator.storage.rows("Leads", FirstName="Vqada")) == 4


async def test_nobody_is_found(operator: Operator) -> None:
    ran = await operator.run("forget", "nobody@nowhere.example", "--yes")
    assert (ran.code, operator.storage.rows("Erasures")) == (1, [])
    assert "Nothing is kept on 'nobody@nowhere.example'" in ran.stderr


async def test_a_single_word_erases_no_text_in_which_it_stands(operator: Operator) -> None:
    await operator.services.rest.processing.process(
        message(b"a note on objections", event=50), message_id="m", queued_at=operator.now
    )
    ran = await operator.run("forget", "objections", "--yes")
    assert (ran.code, len(operator.storage.rows("RejectedLeads"))) == (1, 1)
    assert "Give an address, a phone or a full name" in ran.stderr


async def test_notes_about_others_that_name_them_are_listed_and_stay(operator: Operator) -> None:
    operator.edit("John Smith", Note="knows Vqada Vqlast")
    ran = await operator.run("forget", "vqmail@vqdomain.example", "--yes", "--json")
    assert "Those stay: edit them by hand" in " ".join(ran.stderr.split())
    document = ran.document
    assert [(each["about"], each["cells"]) for each in document["mentions"]] == [("John Smith", ["Note"])]
    assert [row["Note"] for row in operator.storage.rows("Leads")] == ["knows Vqada Vqlast"]


async def test_who_stands_in_no_lead_any_more_is_erased_by_their_address(operator: Operator) -> None:
    for row in operator.storage.rows("Leads", FirstName="Vqada"):
        await operator.services.rest.table("Leads").delete(row["PartitionKey"], row["RowKey"])
    code, _ = await forget(operator)
    assert code == 0
    assert "vqmail" not in str(operator.storage.rows("MarketplaceLeads")).casefold()


async def test_repeating_it_finds_nothing_more(operator: Operator) -> None:
    await forget(operator)
    ran = await operator.run("forget", "vqmail@vqdomain.example", "--yes")
    assert (ran.code, "Nothing is kept" in ran.stderr) == (1, True)


async def test_who_is_erased_already_can_still_object(operator: Operator) -> None:
    await forget(operator)
    code, document = await forget(operator, "--objects")
    assert (code, document["rows"], document["receipt"]["objects"]) == (0, {}, True)
    await operator.post(ADA, ago=timedelta(seconds=-60))
    assert [row["Status"] for row in operator.storage.rows("Leads", FirstName="Vqada")] == ["DoNotContact"]


async def test_who_was_never_a_lead_can_object_by_their_address_alone(operator: Operator) -> None:
    ran = await operator.run("forget", "+1 425 555 0100", "--objects", "--yes")
    assert (ran.code, "Give their e-mail address" in " ".join(ran.stderr.split())) == (1, True)
    assert (await operator.run("forget", "zoe@new.example", "--objects", "--yes")).code == 0
    await operator.post(replace(ADA, email="zoe@new.example"), ago=timedelta(seconds=-60))
    assert [row["Status"] for row in operator.storage.rows("Leads", Email="zoe@new.example")] == ["DoNotContact"]


async def test_a_name_of_several_words_is_one_name(operator: Operator) -> None:
    for first, last in (("Sean", "O'Brien"), ("Sean", "Miller")):
        await operator.post(replace(JOHN, first_name=first, last_name=last, email=f"{last[-3:]}@x.example", phone=""))
    assert (await operator.run("forget", "Sean", "O'Brien", "--yes")).code == 0
    assert operator.storage.rows("Leads", FirstName="Sean", LastName="O'Brien") == []
    assert len(operator.storage.rows("Leads", FirstName="Sean")) == 1


async def test_a_human_who_is_several_persons_is_erased_by_all_keys(operator: Operator) -> None:
    await operator.post(replace(ADA, first_name="MSFT_TEST_vqada", company=""))
    ran = await operator.run("forget", "vqmail@vqdomain.example", "--yes")
    assert (ran.code, "or all keys of one human" in " ".join(ran.stderr.split())) == (1, True)
    keys = {row["PartitionKey"] for row in operator.storage.rows("Leads") if "vqada" in row["FirstName"].casefold()}
    assert (await operator.run("forget", *keys, "--yes")).code == 0
    assert find_traces(operator) == []


@pytest.mark.parametrize("reason", ["letter of Vqada Vqlast", "mail of VQmail@vqdomain.example"])
async def test_a_reason_that_names_the_person_is_refused(operator: Operator, reason: str) -> None:
    ran = await operator.run("forget", "vqmail@vqdomain.example", "--yes", "--reason", reason)
    assert (ran.code, "--reason names the person" in " ".join(ran.stderr.split())) == (2, True)
    assert operator.storage.rows("Erasures") == []
