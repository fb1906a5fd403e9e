"""What a table can do, in memory and in Azure."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeAlias

Entity: TypeAlias = dict[str, Any]
"""A row by column: its keys and its cells."""


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row as it was read."""

    columns: Entity
    etag: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class KeyRange:
    """Rows by their keys, both ends included. An empty end is open."""

    from_partition: str = ""
    to_partition: str = ""
    from_row: str = ""
    to_row: str = ""


class Table(Protocol):
    """What a table can do.

    Each verb raises StorageUnavailableError if it must be tried later, and each that writes RowRefusedError if this row
    can never be stored.
    """

    async def insert(self, row: Entity) -> str | None:
        """Write a new row and return its etag. If there is a row already, write nothing and return None."""

    async def insert_all(self, rows: Iterable[Entity]) -> None:
        """Write many new rows. A row that is there already stays as it is. Few requests for many of a partition."""

    async def get(self, partition: str, row: str) -> StoredRow | None:
        """Read a row, if it is there."""

    async def upsert(self, row: Entity) -> None:
        """Write a row, and replace the old one if there is one."""

    async def merge(self, row: Entity, etag: str | None = None) -> None:
        """Write some columns of a row, and leave the others. With *etag*, do so only on that version."""

    async def merge_all(self, rows: Iterable[tuple[Entity, str]]) -> None:
        """Write some columns of many rows, each only on the version that stands beside it. Few requests for many.

        A row that changed, is gone or can never be stored stays as it is, and stops no other.
        """

    async def replace(self, row: Entity, etag: str) -> str | None:
        """Write a row over the version *etag* and return the new etag. Return None if the row changed since."""

    async def delete(self, partition: str, row: str, etag: str | None = None) -> bool:
        """Remove a row, with *etag* only on that version. Return False if it changed since, True if it is gone."""

    def query(self, keys: KeyRange, columns: tuple[str, ...] = ()) -> AsyncIterator[StoredRow]:
        """Read the rows of a range in the order of their keys, with *columns* alone if any are named."""
