"""What all commands share: help, account, questions, answers, exit codes."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from lead_core.errors import StorageRefusedError, StorageUnavailableError, UnreadableFileError
from lead_core.settings import find_settings
from lead_core.views.moments import format_wait
from leads import command as module
from leads.command import Desk, Exit, Refused, changes, command
from leads.opening import Opened, advise, open_settings
from leads.printing import make_table
from leads.program import SECTIONS, program
from leads.reference import compose_reference
from tests.cli import Ran
from tests.good_settings import GOOD_SETTINGS

ROOT = Path(__file__).parents[2]
OPERATE = ROOT / "docs/operate.md"
MARK = "## Every command\n\n"
CONTEXT = click.Context(program)
NAMES = [name for names in SECTIONS.values() for name in names]
EMULATOR = "UseDevelopmentStorage=true"


def each_option() -> list[Any]:
    return [
        pytest.param(option, id=f"{name} {option.opts[0]}")
        for name in program.list_commands(CONTEXT)
        for option in getattr(program.get_command(CONTEXT, name), "params", ())
        if isinstance(option, click.Option)
    ]


@pytest.mark.parametrize("name", program.list_commands(CONTEXT))
def test_every_command_says_what_it_does_and_shows_an_example(name: str) -> None:
    found = program.get_command(CONTEXT, name)
    assert found
    assert found.help
    first = found.help.splitlines()[0]
    assert first.endswith(".")
    assert first[0].isupper()
    assert f"leads {name}" in (found.epilog or "")


@pytest.mark.parametrize("option", each_option())
def test_every_option_has_a_help(option: click.Option) -> None:
    assert option.help
    assert option.help.endswith((".", ")"))


def test_every_command_has_its_place_in_the_help() -> None:
    files = {file.stem.replace("_", "-").rstrip("-") for file in (ROOT / "leads/commands").glob("*.py")} - {
        "--init--",
        "--init",
    }
    assert files == set(program.list_commands(CONTEXT))


def test_the_docs_have_every_command_and_option() -> None:
    guide, mark, reference = OPERATE.read_text(encoding="utf-8").partition(MARK)
    if os.environ.get("UPDATE_EXPECTED"):
        OPERATE.write_text(guide + MARK + compose_reference(), encoding="utf-8")
    else:
        assert mark
        assert reference == compose_reference()


def run(do: click.Command | Callable[..., Any], *arguments: str, typed: str = "", **environment: str) -> Ran:
    """Run one command that a test made, with these settings alone."""
    ours = dict.fromkeys(os.environ.keys() - {"PATH", "HOME"})
    given = {**ours, **GOOD_SETTINGS, "LEADS_STORAGE": EMULATOR, **environment}
    made = do if isinstance(do, click.Command) else command("toy", example="leads toy")(do)
    ran = CliRunner().invoke(made, arguments, input=typed, env=given)
    if ran.exception and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    return Ran(ran.stdout, ran.stderr, ran.exit_code)


@command("change", example="leads change")
@changes
async def change_something(desk: Desk) -> None:
    """Change something."""
    if desk.may("Change it?", make_table(["what"], [["a lead"]]), {"changed": 0}):
        desk.show({"changed": 1}, "changed")


async def look(desk: Desk) -> None:
    """Look."""
    desk.say("this is a message")
    with desk.progress("Reading", total=2) as bar:
        bar.advance()
    desk.show({"at": desk.now, "text": "é"}, "a view")


def test_a_change_is_shown_and_asked_about() -> None:
    assert run(change_something, typed="y\n").stdout == "changed\n"
    no = run(change_something, typed="n\n")
    assert (no.stdout, no.code) == ("", Exit.DONE)
    assert "a lead" in no.stderr
    assert "Nothing was changed." in no.stderr


def test_with_yes_nobody_is_asked() -> None:
    ran = run(change_something, "--yes")
    assert ran.stdout == "changed\n"
    assert "Change it?" not in ran.stderr


def test_a_dry_run_changes_nothing_even_with_yes() -> None:
    ran = run(change_something, "--dry-run", "--yes")
    assert ran.code == Exit.DONE
    assert "a lead" in ran.stdout
    assert "Nothing was changed" in ran.stderr


def test_if_nobody_can_answer_nothing_is_changed() -> None:
    ran = run(change_something)
    assert (ran.stdout, ran.code) == ("", Exit.WRONG_USE)
    assert "add --yes" in ran.stderr
    assert "Change it? [y/N]: \n" in ran.stderr


def test_with_json_there_is_one_document_on_stdout_and_messages_go_elsewhere() -> None:
    ran = run(look, "--json")
    assert ran.document["text"] == "é"
    assert "this is a message" in ran.stderr


def test_a_refusal_is_one_document_too() -> None:
    async def refuse(desk: Desk) -> None:
        """Refuse."""
        raise Refused("Nobody is found by 'Ada'.")

    ran = run(refuse, "--json")
    assert (ran.document, ran.code) == ({"refused": "Nobody is found by 'Ada'."}, Exit.FOUND)
    assert "Error: Nobody is found by 'Ada'." in ran.stderr
    assert run(refuse).stdout == ""


def test_a_refusal_that_quotes_a_stranger_does_not_steer_the_terminal() -> None:
    async def refuse(desk: Desk) -> None:
        """Refuse."""
        raise UnreadableFileError("It says: \x1b]0;Ada\x07")

    assert "It says: ?]0;Ada?" in run(refuse).stderr


def test_a_command_first_says_which_account_it_works_on() -> None:
    said = run(look, LEADS_STORAGE=EMULATOR, AZURITE_TABLE_PORT="10777").stderr.splitlines()[0]
    assert said.startswith("account devstoreaccount1 of the emulator on 127.0.0.1:10777; settings from ")


def test_settings_that_are_left_out_because_they_are_wrong_are_named() -> None:
    said = run(look, OWNERS="anna@@", TIME_ZONE="Mars").stderr
    assert "Not right, and left out: OWNERS, TIME_ZONE. leads doctor says what to write." in said
    assert "Not right" not in run(look, OWNERS="", MAIL_URL="").stderr


def test_nothing_that_is_piped_has_colours_or_a_bar() -> None:
    ran = run(look)
    assert "\x1b" not in ran.stdout + ran.stderr
    assert "Reading" not in ran.stderr


def test_what_is_piped_has_a_row_on_each_line() -> None:
    async def tell(desk: Desk) -> None:
        """Tell."""
        desk.say("word " * 50)
        desk.show({}, make_table(["what", "why"], [["w" * 70, "y " * 70]]))

    ran = run(tell)
    assert len(ran.stdout.splitlines()) == 3
    assert len(run(tell, COLUMNS="80").stdout.splitlines()) > 3
    assert "word " * 50 in ran.stderr


def test_what_is_found_wrong_ends_with_one() -> None:
    async def find(desk: Desk) -> Exit:
        """Find something."""
        desk.show({}, "found")
        return Exit.FOUND

    async def refuse(desk: Desk) -> None:
        """Refuse."""
        raise Refused("That can't be.", make_table(["who"], [["Ada"]]))

    assert run(find).code == Exit.FOUND
    ran = run(refuse)
    assert (ran.stdout, ran.code) == ("", Exit.FOUND)
    assert "That can't be." in ran.stderr
    assert "Ada" in ran.stderr


def test_an_emulator_that_does_not_answer_is_said_in_a_sentence() -> None:
    async def fail(desk: Desk) -> None:
        """Fail."""
        raise StorageUnavailableError("ServiceRequestError")

    ran = run(fail)
    assert ran.code == Exit.FOUND
    assert "Is make run running?" in ran.stderr


def test_a_misspelt_command_is_named() -> None:
    ran = CliRunner().invoke(program, ["lsit"])
    assert ran.exit_code == Exit.WRONG_USE
    assert "leads list" in ran.output


@pytest.mark.parametrize("name", ["Contoso", "x", "https://contoso.table.core.windows.net", "a" * 25])
def test_a_name_that_no_account_can_have_is_wrong_use(name: str, tmp_path: Path) -> None:
    with pytest.raises(click.UsageError, match="storage account"):
        open_settings(name, {}, tmp_path)


def test_an_account_is_reached_without_a_key_and_the_other_settings_stay(tmp_path: Path) -> None:
    file = {"LEADS_STORAGE": EMULATOR, "LEADS_TABLE": "OurLeads", "LEADS_STORAGE__tableServiceUri": "https://x.example"}
    opened = open_settings("contosoleads", file, tmp_path)
    assert opened.is_for_operator
    assert opened.settings.connection_string == ""
    assert opened.settings.table_uri == "https://contosoleads.table.core.windows.net"
    assert opened.settings.queue_uri == "https://contosoleads.queue.core.windows.net"
    assert opened.settings.leads_table == "OurLeads"
    assert not opened.settings.storage_mistakes


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "local.settings.json").write_text(
        '{"Values": {"LEADS_TABLE": "InFile", "OWNERS": "file@contoso.com", "LEADS_STORAGE__accountName": "infile"}}'
    )
    opened = open_settings(None, {"LEADS_TABLE": "Outside"}, tmp_path)
    assert (opened.settings.leads_table, opened.settings.owners.default) == ("Outside", "file@contoso.com")
    assert opened.account == "infile"
    assert opened.settings_from == "local.settings.json and the environment"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"Values": 3}', "\x00"])
def test_a_file_that_cannot_be_read_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "local.settings.json").write_text(text)
    with pytest.raises(click.UsageError, match=r"local\.settings\.json"):
        open_settings(None, {}, tmp_path)


def test_a_file_that_is_encrypted_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "local.settings.json").write_text('{"IsEncrypted": true, "Values": {"LEADS_STORAGE": "CfDJ8A"}}')
    with pytest.raises(click.UsageError, match="func settings decrypt"):
        open_settings(None, {}, tmp_path)


def test_if_nothing_names_an_account_it_is_the_one_of_make_run(tmp_path: Path) -> None:
    opened = open_settings(None, {"AZURITE_TABLE_PORT": "10777"}, tmp_path)
    assert "10777" in opened.account
    assert "make run" in opened.settings_from
    assert opened.settings.reminder_waits[0] == timedelta(minutes=1)


def test_who_lacks_a_role_is_told_the_line_that_grants_it() -> None:
    opened = Opened(find_settings({}), "contosoleads", "nowhere", is_for_operator=True)
    said = advise(StorageRefusedError("403 AuthorizationPermissionMismatch", "…"), opened)
    assert 'az role assignment create --assignee "$(az ad signed-in-user show' in said
    assert '--role "Storage Table Data Contributor"' in said
    assert "--name contosoleads" in said


def test_without_the_azure_cli_the_operator_is_told_to_sign_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async def ask(desk: Desk) -> None:
        """Ask."""
        await desk.services.rest.rejects.list_since(desk.now)

    ran = run(ask, "--account", "contosoleads", PATH=str(tmp_path))
    assert ran.code == Exit.FOUND
    assert "az login" in ran.stderr


def test_text_of_a_stranger_does_not_steer_the_terminal() -> None:
    async def show(desk: Desk) -> None:
        """Show."""
        desk.show({}, make_table(["name"], [["\x1b[31m[bold]Ada[/bold]\x07"]]))

    assert "?[31m[bold]Ada[/bold]?" in run(show).stdout


def test_text_of_a_stranger_does_not_steer_the_terminal_as_json_and_is_kept() -> None:
    text = "\x1b[31m\x9b31m\u202eada\ud800"

    async def show(desk: Desk) -> None:
        """Show."""
        desk.show({"name": text}, "")

    ran = run(show, "--json")
    assert ran.document == {"name": text}
    assert ran.stdout.isascii()


@pytest.mark.parametrize(
    ("wait", "said"),
    [
        (timedelta(seconds=-1), "0 s"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=47), "47 h"),
        (timedelta(hours=48), "2 d"),
        (timedelta(hours=52), "2 d 4 h"),
        (timedelta(days=15, hours=5), "15 d"),
    ],
)
def test_a_wait_is_said_roughly(wait: timedelta, said: str) -> None:
    assert format_wait(wait) == said


def test_the_exit_codes_are_those_of_the_help() -> None:
    said = CliRunner().invoke(program, ["--help"]).output
    assert f"{Exit.DONE} done, {Exit.FOUND} found something wrong, {Exit.WRONG_USE} wrong use" in said
    assert module.__doc__
