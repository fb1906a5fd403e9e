"""The commands of docs/privacy.md, as they stand there."""

import re
import shlex
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.examples import JOHN
from tests.operator import Operator, open_operator

PAGE = (Path(__file__).parents[2] / "docs/privacy.md").read_text(encoding="utf-8")
COMMANDS = [shlex.split(line) for line in re.findall(r"^leads (.+)$", PAGE, re.MULTILINE)]
ADA = replace(JOHN, email="ada@contoso.com", first_name="Ada")


@pytest.fixture
async def operator(account: str) -> AsyncIterator[Operator]:
    async with open_operator(account) as operator:
        await operator.post(ADA)
        yield operator


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
async def test_a_command_of_the_page_does_what_it_says(
    operator: Operator, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = await operator.run(*arguments)
    assert ran.code == 0, ran.stderr
    assert len(operator.storage.rows("Leads")) == (0 if {"forget", "--yes"} <= {*arguments} else 1)
    assert len([*tmp_path.rglob("dossier-*")]) == (2 if arguments[0] == "dossier" else 0)


def test_the_page_has_a_command_for_each_request() -> None:
    assert {arguments[0] for arguments in COMMANDS} == {"find", "dossier", "forget", "purge"}


def test_the_page_names_every_table_and_queue() -> None:
    kept = PAGE.split("## What is kept where")[1]
    for place in ("Leads", "MarketplaceLeads", "FollowUps", "RejectedLeads", "Digests", "Erasures", "Reports"):
        assert f"| `{place}` |" in kept
    for queue in ("leads", "leads-poison"):
        assert f"| queue `{queue}` |" in kept
