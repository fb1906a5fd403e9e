"""The mailbox as the tests and `run` use it."""

import re
import smtplib
import time
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.child import ChildError
from local.installing import ROOT
from local.mailbox import Mailbox, Ports


def send(mailbox: Mailbox, subject: str) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "leads@contoso.example", "sales@contoso.example", subject
    message.set_content("Ada wartet.")
    message.add_alternative("<p>Ada wartet.</p>", subtype="html")
    with smtplib.SMTP("127.0.0.1", mailbox.ports.smtp, "localhost", timeout=10) as smtp:
        smtp.send_message(message)


def read(mailbox: Mailbox) -> list[dict[str, Any]]:
    mails: list[dict[str, Any]] = httpx.get(f"{mailbox.ports.web_url}/api/email").json()
    return mails


@pytest.mark.usefixtures("node_programs")
def test_a_mail_can_be_read_on_the_page_and_is_there_after_a_restart(tmp_path: Path) -> None:
    with Mailbox(tmp_path) as mailbox:
        send(mailbox, "Neue Anfragen: 2 für „Contoso CRM“")
        (mail,) = read(mailbox)
        assert mail["subject"] == "Neue Anfragen: 2 für „Contoso CRM“"
        assert mail["html"] == "<p>Ada wartet.</p>\n"
    with Mailbox(tmp_path) as mailbox:
        assert [mail["subject"] for mail in read(mailbox)] == ["Neue Anfragen: 2 für „Contoso CRM“"]


@pytest.mark.usefixtures("node_programs")
def test_two_run_side_by_side(tmp_path: Path) -> None:
    with Mailbox() as one, Mailbox(tmp_path) as other:
        send(one, "one")
        assert (len(read(one)), len(read(other))) == (1, 0)
        with pytest.raises(ChildError, match="another program listens"):
            Mailbox(tmp_path, one.ports).start()


@pytest.mark.usefixtures("node_programs")
def test_its_page_is_complete_and_loads_nothing_from_elsewhere() -> None:
    with Mailbox() as mailbox, httpx.Client(base_url=mailbox.ports.web_url) as browser:
        page = browser.get("/", headers={"accept": "text/html"}).text
        asked_for = re.findall(r"""(?:src|href)=["']([^"']*)["']""", page)
        answers = [browser.get(each) for each in asked_for if each.endswith((".js", ".css"))]
    assert not any("//" in each for each in asked_for)
    assert [answer.status_code for answer in answers] == [200, 200]


@pytest.mark.usefixtures("node_programs")
def test_an_open_connection_does_not_delay_its_stop(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path).start()
    with (
        smtplib.SMTP("127.0.0.1", mailbox.ports.smtp, "localhost", timeout=10) as sender,
        httpx.Client(base_url=mailbox.ports.web_url, timeout=10) as browser,
    ):
        sender.ehlo()
        # The page learns of new mails in this way.
        assert browser.get("/socket.io/", params={"EIO": "4", "transport": "polling"}).status_code == 200
        started = time.monotonic()
        mailbox.stop()
    assert time.monotonic() - started < 5


def test_the_sample_settings_lead_to_it() -> None:
    assert f'"{Ports().mail_url}"' in (ROOT / "local.settings.sample.json").read_text()
