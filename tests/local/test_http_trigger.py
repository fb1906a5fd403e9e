"""The functions host's HTTP triggers."""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from tests.local.toy_host import ToyHost, running_host, write_app
from tests.waiting import wait_for

APP = """
    @app.route(route="leads/{offer?}", methods=["POST"])
    async def lead(req: func.HttpRequest) -> func.HttpResponse:
        seen = {"headers": dict(req.headers), "params": dict(req.params), "route": dict(req.route_params)}
        return func.HttpResponse(json.dumps({**seen, "body": req.get_body().decode(), "url": req.url}))

    @app.route(route="leads/export", methods=["POST", "GET"])
    def export(req: func.HttpRequest) -> str:
        return "exported"

    @app.route(route="pages/{token}/{part}")
    def page(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
        return func.HttpResponse(json.dumps([context.function_name, dict(req.route_params)]))

    @app.route(route="special")
    def special(req: func.HttpRequest) -> func.HttpResponse:
        answer = func.HttpResponse("<p>ä", status_code=418, mimetype="text/html", headers={"X-One": "1"})
        answer.headers.add("Set-Cookie", "a=1")
        answer.headers.add("Set-Cookie", "b=2")
        return answer

    @app.route(route="nothing")
    def nothing(req: func.HttpRequest) -> None:
        log.info("nothing to say %s", '{"event_id": "42"}', extra={"lost": "in Azure"})

    @app.route(route="broken")
    async def broken(req: func.HttpRequest) -> str:
        raise RuntimeError("as it was told")

    @app.route(route="wrong")
    async def wrong(req: func.HttpRequest) -> int:
        return 1
"""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ToyHost]:
    folder = tmp_path_factory.mktemp("http")
    write_app(folder, APP)
    with running_host(folder) as host:
        yield host


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("leads", {}),
        ("leads/", {}),
        ("LEADS", {}),
        ("leads/contoso.crm", {"offer": "contoso.crm"}),
        ("leads/a%20b", {"offer": "a b"}),
        ("leads/100%2541", {"offer": "100%41"}),
        ("leads/a%2Fb", {"offer": "a%2Fb"}),
        ("leads/%C3%A4", {"offer": "ä"}),
    ],
)
def test_a_route_gives_its_parameters_decoded_once(host: ToyHost, path: str, parameters: dict[str, str]) -> None:
    assert httpx.post(f"{host.url}/api/{path}").json()["route"] == parameters


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "api/leads"), ("POST", "leads"), ("POST", "api/leads/a/b"), ("GET", "api/pages/a"), ("GET", "")],
)
def test_what_no_function_takes_is_404(host: ToyHost, method: str, path: str) -> None:
    assert httpx.request(method, f"{host.url}/{path}").status_code == 404


def test_a_literal_wins_over_a_parameter(host: ToyHost) -> None:
    assert httpx.post(f"{host.url}/api/leads/export").text == "exported"


def test_a_request_arrives_as_it_was_sent(host: ToyHost) -> None:
    seen = httpx.post(f"{host.url}/api/leads?a=1&a=2&b=%C3%A4&c=", content="ä", headers={"X-Some-Thing": "Q"}).json()
    assert seen["body"] == "ä"
    assert seen["params"] == {"a": "1,2", "b": "ä", "c": ""}
    assert seen["headers"]["x-some-thing"] == "Q"
    assert seen["url"] == f"{host.url}/api/leads?a=1&a=2&b=%C3%A4&c="


def test_a_chunked_request_arrives_empty(host: ToyHost) -> None:
    assert httpx.post(f"{host.url}/api/leads", content=iter([b"a", b"b"])).json()["body"] == ""


def test_a_function_that_runs_in_a_thread_gets_its_context(host: ToyHost) -> None:
    assert httpx.get(f"{host.url}/api/pages/t/p").json() == ["page", {"token": "t", "part": "p"}]


def test_a_response_is_sent_as_it_was_made(host: ToyHost) -> None:
    answer = httpx.get(f"{host.url}/api/special")
    assert (answer.status_code, answer.text) == (418, "<p>ä")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["x-one"] == "1"
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]


def test_no_response_is_no_content(host: ToyHost) -> None:
    assert httpx.get(f"{host.url}/api/nothing").status_code == 204


@pytest.mark.parametrize("path", ["broken", "wrong"])
def test_a_failure_is_500_without_a_body(host: ToyHost, path: str) -> None:
    answer = httpx.get(f"{host.url}/api/{path}")
    assert (answer.status_code, answer.content) == (500, b"")


def test_a_failure_is_logged_from_the_function_on(host: ToyHost) -> None:
    httpx.get(f"{host.url}/api/broken")
    _, _, logged = host.log.partition("host ready")[2].partition("  broken ")
    outcome, header, first_frame, *_ = logged.splitlines()
    assert outcome.strip().startswith("failed")
    assert header == "Traceback (most recent call last):"
    assert "function_app.py" in first_frame


def test_a_body_of_more_than_100_mb_is_refused(host: ToyHost) -> None:
    with socket.create_connection(("127.0.0.1", urlsplit(host.url).port or 0)) as client:
        client.sendall(b"POST /api/leads HTTP/1.1\r\nHost: x\r\nContent-Length: 104857601\r\n\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 413")


def test_a_client_that_stalls_or_leaves_delays_no_other(host: ToyHost) -> None:
    with socket.create_connection(("127.0.0.1", urlsplit(host.url).port or 0)) as client:
        client.sendall(b"POST /api/leads HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123")
        assert httpx.post(f"{host.url}/api/leads").status_code == 200
    assert httpx.post(f"{host.url}/api/leads").status_code == 200
    assert "ClientDisconnect" not in host.log


def test_the_log_has_a_line_per_invocation_and_keeps_secrets(host: ToyHost) -> None:
    httpx.get(f"{host.url}/api/nothing?code=secret-key")
    httpx.get(f"{host.url}/api/pages/secret-token/x")
    httpx.post(f"{host.url}/api/leads", content="secret body")
    lines = wait_for(
        lambda: [line.split() for line in host.log.splitlines() if " nothing " in line and " 204 " in line]
    )
    assert lines[0][1:3] == ["nothing", "204"]
    assert 'nothing: nothing to say {"event_id": "42"}' in host.log
    assert "in Azure" not in host.log
    assert "secret" not in host.log


def test_an_http_function_cannot_be_run_by_the_admin_endpoint(host: ToyHost) -> None:
    assert httpx.post(f"{host.url}/admin/functions/lead", json={"input": ""}).status_code == 404
