"""A lead posted over HTTP stands once in Table Storage, even after failures on the way."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.azurite import Azurite, Ports
from tests.posts import FOLDER, SAMPLES
from tests.system.app import App, lead
from tests.waiting import wait_for

EXPECTED = Path(__file__).parent.parent / "expected"


@pytest.fixture
def app(account: str, tmp_path: Path) -> Iterator[App]:
    app = App(account, tmp_path / "host.log")
    app.start()
    yield app
    app.stop()


def test_every_sample_is_answered_and_kept(app: App) -> None:
    expected = {sample: json.loads((EXPECTED / f"{sample.name}.json").read_text("utf-8")) for sample in SAMPLES}
    answers = {sample: app.post(sample.content, headers=sample.headers).status_code for sample in SAMPLES}
    for sample, rows in expected.items():
        is_refused = any(row["From"] == "http" for row in rows["RejectedLeads"])
        assert (answers[sample] != 202) == is_refused, sample.name
    app.wait_until_processed()
    for table in ("MarketplaceLeads", "RejectedLeads"):
        assert len(app.rows(table)) == sum(len(rows[table]) for rows in expected.values())
    app.check()
    wait_for(lambda: app.listed() == app.asked_for())


def test_pascal_camel_and_mixed_case_give_the_same_row(app: App) -> None:
    plain = {"userDetails": {"firstName": "Some", "email": "some@contoso.example"}, "leadSource": "SPZA"}

    def recase(value: Any, upper: bool) -> Any:
        if not isinstance(value, dict):
            return value
        return {(n[0].upper() if upper else n[0].lower()) + n[1:]: recase(v, upper) for n, v in value.items()}

    mixed = {"UserDetails": plain["userDetails"], "leadSource": "SPZA"}
    for offer, posted in (("camel", plain), ("pascal", recase(plain, upper=True)), ("mixed", mixed)):
        assert app.post(json.dumps(posted).encode(), offer).status_code == 202
    app.wait_until_processed()
    shown = [
        {
            k: v
            for k, v in row.items()
            if k not in {"RowKey", "OfferId", "Offer", "Waiting", "zAppActionHistory", "zAppDecisions"}
            and not k.endswith(("At", "Since"))
        }
        for row in app.rows("Leads")
    ]
    assert len(shown) == 3
    assert shown[0] == shown[1] == shown[2]


def test_the_same_lead_ten_times_at_once_is_one_action(app: App) -> None:
    async def post_all() -> list[int]:
        async with httpx.AsyncClient(timeout=30) as client:
            answers = await asyncio.gather(*(client.post(f"{app.url}/leads", content=lead(1)) for _ in range(10)))
            return [answer.status_code for answer in answers]

    assert asyncio.run(post_all()) == [202] * 10
    app.wait_until_processed()
    (row,) = app.rows("Leads")
    assert row["ActionCount"] == 1
    assert len(app.rows("MarketplaceLeads")) == 10


@pytest.mark.usefixtures("node_programs")
def test_a_post_is_refused_soon_without_storage_and_accepted_once_it_is_back(tmp_path: Path) -> None:
    storage = Azurite(tmp_path / "azurite")
    storage.start()
    app = App(storage.connection_string, tmp_path / "host.log")
    app.start()
    try:
        assert app.post(lead(1)).status_code == 202
        storage.stop()
        started = time.monotonic()
        answer = app.post(lead(2))
        # It takes three seconds on a quiet machine. Test machines are noisy.
        assert time.monotonic() - started < 10
        assert (answer.status_code, answer.json()["code"]) == (503, "storage-unavailable")
        assert answer.headers["retry-after"]
        storage.start()
        assert app.post(lead(3)).status_code == 202
        app.wait_until_processed()
        wait_for(lambda: len(app.rows("Leads")) == 2)
    finally:
        app.stop()
        storage.stop()


class SplitStorage:
    """Queues and tables in separate processes, so that the tables alone can go away."""

    def __init__(self, folder: Path) -> None:
        ports = Ports.free()
        self.queues = Azurite(folder / "queues", ports, "queue")
        self.tables = Azurite(folder / "tables", ports, "table")

    @property
    def connection_string(self) -> str:
        return self.queues.connection_string


@pytest.fixture
def split(node_programs: None, tmp_path: Path) -> Iterator[SplitStorage]:
    storage = SplitStorage(tmp_path)
    storage.queues.start()
    storage.tables.start()
    yield storage
    storage.tables.stop()
    storage.queues.stop()


def post_while_the_tables_are_away(split: SplitStorage, app: App, until_logged: str, times: int) -> None:
    app.start()
    split.tables.stop()
    for who in range(5):
        assert app.post(lead(who)).status_code == 202
    wait_for(lambda: app.log.read_text().count(until_logged) >= times)
    split.tables.start()
    wait_for(lambda: len(app.rows("Leads")) == 5, seconds=120)
    wait_for(lambda: app.queued() == 0 and app.queued("leads-poison") == 0)


@pytest.fixture
def patient(split: SplitStorage, tmp_path: Path) -> Iterator[App]:
    """Yield an app whose next try comes after six seconds, which stand for the minute of ``host.json``."""
    setting = "AzureFunctionsJobHost__extensions__queues__visibilityTimeout"
    app = App(split.connection_string, tmp_path / "host.log", {setting: "00:00:06"})
    yield app
    app.stop()


@pytest.fixture
def impatient(split: SplitStorage, tmp_path: Path) -> Iterator[App]:
    """Yield an app that tries five times at once, so that no outage is short enough."""
    setting = "AzureFunctionsJobHost__extensions__queues__visibilityTimeout"
    app = App(split.connection_string, tmp_path / "host.log", {setting: "00:00:00", "REMINDER_SCHEDULE": "* * * * * *"})
    yield app
    app.stop()


def test_an_outage_of_the_tables_that_three_tries_outlast_parks_nothing(split: SplitStorage, patient: App) -> None:
    post_while_the_tables_are_away(split, patient, "process_lead", 5 * 3)
    assert patient.rows("RejectedLeads") == []


def test_an_outage_that_outlasts_every_try_loses_nothing(split: SplitStorage, impatient: App) -> None:
    """Leads that can't even be parked come again. Parked leads get a retry by themselves."""
    post_while_the_tables_are_away(split, impatient, "queued-again", 5)
    wait_for(lambda: not [row for row in impatient.rows("RejectedLeads") if row["Retry"]])
    assert len(impatient.rows("Leads")) == 5


def test_with_every_other_setting_wrong_leads_go_on(account: str, tmp_path: Path) -> None:
    wrong = dict.fromkeys(("OWNERS", "MAIL_FROM", "MAIL_URL", "LINK_KEY", "REMINDER_WAITS", "TIME_ZONE"), "secret!")
    app = App(account, tmp_path / "host.log", wrong)
    app.start()
    try:
        assert app.post(lead(1)).status_code == 202
        wait_for(lambda: len(app.rows("Leads")) == 1)
        answer = httpx.get(f"{app.url}/health", timeout=30)
        assert answer.status_code == 503
        assert {fault["name"] for fault in answer.json()["wrong"]} == wrong.keys()
        assert "secret!" not in answer.text + app.log.read_text()
    finally:
        app.stop()


HOSTILE = {
    "the largest": lead(1, "x" * (47 * 1024 - len(lead(1)))),
    "too large": lead(1, "x" * 48 * 1024),
    "far too large": b"x" * 600 * 1024,
    "nested": b'{"a":' * 8_000 + b"1" + b"}" * 8_000,
    "nested person": b'{"userDetails": "' + b"[" * 40_000 + b'", "offerTitle": "x"}',
    "a long number": b'{"offerTitle": ' + b"9" * 4_000 + b"}",
    "a longer number": b'{"offerTitle": ' + b"9" * 5_000 + b"}",
    "half a surrogate": lead(1, LastName="\ud800"),
    "every plane": lead(
        1, "".join(chr(plane * 0x10000 + code) for plane in range(17) for code in (0x21, 0xFFFD, 0xFFFF))
    ),
    "key characters": lead(1, LastName="/\\#?\t\n\r\x00\x7f%", Email="", Company="/\\#?"),
    "not text": bytes(range(256)),
    "null": b"null",
    "a byte order mark": b"\xef\xbb\xbf" + lead(1),
    "UTF-16": lead(1).decode().encode("utf-16"),
    "repeated names": b'{"offerTitle": "a", "offerTitle": "b", "OFFERTITLE": "c"}',
    "injection": (FOLDER / "injection.json").read_bytes(),
}


def test_hostile_posts_are_answered_kept_and_never_a_fault(app: App) -> None:
    answers = {name: app.post(content).status_code for name, content in HOSTILE.items()}
    refused = {"too large": 413, "far too large": 413}
    refused |= dict.fromkeys(("nested", "a longer number", "not text", "null"), 400)
    assert answers == {name: refused.get(name, 202) for name in HOSTILE}
    app.wait_until_processed()
    log = app.log.read_text()
    assert "failed" not in log
    kept = len(app.rows("MarketplaceLeads")) + len(app.rows("RejectedLeads"))
    assert kept == len(HOSTILE) - 1  # of what is far too large, only the size is logged
    assert not {row["From"] for row in app.rows("RejectedLeads")} & {"poison"}


def test_an_odd_offer_in_the_url_is_never_refused(app: App) -> None:
    odd = ["%2F..%2F", "a%00b", "x" * 300, "%F0%9F%9A%80", "contoso.crm?code=secret"]
    assert [app.post(lead(who), offer).status_code for who, offer in enumerate(odd)] == [202] * len(odd)
    app.wait_until_processed()
    assert len(app.rows("Leads")) == len(odd)
    assert "secret" not in app.log.read_text()
