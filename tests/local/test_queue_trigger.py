"""The functions host's queue triggers, on Azurite."""

import base64
import secrets
import time
from pathlib import Path

import httpx
import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueClient

from local.azurite import Azurite, Ports
from tests.local.toy_host import running_host, write_app
from tests.waiting import wait_for

APP = """
    @app.queue_trigger(arg_name="message", queue_name="%QUEUE%", connection="STORE", data_type=func.DataType.BINARY)
    async def work(message: func.QueueMessage) -> None:
        note(function="work", body=message.get_body().decode("latin-1"), count=message.dequeue_count, at=time.time())
        if message.get_body().startswith(b"slow"):
            await asyncio.sleep(1.4)
        if message.get_body().startswith(b"bad"):
            raise ValueError("bad")
        note(function="work", finished=message.get_body().decode("latin-1"))

    @app.queue_trigger(arg_name="message", queue_name="%QUEUE%-poison", connection="STORE")
    def park(message: func.QueueMessage) -> None:
        note(function="park", body=message.get_body().decode(), id=message.id, inserted=str(message.insertion_time))
        if message.get_body() == b"bad to the end":
            raise ValueError("still bad")
"""


class Queues:
    """A queue of its own for a test, and its poison queue."""

    def __init__(self, azurite: Azurite) -> None:
        self.settings = {"QUEUE": f"q{secrets.token_hex(6)}", "STORE": azurite.connection_string}
        self.queue, self.poison = (
            QueueClient.from_connection_string(azurite.connection_string, self.settings["QUEUE"] + suffix)
            for suffix in ("", "-poison")
        )
        self.queue.create_queue()

    def send(self, body: bytes) -> None:
        self.queue.send_message(base64.b64encode(body).decode())


@pytest.fixture
def queues(azurite: Azurite) -> Queues:
    return Queues(azurite)


@pytest.fixture
def app(tmp_path: Path) -> Path:
    write_app(tmp_path, APP)
    return tmp_path


def count(queue: QueueClient) -> int:
    """Return how many messages *queue* holds, visible or not."""
    try:
        return queue.get_queue_properties().approximate_message_count or 0
    except ResourceNotFoundError:
        return 0


def test_a_message_is_handed_over_and_deleted(queues: Queues, app: Path) -> None:
    queues.send(b"\xff\x00 bytes")
    with running_host(app, **queues.settings) as host:
        [note] = host.wait_for_notes(body="ÿ\x00 bytes")
        assert note["count"] == 1
        wait_for(lambda: count(queues.queue) == 0)
        assert "dequeue count 1" in host.log


def test_what_keeps_failing_goes_to_the_poison_queue(queues: Queues, app: Path) -> None:
    queues.send(b"bad")
    with running_host(app, **queues.settings) as host:
        [parked] = host.wait_for_notes(function="park")
        assert [note["count"] for note in host.notes(function="work")] == [1, 2, 3, 4, 5]
        assert parked["body"] == "bad"
        wait_for(lambda: count(queues.poison) == count(queues.queue) == 0)


def test_settings_override_host_json(queues: Queues, app: Path) -> None:
    queues.send(b"bad")
    prefix = "AzureFunctionsJobHost__extensions__queues__"
    settings = {f"{prefix}visibilityTimeout": "00:00:01", f"{prefix}maxDequeueCount": "2"}
    with running_host(app, **queues.settings, **settings) as host:
        host.wait_for_notes(function="park")
        first, second = host.notes(function="work")
        assert second["at"] - first["at"] >= 1


def test_text_that_is_not_base64_goes_to_the_poison_queue_at_once(queues: Queues, app: Path) -> None:
    queues.queue.send_message("plain text!")
    with running_host(app, **queues.settings) as host:
        wait_for(lambda: count(queues.poison) == 1 and count(queues.queue) == 0)
        assert host.notes() == []


def test_what_fails_in_a_poison_queue_stays_there_unseen(queues: Queues, app: Path) -> None:
    queues.send(b"bad to the end")
    with running_host(app, **queues.settings) as host:
        host.wait_for_notes(function="park")
        wait_for(lambda: "park" in host.log and "ValueError: still bad" in host.log)
        assert count(queues.poison) == 1
        assert list(queues.poison.receive_messages()) == []


def test_a_message_that_was_tried_too_often_is_not_tried_again(queues: Queues, app: Path) -> None:
    queues.send(b"good")
    for _ in range(2):
        [message] = queues.queue.receive_messages()
        queues.queue.update_message(message, visibility_timeout=0)
    with running_host(app, **queues.settings, AzureFunctionsJobHost__extensions__queues__maxDequeueCount="1") as host:
        host.wait_for_notes(function="park")
        assert host.notes(function="work") == []


def test_bytes_that_are_no_text_fail_if_the_binding_asks_for_text(queues: Queues, app: Path) -> None:
    queues.poison.create_queue()
    queues.poison.send_message(base64.b64encode(b"\xff").decode())
    with running_host(app, **queues.settings) as host:
        wait_for(lambda: "data_type=func.DataType.BINARY" in host.log)
        assert host.notes() == []


def test_a_killed_host_leaves_the_message_to_the_next(queues: Queues, app: Path) -> None:
    queues.send(b"slow")
    settings = {**queues.settings, "RECEIVED_MESSAGE_INVISIBLE": "1"}
    with running_host(app, **settings) as host:
        host.wait_for_notes(body="slow", count=1)
    with running_host(app, **settings) as host:
        host.wait_for_notes(finished="slow")
        assert [note["count"] for note in host.notes(function="work") if "body" in note] == [1, 2]


def test_a_message_stays_unseen_as_long_as_its_function_runs(queues: Queues, app: Path) -> None:
    queues.send(b"slow")
    with running_host(app, **queues.settings, RECEIVED_MESSAGE_INVISIBLE="1") as host:
        host.wait_for_notes(finished="slow")
        wait_for(lambda: count(queues.queue) == 0)
        assert len(host.notes(body="slow")) == 1


def test_a_stopped_host_finishes_what_runs_and_takes_nothing_new(queues: Queues, app: Path) -> None:
    queues.send(b"slow")
    with running_host(app, **queues.settings) as host:
        host.wait_for_notes(body="slow")
        host.process.terminate()
        wait_for(lambda: not host.answers())
        queues.send(b"late")
        assert host.process.wait(10) == 0
        assert host.notes(finished="slow")
        assert host.notes(body="late") == []
        assert count(queues.queue) == 1


def test_many_messages_run_side_by_side(queues: Queues, app: Path) -> None:
    for number in range(20):
        queues.send(b"slow %d" % number)
    with running_host(app, **queues.settings) as host:
        wait_for(lambda: len([note for note in host.notes() if "finished" in note]) == 20)
        begun = sorted(note["at"] for note in host.notes() if "at" in note)
        # Sixteen at first. The others start once no more than eight run.
        assert begun[15] - begun[0] < 1.2 < begun[16] - begun[0]


def test_the_admin_endpoint_runs_a_queue_function_now(queues: Queues, app: Path) -> None:
    with running_host(app, **queues.settings) as host:
        assert httpx.post(f"{host.url}/admin/functions/work", json={"input": "by hand"}).status_code == 202
        host.wait_for_notes(body="by hand")
        assert httpx.post(f"{host.url}/admin/functions/other", json={"input": ""}).status_code == 404
        assert httpx.post(f"{host.url}/admin/functions/work", content="[").status_code == 400


@pytest.mark.usefixtures("node_programs")
def test_storage_that_is_down_is_reported_once_and_waited_for(app: Path) -> None:
    ports = Ports.free()
    with running_host(app, QUEUE="queue", STORE=ports.connection_string) as host:
        wait_for(lambda: "queue queue does not answer" in host.log)
        time.sleep(0.5)  # several polls
        with Azurite(ports=ports, only="queue") as azurite:
            queue = QueueClient.from_connection_string(azurite.connection_string, "queue")
            queue.create_queue()
            queue.send_message(base64.b64encode(b"good").decode())
            host.wait_for_notes(body="good")
            assert host.log.count("queue queue does not answer") == 1
            assert "queue queue answers again" in host.log
            assert "Traceback" not in host.log
            host.stop()
