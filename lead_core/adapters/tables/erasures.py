"""``Erasures``: persons who were erased, under names that nobody can read back, and the receipts.

If someone deletes the row with the key, all names in the table are blind: what was erased may come back then. So nobody
is erased any more until a person has seen to it.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from lead_core.adapters.tables.cells import is_yes, read_text, read_time
from lead_core.adapters.tables.formulas import defuse
from lead_core.adapters.tables.table import Entity, KeyRange, StoredRow, Table
from lead_core.errors import ErasureKeyLostError, SomeoneWasFirstError
from lead_core.lead.erasure import Erasure, Erasures, Receipt, name_person

_KEY, _PEOPLE, _RECEIPTS = "key", "people", "receipts"
"""The partitions, in the order of their keys."""
_KEEP: Final = "Do not delete this row. Without it, the app forgets whom it erased."
_MAX_TRIES: Final = 5


class TableErasureStore:
    """An `ErasureStore` in ``Erasures``."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._key = ""
        """The key of the names, once it is there. It never changes."""

    async def find(self, partition: str) -> Erasure | None:
        """See `ErasureStore.find`. One request, and a second one after the worker's start if anybody was erased."""
        key = await self._read_key()
        row = await self._table.get(_PEOPLE, name_person(key, partition)) if key else None
        return _read_erasure(row) if row else None

    async def list(self) -> Erasures:
        """See `ErasureStore.list`."""
        rows = [row async for row in self._table.query(KeyRange(_KEY, _PEOPLE))]
        key = next((_read_key(row) for row in rows if row.columns["PartitionKey"] == _KEY), "")
        people = (row for row in rows if row.columns["PartitionKey"] == _PEOPLE)
        return Erasures(key, {row.columns["RowKey"]: _read_erasure(row) for row in people})

    async def write_receipt(self, receipt: Receipt) -> Receipt:
        """See `ErasureStore.write_receipt`. The time is the service's, so no clock of an operator matters."""
        await self._table.upsert(receipt_to_row(receipt))
        if receipt.at:
            return receipt
        stored = await self._table.get(_RECEIPTS, receipt.id)
        assert stored  # It was just written.
        return await self.write_receipt(replace(receipt, at=stored.changed_at))

    async def list_receipts(self) -> Sequence[Receipt]:
        """See `ErasureStore.list_receipts`."""
        rows = [row async for row in self._table.query(KeyRange(_RECEIPTS, _RECEIPTS))]
        return sorted(map(_read_receipt, rows), key=lambda receipt: (f"{receipt.at}", receipt.id))

    async def remember(self, partitions: Collection[str], erasure: Erasure, *, secret: str) -> None:
        """See `ErasureStore.remember`."""
        key = await self._read_key() or await self._write_key(secret)
        for partition in sorted(partitions):
            await self._remember(name_person(key, partition), erasure)

    async def lift(self, erasure: Erasure) -> None:
        """See `ErasureStore.lift`."""
        async for row in self._table.query(KeyRange(_PEOPLE, _PEOPLE)):
            if read_text(row.columns, "Receipt") == erasure.receipt and is_yes(row.columns.get("Objects")):
                keys = {column: row.columns[column] for column in ("PartitionKey", "RowKey")}
                await self._table.merge(keys | {"Objects": False}, row.etag)

    async def _remember(self, name: str, erasure: Erasure) -> None:
        for _ in range(_MAX_TRIES):
            if await self._table.insert(_erasure_to_row(name, erasure)):
                return
            stored = await self._table.get(_PEOPLE, name)
            if stored is None:
                continue
            joined = _read_erasure(stored).joined(erasure)
            if await self._table.replace(_erasure_to_row(name, joined), stored.etag):
                return
        raise SomeoneWasFirstError

    async def _write_key(self, secret: str) -> str:
        async for _ in self._table.query(KeyRange(_PEOPLE, _PEOPLE), ("PartitionKey", "RowKey")):
            raise ErasureKeyLostError
        await self._table.insert({"PartitionKey": _KEY, "RowKey": _KEY, "Key": secret, "Note": _KEEP})
        key = await self._read_key()
        if not key:  # The row is there, and someone emptied its cell.
            raise ErasureKeyLostError
        return key

    async def _read_key(self) -> str:
        if not self._key and (row := await self._table.get(_KEY, _KEY)):
            self._key = _read_key(row)
        return self._key


def _read_key(row: StoredRow) -> str:
    return read_text(row.columns, "Key")


def _erasure_to_row(name: str, erasure: Erasure) -> Entity:
    """Write that a person was erased."""
    return {
        "PartitionKey": _PEOPLE,
        "RowKey": name,
        "ErasedAt": erasure.at,
        "Objects": erasure.objects,
        "Receipt": erasure.receipt,
    }


def _read_erasure(row: StoredRow) -> Erasure:
    """Read that a person was erased. If someone edited the time away, or into the future, it is when they did."""
    columns = row.columns
    erased_at = read_time(columns, "ErasedAt") or row.changed_at
    return Erasure(min(erased_at, row.changed_at), read_text(columns, "Receipt"), is_yes(columns.get("Objects")))


def receipt_to_row(receipt: Receipt) -> Entity:
    """Write a receipt, with a column for each table and queue of which something went."""
    return {
        "PartitionKey": _RECEIPTS,
        "RowKey": receipt.id,
        **({"ErasedAt": receipt.at} if receipt.at else {}),
        "IsDone": receipt.is_done,
        "Reason": defuse(receipt.reason),
        "Objects": receipt.objects,
        "Erased": "; ".join(f"{place}: {count}" for place, count in receipt.counts.items()),
    }


def _read_receipt(row: StoredRow) -> Receipt:
    columns = row.columns
    return Receipt(
        columns["RowKey"],
        read_text(columns, "Reason"),
        objects=is_yes(columns.get("Objects")),
        counts=_read_counts(read_text(columns, "Erased")),
        at=read_time(columns, "ErasedAt") or row.changed_at,
        is_done=is_yes(columns.get("IsDone")),
    )


def _read_counts(text: str) -> dict[str, int]:
    """Read ``Leads: 2; queue leads: 1``."""
    pairs = (part.rpartition(": ") for part in text.split("; "))
    return {place: int(count) for place, _, count in pairs if place and count.isdecimal()}
