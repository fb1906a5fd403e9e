"""Claim, send, confirm: what a claim's row holds after each possible result of its mail."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.adapters.mail.timeouts import SENDING_GIVES_UP_AFTER
from lead_core.adapters.memory import MemoryTable
from lead_core.adapters.tables.digests import TableClaimStore
from lead_core.errors import (
    AddressRefusedError,
    ContentRefusedError,
    LeadError,
    MailNotSentError,
    MailUncertainError,
    ProviderRefusesError,
    SomeoneWasFirstError,
    StorageUnavailableError,
)
from lead_core.lead.follow_up import Turn
from lead_core.lead.values import LeadKey, is_legal_key
from lead_core.ports.outgoing import Claim, ClaimedLead, OwnersDigest
from lead_core.ports.test_leads import FirstTestLead, TestLeadNote
from lead_core.steps.confirming import CONFIRMING_LASTS
from lead_core.steps.due import MAX_LEADS_PER_MAIL
from lead_core.steps.pacing import FULL_MAILS_APART
from lead_core.steps.reminding import REMINDING_LASTS
from lead_core.steps.sending import CLAIMS_LAST, MAX_TRIES, PUT_OFF_FOR, Next, claiming, decide_next
from lead_core.steps.troubles import SHORT_OUTAGE
from lead_core.views.forms import MAX_GROUPS
from tests.examples import NOON, SALES, at
from tests.outbox import Outbox

LEADS = (ClaimedLead(LeadKey("5b1a", "contoso.crm"), Turn(1, 2)),)
DIGEST = Claim(OwnersDigest("sales@contoso.example", LEADS), "id-1")
NOTE = Claim(TestLeadNote(NOON.date(), ("a",), ("b",), 1), "id-2")


@pytest.fixture
def table() -> MemoryTable:
    return MemoryTable()


async def fail(table: MemoryTable, claim: Claim[Any], error: LeadError | None, now: datetime = NOON) -> dict[str, Any]:
    """Send the mail of *claim* with that result, and return its row."""
    try:
        async with claiming(TableClaimStore(table), Outbox(), claim, now=now) as held:
            taken = held.claim
            assert (taken.about, taken.mail_id, taken.until) == (claim.about, claim.mail_id, now + CLAIMS_LAST)
            assert table.rows[0]["Until"] == now + CLAIMS_LAST
            if error:
                raise error
    except LeadError as risen:
        assert risen is error
    (row,) = table.rows
    return row


async def test_a_digest_that_was_sent_holds_nothing(table: MemoryTable) -> None:
    row = await fail(table, DIGEST, None)
    assert (row["Leads"], row["DigestId"], "Until" in row) == ("[]", "id-1", False)


async def test_test_leads_that_were_told_are_told_for_good(table: MemoryTable) -> None:
    row = await fail(table, NOTE, None)
    assert (row["Told"], row["Telling"], row["Mails"], "Until" in row) == ('["a","b"]', "[]", 2, False)


@pytest.mark.parametrize("error", [MailNotSentError("t"), AddressRefusedError(frozenset())], ids=["down", "refused"])
async def test_what_certainly_was_not_sent_is_released_at_once(table: MemoryTable, error: LeadError) -> None:
    row = await fail(table, DIGEST, error)
    assert (row["Leads"], "Until" in row) == ("[]", False)


@pytest.mark.parametrize("error", [MailNotSentError("t"), AddressRefusedError(frozenset())], ids=["down", "refused"])
async def test_test_leads_that_were_not_told_are_told_at_the_next_tick(table: MemoryTable, error: LeadError) -> None:
    row = await fail(table, NOTE, error)
    assert (row["Told"], row["Telling"], row["Mails"], "Until" in row) == ('["a"]', "[]", 1, False)


@pytest.mark.parametrize("error", [MailUncertainError("t"), StorageUnavailableError("t")], ids=["unknown", "storage"])
async def test_the_claim_on_an_uncertain_mail_stands_until_it_runs_out(table: MemoryTable, error: LeadError) -> None:
    row = await fail(table, DIGEST, error)
    assert (row["Leads"] != "[]", row["Until"]) == (True, NOON + CLAIMS_LAST)
    (claim,) = await TableClaimStore(table).list_digests()
    assert claim.is_held(NOON + CLAIMS_LAST - timedelta(seconds=1))
    assert not claim.has_run_out(NOON + CLAIMS_LAST - timedelta(seconds=1))
    assert claim.has_run_out(NOON + CLAIMS_LAST)
    assert not claim.is_held(NOON + CLAIMS_LAST)


async def test_a_mail_that_may_have_gone_out_keeps_its_id_and_its_leads_if_its_next_try_fails(
    table: MemoryTable,
) -> None:
    await fail(table, DIGEST, MailUncertainError("t"))
    (claim,) = await TableClaimStore(table).list_digests()
    row = await fail(table, claim, MailNotSentError("t"), now=at(15))
    assert (row["Leads"] != "[]", row["DigestId"], row["Until"]) == (True, "id-1", at(15))


async def test_a_day_with_too_many_test_leads_hides_no_other_day(table: MemoryTable) -> None:
    claims = TableClaimStore(table)
    for day in range(3):
        for number in range(5):
            await claims.insert_test_lead(FirstTestLead(f"Offer {number}", at(day * 24 * 60)))
    await table.upsert({"PartitionKey": "test-leads", "RowKey": "9 note of mine"})
    days = await claims.list_test_leads(NOON.date(), limit=2)
    assert [(claim.about.day.day, len(test_leads)) for claim, test_leads in days] == [(22, 2), (23, 2), (24, 2)]


async def test_only_one_of_two_workers_sends(table: MemoryTable) -> None:
    await fail(table, DIGEST, None)
    (claim,) = await TableClaimStore(table).list_digests()
    await fail(table, claim, None)
    with pytest.raises(SomeoneWasFirstError):
        async with claiming(TableClaimStore(table), Outbox(), claim, now=NOON):
            pytest.fail("both send it")


async def test_a_claim_that_is_not_held_has_not_run_out(table: MemoryTable) -> None:
    assert not DIGEST.is_held(NOON)
    assert not DIGEST.has_run_out(NOON)


STORED_DIGEST: dict[str, Any] = {
    "PartitionKey": "owners", "RowKey": "sales-contoso.example~747bfeecd392", "Owner": "sales@contoso.example",
    "DigestId": "0" * 32, "Leads": '[["5b1a","contoso.crm",1,2]]', "Until": at(10),
}  # fmt: skip
STORED_TEST_LEAD = {
    "PartitionKey": "test-leads", "RowKey": "2026-11-22|contoso crm", "Offer": "Contoso CRM", "ReceivedAt": NOON,
    "Owner": "anna@contoso.example", "DigestId": "1" * 32, "IsSent": False, "Until": at(10),
}  # fmt: skip


async def test_rows_of_the_version_before_still_read(table: MemoryTable) -> None:
    claims = TableClaimStore(table)
    await table.upsert(STORED_DIGEST)
    await table.upsert(STORED_TEST_LEAD)
    (digest,) = await claims.list_digests()
    assert (digest.about, digest.mail_id, digest.until, digest.tries) == (
        OwnersDigest("sales@contoso.example", LEADS, STORED_DIGEST["RowKey"]),
        "0" * 32,
        at(10),
        1,
    )
    assert LEADS[0].turn == (1, 2, 0)
    ((note, (test_lead,)),) = await claims.list_test_leads(NOON.date(), limit=9)
    assert note == Claim(TestLeadNote(NOON.date()))
    assert test_lead == FirstTestLead(
        "Contoso CRM", NOON, "anna@contoso.example", is_confirmed=False, key="2026-11-22|contoso crm"
    )


CLAIMS = st.builds(
    Claim,
    st.builds(
        OwnersDigest,
        st.sampled_from(["a@b.example", "Ä <x>"]),
        st.lists(
            st.builds(
                ClaimedLead,
                st.builds(LeadKey, st.text().filter(is_legal_key), st.text().filter(is_legal_key)),
                st.builds(Turn, st.integers(0), st.integers(0), st.integers(0)),
            )
        ).map(tuple),
        last_full_at=st.none() | st.just(NOON),
        mails=st.just(7),
        mails_since=st.just(NOON),
        is_escalation=st.booleans(),
    )
    | st.builds(
        TestLeadNote,
        st.just(NOON.date()),
        st.lists(st.text()).map(tuple),
        st.lists(st.text()).map(tuple),
        st.integers(0, 9),
    ),
    st.just("0" * 32),
    st.none() | st.just(NOON),
    refusals=st.integers(0, 99),
    put_off_since=st.none() | st.just(NOON),
)


@given(CLAIMS, st.integers(0, MAX_TRIES))
async def test_any_claim_reads_back_as_it_was_written(claim: Claim[Any], tries: int) -> None:
    claims = TableClaimStore(MemoryTable())
    written = await claims.write(replace(claim, tries=tries if claim.until else 0))
    if isinstance(claim.about, OwnersDigest):
        (read,) = await claims.list_digests()
        assert replace(read, about=replace(read.about, key="")) == written
    else:
        ((read_note, _),) = await claims.list_test_leads(NOON.date(), limit=1)
        assert read_note == written


# What follows from each result

LATER = NOON + PUT_OFF_FOR


@pytest.mark.parametrize(
    ("error", "claim", "expected"),
    [
        (MailNotSentError("t"), DIGEST, Next.STOP),
        (ProviderRefusesError("t"), DIGEST, Next.STOP),
        (AddressRefusedError(frozenset({SALES})), DIGEST, Next.STOP),
        (ContentRefusedError("t"), DIGEST, Next.IN_ANOTHER_FORM),
        (MailNotSentError("t", was_read=True), DIGEST, Next.STOP),
        (MailNotSentError("t", was_read=True), replace(DIGEST, put_off_since=NOON), Next.IN_ANOTHER_FORM),
        (MailNotSentError("t", was_read=True), replace(DIGEST, put_off_since=at(1)), Next.STOP),
        (MailNotSentError("t"), replace(DIGEST, put_off_since=NOON), Next.STOP),
        (MailUncertainError("t"), replace(DIGEST, tries=MAX_TRIES - 1), Next.STOP),
        (MailUncertainError("t"), replace(DIGEST, tries=MAX_TRIES), Next.COUNT_AS_SENT),
        (StorageUnavailableError("t"), replace(DIGEST, tries=MAX_TRIES), Next.STOP),
    ],
)
def test_what_happens_after_each_failure(error: LeadError, claim: Claim[Any], expected: Next) -> None:
    assert decide_next(error, claim, now=LATER) is expected


def test_each_wait_for_an_answer_is_twice_as_long() -> None:
    claim, moments, now = DIGEST, [], NOON
    for _ in range(MAX_TRIES):
        claim = claim.taken(now)
        while claim.is_held(now) or claim.waits(now):
            now += timedelta(minutes=1)
        moments.append((now - NOON) // timedelta(minutes=1))
    assert moments == [10, 30, 70, 150, 310, 630]


@pytest.mark.parametrize("tries", [MAX_TRIES + 1, 1_000_000])
async def test_a_claim_that_was_edited_to_many_tries_is_tried_again_at_once(tries: int) -> None:
    claims = TableClaimStore(MemoryTable())
    await claims.write(replace(DIGEST, until=NOON, tries=tries))
    (claim,) = await claims.list_digests()
    assert claim.tries == 1
    assert not claim.waits(NOON)


@pytest.mark.parametrize(
    ("ahead", "is_held"), [(CLAIMS_LAST, True), (2 * CLAIMS_LAST, True), (timedelta(days=365), False)]
)
def test_a_claim_holds_no_longer_than_claims_last(ahead: timedelta, is_held: bool) -> None:
    claim = replace(DIGEST, until=NOON + ahead)
    assert claim.is_held(NOON) is is_held
    assert claim.has_run_out(NOON) is not is_held


# Numbers

ROOT = Path(__file__).parents[2]


def test_a_tick_ends_before_the_host_ends_it_and_a_claim_outlasts_both() -> None:
    hours, minutes, seconds = map(int, json.loads((ROOT / "host.json").read_text())["functionTimeout"].split(":"))
    function_timeout = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    longest_mail = 2 * SENDING_GIVES_UP_AFTER  # Azure is asked what became of it.
    assert REMINDING_LASTS + longest_mail + CONFIRMING_LASTS + longest_mail < function_timeout < CLAIMS_LAST


def test_the_numbers_of_the_decision_are_those_of_the_code() -> None:
    page = (ROOT / "docs/adr/0011-nothing-stops-the-mails.md").read_text(encoding="utf-8")
    waits = [str(CLAIMS_LAST // timedelta(minutes=1) * 2**number) for number in range(MAX_TRIES - 1)]
    for said in (
        f"{MAX_TRIES} times at most, {', '.join(waits[:-1])} and {waits[-1]} minutes apart",
        f"after {REMINDING_LASTS // timedelta(minutes=1)} minutes",
        f"full mail every {FULL_MAILS_APART // timedelta(hours=1)} hours",
        f"A mail with {MAX_LEADS_PER_MAIL} leads is full",
        f"up to {3 + 2 * MAX_GROUPS} tries",
        f"After {SHORT_OUTAGE // timedelta(hours=1)} hour",
    ):
        assert said in page
