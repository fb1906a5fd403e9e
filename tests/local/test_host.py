"""How the functions host starts, takes settings, and stops."""

import json
import threading
from pathlib import Path

import httpx
import pytest

from tests.local.toy_host import running_host, start_host, write_app
from tests.waiting import wait_for

TIMER = """
    @app.timer_trigger(arg_name="timer", schedule="{}")
    def tick(timer: func.TimerRequest) -> None: ...
"""
QUEUE = """
    @app.queue_trigger(arg_name="message", queue_name="queue", connection="STORE")
    def work(message: func.QueueMessage) -> None: ...
"""
BLOB = """
    @app.blob_trigger(arg_name="blob", path="container/name", connection="STORE")
    def read(blob: func.InputStream) -> None: ...
"""
HTTP = """
    @app.route(route="{}")
    def page(req: func.HttpRequest) -> str: ...
"""


@pytest.mark.parametrize(
    ("app", "settings", "sentence"),
    [
        ("import nowhere", {}, "function_app.py cannot be imported: ModuleNotFoundError: No module named 'nowhere'"),
        ("del app", {}, "function_app.py has no `app` that is a func.FunctionApp."),
        (TIMER.format("0 * * * * *") * 2, {}, "Function tick does not have a unique function name."),
        (TIMER.format("%WHEN%"), {}, "tick: its schedule is %WHEN%, but there is no setting WHEN."),
        (TIMER.format("%WHEN%"), {"WHEN": "often"}, "tick: often is no NCRONTAB schedule, such as 0 */5 * * * *."),
        (QUEUE, {}, "work: there is no setting STORE, which must hold its connection string."),
        (QUEUE, {"STORE": "here"}, "work: the setting STORE is no connection string:"),
        (HTTP.format("a/{b:int}"), {}, "page: this host cannot read '{b:int}' in the route api/a/{b:int}."),
        (
            HTTP.format("a"),
            {"AzureFunctionsJobHost__extensions__queues__batchSize": "40"},
            "host.json, queues: batchSize must be between 1 and 32, not 40.",
        ),
        (BLOB, {}, "read: this host knows HTTP, queue and timer triggers, not blobTrigger."),
    ],
)
def test_a_failed_start_is_explained_in_a_sentence(
    tmp_path: Path, app: str, settings: dict[str, str], sentence: str
) -> None:
    write_app(tmp_path, app)
    host = start_host(tmp_path, **settings)
    assert host.process.wait(20) == 1
    assert sentence in host.log
    assert ("Traceback" in host.log) == ("import" in app)


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    write_app(tmp_path, HTTP.format("a"))
    with running_host(tmp_path) as first:
        port = first.url.rpartition(":")[2]
        second = start_host(tmp_path, HTTP_PORT=port)
        assert second.process.wait(20) == 1
        assert f"Cannot listen on port {port}" in second.log
        assert "Set HTTP_PORT to another, such as 7072." in second.log


def test_settings_come_from_the_file_and_the_environment_wins(tmp_path: Path) -> None:
    write_app(
        tmp_path,
        """
        import os
        seen_at_import = [os.environ[name] for name in ("FROM_FILE", "FROM_BOTH")]

        @app.route(route="seen")
        def seen(req: func.HttpRequest) -> str:
            return json.dumps(seen_at_import)
        """,
        {"version": "2.0", "extensions": {"http": {"routePrefix": ""}}},
    )
    values = {"FROM_FILE": "file", "FROM_BOTH": "file"}
    (tmp_path / "local.settings.json").write_text(json.dumps({"IsEncrypted": False, "Values": values}))
    with running_host(tmp_path, FROM_BOTH="environment") as host:
        assert httpx.get(f"{host.url}/seen").json() == ["file", "environment"]


def test_the_start_lists_every_function(tmp_path: Path) -> None:
    write_app(tmp_path, TIMER.format("0 * * * * *") + QUEUE + HTTP.format("pages/{id}"))
    with running_host(tmp_path, STORE="UseDevelopmentStorage=true") as host:
        listed = [line.split() for line in host.log.partition("host ready")[0].splitlines()]
        assert ["page", "any", "method", f"{host.url}/api/pages/{{id}}"] in listed
        assert ["work", "queue", "queue"] in listed
        assert ["tick", "timer", "0", "*", "*", "*", "*", "*"] in listed


@pytest.mark.parametrize("kind", ["async def", "def"])
def test_a_stopped_host_finishes_a_request_that_runs(tmp_path: Path, kind: str) -> None:
    wait = "await asyncio.sleep(0.6)" if kind == "async def" else "time.sleep(0.6)"
    write_app(
        tmp_path,
        f"""
        @app.route(route="slow")
        {kind} slow(req: func.HttpRequest) -> str:
            note(begun=True)
            {wait}
            return "finished"
        """,
    )
    with running_host(tmp_path) as host:
        answers: list[str] = []
        client = threading.Thread(target=lambda: answers.append(httpx.get(f"{host.url}/api/slow").text))
        client.start()
        host.wait_for_notes(begun=True)
        host.process.terminate()
        wait_for(lambda: not host.answers())
        assert host.process.wait(10) == 0
        client.join()
        assert answers == ["finished"]
