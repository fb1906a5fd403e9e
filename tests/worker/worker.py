"""Microsoft's own Python worker library, run in-process: this module takes the Functions host's place.

Host and worker exchange protobuf messages over gRPC. The library takes the message classes from its caller and uses
only their fields, so plain objects are enough. The fields hold what the host writes there:

- https://github.com/Azure/azure-functions-host/tree/dev/src/WebJobs.Script.Grpc/MessageExtensions
- https://github.com/Azure/azure-sdk-for-net/tree/main/sdk/storage/Microsoft.Azure.WebJobs.Extensions.Storage.Queues/src
- https://github.com/Azure/azure-webjobs-sdk-extensions/tree/dev/src/WebJobs.Extensions/Extensions/Timers
"""

import asyncio
import json
import uuid
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self
from urllib.parse import urlencode

import azure_functions_runtime as runtime  # type: ignore[import-not-found,unused-ignore]  # in this lane's venv only

Binding = Mapping[str, Any]
Handler = Callable[["Message"], Coroutine[Any, Any, "Message"]]


class Message(SimpleNamespace):
    """A protobuf message: the fields that were set."""

    def WhichOneof(self, _union: str) -> str | None:  # noqa: N802 -- protobuf's name for it
        """Name the set member of the message's union, if any. A ``ParameterBinding`` has a name besides."""
        return next((field for field in vars(self) if field != "name"), None)


class BindingInfo(Message):
    """How a parameter is bound: the direction and the data type."""

    undefined, out, inout = 0, 1, 2


class StatusResult(Message):
    """The result of a call."""

    Failure, Success = 0, 1


MESSAGES = SimpleNamespace(
    BindingInfo=BindingInfo,
    FunctionLoadResponse=Message,
    FunctionMetadataResponse=Message,
    InvocationResponse=Message,
    ParameterBinding=Message,
    RpcException=Message,
    RpcFunctionMetadata=Message,
    RpcHttp=Message,
    StatusResult=StatusResult,
    TypedData=Message,
    WorkerInitResponse=Message,
    WorkerMetadata=Message,
)


class WorkerError(Exception):
    """The worker answered ``Failure``. The text is what the host would log."""


@dataclass(frozen=True)
class Answer:
    """What an HTTP function answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        members: dict[str, Any] = json.loads(self.body)
        return members


class Worker:
    """A worker process's life: one event loop from the indexing to the last invocation."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._functions: dict[str, Message] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        # As in Azure, the process ends with the app's connections open. That is not worth a warning.
        self._runner.get_loop().set_exception_handler(lambda _loop, _context: None)
        self._runner.close()

    @property
    def triggers(self) -> Mapping[str, Binding]:
        """Return the trigger of each function, as the host gets it."""
        return {name: self._trigger(name) for name in self._functions}

    def index(self, app_directory: Path) -> None:
        """Load *app_directory*'s ``function_app.py``, which must be importable.

        Raises ``WorkerError`` if it cannot be loaded or holds no functions. In Azure both end in the same
        ``0 functions found``.
        """
        request = Message(capabilities={}, function_app_directory=str(app_directory))
        self._ask(runtime.worker_init_request, worker_init_request=request)
        answer = self._ask(runtime.functions_metadata_request, functions_metadata_request=Message())
        self._functions = {function.name: function for function in answer.function_metadata_results or ()}
        if not self._functions:
            raise WorkerError("0 functions found")
        for function in self._functions.values():
            request = Message(function_id=function.function_id, metadata=function)
            self._ask(runtime.function_load_request, function_load_request=request)

    def call(  # noqa: PLR0913 -- a request has this many parts
        self,
        function: str,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        route: Mapping[str, str] | None = None,
    ) -> Answer:
        """Invoke an HTTP function. The body is passed as bytes, and not at all if it is empty."""
        http = Message(
            method=method,
            url=f"http://localhost:7071{path}" + (f"?{urlencode(query)}" if query else ""),
            headers={name.lower(): value for name, value in (headers or {}).items()},
            query=dict(query or {}),
            params=dict(route or {}),
            body=Message(bytes=body) if body else Message(),
        )
        metadata = {"Headers": http.headers, "Query": http.query}
        response = self._invoke(function, Message(http=http), _as_json(metadata) | _as_text(http.params))
        answer = response.return_value.http
        return Answer(status=int(answer.status_code), headers=answer.headers, body=answer.body.bytes)

    def deliver(self, function: str, body: bytes, *, dequeue_count: int = 1) -> None:
        """Invoke a queue function with *body*, which the host has base64-decoded.

        The host passes bytes if the trigger says ``data_type=BINARY``, else text. Then a message that is not UTF-8
        never gets to Python, and ends in the poison queue.
        """
        is_binary = self._trigger(function).get("dataType", "").upper() == "BINARY"
        try:
            message = Message(bytes=body) if is_binary else Message(string=body.decode())
        except UnicodeDecodeError as error:
            raise WorkerError(f"The host cannot pass this message on: {function} takes text, not BINARY.") from error
        now = datetime.now(UTC)
        times = {
            "ExpirationTime": datetime.max.replace(tzinfo=UTC),
            "InsertionTime": now,
            "NextVisibleTime": now + timedelta(minutes=10),
        }
        metadata = {"DequeueCount": dequeue_count} | {name: time.isoformat() for name, time in times.items()}
        texts = {"Id": str(uuid.uuid4()), "PopReceipt": "AgAAAAMAAAAAAAAA"}
        self._invoke(function, message, _as_json(metadata) | _as_text(texts))

    def tick(self, function: str) -> None:
        """Invoke a timer function, on time."""
        now = datetime.now(UTC)
        times = {"Last": now - timedelta(minutes=5), "Next": now + timedelta(minutes=5), "LastUpdated": now}
        timer = {
            "Schedule": {"AdjustForDST": True},
            "ScheduleStatus": {name: time.isoformat() for name, time in times.items()},
            "IsPastDue": False,
        }
        self._invoke(function, Message(json=json.dumps(timer)), _as_text({"TimerTrigger": f"{now:%m/%d/%Y %H:%M:%S}"}))

    def _trigger(self, function: str) -> Binding:
        bindings: list[Binding] = [json.loads(binding) for binding in self._functions[function].raw_bindings]
        (trigger,) = (binding for binding in bindings if binding["type"].endswith("Trigger"))
        return trigger

    def _invoke(self, function: str, trigger: Message, metadata: Mapping[str, Message]) -> Message:
        """Run the function once. Raises ``WorkerError`` if the function raised."""
        request = Message(
            invocation_id=str(uuid.uuid4()),
            function_id=self._functions[function].function_id,
            trace_context=Message(trace_parent="", trace_state="", attributes={}),
            retry_context=Message(retry_count=0, max_retry_count=0, exception=None),
            input_data=[Message(name=self._trigger(function)["name"], data=trigger)],
            trigger_metadata=metadata,
        )
        return self._ask(runtime.invocation_request, invocation_request=request)

    def _ask(self, handler: Handler, **request: Message) -> Message:
        properties = {"host": "127.0.0.1", "protos": MESSAGES}
        answer = self._runner.run(handler(Message(request=Message(**request), properties=properties)))
        if answer.result.status != StatusResult.Success:
            raise WorkerError(f"{answer.result.exception.message}\n{answer.result.exception.stack_trace}")
        return answer


def _as_json(values: Mapping[str, object]) -> dict[str, Message]:
    return {name: Message(json=json.dumps(value)) for name, value in values.items()}


def _as_text(values: Mapping[str, str]) -> dict[str, Message]:
    return {name: Message(string=value) for name, value in values.items()}
