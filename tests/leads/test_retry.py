"""`leads retry`: rejected leads and poisoned messages go on their way again."""

import sys
from pathlib import Path

import pytest

from tests.cli import Ran, run_leads
from tests.rejects import CORRECTED, NEARLY, RejectsAccount


async def retry(store: RejectsAccount, *arguments: str, typed: str = "", **environment: str) -> Ran:
    return await run_leads("retry", *arguments, environment={**store.environment, **environment}, typed=typed)


async def names(store: RejectsAccount) -> list[str]:
    """Let the worker do what stands in the queue, and give the names in Leads."""
    await store.work()
    return [row["Name"] for row in store.rows("Leads")]


@pytest.fixture
def editor(tmp_path: Path) -> str:
    """Return an editor that adds the comma, and remembers what it saw."""
    program = tmp_path / "editor.py"
    program.write_text(
        "import os, pathlib, sys\n"
        f"seen = pathlib.Path({str(tmp_path / 'seen')!r})\n"
        "file = pathlib.Path(sys.argv[1])\n"
        "seen.write_text(f'{file} {os.stat(file).st_mode & 0o777:o}')\n"
        """file.write_text(file.read_text().replace('" "desc', '", "desc'))\n"""
    )
    return f'"{sys.executable}" "{program}"'


async def test_what_is_meant_must_be_said(store: RejectsAccount) -> None:
    for arguments in ((), ("a1", "--all"), ("--reason", "not-json", "--all")):
        ran = await retry(store, *arguments)
        assert ran.code == 2
        assert "Say which" in ran.stderr


async def test_what_would_be_done_is_shown_first_and_nothing_is_changed_without_a_yes(store: RejectsAccount) -> None:
    await store.post(NEARLY, event=0xA1)
    store.edit("RejectedLeads", store.row, Body=CORRECTED.decode())
    before = store.row
    for ran in (await retry(store, "a1", "--dry-run"), await retry(store, "a1", typed="n\n")):
        assert "a1000000" in ran.stderr
        assert "can be read" in ran.stderr
        assert ran.code == 0
    assert (await retry(store, "a1")).code == 2  # Nobody can answer.
    assert store.row == before
    assert store.queued() == 0


async def test_a_corrected_lead_goes_on_its_way_and_a_second_run_changes_nothing(store: RejectsAccount) -> None:
    await store.post(NEARLY, event=0xA1)
    store.edit("RejectedLeads", store.row, Body=CORRECTED.decode())
    assert (await retry(store, "a1", "--yes")).code == 0
    assert await names(store) == ["Ada Lovelace"]
    row = store.row
    assert (row["Reason"], row["Retry"], row["Retries"]) == ("retried", False, 1)
    for arguments in (("a1",), ("--all",), ("--reason", "not-json")):
        again = await retry(store, *arguments, "--yes")
        assert (again.stdout, again.code) == ("Nothing was retried.\n", 0)
    assert store.row == row
    assert store.queued() == 0
    assert "went on its way before" in (await retry(store, "a1", "--yes")).stderr


async def test_what_still_cannot_be_read_is_left_alone_and_nobody_is_told_again(store: RejectsAccount) -> None:
    await store.post(NEARLY, event=0xA1)
    await store.post(NEARLY, event=0xA2)
    first, second = store.rows("RejectedLeads")
    store.edit("RejectedLeads", second, Body=CORRECTED.decode())
    ran = await retry(store, "--all", "--yes", "--json")
    assert ran.code == 1
    assert [each[:2] for each in ran.document["queued"]] == ["a2"]
    assert [each[:2] for each in ran.document["left"]] == ["a1"]
    assert store.rows("RejectedLeads")[0] == first


async def test_if_none_can_be_read_it_shows_which_and_asks_nothing(store: RejectsAccount) -> None:
    await store.post(NEARLY, event=0xA1)
    ran = await retry(store, "--all")
    assert ran.code == 1
    assert "a1000000" in ran.stderr
    assert "1 left alone: cannot be read yet, correct it with --edit." in ran.stdout


async def test_only_those_of_a_reason_are_retried(store: RejectsAccount) -> None:
    await store.post(NEARLY, event=0xA1)
    await store.post(b"[1]", event=0xA2)
    for row in store.rows("RejectedLeads"):
        store.edit("RejectedLeads", row, Body=CORRECTED.decode())
    ran = await retry(store, "--reason", "not-an-object", "--yes", "--json")
    assert [each[:2] for each in ran.document["queued"]] == ["a2"]


async def test_a_body_is_corrected_in_the_editor_in_a_file_that_only_its_owner_reads(
    store: RejectsAccount, editor: str, tmp_path: Path
) -> None:
    await store.post(NEARLY, event=0xA1)
    ran = await retry(store, "a1", "--edit", "--yes", EDITOR=editor)
    assert ran.code == 0
    assert await names(store) == ["Ada Lovelace"]
    assert store.row["Body"].strip() == CORRECTED.decode()
    file, _, mode = (tmp_path / "seen").read_text().rpartition(" ")
    assert mode == "600"
    assert not Path(file).exists()


async def test_an_edit_that_still_cannot_be_read_says_where_and_asks(store: RejectsAccount) -> None:
    await store.post(NEARLY, event=0xA1)
    before = store.row
    ran = await retry(store, "a1", "--edit", "--yes", typed="y\nn\n", EDITOR="true")
    assert ran.code == 1
    assert ran.stderr.count("It still cannot be read") == 2
    assert "^" in ran.stderr
    assert "not corrected" in ran.stdout
    assert store.row == before
    assert store.queued() == 0


async def test_who_saves_nothing_in_the_editor_retries_nothing(store: RejectsAccount) -> None:
    await store.post(NEARLY, event=0xA1)
    store.edit("RejectedLeads", store.row, Body=CORRECTED.decode())
    ran = await retry(store, "a1", "--edit", "--yes", EDITOR="true")
    assert ran.code == 1
    assert store.queued() == 0


@pytest.mark.parametrize("editor", ["false", "no-such-editor", '"never closed', "sh -c 'printf \\\\377 > $0'"])
async def test_an_editor_that_fails_ends_with_a_report(store: RejectsAccount, editor: str) -> None:
    await store.post(NEARLY, event=0xA1)
    before = store.row
    ran = await retry(store, "a1", "--edit", "--yes", "--json", EDITOR=editor)
    assert (ran.code, [*ran.document["left"].values()]) == (1, ["not corrected"])
    assert "EDITOR" in ran.stderr
    assert store.row == before


async def test_a_body_that_is_edited_to_nothing_is_not_sent_on_its_way(store: RejectsAccount) -> None:
    await store.post(NEARLY, event=0xA1)
    before = store.row
    ran = await retry(store, "a1", "--edit", "--yes", EDITOR="truncate -s 0")
    assert (ran.code, "Nothing was retried" in ran.stdout) == (1, True)
    assert store.row == before


async def test_a_dry_run_is_one_document_too(store: RejectsAccount) -> None:
    await store.post(NEARLY, event=0xA1)
    ran = await retry(store, "a1", "--edit", "--dry-run", "--json")
    assert ran.document == {"queued": [], "left": {}, "became": []}


async def test_an_edit_of_a_row_that_a_colleague_corrected_meanwhile_is_not_written(
    store: RejectsAccount, editor: str, tmp_path: Path
) -> None:
    await store.post(NEARLY, event=0xA1)
    meanwhile = tmp_path / "meanwhile.py"
    row = store.row
    meanwhile.write_text(
        "import sys, subprocess\n"
        "from azure.data.tables import TableClient\n"
        f"table = TableClient.from_connection_string({store.connection_string!r}, 'RejectedLeads')\n"
        f"keys = {{'PartitionKey': {row['PartitionKey']!r}, 'RowKey': {row['RowKey']!r}}}\n"
        "table.update_entity(keys | {'Body': 'a colleague is at it'})\n"
        f"subprocess.run([*{editor.replace(chr(34), '').split()!r}, sys.argv[1]], check=True)\n"
    )
    ran = await retry(store, "a1", "--edit", "--yes", EDITOR=f'"{sys.executable}" "{meanwhile}"')
    assert ran.code == 1
    assert "somebody changed the row meanwhile" in ran.stdout
    assert store.row["Body"] == "a colleague is at it"
    assert store.queued() == 0


async def test_poisoned_messages_go_back_into_the_queue_while_the_app_is_down(store: RejectsAccount) -> None:
    await store.give_up(CORRECTED)
    ran = await retry(store, "--all", typed="y\n")
    assert "Return 1 message from the queue leads-poison?" in ran.stderr
    assert store.queued("leads-poison") == 0
    assert await names(store) == ["Ada Lovelace"]


async def test_one_reject_is_retried_without_the_poisoned_messages(store: RejectsAccount) -> None:
    await store.give_up(CORRECTED)
    await store.post(NEARLY, event=0xA1)
    store.edit("RejectedLeads", store.row, Body=CORRECTED.decode())
    await retry(store, "a1", "--yes")
    assert store.queued("leads-poison") == 1


async def test_with_wait_it_says_what_became_of_each(store: RejectsAccount) -> None:
    await store.post(NEARLY, event=0xA1)
    store.edit("RejectedLeads", store.row, Body="[" + CORRECTED.decode() + ', {"note": 1}]')
    async with store.working():
        ran = await retry(store, "a1", "--yes", "--wait")
    assert "in Leads: Ada Lovelace, Contoso CRM" in ran.stdout
    assert "rejected, no-lead" in " ".join(ran.stdout.split())
    assert ran.code == 1
