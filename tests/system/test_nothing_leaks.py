"""All personal data and secrets hold a marker. The host's log, queues and tables show none of them.

The host logs every record of every library, with asyncio and warnings in their debug modes.
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueServiceClient

from local.azurite import ACCOUNT, KEY, Azurite
from local.child import ChildError
from tests.leaks import (
    FORM,
    MARKERS,
    OFFER,
    OWNERS,
    POSTED,
    SECRETS,
    QuotingProvider,
    QuotingServer,
    find,
    find_leaks,
    find_leaks_in_rows,
    key_of,
    lead,
    refuse,
    serving,
    settings_of_the_team,
    text_of,
)
from tests.system.app import App
from tests.waiting import wait_for

TABLES = ("MarketplaceLeads", "Leads", "FollowUps", "Digests", "RejectedLeads", "Erasures", "Reports")
LOUD = {"PYTHON_ENABLE_DEBUG_LOGGING": "1", "PYTHONASYNCIODEBUG": "1", "PYTHONWARNINGS": "always"}
POISONS_AT_ONCE = {"AzureFunctionsJobHost__extensions__queues__visibilityTimeout": "00:00:00"}


@pytest.fixture
def connection_string(node_programs: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield an account whose key is known by its marker."""
    key = key_of(SECRETS["storage key"])
    monkeypatch.setenv("AZURITE_ACCOUNTS", f"{ACCOUNT}:{key}")
    storage = Azurite()
    storage.start()
    yield storage.connection_string.replace(KEY, key)
    storage.stop()


@pytest.fixture
def provider() -> Iterator[QuotingProvider]:
    provider = QuotingProvider()
    with serving(provider):
        yield provider


@dataclass
class Caller:
    """Knows the function's key. Only those who need it may know about the caller."""

    app: App

    def post(self, content: bytes) -> httpx.Response:
        return httpx.post(
            f"{self.app.url}/leads/{OFFER['offer']}?code={SECRETS['function key']}",
            content=content,
            headers={"x-functions-key": SECRETS["function key's header"]},
            timeout=30,
        )

    def health(self) -> httpx.Response:
        return httpx.get(f"{self.app.url}/health?code={SECRETS['function key']}", timeout=30)


def app_on(connection_string: str, log: Path, provider: QuotingProvider, **settings: str) -> App:
    app = App(connection_string, log)
    every_second = {"REMINDER_SCHEDULE": "* * * * * *", "MAIL_URL": provider.url}
    app.settings = {**settings_of_the_team(), **LOUD, **every_second, "PUBLIC_URL": "http://leads.example", **settings}
    return app


def leaks_in_queues(connection_string: str) -> list[str]:
    leaks = []
    with QueueServiceClient.from_connection_string(connection_string) as queues:
        for name in ("leads", "leads-poison"):
            try:
                messages = queues.get_queue_client(name).peek_messages(max_messages=32)
            except ResourceNotFoundError:
                continue
            leaks += [
                leak for each in messages for leak in find_leaks("queue", base64.b64decode(each.content).decode())
            ]
    return leaks


def test_nothing_leaks_while_a_lead_is_mailed_and_answered(
    connection_string: str, provider: QuotingProvider, tmp_path: Path
) -> None:
    app = app_on(connection_string, tmp_path / "host.log", provider)
    app.start()
    caller, pages = Caller(app), []
    try:
        provider.codes = {"AUTH": 535}
        answers = [caller.post(lead()), caller.post(POSTED["unreadable body"].encode()), caller.health()]
        wait_for(lambda: "provider-refuses" in app.log.read_text())
        provider.codes = {}
        wait_for(lambda: provider.mails)
        found = re.search(r"/api/follow-up/([\w.-]+)", text_of(provider.mails[0]))
        assert found
        link, html = f"{app.url}/follow-up/{found[1]}", {"Accept": "text/html"}
        form = {"click": "a", "i_am": FORM["name"], "note": FORM["note"]}
        pages += [
            httpx.get(link, headers=html, timeout=30),
            httpx.post(
                link,
                data={**form, "confirm": f"{OWNERS['colleague']}@team.example", "note": FORM["note"]},
                headers=html,
                timeout=30,
                follow_redirects=True,
            ),
            httpx.post(link, data={**form, "choice": "pass", "colleague": FORM["nonsense"]}, headers=html, timeout=30),
        ]
        answers.append(httpx.get(f"{link}{FORM['nonsense']}", headers=html, timeout=30))
        wait_for(lambda: len(provider.mails) > 1)
        app.check()
        wait_for(lambda: "leads checked" in app.log.read_text())
    finally:
        app.stop()
    log = app.log.read_text()
    assert [each.status_code for each in answers] == [202, 400, 200, 403]
    assert [each.status_code for each in pages] == [200, 200, 400]
    assert found[1] not in log
    assert "Using selector" in log  # as asyncio says at DEBUG alone
    assert find_leaks("log", log) == []
    assert [leak for each in answers for leak in find_leaks("answer", f"{each.headers} {each.text}")] == []
    assert [leak for each in pages for leak in find_leaks("page", f"{each.headers} {each.text}")] == []
    assert [leak for mail in provider.mails for leak in find_leaks("mail", text_of(mail))] == []
    rows = {table: app.rows(table) for table in TABLES}
    assert [table for table, found in rows.items() if not found] == ["Erasures"]  # Nobody was erased.
    assert [leak for table in TABLES for leak in find_leaks_in_rows(table, rows[table])] == []


def test_nothing_leaks_while_the_tables_refuse_and_a_lead_turns_poison(
    connection_string: str, provider: QuotingProvider, tmp_path: Path
) -> None:
    tables = QuotingServer(refuse(403))
    elsewhere = re.sub("TableEndpoint=[^;]+", f"TableEndpoint={tables.url}/{ACCOUNT}", connection_string)
    app = app_on(elsewhere, tmp_path / "host.log", provider, **POISONS_AT_ONCE)
    with serving(tables):
        app.start()
        caller = Caller(app)
        try:
            answers = [caller.post(lead()), caller.post(POSTED["unreadable body"].encode()), caller.health()]
            wait_for(lambda: "queued-again" in app.log.read_text())
        finally:
            app.stop()
    log = app.log.read_text()
    assert [each.status_code for each in answers] == [202, 503, 503]
    assert "storage-refused (403 Refused)" in log
    assert "Traceback" in log
    assert find_leaks("log", log) == []
    assert [leak for each in answers for leak in find_leaks("answer", f"{each.headers} {each.text}")] == []
    assert leaks_in_queues(connection_string) == []


def test_a_host_that_cannot_start_does_not_quote_its_settings(provider: QuotingProvider, tmp_path: Path) -> None:
    broken = f"AccountName=a;AccountKey={key_of(SECRETS['storage key'])};{SECRETS['wrong setting']}"
    app = app_on(broken, tmp_path / "host.log", provider)
    with pytest.raises(ChildError) as error:
        app.start()
    assert "is no connection string" in app.log.read_text()
    assert find_leaks("log", f"{error.value} {app.log.read_text()}") == []


def test_a_leak_in_the_log_would_be_found(tmp_path: Path) -> None:
    log = tmp_path / "host.log"
    for name, marker in MARKERS.items():
        log.write_text(f"12:30:01    accept_lead: lead accepted  by={marker}\n")
        assert name in find(log.read_text())
        assert find_leaks("log", log.read_text())
