"""``Digests``: the mails that are being sent now."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from lead_core.adapters.tables.cells import dump, format_day, is_yes, parse_time, read_number, read_text, read_time
from lead_core.adapters.tables.formulas import defuse
from lead_core.adapters.tables.table import Entity, KeyRange, StoredRow, Table
from lead_core.errors import SomeoneWasFirstError
from lead_core.lead.follow_up import Turn
from lead_core.lead.values import LeadKey, format_key, is_legal_key
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
        return [read_claim(row, digest) async for row in rows if (digest := read_digest(row.columns))]

    async def list_test_leads(self, since: datetime) -> list[Claim[FirstTestLead]]:
        """See `ClaimStore.list_test_leads`."""
        keys = KeyRange(TEST_LEADS_PARTITION, TEST_LEADS_PARTITION, from_row=format_day(since))
        rows = self._table.query(keys)
        return [read_claim(row, test_lead) async for row in rows if (test_lead := read_test_lead(row.columns))]

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
    """Read a claim on a mail about *about*. If nobody can say until when it held, it has run out."""
    until = read_time(row.columns, "Until")
    if until is None and read_text(row.columns, "Until").strip():
        until = row.changed_at
    return Claim(about, read_text(row.columns, "DigestId"), until, row.etag)


def digest_to_row(digest: OwnersDigest) -> Entity:
    """Write what the next mail to an owner is about."""
    return {
        "PartitionKey": OWNERS_PARTITION,
        "RowKey": format_key(digest.owner),
        "Owner": defuse(digest.owner),
        "Leads": dump([[*claimed.lead, *_write_turn(claimed.turn)] for claimed in digest.leads]),
    }


def read_digest(row: Mapping[str, Any]) -> OwnersDigest | None:
    """Read what the next mail to an owner is about, as far as it can be read. None if the row is not one of ours."""
    key, owner = row["RowKey"], read_text(row, "Owner")
    if format_key(owner) != key:
        if not _KEY_OF_ADDRESS.search(key):
            return None
        owner = ""
    return OwnersDigest(owner, tuple(_read_claimed_leads(read_text(row, "Leads"))), key)


_KEY_OF_ADDRESS = re.compile("~[0-9a-f]{12}$")


def _read_claimed_leads(text: str) -> Iterator[ClaimedLead]:
    try:
        claimed = list(json.loads(text))
    except (TypeError, ValueError, RecursionError):
        return
    for parts in claimed:
        with suppress(TypeError, ValueError, OverflowError):
            partition, row, *turn = parts
            key = LeadKey(str(partition), str(row))
            if is_legal_key(key.partition) and is_legal_key(key.row):
                yield ClaimedLead(key, _read_turn(*turn))


def _write_turn(turn: Turn) -> tuple[int, ...]:
    return turn if turn.handovers else turn[:2]


def _read_turn(in_round: object, sent: object, handovers: object = 0) -> Turn:
    return Turn(*(int(str(number)) for number in (in_round, sent, handovers)))


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


def read_test_lead(row: Mapping[str, Any]) -> FirstTestLead | None:
    """Read an offer's first test lead of a day. None if the row is not one of ours any more."""
    day, _, offer_key = row["RowKey"].partition("|")
    offer, received_at = read_text(row, "Offer"), read_time(row, "ReceivedAt")
    try:
        test_lead = FirstTestLead(
            offer=offer if format_key(offer) == offer_key else offer_key,
            received_at=received_at if received_at and format_day(received_at) == day else parse_time(day),
            owner=read_text(row, "Owner"),
            is_confirmed=is_yes(row.get("IsSent")),
        )
    except (ValueError, OverflowError):
        return None
    return test_lead if first_test_lead_to_row(test_lead)["RowKey"] == row["RowKey"] else None
