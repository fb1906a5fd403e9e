"""The README's commands run, and what it says about the code is true."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lead_core.lead.history import MAX_ACTIONS
from lead_core.lead.values import MAX_TEXT_CHARACTERS
from lead_core.links import LINKS_LAST
from lead_core.marketplace.envelope import MAX_BODY_BYTES
from lead_core.settings import Settings, load_settings
from lead_core.steps.due import MAX_LEADS_PER_MAIL
from lead_core.steps.intake import MAX_KEPT_BODY_BYTES
from local import __main__ as commands
from local.child import free_ports
from tests.storage import Storage
from tests.waiting import wait_for

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / ".github").glob("*.md")]
WORKFLOWS = [*(ROOT / ".github" / "workflows").glob("*.yml")]
COMMANDS = re.findall(r"```bash\n(.*?)```", README, re.DOTALL)
HOSTS_OWN_SETTINGS = {"AzureWebJobsStorage", "FUNCTIONS_WORKER_RUNTIME"}


def test_the_readmes_commands_run_one_after_the_other(tmp_path: Path) -> None:
    """``make run`` in the background, then each ``curl`` and each ``make leads``, and then Ctrl-C."""
    run, *others = COMMANDS
    assert run.strip() == "make run"
    names = ("HTTP_PORT", "AZURITE_BLOB_PORT", "AZURITE_QUEUE_PORT", "AZURITE_TABLE_PORT", "SMTP_PORT", "MAILBOX_PORT")
    ports = dict(zip(names, map(str, free_ports(6)), strict=True))
    environment = {**os.environ, **ports, "DATA_DIR": str(tmp_path / "data"), "PYTHON": sys.executable}
    log = tmp_path / "run.log"
    with log.open("wb") as output:
        running = subprocess.Popen(
            ["make", "run"], cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        wait_for(lambda: "\nready " in log.read_text() or running.poll() is not None, seconds=240)
        assert f"127.0.0.1:{ports['HTTP_PORT']}/api/leads" in log.read_text().partition("\nready ")[2]
        connection_string = next(line for line in log.read_text().splitlines() if line.startswith("DefaultEndpoints"))
        storage = Storage(connection_string)
        for command in others:
            here = command.replace(":7071/", f":{ports['HTTP_PORT']}/").replace("curl ", "curl -sS --fail-with-body ")
            subprocess.run(["bash", "-c", here], check=True, timeout=60, cwd=ROOT, env=environment)
            if "ada@contoso.example" in command:
                wait_for(lambda: "ada@contoso.example" in {row["Email"] for row in storage.rows("Leads")})
        assert {"doctor", "list", "show"} <= set(" ".join(others).replace('"', " ").split())
    finally:
        os.killpg(running.pid, signal.SIGINT)
        running.wait(60)
    assert "stopping …" in log.read_text().splitlines()


def test_every_command_that_the_docs_name_is_one() -> None:
    lines = re.findall(r"^([a-z][a-z ]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    targets = {target for line in lines for target in line.split()}
    for page in PAGES + WORKFLOWS:
        text = page.read_text(encoding="utf-8")
        assert targets >= set(re.findall(r"(?:`|\n|run: )make (\w+)", text)), page.name
        for command in re.findall(r"(?:`|\n|run: )python -m local (\w+)", text):
            assert callable(getattr(commands, command)), f"{page.name}: {command}"


def test_every_link_of_the_docs_leads_somewhere() -> None:
    for page in PAGES:
        for path, heading in re.findall(r"\]\((?!https?://)([^)#]*)#?([^)]*)\)", page.read_text(encoding="utf-8")):
            target = page.parent / path if path else page
            assert target.exists(), f"{page.name}: {path}"
            assert not heading or heading in list_anchors(target), f"{page.name}: {path}#{heading}"


def list_anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub makes of the headings of *page*: ``## At once!`` is ``at-once``."""
    headings = re.findall("^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_file_that_the_docs_name_is_there() -> None:
    rooms = "lead_core|tests|local|bench|docs|marketplace|lead|views|adapters|steps"
    for page in PAGES:
        text = page.read_text(encoding="utf-8").partition("### Removed")[0]  # the changelog names what is gone
        for path in re.findall(rf"`((?:{rooms})/[\w/.-]+)`", text):
            assert (ROOT / path).exists() or (ROOT / "lead_core" / path).exists(), f"{page.name}: {path}"


def test_the_index_leads_to_every_page() -> None:
    index = ROOT / "docs/README.md"
    linked = {(index.parent / path).resolve() for path in re.findall(r"\]\(([^)#:]+)", index.read_text())}
    assert linked >= set((ROOT / "docs").glob("*.md")) - {index}


def test_every_test_that_the_docs_name_is_there() -> None:
    named = [
        (page.parent / path, name)
        for page in (ROOT / "SECURITY.md", ROOT / "docs" / "reliability.md")
        for name, path in re.findall(r"\[`(test_\w+)`\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    ]
    assert len(named) > 30
    for path, name in named:
        assert f"def {name}(" in path.read_text(encoding="utf-8"), name


def test_the_sample_settings_are_all_settings_and_no_others() -> None:
    sample = json.loads((ROOT / "local.settings.sample.json").read_text())["Values"].keys()
    # Keyless access is an alternative to LEADS_STORAGE; an empty name of an account would be a mistake.
    settings = {name.upper() for name in Settings.model_fields if not name.startswith(("leads_storage_", "website_"))}
    assert sample == settings | HOSTS_OWN_SETTINGS


def test_the_sample_settings_have_no_mistakes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in json.loads((ROOT / "local.settings.sample.json").read_text())["Values"].items():
        monkeypatch.setenv(name, value)
    assert load_settings().mistakes == ()


def test_the_docs_name_every_setting_with_its_default() -> None:
    told = dict(re.findall(r"^\| `([A-Z_]+)` \| (.+?) \|", (ROOT / "docs/configuration.md").read_text(), re.MULTILINE))
    sample = json.loads((ROOT / "local.settings.sample.json").read_text())["Values"]
    assert told.keys() == sample.keys() - HOSTS_OWN_SETTINGS
    for name, default in told.items():
        if default.startswith("`"):
            assert sample[name] == default.strip("`"), name
            field = name.lower()
            read = getattr(Settings.model_validate({field: default.strip("`")}), field)  # Some are durations.
            assert Settings.model_fields[field].default == read, name


def test_numbers_in_the_docs_are_those_of_the_code() -> None:
    refuses, limits = (ROOT / "docs/adr/0003-what-intake-refuses.md").read_text(), README.partition("## Limits")[2]
    for page in (refuses, limits):
        assert f"{MAX_BODY_BYTES // 1024} KiB" in page
        assert f"up to {MAX_KEPT_BODY_BYTES // 1024} KiB" in page
    assert f"| leads in one mail | {MAX_LEADS_PER_MAIL}," in limits
    assert f"| actions kept apart in a lead | {MAX_ACTIONS}." in limits
    assert f"| length of a text in a table | {MAX_TEXT_CHARACTERS:,} characters." in limits
    assert f"for {LINKS_LAST.days} days" in limits


def test_the_host_lets_a_three_minute_outage_pass_before_the_fifth_try() -> None:
    queues = json.loads((ROOT / "host.json").read_text())["extensions"]["queues"]
    hours, minutes, seconds = map(int, queues["visibilityTimeout"].split(":"))
    between_tries = hours * 3600 + minutes * 60 + seconds
    assert between_tries * (queues["maxDequeueCount"] - 1) > 3 * 60


def test_the_host_hands_over_what_people_put_into_the_queue_as_text() -> None:
    """With base64, it would give up on other texts before any function runs, also in the poison queue."""
    assert json.loads((ROOT / "host.json").read_text())["extensions"]["queues"]["messageEncoding"] == "none"
