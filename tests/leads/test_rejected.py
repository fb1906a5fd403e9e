"""`leads rejected`: what could not be read, and where."""

import pytest

from tests.cli import Ran, run_leads
from tests.rejects import CORRECTED, NEARLY, RejectsAccount


async def rejected(store: RejectsAccount, *arguments: str, columns: int = 100) -> Ran:
    return await run_leads("rejected", *arguments, environment=store.environment, columns=columns)


async def test_an_account_in_which_nothing_ever_happened_has_nothing_rejected(store: RejectsAccount) -> None:
    ran = await rejected(store)
    assert (ran.stdout, ran.code) == ("Nothing is rejected.\n", 0)


async def test_each_says_why_when_from_which_door_and_what_to_do(store: RejectsAccount) -> None:
    await store.post(NEARLY, event=0xA1)
    said = (await rejected(store)).stdout
    assert "a1000000  2026-11-22 12:00, not-json, refused when it was posted" in said
    assert "It seems to hold: Name: Ada Lovelace; Email: ada@northwind.example; Offer: Contoso CRM" in said
    assert "leads retry a1000000 --edit" in said
    assert "1 rejected." in said


@pytest.mark.parametrize("columns", [80, 120])
async def test_a_caret_stands_below_the_fault(store: RejectsAccount, columns: int) -> None:
    await store.post(NEARLY)
    lines = (await rejected(store, columns=columns)).stdout.splitlines()
    (number,) = [number for number, line in enumerate(lines) if line.strip() == "^"]
    assert lines[number - 1][lines[number].index("^") :].startswith('"description"')
    assert all(len(line) <= columns for line in lines)


async def test_wide_letters_before_the_fault_do_not_move_the_caret(store: RejectsAccount) -> None:
    await store.post('{"userDetails": {"lastName": "山田太郎"} "x": 1}'.encode())
    lines = (await rejected(store)).stdout.splitlines()
    (number,) = [number for number, line in enumerate(lines) if line.strip() == "^"]
    assert lines[number - 1].index('"x"') + 4 == lines[number].index("^")  # Each of the four takes two cells.


async def test_the_newest_come_first_and_a_limit_says_how_many_there_are(store: RejectsAccount) -> None:
    for number in (1, 2, 3):
        await store.post(b"no JSON", event=number, minutes=number)
    ran = await rejected(store, "--limit", "2", "--json")
    assert [each["id"][0] for each in ran.document["rejected"]] == ["3", "2"]
    assert ran.document["count"] == 3
    assert "the newest 2 are shown" in (await rejected(store, "--limit", "2")).stdout


async def test_a_reason_and_a_day_choose(store: RejectsAccount) -> None:
    await store.post(b"no JSON", event=1)
    await store.post(b"[1]", event=2, minutes=24 * 60)
    by_reason = (await rejected(store, "--reason", "not-json", "--json")).document
    assert [each["reason"] for each in by_reason["rejected"]] == ["not-json"]
    by_day = (await rejected(store, "--since", "2026-11-23", "--json")).document
    assert [each["reason"] for each in by_day["rejected"]] == ["not-an-object"]


async def test_one_is_shown_whole_by_how_its_id_begins(store: RejectsAccount) -> None:
    await store.post(NEARLY, event=0xA1)
    await store.post(b"no JSON", event=0xB1)
    said = (await rejected(store, "a1")).stdout
    assert '"leadSource": "AppSource-INS|contoso.contoso-crm"' in said
    assert "no JSON" not in said
    document = (await rejected(store, "a1", "--json")).document
    assert document["body"].encode() == NEARLY
    assert (document["place"], document["canBeRead"]) == ("line 2, column 81", False)


async def test_an_id_that_none_or_several_have_is_said(store: RejectsAccount) -> None:
    await store.post(NEARLY, event=0xA1)
    await store.post(NEARLY, event=0xA2)
    none = await rejected(store, "b")
    assert (none.stdout, none.code) == ("", 1)
    assert "No rejected lead has an id that begins with b." in none.stderr
    several = await rejected(store, "a")
    assert several.code == 1
    assert f"{'a2'.ljust(32, '0')}" in several.stderr


async def test_a_body_that_is_no_text_is_shown_by_its_bytes(store: RejectsAccount) -> None:
    await store.post(b"\x00\x01{\xff", event=0xA1)
    said = (await rejected(store, "a1")).stdout
    assert "00 01 7b ff" in said
    assert "is no text" in said
    assert (await rejected(store, "a1", "--json")).document["bodyInBase64"] == "AAF7/w=="


async def test_a_body_does_not_steer_the_terminal(store: RejectsAccount) -> None:
    await store.post(b'{"a": "\x1b]0;owned\x07[bold]"} x', event=0xA1)
    for arguments in ((), ("a1",)):
        said = (await rejected(store, *arguments)).stdout
        assert "\x1b" not in said
        assert "\x07" not in said
        assert "[bold]" in said


async def test_what_was_corrected_since_can_be_retried(store: RejectsAccount) -> None:
    await store.post(NEARLY, event=0xA1)
    store.edit("RejectedLeads", store.row, Body=CORRECTED.decode())
    said = (await rejected(store)).stdout
    assert "It can be read now. Put it on its way with: leads retry a1000000" in said
    assert "^" not in said


async def test_messages_that_nobody_parked_are_counted(store: RejectsAccount) -> None:
    await store.give_up(CORRECTED)
    ran = await rejected(store)
    assert "1 message in the queue leads-poison" in ran.stdout
    assert (await rejected(store, "--json")).document["poisoned"] == 1


async def test_a_row_that_a_person_typed_is_listed_too(store: RejectsAccount) -> None:
    await store.post(b"no JSON")
    row = store.row
    store.edit("RejectedLeads", row, Reason="", From="", Explanation="", ReceivedAt="yesterday", Retry="maybe")
    assert "no reason yet, typed by hand" in (await rejected(store)).stdout
