"""What every command shares: its options, the account it works on, its answers and its exit code."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from enum import IntEnum
from functools import wraps
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import click
from rich.console import Console, RenderableType

from lead_core.errors import LeadError, StorageUnavailableError
from lead_core.settings import Settings
from lead_core.wiring import Services
from lead_core.wiring.operations import Operations
from leads.asking import NobodyAnswersError, ask
from leads.opening import Opened, advise, open_settings
from leads.printing import make_text, open_console, print_document, print_view
from leads.progress import Bar, show_progress


class Exit(IntEnum):
    """What the exit code says."""

    DONE = 0
    FOUND = 1
    """Something is wrong, and the command said what."""
    WRONG_USE = 2


Run: TypeAlias = Callable[..., Awaitable[Exit | None]]


class Refused(click.ClickException):
    """The command found something wrong, before it showed a result. It is said on stderr."""

    exit_code = Exit.FOUND

    def __init__(self, explanation: str, view: RenderableType | None = None) -> None:
        super().__init__(make_text(explanation).plain)  # A file or a row may be quoted in it.
        self.view = view
        """What helps to go on, such as a table of what was found."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a command works with."""

    opened: Opened
    services: Services
    steps: Operations
    """What an operator can do."""
    now: datetime
    is_json: bool
    is_dry_run: bool
    is_agreed: bool
    """Whether the person agreed to all changes beforehand: ``--yes``."""
    messages: Console

    @property
    def settings(self) -> Settings:
        """The settings that count here."""
        return self.opened.settings

    @property
    def zone(self) -> tzinfo:
        """The time zone in which times are shown."""
        return ZoneInfo(self.settings.time_zone)

    def find_start(self, day: date) -> datetime:
        """Return when *day* begins."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def say(self, text: str) -> None:
        """Print a message to stderr."""
        print_view(text, self.messages)

    def show(self, document: object, view: RenderableType) -> None:
        """Print the result to stdout: with ``--json`` *document*, else *view*."""
        if self.is_json:
            print_document(document)
        else:
            print_view(view, open_console())

    def progress(self, what: str, total: int | None = None) -> AbstractContextManager[Bar]:
        """Show a bar if *what* takes longer than a second."""
        return show_progress(what, total, self.messages)

    def may(self, question: str, view: RenderableType, document: object) -> bool:
        """Show what would be changed, and return whether to do it. Raises: click.UsageError if nobody can answer.

        If it is not done, *document* is the result with ``--json``. Of a dry run, *view* is the result without.
        """
        if self.is_json or not self.is_dry_run:
            print_view(view, self.messages)
        if self.is_dry_run:
            self.show(document, view)
            self.say("Nothing was changed: --dry-run.")
            return False
        if self.is_agreed:
            return True
        try:
            if ask(question):
                return True
        except NobodyAnswersError:
            raise click.UsageError("Nobody can answer here: add --yes to do it, or --dry-run to see it.") from None
        self.say("Nothing was changed.")
        if self.is_json:
            print_document(document)
        return False


def command(name: str, *, example: str) -> Callable[[Run], click.Command]:
    """Make a command of an async function that takes a `Desk` and its own options. Its docstring is the help."""

    def make(run: Run) -> click.Command:
        @click.option("--account", metavar="NAME", help="Reach this storage account with your own sign-in (Azure CLI).")
        @click.option("--json", "is_json", is_flag=True, help="Print one JSON document.")
        @wraps(run)
        def start(
            *, account: str | None, is_json: bool, dry_run: bool = False, yes: bool = False, **given: Any
        ) -> None:
            messages = open_console(for_messages=True)
            opened = open_settings(account, os.environ, Path.cwd())
            print_view(str(opened), messages)
            if wrong := ", ".join(opened.wrong_settings):
                print_view(f"Not right, and left out: {wrong}. leads doctor says what to write.", messages)
            services = Services(opened.settings, is_for_operator=opened.is_for_operator)
            desk = Desk(opened, services, Operations(services), datetime.now(UTC), is_json, dry_run, yes, messages)
            context = click.get_current_context()
            try:
                code = asyncio.run(_run(run, desk, given))
            except KeyboardInterrupt:
                kept = " What was done until then stays. To go on, give the same command again."
                raise Refused(f"Stopped.{kept if 'dry_run' in context.params else ''}") from None
            context.exit(code)

        return click.command(name, epilog=f"\b\nExample:\n  {example}")(start)

    return make


def changes(run: Run) -> Run:
    """Add the options of a command that changes something."""
    click.option("--dry-run", is_flag=True, help="Show what it would do, and do nothing.")(run)
    click.option("--yes", is_flag=True, help="Do it without asking.")(run)
    return run


async def _run(run: Run, desk: Desk, given: dict[str, Any]) -> Exit:
    try:
        return await run(desk, **given) or Exit.DONE
    except (Refused, LeadError) as error:
        refused = error if isinstance(error, Refused) else Refused(_explain(error, desk.opened))
        if refused.view is not None:
            print_view(refused.view, desk.messages)
        if desk.is_json:
            print_document({"refused": refused.message})
        raise refused from None
    finally:
        await desk.services.close()


def _explain(error: LeadError, opened: Opened) -> str:
    return advise(error, opened) if isinstance(error, StorageUnavailableError) else error.explanation
