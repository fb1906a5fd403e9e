"""Bad weather inside the app's own process: what befalls a call to a table or a queue.

Between the app and a real Azurite, `tests.stress.proxy` makes it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from lead_core.adapters.tables.table import Entity, KeyRange, StoredRow


class CrashError(BaseException):
    """The process ends here."""


class Exposed:
    """A table, or a queue, with something *before* and *after* each call to it. Writes can be watched."""

    def __init__(
        self,
        store: Any,
        before: Callable[[], Awaitable[None]],
        after: Callable[[], Awaitable[None]],
        watch: Callable[[Entity], None] | None = None,
    ) -> None:
        self._store, self._before, self._after, self._watch = store, before, after, watch

    def __getattr__(self, verb: str) -> Any:
        async def act(*arguments: Any) -> Any:
            await self._before()
            answer = await getattr(self._store, verb)(*arguments)
            if self._watch and answer and verb in {"insert", "replace"}:
                self._watch(arguments[0])
            await self._after()
            return answer

        return act

    async def query(self, keys: KeyRange, columns: tuple[str, ...] = ()) -> AsyncIterator[StoredRow]:
        await self._before()
        page = [row async for row in self._store.query(keys, columns)]
        await self._after()
        for row in page:
            yield row
