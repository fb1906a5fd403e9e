"""`leads send-test`: test leads go the whole way, and whatever stops them is said with what to do."""

import json
import socket
import ssl
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import BadStatusLine
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import URLError

import pytest
import trustme

from leads.post_troubles import explain_silence
from leads.posting import Door
from leads.shapes import SHAPES
from tests.cli import Ran, run_leads
from tests.system.app import App
from tests.waiting import wait_for


@pytest.fixture
def app(account: str, tmp_path: Path) -> Iterator[App]:
    app = App(account, tmp_path / "host.log")
    app.start()
    wait_for(lambda: _listens(app.port))
    yield app
    app.stop()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Server:
    """A server that answers each post the same, and what it got."""

    status: int = 202
    answer: bytes | None = None
    """None: an id, as the app gives one."""
    headers: dict[str, str] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    posts: list[tuple[str, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                told.posts.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
                content = told.answer
                if content is None:
                    content = json.dumps({"id": uuid.uuid4().hex}).encode()
                self.send_response(told.status)
                for name, value in {**told.headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if self.tls:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self._server.server_port}/api/leads?code=s3cret"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


async def send(account: str, *arguments: str, **environment: str) -> Ran:
    return await run_leads("send-test", *arguments, environment={"LEADS_STORAGE": account, **environment}, columns=120)


async def test_every_shape_goes_the_whole_way_and_is_told_to_nobody(app: App) -> None:
    ran = await send(app.connection_string, "--yes", PUBLIC_URL=app.url.removesuffix("/api"))
    assert ran.code == 0, ran.stderr
    assert ran.stdout.count("in Leads   sales@contoso.example") == len(SHAPES)
    assert f"{len(SHAPES)} of {len(SHAPES)} test leads stand in Leads." in ran.stderr
    rows = app.rows("Leads")
    assert {row["LastName"] for row in rows} == {*SHAPES}
    assert all(row["IsTest"] for row in rows)


async def test_one_shape_can_be_sent_to_a_url_with_an_offer_and_a_code(app: App) -> None:
    url = f"{app.url}/leads/contoso.erp?code=s3cret"
    ran = await send(app.connection_string, url, "--shape", "contact-me", "--yes", "--json")
    assert ran.code == 0, ran.stderr
    again = await send(app.connection_string, url, "--shape", "contact-me", "--yes")
    assert again.code == 0, again.stderr
    (sent,) = ran.document["sent"]
    assert (sent["shape"], sent["became"]) == ("contact-me", "stored")
    assert sent["storedSeconds"] >= sent["answeredSeconds"] > 0
    (row,) = app.rows("Leads")
    assert row["OfferId"] == "erp"
    assert (row["PartitionKey"], row["RowKey"]) == (sent["lead"]["partitionKey"], sent["lead"]["rowKey"])


async def test_what_would_be_sent_is_shown_and_not_sent_without_a_yes(account: str, server: Server) -> None:
    ran = await send(account, server.url, "--dry-run", "--json")
    assert (ran.code, ran.document["sent"]) == (0, [])
    assert all(name in ran.stderr for name in SHAPES)
    assert server.posts == []


async def test_leads_that_are_taken_but_do_not_arrive_are_said(account: str, server: Server) -> None:
    ran = await send(account, server.url, "--yes", "--wait", "1s")
    assert ran.code == 1
    assert "12 test leads were taken, but did not arrive in the account account" in " ".join(ran.stderr.split())
    assert "LEADS_STORAGE" in ran.stderr
    assert "taken, but not seen here" in ran.stdout


async def test_what_did_not_arrive_is_one_document_too(account: str, server: Server) -> None:
    ran = await send(account, server.url, "--shape", "contact-me", "--yes", "--wait", "1s", "--json")
    assert (ran.code, [each["became"] for each in ran.document["sent"]]) == (1, ["not seen"])
    assert "did not arrive" in ran.stderr


async def test_the_code_is_sent_and_never_shown(account: str, server: Server) -> None:
    ran = await send(account, server.url, "--shape", "flat", "--yes", "--wait", "1s", "--json")
    assert [path for path, _ in server.posts] == ["/api/leads?code=s3cret"]
    assert "s3cret" not in ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "the code in the URL is missing or wrong"),
        (403, "the function app is stopped"),
        (404, "nothing takes leads there"),
        (405, "takes no posts"),
        (500, "the function app's log"),
        (200, "like a web site"),
        (202, "like a web site"),
        (302, "sends the post elsewhere"),
        (307, "sends the post elsewhere"),
    ],
)
async def test_an_answer_that_is_not_the_apps_stops_at_once_and_says_what_to_do(
    account: str, server: Server, status: int, said: str
) -> None:
    server.status, server.answer, server.headers = status, b"<html>", {"Location": "http://127.0.0.1:9/login"}
    ran = await send(account, server.url, "--yes")
    assert (ran.code, ran.stdout, len(server.posts)) == (1, "", 1)
    assert said in ran.stderr
    assert str(status) in ran.stderr


async def test_what_the_app_says_of_its_own_trouble_is_passed_on_but_does_not_steer_the_terminal(
    account: str, server: Server
) -> None:
    detail = "The storage account does not answer.\x1b[31m"
    server.status, server.answer = 503, json.dumps({"code": "storage-unavailable", "detail": detail}).encode()
    ran = await send(account, server.url, "--yes")
    assert "The storage account does not answer." in ran.stderr
    assert "\x1b" not in ran.stderr


async def test_a_shape_that_the_app_refuses_is_said_and_the_others_are_sent(account: str, server: Server) -> None:
    server.status, server.answer = 400, json.dumps({"code": "not-json", "detail": "Line 1."}).encode()
    ran = await send(account, server.url, "--shape", "flat", "--shape", "flow", "--yes")
    assert ran.code == 1
    assert ran.stdout.count("refused, not-json: Line 1.") == 2


async def test_a_port_where_nobody_listens_is_said(account: str) -> None:
    ran = await send(account, "http://127.0.0.1:9/api/leads", "--yes")
    assert ran.code == 1
    assert "Nobody listens at 127.0.0.1:9. Is make run running?" in ran.stderr


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (URLError(socket.gaierror(-2, "Name or service not known")), "There is no host contoso.example"),
        (URLError(TimeoutError()), "gives no answer within 60 seconds"),
        (TimeoutError(), "gives no answer within 60 seconds"),
        (BadStatusLine("SSH-2.0"), "broke the connection off (BadStatusLine)"),
        (URLError("unknown"), "broke the connection off"),
    ],
)
def test_a_server_that_is_silent_is_said(error: Exception, said: str) -> None:
    assert said in explain_silence("contoso.example", error)


async def test_a_server_that_speaks_another_language_is_said(account: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_greet, args=[server], daemon=True).start()
        ran = await send(account, f"http://127.0.0.1:{server.getsockname()[1]}/api/leads", "--yes")
    assert ran.code == 1
    assert "broke the connection off" in ran.stderr


def _greet(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(65_536)
        connection.sendall(b"SSH-2.0-OpenSSH\r\n")


async def test_a_certificate_that_nobody_trusts_is_said(account: str) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(tls)
    server = Server(tls=tls)
    ran = await send(account, server.url, "--yes")
    server.close()
    assert ran.code == 1
    assert "is not trusted" in ran.stderr
    assert server.posts == []


async def test_https_where_only_http_is_spoken_is_said(account: str, server: Server) -> None:
    ran = await send(account, server.url.replace("http:", "https:"), "--yes")
    assert ran.code == 1
    assert "write http:// in place of https://" in ran.stderr


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://partner.microsoft.com/dashboard/marketplace-offers/leads", "web site for people"),
        ("https://portal.azure.com/#view/functions", "web site for people"),
        ("https://contoso.scm.azurewebsites.net/api/leads", "Leave out .scm"),
        ("contoso.azurewebsites.net/api/leads", "begins with https://"),
        ("ftp://contoso.example/api/leads", "begins with https://"),
        ("https://contoso-leads.azurewebsites.net/api/leads?code=…", "Paste the whole URL"),
    ],
)
async def test_a_url_that_cannot_be_the_apps_is_wrong_use(account: str, url: str, said: str) -> None:
    ran = await send(account, url, "--yes")
    assert (ran.code, ran.stdout) == (2, "")
    assert said in ran.stderr


async def test_without_a_url_it_must_be_set(account: str) -> None:
    ran = await send(account, "--yes")
    assert ran.code == 2
    assert "set PUBLIC_URL" in ran.stderr


@pytest.mark.parametrize("path", ["", "/", "/api", "/api/"])
def test_the_apps_address_alone_is_enough(path: str) -> None:
    assert Door.parse(f" https://contoso.example{path}?code=x ").url == "https://contoso.example/api/leads?code=x"


def test_an_address_with_an_offer_stays_as_it_is() -> None:
    door = Door.parse("https://contoso.example/api/leads/contoso.crm?code=x#top")
    assert door.url == "https://contoso.example/api/leads/contoso.crm?code=x"
    assert str(door) == "https://contoso.example/api/leads/contoso.crm"
