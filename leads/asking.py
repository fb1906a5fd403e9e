"""Ask the person at the terminal."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click


class NobodyAnswersError(Exception):
    """There is nobody who could answer, such as in a script."""


def ask(question: str, *, default: bool = False) -> bool:
    """Return what the person answers. Ctrl-C is a no. Raises: NobodyAnswersError."""
    try:
        with _interrupts_at_once():
            return click.confirm(question, default=default, err=True)
    except (click.Abort, RuntimeError) as abort:  # The second if stdin is closed.
        click.echo(err=True)  # The question stands on a line without an end.
        if isinstance(abort.__context__, KeyboardInterrupt):
            return False
        raise NobodyAnswersError from None


@contextmanager
def _interrupts_at_once() -> Iterator[None]:
    """Let Ctrl-C end the waiting for an answer: asyncio would note the first one, and go on waiting."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
