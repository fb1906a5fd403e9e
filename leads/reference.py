"""The reference of all commands, as Markdown: the second half of docs/operate.md is made of it."""

from collections.abc import Iterator

import click

from leads.program import SECTIONS, program


def compose_reference() -> str:
    """Return a heading for each section and command, what the command does, an example and its options."""
    return "\n".join(_compose()).strip() + "\n"


def _compose() -> Iterator[str]:
    ctx = click.Context(program, info_name="leads")
    for section, names in SECTIONS.items():
        yield from (f"### {section}", "")
        for name in names:
            command = program.get_command(ctx, name)
            if command:
                yield from _compose_command(name, command)


def _compose_command(name: str, command: click.Command) -> Iterator[str]:
    ctx = click.Context(command, info_name=name)
    arguments = [each.make_metavar(ctx) for each in command.params if isinstance(each, click.Argument)]
    yield from (f"#### `leads {' '.join([name, *arguments])}`", "")
    paragraphs = (command.help or "").replace("\b\n", "").split("\n\n")
    for paragraph in paragraphs:
        yield from (" ".join(paragraph.split()), "")
    example = (command.epilog or "").split("Example:\n")[-1].strip()
    yield from ("```text", *(line.strip() for line in example.splitlines()), "```", "")
    yield from ("| option | |", "|---|---|")
    for option in command.params:
        if isinstance(option, click.Option):
            names, said = option.get_help_record(ctx) or ("", "")
            yield f"| `{names}` | {said} |"
    yield ""
