"""What every command shares: its options, the account it works on, its answers and its exit code."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import IntEnum
from functools import wraps
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import click
from rich.console import Console, RenderableType

from lead_core.errors import LeadError, StorageRefusedError, StorageUnavailableError
from lead_core.settings import Settings
from lead_core.wiring import Services
from lead_core.wiring.operations import Operations
from leads.asking import NobodyAnswersError, ask
from leads.opening import Opened, advise, open_settings
from leads.printing import open_console, print_document, print_view
from leads.progress import Bar, show_progress


class Exit(IntEnum):
    """What the exit code says."""

    DONE = 0
    FOUND = 1
    """Something is wrong, and the command said what."""
    WRONG_USE = 2


Run: TypeAlias = Callable[..., Awaitable[Exit | None]]


class Refused(click.ClickException):
    """The command found something wrong. It is said on stderr."""

    exit_code = Exit.FOUND

    def __init__(self, explanation: str, view: RenderableType | None = None) -> None:
        super().__init__(explanation)
        self.view = view
        """What helps to go on, such as a table of what was found."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a command works with."""

    opened: Opened
    services: Services
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
    def steps(self) -> Operations:
        """What an operator can do."""
        return Operations(self.services)

    @property
    def zone(self) -> tzinfo:
        """The time zone in which times are shown."""
        return ZoneInfo(self.settings.time_zone)

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

    def may(self, question: str, view: RenderableType = "") -> bool:
        """Show what would be changed, and return whether to do it. Raises: click.UsageError if nobody can answer."""
        if view:
            print_view(view, self.messages)
        if self.is_dry_run:
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
            services = Services(opened.settings, is_for_operator=opened.is_for_operator)
            desk = Desk(opened, services, datetime.now(UTC), is_json, dry_run, yes, messages)
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
    except Refused as refused:
        if refused.view is not None:
            print_view(refused.view, desk.messages)
        raise
    except StorageRefusedError as error:
        raise Refused(advise(error, desk.opened)) from None
    except StorageUnavailableError as error:
        is_emulator = " emulator " in desk.opened.account
        hint = " Is make run running?" if is_emulator else ""
        raise Refused(f"{error.explanation}{hint}") from None
    except LeadError as error:
        raise Refused(error.explanation) from None
    finally:
        await desk.services.close()
