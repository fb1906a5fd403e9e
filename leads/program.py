"""The program: which commands there are, in which section of the help. A command is loaded when it is used."""

import logging
import sys
import tomllib
from difflib import get_close_matches
from importlib import import_module, metadata
from keyword import iskeyword
from pathlib import Path
from typing import Final

import click

SECTIONS: Final = {
    "See what there is": ("doctor", "list", "find", "show", "rejected"),
    "Get leads answered": ("give", "export", "send-test"),
    "Put things right": ("retry", "replay", "import", "reconcile"),
    "Respect people's rights": ("dossier", "forget", "purge"),
}
"""The names of the commands by section, in the order of the help."""


def _find_file(name: str) -> Path:
    """Return a command's file: ``send-test`` is ``send_test.py``. A word of Python's own gets an underline after it."""
    word = name.replace("-", "_")
    return Path(__file__).parent / "commands" / f"{word}{'_' * iskeyword(word)}.py"


def _find_version() -> str:
    """Return the version as it is installed, or that of the clone in which it runs."""
    try:
        return metadata.version("marketplace-leads")
    except metadata.PackageNotFoundError:
        project = Path(__file__).parents[1] / "pyproject.toml"
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])


class Program(click.Group):
    """A group of commands in sections."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click hands it over
        """Return the names of all commands, in the order of the help."""
        return [name for names in SECTIONS.values() for name in names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, loaded now. None if there is no such command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = import_module(f"leads.commands.{_find_file(cmd_name).stem}")
        commands = (each for each in vars(module).values() if isinstance(each, click.Command))
        return next(each for each in commands if each.name == cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a list for each section."""
        for section, names in SECTIONS.items():
            commands = ((name, self.get_command(ctx, name)) for name in names)
            with formatter.section(section):
                formatter.write_dl([(name, each.get_short_help_str(150)) for name, each in commands if each])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is asked for. A misspelt one is named."""
        known = self.list_commands(ctx)
        if args and args[0] not in known and (close := get_close_matches(args[0], known, n=1)):
            raise click.UsageError(f"There is no command {args[0]!r}. Do you mean: leads {close[0]}", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 1 found something wrong, 2 wrong use. The whole reference is docs/operate.md.",
)
@click.version_option(_find_version(), message="%(version)s")
def program() -> None:
    """Live with your marketplace leads: see what waits, correct what went wrong, answer a request of a person.

    Each command first says which storage account it works on.

    Start with: leads doctor
    """


def main() -> None:
    """Run what the command line says."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:  # A name in letters that the console lacks must not end the command.
            reconfigure(errors="replace")
    # The SDKs warn of what the command says better.
    logging.getLogger("azure").setLevel(logging.CRITICAL)
    program(prog_name="leads")
