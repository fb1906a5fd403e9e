"""``python -m local run``, on a copy of ``local/`` with a toy app."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from local.child import answers, free_ports
from tests.local.toy_host import PROJECT, write_app
from tests.waiting import wait_for

APP = """
    import os
    import smtplib
    from azure.data.tables import TableServiceClient

    @app.route(route="leads")
    def leads(req: func.HttpRequest) -> str:
        tables = TableServiceClient.from_connection_string(os.environ["STORE"])
        if req.method == "POST":
            tables.create_table("Kept")
        return ",".join(table.name for table in tables.list_tables())

    @app.route(route="mail")
    def mail(req: func.HttpRequest) -> str:
        host, port = os.environ["MAIL_URL"].removeprefix("smtp://").split(":")
        with smtplib.SMTP(host, int(port), "localhost") as smtp:
            smtp.sendmail("leads@contoso.example", "sales@contoso.example", "Subject: One new lead\\r\\n\\r\\n.")
        return "sent"
"""

VALUES = {"STORE": "UseDevelopmentStorage=true", "MAIL_URL": "smtp://127.0.0.1:1025"}


class Run:
    """One ``run`` at a time, on its own ports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(PROJECT / "local", folder / "local", ignore=shutil.ignore_patterns("node_modules", "demo.py"))
        for program in ("azurite", "mailbox"):
            (folder / "local" / program / "node_modules").symlink_to(PROJECT / "local" / program / "node_modules")
        (folder / ".tools").symlink_to(PROJECT / ".tools")  # its Node, if the machine has none
        write_app(folder, APP)
        settings = {"IsEncrypted": False, "Values": VALUES}
        (folder / "local.settings.sample.json").write_text(json.dumps(settings))
        names = ["HTTP_PORT", "AZURITE_BLOB_PORT", "AZURITE_QUEUE_PORT", "AZURITE_TABLE_PORT"]
        names += ["SMTP_PORT", "MAILBOX_PORT"]
        self.ports = dict(zip(names, map(str, free_ports(len(names))), strict=True))
        self.url = f"http://127.0.0.1:{self.ports['HTTP_PORT']}/api/leads"
        self.mailbox = f"http://127.0.0.1:{self.ports['MAILBOX_PORT']}"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text()

    def start(self, **settings: str) -> subprocess.Popen[bytes]:
        with (self.folder / "output").open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "local.run"],
                cwd=self.folder,
                env={**os.environ, **self.ports, **settings},
                stdout=output,
                stderr=output,
            )
        return self.process

    def start_and_wait(self) -> subprocess.Popen[bytes]:
        process = self.start()
        wait_for(lambda: "\nready " in self.output or process.poll() is not None)
        assert re.search(f"^ready +{self.url}$", self.output, re.MULTILINE)
        return process


@pytest.fixture
def run(node_programs: None, tmp_path: Path) -> Iterator[Run]:
    run = Run(tmp_path)
    yield run
    if run.process and run.process.poll() is None:
        run.process.terminate()
        run.process.wait(20)


def test_what_was_stored_is_there_after_a_stop(run: Run) -> None:
    process = run.start_and_wait()
    assert httpx.post(run.url).text == "Kept"
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    process = run.start_and_wait()
    assert httpx.get(run.url).text == "Kept"
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0


def test_a_mail_that_the_app_sends_is_in_the_mailbox(run: Run) -> None:
    run.start_and_wait()
    assert re.search(f"^mailbox +{run.mailbox} ", run.output, re.MULTILINE)
    assert httpx.get(run.url.replace("leads", "mail")).text == "sent"
    assert [mail["subject"] for mail in httpx.get(f"{run.mailbox}/api/email").json()] == ["One new lead"]


def test_a_child_that_dies_is_named_with_its_last_output(run: Run) -> None:
    (run.folder / "function_app.py").write_text("import nowhere")
    assert run.start().wait(20) == 1
    assert "The functions host ended with code 1. The last lines of its log:" in run.output
    assert "No module named 'nowhere'" in run.output


def test_a_taken_port_and_a_taken_folder_are_named_with_what_to_set(run: Run) -> None:
    run.start_and_wait()
    taken = Run(run.folder / "other")
    port, mailbox = run.ports["AZURITE_TABLE_PORT"], run.ports["MAILBOX_PORT"]
    assert taken.start(AZURITE_TABLE_PORT=port).wait(20) == 1
    assert f"Port {port} is taken. Set AZURITE_TABLE_PORT to another, for example AZURITE_TABLE_PORT=" in taken.output
    assert taken.start(AZURITE_TABLE_PORT=port, MAILBOX_PORT=mailbox).wait(20) == 1
    assert f"Ports {port} and {mailbox} are taken. Set AZURITE_TABLE_PORT and MAILBOX_PORT to others" in taken.output
    assert taken.start(DATA_DIR=str(run.folder / ".local"), **run.ports).wait(20) == 1
    assert "Set DATA_DIR to another folder." in taken.output


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"HTTP_PORT": "65536"}, "HTTP_PORT must be a port, such as 7071, not '65536'."),
        ({"HTTP_PORT": "\u0667\u0660"}, "HTTP_PORT must be a port"),
        ({"DATA_DIR": "/dev/null"}, "Cannot write /dev/null (File exists). Set DATA_DIR to another folder."),
    ],
    ids=["no port", "no digits of ours", "no folder"],
)
def test_a_setting_that_cannot_be_used_is_named(run: Run, settings: dict[str, str], said: str) -> None:
    assert run.start(**settings).wait(20) == 1
    assert said in run.output
    assert "Traceback" not in run.output


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('{"Values": {"STORE": }}', "local.settings.json is not valid JSON: "),
        ('["Values"]', "local.settings.json must hold {"),
        ('{"Values": "STORE=1"}', "local.settings.json must hold {"),
    ],
    ids=["no JSON", "no object", "no values"],
)
def test_a_settings_file_that_cannot_be_read_is_named(run: Run, written: str, said: str) -> None:
    (run.folder / "local.settings.json").write_text(written)
    assert run.start().wait(20) == 1
    assert said in run.output
    assert "Traceback" not in run.output


def test_a_pipe_that_nobody_reads_any_more_ends_the_run_without_a_traceback(run: Run) -> None:
    environment = {**os.environ, **run.ports}
    command = [sys.executable, "-m", "local.run"]
    with subprocess.Popen(
        command, cwd=run.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline().startswith(b"leads ")
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 1
    assert not [port for port in run.ports.values() if answers(int(port))]


def test_two_services_on_one_port_are_refused(run: Run) -> None:
    assert run.start(SMTP_PORT=run.ports["HTTP_PORT"]).wait(20) == 1
    assert "needs a port of its own." in run.output
