"""``Digests``: the mails that are being sent now."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from lead_core.adapters.tables.cells import dump, format_day, is_yes, parse_time, read_number, read_text, read_time
from lead_core.adapters.tables.formulas import defuse
from lead_core.adapters.tables.table import Entity, KeyRange, StoredRow, Table
from lead_core.errors import SomeoneWasFirstError
from lead_core.lead.follow_up import Turn
from lead_core.lead.values import LeadKey, format_key
from lead_core.ports.outgoing import About, Claim, ClaimedLead, FirstTestLead, OwnersDigest

OWNERS_PARTITION = "owners"
TEST_LEADS_PARTITION = "test-leads"
RESTING_KEY = {"PartitionKey": "checks", "RowKey": "resting"}


class TableClaimStore:
    """A `ClaimStore` in ``Digests``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def list_digests(self) -> list[Claim[OwnersDigest]]:
        """See `ClaimStore.list_digests`."""
        rows = self._table.query(KeyRange(OWNERS_PARTITION, OWNERS_PARTITION))
        return [read_claim(row, read_digest(row.columns)) async for row in rows]

    async def list_test_leads(self, since: datetime) -> list[Claim[FirstTestLead]]:
        """See `ClaimStore.list_test_leads`."""
        keys = KeyRange(TEST_LEADS_PARTITION, TEST_LEADS_PARTITION, from_row=format_day(since))
        return [read_claim(row, read_test_lead(row.columns)) async for row in self._table.query(keys)]

    async def insert_test_lead(self, test_lead: FirstTestLead) -> None:
        """See `ClaimStore.insert_test_lead`."""
        await self._table.insert(claim_to_row(Claim(test_lead)))

    async def write(self, claim: Claim[About]) -> Claim[About]:
        """See `ClaimStore.write`."""
        row = claim_to_row(claim)
        etag = await (self._table.replace(row, claim.version) if claim.version else self._table.insert(row))
        if etag is None:
            raise SomeoneWasFirstError
        return replace(claim, version=etag)

    async def write_resting(self, count: int) -> None:
        """See `ClaimStore.write_resting`."""
        await self._table.upsert({**RESTING_KEY, "Count": count})

    async def read_resting(self) -> int:
        """See `ClaimStore.read_resting`."""
        row = await self._table.get(*RESTING_KEY.values())
        return read_number(row.columns, "Count") if row else 0


def claim_to_row(claim: Claim[About]) -> Entity:
    """Write a claim: what its mail is about, the mail's id, and until when it holds."""
    match claim.about:
        case OwnersDigest() as digest:
            columns = digest_to_row(digest)
        case FirstTestLead() as test_lead:
            columns = first_test_lead_to_row(test_lead)
    return columns | {"DigestId": claim.mail_id} | ({"Until": claim.until} if claim.until else {})


def read_claim(row: StoredRow, about: About) -> Claim[About]:
    """Read a claim on a mail about *about*."""
    return Claim(about, read_text(row.columns, "DigestId"), read_time(row.columns, "Until"), row.etag)


def digest_to_row(digest: OwnersDigest) -> Entity:
    """Write what the next mail to an owner is about."""
    return {
        "PartitionKey": OWNERS_PARTITION,
        "RowKey": format_key(digest.owner),
        "Owner": defuse(digest.owner),
        "Leads": dump([[*claimed.lead, *claimed.turn] for claimed in digest.leads]),
    }


def read_digest(row: Mapping[str, Any]) -> OwnersDigest:
    """Read what the next mail to an owner is about. A row that was edited beyond recognition holds no leads."""
    try:
        leads = tuple(
            ClaimedLead(LeadKey(str(partition), str(key)), Turn(int(in_round), int(sent)))
            for partition, key, in_round, sent in json.loads(row["Leads"])
        )
    except (KeyError, TypeError, ValueError):
        leads = ()
    return OwnersDigest(read_text(row, "Owner"), leads, row["RowKey"])


def first_test_lead_to_row(test_lead: FirstTestLead) -> Entity:
    """Write an offer's first test lead of a day."""
    return {
        "PartitionKey": TEST_LEADS_PARTITION,
        "RowKey": f"{format_day(test_lead.received_at)}|{format_key(test_lead.offer)}",
        "Offer": defuse(test_lead.offer),
        "ReceivedAt": test_lead.received_at,
        "Owner": defuse(test_lead.owner),
        "IsSent": test_lead.is_confirmed,
    }


def read_test_lead(row: Mapping[str, Any]) -> FirstTestLead:
    """Read an offer's first test lead of a day."""
    return FirstTestLead(
        offer=read_text(row, "Offer"),
        received_at=read_time(row, "ReceivedAt") or parse_time(row["RowKey"][:10]),
        owner=read_text(row, "Owner"),
        is_confirmed=is_yes(row.get("IsSent")),
    )
