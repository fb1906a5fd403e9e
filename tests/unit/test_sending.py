"""Claim, send, confirm: what a claim's row holds after each possible result of its mail."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from lead_core.adapters.memory import MemoryTable
from lead_core.adapters.tables.digests import TableClaimStore
from lead_core.errors import (
    AddressRefusedError,
    LeadError,
    MailNotSentError,
    MailUncertainError,
    SomeoneWasFirstError,
    StorageUnavailableError,
)
from lead_core.lead.follow_up import Turn
from lead_core.lead.values import LeadKey
from lead_core.ports.outgoing import Claim, ClaimedLead, FirstTestLead, OwnersDigest
from lead_core.steps.sending import CLAIMS_LAST, claiming
from tests.examples import NOON, at

LEADS = (ClaimedLead(LeadKey("5b1a", "contoso.crm"), Turn(1, 2)),)
DIGEST = Claim(OwnersDigest("sales@contoso.example", LEADS), "id-1")
TEST_LEAD = Claim(FirstTestLead("Contoso CRM", NOON, "anna@contoso.example"), "id-2")


@pytest.fixture
def table() -> MemoryTable:
    return MemoryTable()


async def fail(table: MemoryTable, claim: Claim[Any], error: LeadError | None, now: datetime = NOON) -> dict[str, Any]:
    """Send the mail of *claim* with that result, and return its row."""
    try:
        async with claiming(TableClaimStore(table), claim, now=now) as held:
            assert (held.about, held.mail_id, held.until) == (claim.about, claim.mail_id, now + CLAIMS_LAST)
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


async def test_a_test_lead_that_was_told_is_told_for_good(table: MemoryTable) -> None:
    row = await fail(table, TEST_LEAD, None)
    assert (row["IsSent"], row["DigestId"], "Until" in row) == (True, "id-2", False)


@pytest.mark.parametrize("error", [MailNotSentError("t"), AddressRefusedError(frozenset())], ids=["down", "refused"])
async def test_what_certainly_was_not_sent_is_released_at_once(table: MemoryTable, error: LeadError) -> None:
    row = await fail(table, DIGEST, error)
    assert (row["Leads"], "Until" in row) == ("[]", False)


@pytest.mark.parametrize("error", [MailNotSentError("t"), AddressRefusedError(frozenset())], ids=["down", "refused"])
async def test_a_test_lead_that_was_not_told_is_tried_again_under_its_id(table: MemoryTable, error: LeadError) -> None:
    row = await fail(table, TEST_LEAD, error)
    assert (row["IsSent"], row["DigestId"], "Until" in row) == (False, "id-2", False)


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


async def test_only_one_of_two_workers_sends(table: MemoryTable) -> None:
    await fail(table, DIGEST, None)
    (claim,) = await TableClaimStore(table).list_digests()
    await fail(table, claim, None)
    with pytest.raises(SomeoneWasFirstError):
        async with claiming(TableClaimStore(table), claim, now=NOON):
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


async def test_rows_that_were_written_before_claims_had_one_shape_still_read_and_are_written_alike(
    table: MemoryTable,
) -> None:
    claims = TableClaimStore(table)
    await table.upsert(STORED_DIGEST)
    await table.upsert(STORED_TEST_LEAD)
    (digest,), (test_lead,) = await claims.list_digests(), await claims.list_test_leads(NOON)
    assert (digest.about, digest.mail_id, digest.until) == (
        OwnersDigest("sales@contoso.example", LEADS, STORED_DIGEST["RowKey"]),
        "0" * 32,
        at(10),
    )
    assert (test_lead.about, test_lead.mail_id, test_lead.until) == (TEST_LEAD.about, "1" * 32, at(10))
    await claims.write(test_lead)
    await claims.write(digest)
    assert table.rows == [STORED_DIGEST, STORED_TEST_LEAD]
