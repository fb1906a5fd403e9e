"""``Reports``: a row a week, a row about the last round, and the sums of a round that is not finished.

The first columns of a week are for people. They follow from the others, which hold the counters as JSON. Nobody else
than the app needs to write here: the next round puts right what a person changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from lead_core.adapters.tables.cells import dump, read_time
from lead_core.adapters.tables.sums import (
    SUMS_KEY,
    SUMS_PARTITION,
    head_to_row,
    is_further,
    is_part,
    list_stray,
    pack_sums,
    read_name,
    unpack_sums,
)
from lead_core.adapters.tables.table import Entity, KeyRange, StoredRow, Table
from lead_core.adapters.tables.tallies import decode_offers, decode_week, encode_offers, encode_week
from lead_core.adapters.tables.typed import parse_json, unwrap_text
from lead_core.errors import SomeoneWasFirstError
from lead_core.lead.scale import LIMITS
from lead_core.lead.tally import Dimension, Milestone, WeekTally
from lead_core.lead.values import LeadKey
from lead_core.ports.reports import Counted, Sums

ROUND_PARTITION: Final = "round"
WEEKS_PARTITION: Final = "weeks"
_LAST: Final = (ROUND_PARTITION, "last")
"""The keys of the row about the last complete round."""
_CELL_CHARACTERS: Final = 16_000
"""Half of what a cell holds. A longer text goes on in the next column: ``zAppByOffer2``."""
_LATER: Final = tuple(Milestone)[1:]
_A_DAY: Final = LIMITS.index(timedelta(hours=24))


class TableReportStore:
    """A `ReportStore` in ``Reports``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def read(self) -> Counted | None:
        """See `ReportStore.read`."""
        rows = [row async for row in self._table.query(KeyRange(ROUND_PARTITION, WEEKS_PARTITION))]
        return _read_counted(next((row for row in rows if _keys(row) == _LAST), None), rows)

    async def read_offers(self) -> Counted | None:
        """See `ReportStore.read_offers`."""
        partition, row = _LAST  # A query makes no table, as reading one row would.
        found = [row async for row in self._table.query(KeyRange(partition, partition, row, row))]
        return _read_counted(found[0] if found else None, ())

    async def update(self, make: Callable[[Sequence[WeekTally]], Counted]) -> int:
        """See `ReportStore.update`. Rows are written in the order of their keys, so one of several workers goes on."""
        stored = {_keys(row): row async for row in self._table.query(KeyRange())}
        counted = make(_read_weeks(stored.values()))
        last = stored.pop(_LAST, None)
        if last and _is_later(last, counted.counted_at):
            raise SomeoneWasFirstError
        changes = 0
        for row in sorted(map(week_to_row, counted.weeks), key=lambda row: str(row["RowKey"])):
            before = stored.pop((row["PartitionKey"], row["RowKey"]), None)
            if before is None or before.columns != row:
                await self._write(row, before)
                changes += 1
        unused = [row for keys, row in stored.items() if keys[0] in {WEEKS_PARTITION, SUMS_PARTITION}]
        await self._remove(unused)
        await self._write(_last_to_row(counted), last)
        return changes + len(unused)

    async def read_sums(self) -> Sums | None:
        """See `ReportStore.read_sums`."""
        return unpack_sums(await self._list_sums())

    async def write_sums(self, sums: Sums) -> None:
        """See `ReportStore.write_sums`."""
        before = await self._table.get(SUMS_PARTITION, SUMS_KEY)
        if before and is_further(before, sums):
            raise SomeoneWasFirstError
        name, rows = pack_sums(sums)
        for row in rows:
            await self._table.upsert(row)
        await self._write(head_to_row(sums, name), before)
        if before and read_name(before) != name:
            await self._remove([row for row in await self._list_sums() if is_part(row, read_name(before))])

    async def forget(self, is_theirs: Callable[[LeadKey], bool]) -> int:
        """See `ReportStore.forget`. A row that changed meanwhile stays, and goes at the next time."""
        changes = 0
        async for row in self._table.query(KeyRange(WEEKS_PARTITION, WEEKS_PARTITION)):
            for tally in _read_weeks([row]):
                kept = [wait for wait in tally.longest if not is_theirs(wait.lead)]
                if kept != tally.longest:
                    written = await self._table.replace(week_to_row(replace(tally, longest=kept)), row.etag)
                    changes += written is not None
        return changes + await self._forget_sums(is_theirs)

    async def _forget_sums(self, is_theirs: Callable[[LeadKey], bool]) -> int:
        """Remove what may name the person: sums that do, and what belongs to no sums, because a process ended."""
        rows = await self._list_sums()
        sums = unpack_sums(rows)
        longest = (wait.lead for tally in sums.weeks for wait in tally.longest) if sums else ()
        if sums is None or any(map(is_theirs, (LeadKey(sums.after, ""), *longest))):
            return await self._remove(rows)
        return await self._remove(list_stray(rows))

    async def _list_sums(self) -> list[StoredRow]:
        return [row async for row in self._table.query(KeyRange(SUMS_PARTITION, SUMS_PARTITION))]

    async def _remove(self, rows: Sequence[StoredRow]) -> int:
        for row in rows:
            await self._table.delete(*_keys(row))
        return len(rows)

    async def _write(self, row: Entity, before: StoredRow | None) -> None:
        """Write a row if nobody else wrote it since it was read. Raises: SomeoneWasFirstError."""
        if not (await self._table.replace(row, before.etag) if before else await self._table.insert(row)):
            raise SomeoneWasFirstError


def week_to_row(tally: WeekTally) -> Entity:
    """Write a week: for people first, then the counters."""
    total = tally.total
    answered, waiting = sum(total.answered.values()), sum(total.waiting.values())
    written = encode_week(tally)
    key, groups = written.pop("week"), written.pop("by")
    return {
        "PartitionKey": WEEKS_PARTITION,
        "RowKey": key,
        "WeekBegins": f"{tally.week.monday}" if tally.week else "",
        "Leads": total.reached[Milestone.RECEIVED],
        **{milestone.capitalize(): total.reached[milestone] for milestone in _LATER},
        "Waits": answered + waiting,
        "Answered": answered,
        "AnsweredIn24h": _format_share(total.within[_A_DAY], total.judged[_A_DAY]),
        "Waiting": waiting,
        "WaitingAtEnd": tally.waiting_at_end,
        "CountedApart": "; ".join(f"{why}: {count}" for why, count in sorted(tally.apart.items())),
        **_cut("zAppWeek", dump(written)),
        **{column: cell for name in Dimension for column, cell in _cut(_by(name), dump(groups.get(name, {}))).items()},
    }


def read_week(row: Mapping[str, Any]) -> WeekTally:
    """Read a week from its counters. Raises: ValueError if the row's key names no week."""
    written = _read_json(row, "zAppWeek")
    groups = {name.value: _read_json(row, _by(name)) for name in Dimension}
    return decode_week((written if isinstance(written, dict) else {}) | {"week": row["RowKey"], "by": groups})


def list_named_leads(row: StoredRow) -> Iterator[LeadKey]:
    """Return the leads in the longest waits of a row."""
    for tally in _read_weeks([row]):
        yield from (wait.lead for wait in tally.longest)


def _read_counted(last: StoredRow | None, rows: Iterable[StoredRow]) -> Counted | None:
    counted_at = read_time(last.columns, "CountedAt") if last else None
    if last is None or counted_at is None:
        return None
    return Counted(counted_at, _read_weeks(rows), decode_offers(_read_json(last.columns, "zAppOffers")))


def _read_weeks(rows: Iterable[StoredRow]) -> tuple[WeekTally, ...]:
    weeks = []
    for row in rows:
        if row.columns["PartitionKey"] == WEEKS_PARTITION:
            with suppress(ValueError):  # A person typed it.
                weeks.append(read_week(row.columns))
    return tuple(sorted(weeks, key=lambda tally: tally.week or ()))


def _last_to_row(counted: Counted) -> Entity:
    keys = dict(zip(("PartitionKey", "RowKey"), _LAST, strict=True))
    return keys | {"CountedAt": counted.counted_at} | _cut("zAppOffers", dump(encode_offers(counted.offers)))


def _is_later(last: StoredRow, counted_at: datetime) -> bool:
    """Whether a round that began later was finished. A time that was still to come then was typed."""
    known = read_time(last.columns, "CountedAt")
    return known is not None and counted_at < known <= last.changed_at


def _format_share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else ""


def _by(dimension: Dimension) -> str:
    return f"zAppBy{dimension.capitalize()}"


def _cut(column: str, text: str) -> Entity:
    pieces = [text[start : start + _CELL_CHARACTERS] for start in range(0, len(text), _CELL_CHARACTERS)]
    return {f"{column}{number}" if number > 1 else column: piece for number, piece in enumerate(pieces, start=1)}


def _read_json(row: Mapping[str, Any], column: str) -> Any:
    """Read JSON from a column and those in which it goes on. None if a person damaged it."""
    pieces = [unwrap_text(row.get(column))]
    while (further := f"{column}{len(pieces) + 1}") in row:
        pieces.append(unwrap_text(row[further]))
    with suppress(ValueError, TypeError, RecursionError):
        return parse_json("".join(pieces))
    return None


def _keys(row: StoredRow) -> tuple[str, str]:
    return row.columns["PartitionKey"], row.columns["RowKey"]
