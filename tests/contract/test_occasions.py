"""What is told once. Memory and Azure must say the same."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from lead_core.adapters.azure.account import StorageAccount
from lead_core.adapters.azure.table import AzureTable, open_tables
from lead_core.adapters.memory import MemoryTable
from lead_core.adapters.tables.digests import TableClaimStore
from lead_core.errors import SomeoneWasFirstError
from lead_core.ports.outgoing import Claim, Occasion
from local.azurite import Azurite
from tests.examples import NOON, at

W47 = Occasion("summary-2026-W47")


@pytest.fixture(params=["memory", "azurite"])
async def claims(request: pytest.FixtureRequest) -> AsyncIterator[TableClaimStore]:
    if request.param == "memory":
        yield TableClaimStore(MemoryTable())
        return
    azurite: Azurite = request.getfixturevalue("azurite")
    async with AsyncExitStack() as stack:
        client = open_tables(StorageAccount(azurite.connection_string), stack)
        yield TableClaimStore(AzureTable(client.get_table_client(f"T{secrets.token_hex(8)}")))


async def read(claims: TableClaimStore) -> Claim[Occasion]:
    claim = await claims.get_occasion(W47.key)
    assert claim is not None
    return claim


async def test_what_is_written_of_an_occasion_reads_back_the_same(claims: TableClaimStore) -> None:
    assert await claims.get_occasion(W47.key) is None
    written = await claims.write(Claim(W47, "1" * 32).taken(NOON))
    assert await read(claims) == written
    told = replace(written, about=replace(W47, sent_at=at(1), is_refused=True)).confirmed()
    assert replace(await claims.write(told), version=None) == replace(await read(claims), version=None)
    assert (await read(claims)).about == Occasion(W47.key, at(1), is_refused=True)
    assert (await read(claims)).until is None


async def test_of_two_who_claim_one_occasion_one_was_first(claims: TableClaimStore) -> None:
    await claims.write(Claim(W47, "1" * 32).taken(NOON))
    with pytest.raises(SomeoneWasFirstError):
        await claims.write(Claim(W47, "2" * 32).taken(NOON))
    seen = await read(claims)
    await claims.write(seen.taken(at(1)))
    with pytest.raises(SomeoneWasFirstError):
        await claims.write(seen.taken(at(1)))


async def test_occasions_of_one_kind_are_listed_by_their_keys_and_go_unless_they_changed(
    claims: TableClaimStore,
) -> None:
    for key in ("summary-2027-W01", "summary-2026-W53", "silence-2026", "summary", "summary-2026-W47"):
        await claims.write(Claim(Occasion(key)))
    listed = await claims.list_occasions("summary-")
    assert [claim.about.key for claim in listed] == ["summary-2026-W47", "summary-2026-W53", "summary-2027-W01"]
    await claims.write(listed[1].taken(NOON))
    for claim in listed:
        await claims.forget_occasion(claim)
    assert [claim.about.key for claim in await claims.list_occasions("summary-")] == ["summary-2026-W53"]
    assert await claims.get_occasion("silence-2026")
