"""A bar for what takes longer than a second."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

SHOWN_AFTER: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Bar:
    """How far something came."""

    _progress: Progress
    _task: TaskID

    def advance(self, steps: float = 1) -> None:
        """Move on."""
        self._progress.advance(self._task, steps)

    def expect(self, total: int) -> None:
        """Say how much it is altogether, once that is known."""
        self._progress.update(self._task, total=total)


@contextmanager
def show_progress(what: str, total: int | None, console: Console) -> Iterator[Bar]:
    """Show a bar on *console* if it is a terminal and *what* takes longer than a second."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    bar = Bar(progress, progress.add_task(what, total=total))
    later = asyncio.get_running_loop().call_later(SHOWN_AFTER.total_seconds(), progress.start)
    try:
        yield bar
    finally:
        later.cancel()
        progress.stop()
