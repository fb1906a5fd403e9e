"""``Digests``: the mails that are being sent now."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from lead_core.adapters.tables.cells import dump, format_day, is_yes, parse_time, read_number, read_text, read_time
from lead_core.adapters.tables.table import Entity, KeyRange, Table
from lead_core.errors import SomeoneWasFirstError
from lead_core.lead.follow_up import Turn
from lead_core.lead.values import LeadKey, format_key
from lead_core.ports import Claim, ClaimedMail, TestLeadNote

OWNERS_PARTITION = "owners"
TEST_LEADS_PARTITION = "test-leads"
RESTING_KEY = {"PartitionKey": "checks", "RowKey": "resting"}


class TableClaimStore:
    """A `ClaimStore` in ``Digests``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def list_claims(self) -> list[Claim]:
        """See `ClaimStore.list_claims`."""
        rows = self._table.query(KeyRange(OWNERS_PARTITION, OWNERS_PARTITION))
        return [claim_from_row(row.columns, version=row.etag) async for row in rows]

    async def write_claim(self, claim: Claim) -> Claim:
        """See `ClaimStore.write_claim`."""
        return replace(claim, version=await self._write(claim_to_row(claim), claim.version))

    async def note_test_lead(self, note: TestLeadNote) -> None:
        """See `ClaimStore.note_test_lead`."""
        await self._table.insert(test_lead_to_row(note))

    async def list_test_leads(self, since: datetime) -> list[TestLeadNote]:
        """See `ClaimStore.list_test_leads`."""
        keys = KeyRange(TEST_LEADS_PARTITION, TEST_LEADS_PARTITION, from_row=format_day(since))
        return [test_lead_from_row(row.columns, version=row.etag) async for row in self._table.query(keys)]

    async def write_test_lead(self, note: TestLeadNote) -> TestLeadNote:
        """See `ClaimStore.write_test_lead`."""
        return replace(note, version=await self._write(test_lead_to_row(note), note.version))

    async def note_resting(self, count: int) -> None:
        """See `ClaimStore.note_resting`."""
        await self._table.upsert({**RESTING_KEY, "Count": count})

    async def count_resting(self) -> int:
        """See `ClaimStore.count_resting`."""
        row = await self._table.get(*RESTING_KEY.values())
        return read_number(row.columns, "Count") if row else 0

    async def _write(self, row: Entity, version: str | None) -> str:
        etag = await (self._table.replace(row, version) if version else self._table.insert(row))
        if etag is None:
            raise SomeoneWasFirstError
        return etag


def claim_to_row(claim: Claim) -> Entity:
    """Write an owner's claim."""
    row: Entity = {
        "PartitionKey": OWNERS_PARTITION,
        "RowKey": format_key(claim.owner),
        "Owner": claim.owner,
        "DigestId": claim.digest_id,
        "Leads": dump([[*mail.lead, *mail.turn] for mail in claim.mails]),
    }
    return row | ({"Until": claim.until} if claim.until else {})


def claim_from_row(row: Mapping[str, Any], *, version: str) -> Claim:
    """Read an owner's claim; one that somebody edited beyond recognition holds nothing."""
    try:
        mails = tuple(
            ClaimedMail(LeadKey(str(partition), str(key)), Turn(int(in_round), int(sent)))
            for partition, key, in_round, sent in json.loads(row["Leads"])
        )
    except (KeyError, TypeError, ValueError):
        mails = ()
    return Claim(
        read_text(row, "Owner"), read_text(row, "DigestId"), mails, read_time(row, "Until"), version, row["RowKey"]
    )


def test_lead_to_row(note: TestLeadNote) -> Entity:
    """Write the note of an offer's first test lead of a day."""
    row: Entity = {
        "PartitionKey": TEST_LEADS_PARTITION,
        "RowKey": f"{format_day(note.received_at)}|{format_key(note.offer)}",
        "Offer": note.offer,
        "ReceivedAt": note.received_at,
        "Owner": note.owner,
        "DigestId": note.digest_id,
        "IsSent": note.is_sent,
    }
    return row | ({"Until": note.until} if note.until else {})


def test_lead_from_row(row: Mapping[str, Any], *, version: str) -> TestLeadNote:
    """Read the note of a test lead."""
    return TestLeadNote(
        offer=read_text(row, "Offer"),
        received_at=read_time(row, "ReceivedAt") or parse_time(row["RowKey"][:10]),
        owner=read_text(row, "Owner"),
        digest_id=read_text(row, "DigestId"),
        until=read_time(row, "Until"),
        is_sent=is_yes(row.get("IsSent")),
        version=version,
    )
