"""The last run of each timer: a row each in ``Digests``."""

from lead_core.adapters.tables.cells import read_text, read_time
from lead_core.adapters.tables.table import KeyRange, Table
from lead_core.adapters.tables.troubles import CHECKS_PARTITION
from lead_core.ports.runs import Run, Timer

_RUN = "last-run-"


class TableRunStore:
    """A `RunStore` in ``Digests``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def note(self, run: Run) -> None:
        """See `RunStore.note`. One write for each run: 9,400 a month."""
        keys = {"PartitionKey": CHECKS_PARTITION, "RowKey": f"{_RUN}{run.timer}"}
        await self._table.upsert(keys | {"FinishedAt": run.finished_at, "Trouble": run.trouble})

    async def list_runs(self) -> dict[Timer, Run]:
        """See `RunStore.list_runs`."""
        runs = {}
        async for row in self._table.query(KeyRange(CHECKS_PARTITION, CHECKS_PARTITION, _RUN, f"{_RUN}~")):
            name = row.columns["RowKey"].removeprefix(_RUN)
            if name in set(Timer):
                finished_at = read_time(row.columns, "FinishedAt") or row.changed_at
                run = Run(Timer(name), finished_at, read_text(row.columns, "Trouble"), row.changed_at)
                runs[run.timer] = run
        return runs
