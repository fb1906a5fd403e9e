"""The mailbox as the tests and `run` use it."""

import re
import smtplib
import time
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest

from lead_core.adapters.mail.address import address_letter
from lead_core.adapters.mail.message import compose_message
from lead_core.adapters.mail.text import clean_header
from lead_core.messages import Mail
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
def test_it_reads_the_apps_long_headers_as_they_were_written() -> None:
    """Its parser is another than the ones of the unit tests."""
    subject = "2 neue Anfragen für Köln und  KölnSüd: " + "Größe Ü 例 \U0001f600 =?utf-8?q?x?= " * 9
    name = "Ångström, Jörg „Süd“ und Straße " * 4
    mail = Mail("0" * 32, f"{name}<leads@contoso.example>", "sales@contoso.example", subject, "text", "<p>html</p>")
    letter = address_letter(mail)
    with Mailbox() as mailbox:
        with smtplib.SMTP("127.0.0.1", mailbox.ports.smtp, "localhost", timeout=10) as smtp:
            smtp.sendmail("leads@contoso.example", ["sales@contoso.example"], compose_message(letter).as_bytes())
        (arrived,) = read(mailbox)
    assert arrived["subject"] == clean_header(subject)
    assert arrived["from"] == [{"address": "leads@contoso.example", "name": letter.sender.name}]


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
