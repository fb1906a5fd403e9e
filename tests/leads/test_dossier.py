"""``leads dossier``: all that is kept on a person, and nothing of others."""

import json
import stat
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.examples import JOHN, NOON, body, message
from tests.operator import Operator, open_operator

ADA = replace(JOHN, first_name="Ada", last_name="Kingsley", email="ada@fabrikam.example", phone="+16175550187")
EVIL = "<script>alert(1)</script> & 'x'"


@pytest.fixture
async def operator(account: str) -> AsyncIterator[Operator]:
    """Yield an operator with a lead of John, and two of Ada, whom a colleague answered and noted."""
    async with open_operator(account) as operator:
        await operator.post(JOHN, description="secret of John")
        await operator.post(ADA, description=EVIL)
        await operator.post(ADA, offer="contoso.contoso-erp", ago=timedelta(days=2), code="INS")
        processing = operator.services.rest.processing
        await processing.process(
            message(b"call ada@fabrikam.example", event=50), message_id="m", queued_at=operator.now
        )
        operator.edit("Ada Kingsley", Status="Contacted", Note="met at the fair", Region="EMEA")
        await operator.services.rest.reconciling.check(now=NOON)
        yield operator


async def test_two_files_hold_every_row_on_the_person(operator: Operator, tmp_path: Path) -> None:
    ran = await operator.run("dossier", "ada@fabrikam.example", "--to", str(tmp_path), "--json")
    assert ran.code == 0
    html, document = (Path(file) for file in ran.document["files"])
    rows = json.loads(document.read_text(encoding="utf-8"))["rows"]
    assert {place: len(found) for place, found in rows.items()} == ran.document["rows"]
    assert ran.document["rows"] == {"MarketplaceLeads": 2, "Leads": 2, "RejectedLeads": 1}
    stored = operator.storage.rows("Leads", Name="Ada Kingsley")
    assert {row["zAppDecisions"] for row in rows["Leads"]} == {row["zAppDecisions"] for row in stored}
    page = html.read_text(encoding="utf-8")
    for text in ("Ada Kingsley", "ada@fabrikam.example", "met at the fair", "Contacted (in the table)", "EMEA", "+1"):
        assert text in page
    assert "call ada@fabrikam.example" in page


async def test_nothing_of_others_is_in_it(operator: Operator, tmp_path: Path) -> None:
    operator.edit("John Smith", Note="knows Ada Kingsley")
    ran = await operator.run("dossier", "ada", "kingsley", "--to", str(tmp_path), "--json")
    texts = [Path(file).read_text(encoding="utf-8") for file in ran.document["files"]]
    assert not [text for text in texts if "John" in text or "secret of" in text]
    assert [each["about"] for each in ran.document["mentions"]] == ["John Smith"]


async def test_its_owner_alone_can_read_the_files(operator: Operator, tmp_path: Path) -> None:
    ran = await operator.run("dossier", "ada@fabrikam.example", "--to", str(tmp_path / "new"), "--json")
    assert {stat.S_IMODE(Path(file).stat().st_mode) for file in ran.document["files"]} == {0o600}
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


async def test_what_a_customer_wrote_cannot_run(operator: Operator, tmp_path: Path) -> None:
    ran = await operator.run("dossier", "ada@fabrikam.example", "--to", str(tmp_path), "--json")
    page = Path(ran.document["files"][0]).read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page


async def test_the_command_says_where_the_files_are_and_to_read_them_first(operator: Operator, tmp_path: Path) -> None:
    ran = await operator.run("dossier", "ada@fabrikam.example", "--to", str(tmp_path), columns=80)
    said = " ".join(ran.stderr.split())
    assert "5 rows" in said
    assert "Read the page before you hand it out" in said
    assert "RejectedLeads" in ran.stdout


async def test_nothing_is_written_on_a_person_of_whom_nothing_is_kept(operator: Operator, tmp_path: Path) -> None:
    ran = await operator.run("dossier", "nobody@nowhere.example", "--to", str(tmp_path))
    assert (ran.code, list(tmp_path.iterdir())) == (1, [])


async def test_a_folder_that_is_a_file_is_said(operator: Operator, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    ran = await operator.run("dossier", "ada@fabrikam.example", "--to", str(tmp_path / "file" / "x"))
    assert ran.code == 1
    assert "can't be written" in ran.stderr


async def test_a_message_in_the_queue_stands_in_it(operator: Operator, tmp_path: Path) -> None:
    await operator.services.rest.retrying.queue.enqueue(message(body(ADA), event=60))
    ran = await operator.run("dossier", "ada@fabrikam.example", "--to", str(tmp_path), "--json")
    assert ran.document["rows"]["queue leads"] == 1


async def test_of_what_was_rejected_together_the_leads_of_others_are_left_out(
    operator: Operator, tmp_path: Path
) -> None:
    both = b"[" + body(ADA) + b"," + body(replace(JOHN, email="jane@elsewhere.example", first_name="Jane")) + b"]"
    await operator.services.rest.processing.park(message(both, event=70), message_id="m", queued_at=operator.now)
    ran = await operator.run("dossier", ADA.email, "--to", str(tmp_path))
    assert ran.code == 0
    for file in tmp_path.iterdir():
        assert "RejectedLeads" in file.read_text(encoding="utf-8")
        assert "jane" not in file.read_text(encoding="utf-8").casefold()
