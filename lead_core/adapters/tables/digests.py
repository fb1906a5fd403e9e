"""``Digests``: the mails that are being sent now."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from lead_core.adapters.tables.cells import dump, format_day, is_yes, read_number, read_text, read_time
from lead_core.adapters.tables.formulas import defuse
from lead_core.adapters.tables.link_requests import (
    LINKS_PARTITION,
    link_request_to_row,
    name_link_request,
    read_link_request,
)
from lead_core.adapters.tables.occasions import OCCASIONS_PARTITION, occasion_to_row, read_occasion
from lead_core.adapters.tables.table import Entity, KeyRange, StoredRow
from lead_core.adapters.tables.troubles import TableTroubleStore
from lead_core.errors import SomeoneWasFirstError
from lead_core.lead.follow_up import Turn
from lead_core.lead.values import LeadKey, format_key, is_legal_key
from lead_core.ports.outgoing import (
    MAX_TRIES,
    About,
    Claim,
    ClaimedLead,
    LinkRequest,
    Occasion,
    OwnersDigest,
)
from lead_core.ports.test_leads import FirstTestLead, TestLeadNote

ESCALATIONS_PARTITION = "escalations"
OWNERS_PARTITION = "owners"
TEST_LEADS_PARTITION = "test-leads"


class TableClaimStore(TableTroubleStore):
    """A `ClaimStore` in ``Digests``."""

    async def list_digests(self) -> list[Claim[OwnersDigest]]:
        """See `ClaimStore.list_digests`."""
        rows = self._table.query(KeyRange(ESCALATIONS_PARTITION, OWNERS_PARTITION))
        return [read_claim(row, digest) async for row in rows if (digest := read_digest(row.columns))]

    async def list_test_leads(
        self, since: date, *, limit: int
    ) -> list[tuple[Claim[TestLeadNote], list[FirstTestLead]]]:
        """See `ClaimStore.list_test_leads`. A day with too many is left, and the next one is another request."""
        notes: dict[date, Claim[TestLeadNote]] = {}
        test_leads: dict[date, list[FirstTestLead]] = {}
        from_row = f"{since}"
        while from_row:
            rows = self._table.query(KeyRange(TEST_LEADS_PARTITION, TEST_LEADS_PARTITION, from_row))
            from_row = ""
            async for row in rows:
                key = row.columns["RowKey"]
                with suppress(ValueError):  # A person may have added a row of their own.
                    day = date.fromisoformat(key.partition("|")[0])
                    of_the_day = test_leads.setdefault(day, [])
                    if key == f"{day}":
                        notes[day] = read_claim(row, read_note(row.columns, day))
                    elif len(of_the_day) < limit:
                        of_the_day.append(read_test_lead(row.columns, day))
                    else:
                        from_row = f"{day}~"
                        break
        return [(notes.get(day, Claim(TestLeadNote(day))), of_the_day) for day, of_the_day in test_leads.items()]

    async def list_old_test_leads(self, before: date) -> list[str]:
        """See `ClaimStore.list_old_test_leads`."""
        keys = KeyRange(TEST_LEADS_PARTITION, TEST_LEADS_PARTITION, to_row=f"{before}")
        rows = [row.columns["RowKey"] async for row in self._table.query(keys, ("PartitionKey", "RowKey"))]
        return [key for key in rows if key != f"{before}"]  # The service knows "up to", but not "before".

    async def remove_test_lead(self, key: str) -> None:
        """See `ClaimStore.remove_test_lead`."""
        await self._table.delete(TEST_LEADS_PARTITION, key)

    async def insert_test_lead(self, test_lead: FirstTestLead) -> None:
        """See `ClaimStore.insert_test_lead`."""
        await self._table.insert(first_test_lead_to_row(test_lead))

    async def write(self, claim: Claim[About]) -> Claim[About]:
        """See `ClaimStore.write`."""
        row = claim_to_row(claim)
        etag = await (self._table.replace(row, claim.version) if claim.version else self._table.insert(row))
        if etag is None:
            raise SomeoneWasFirstError
        return replace(claim, version=etag)

    async def remove(self, claim: Claim[OwnersDigest]) -> None:
        """See `ClaimStore.remove`."""
        await self._table.delete(digest_to_row(claim.about)["PartitionKey"], claim.about.key, claim.version)

    async def list_link_requests(self) -> list[Claim[LinkRequest]]:
        """See `ClaimStore.list_link_requests`."""
        requests = []
        async for row in self._table.query(KeyRange(LINKS_PARTITION, LINKS_PARTITION)):
            if asked := read_link_request(row):
                requests.append(read_claim(row, asked))
            else:
                await self._table.delete(LINKS_PARTITION, row.columns["RowKey"], row.etag)
        return requests

    async def get_link_request(self, lead: LeadKey) -> Claim[LinkRequest] | None:
        """See `ClaimStore.get_link_request`."""
        row = await self._table.get(LINKS_PARTITION, name_link_request(lead))
        asked = read_link_request(row) if row else None
        return read_claim(row, asked) if row and asked else None

    async def forget_link_request(self, claim: Claim[LinkRequest]) -> None:
        """See `ClaimStore.forget_link_request`."""
        await self._table.delete(LINKS_PARTITION, name_link_request(claim.about.lead), claim.version)

    async def get_occasion(self, key: str) -> Claim[Occasion] | None:
        """See `ClaimStore.get_occasion`."""
        row = await self._table.get(OCCASIONS_PARTITION, key)
        return read_claim(row, read_occasion(row.columns)) if row else None

    async def list_occasions(self, kind: str) -> list[Claim[Occasion]]:
        """See `ClaimStore.list_occasions`."""
        rows = self._table.query(KeyRange(OCCASIONS_PARTITION, OCCASIONS_PARTITION, kind, f"{kind}~"))
        return [read_claim(row, read_occasion(row.columns)) async for row in rows]

    async def forget_occasion(self, claim: Claim[Occasion]) -> None:
        """See `ClaimStore.forget_occasion`."""
        await self._table.delete(OCCASIONS_PARTITION, claim.about.key, claim.version)


def claim_to_row(claim: Claim[About]) -> Entity:
    """Write a claim: what its mail is about, the mail's id, until when it holds, and how its sending went so far."""
    match claim.about:
        case OwnersDigest() as digest:
            columns = digest_to_row(digest)
        case TestLeadNote() as note:
            columns = note_to_row(note)
        case LinkRequest() as request:
            columns = link_request_to_row(request)
        case Occasion() as occasion:
            columns = occasion_to_row(occasion)
    columns |= {"DigestId": claim.mail_id}
    if claim.until:
        columns |= {"Until": claim.until, "Tries": claim.tries}
    if claim.refusals:
        columns["Refusals"] = claim.refusals
    if claim.put_off_since:
        columns["PutOffSince"] = claim.put_off_since
    return columns


def read_claim(row: StoredRow, about: About) -> Claim[About]:
    """Read a claim on a mail about *about*. If nobody can say until when it held, it has run out."""
    columns = row.columns
    until = read_time(columns, "Until")
    if until is None and read_text(columns, "Until").strip():
        until = row.changed_at
    return Claim(
        about,
        read_text(columns, "DigestId"),
        until,
        row.etag,
        tries=_read_tries(columns, is_claimed=until is not None),
        refusals=read_number(columns, "Refusals"),
        put_off_since=read_time(columns, "PutOffSince"),
        written_at=row.changed_at,
    )


def _read_tries(columns: Entity, *, is_claimed: bool) -> int:
    """Return how often a mail may have gone out. More than `MAX_TRIES` is not ours: a mail would be given up unsent."""
    if "Tries" not in columns:
        return int(is_claimed)
    tries = read_number(columns, "Tries")
    return tries if tries <= MAX_TRIES else 1


def digest_to_row(digest: OwnersDigest) -> Entity:
    """Write what the next mail to an owner is about."""
    return {
        "PartitionKey": ESCALATIONS_PARTITION if digest.is_escalation else OWNERS_PARTITION,
        "RowKey": format_key(digest.owner),
        "Owner": defuse(digest.owner),
        "Leads": dump([[*claimed.lead, *_write_turn(claimed.turn)] for claimed in digest.leads]),
        **({"LastFullAt": digest.last_full_at} if digest.last_full_at else {}),
        **({"Mails": digest.mails, "MailsSince": digest.mails_since} if digest.mails_since else {}),
    }


def read_digest(row: Mapping[str, Any]) -> OwnersDigest | None:
    """Read what the next mail to an owner is about, as far as it can be read. None if the row is not one of ours."""
    key, owner = row["RowKey"], read_text(row, "Owner")
    if format_key(owner) != key:
        if not _KEY_OF_ADDRESS.search(key):
            return None
        owner = ""
    leads = tuple(_read_claimed_leads(read_text(row, "Leads")))
    last_full_at, mails_since = (read_time(row, column) for column in ("LastFullAt", "MailsSince"))
    is_escalation = row["PartitionKey"] == ESCALATIONS_PARTITION
    return OwnersDigest(owner, leads, key, last_full_at, read_number(row, "Mails"), mails_since, is_escalation)


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


def note_to_row(note: TestLeadNote) -> Entity:
    """Write which test leads of a day were told."""
    return {
        "PartitionKey": TEST_LEADS_PARTITION,
        "RowKey": f"{note.day}",
        "Told": dump(note.told),
        "Telling": dump(note.telling),
        "Mails": note.mails,
    }


def read_note(row: Mapping[str, Any], day: date) -> TestLeadNote:
    """Read which test leads of a day were told. What was edited beyond recognition holds none."""
    told, telling = (_read_keys(row, column) for column in ("Told", "Telling"))
    return TestLeadNote(day, told, telling, read_number(row, "Mails"))


def _read_keys(row: Mapping[str, Any], column: str) -> tuple[str, ...]:
    with suppress(TypeError, ValueError, RecursionError):
        return tuple(map(str, json.loads(read_text(row, column))))
    return ()


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


def read_test_lead(row: Mapping[str, Any], day: date) -> FirstTestLead:
    """Read an offer's first test lead of a day. What a person edited follows from the row's key."""
    offer_key = row["RowKey"].partition("|")[2]
    offer, received_at = read_text(row, "Offer"), read_time(row, "ReceivedAt")
    if received_at is None or received_at.date() != day:
        received_at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return FirstTestLead(
        offer=offer if format_key(offer) == offer_key else offer_key,
        received_at=received_at,
        owner=read_text(row, "Owner"),
        is_confirmed=is_yes(row.get("IsSent")),
        key=row["RowKey"],
    )
