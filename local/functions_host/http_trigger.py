"""HTTP triggers, on Starlette's requests and uvicorn's server."""

import asyncio
import contextlib
import json
import re
import socket
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import unquote

import azure.functions as func
import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from local.functions_host.functions import Function, StartUpError
from local.functions_host.invocation import Invoker, logger

MAX_BODY_BYTES = 100 * 1024 * 1024
NO_BODY_STATUSES = (204, 304)

RunNow = Callable[[str], Awaitable[None]]


@dataclass(frozen=True)
class Route:
    """Where a function listens: ``api/leads/{offer?}``."""

    function: Function
    path: str
    pattern: re.Pattern[str]

    @classmethod
    def parse(cls, function: Function, prefix: str) -> Self:
        """Read the route of *function*. Constraints and catch-alls are refused."""
        path = "/".join(filter(None, (prefix.strip("/"), function.binding["route"].strip("/"))))
        pattern = ""
        for part in path.split("/"):
            match = re.fullmatch(r"\{(\w+)(\?)?\}|([^{}]+)", part)
            if match is None:
                raise StartUpError(f"{function.name}: this host cannot read {part!r} in the route {path}.")
            name, is_optional, literal = match.groups()
            segment = f"/{re.escape(literal)}" if literal else f"/(?P<{name}>[^/]+)"
            pattern += f"(?:{segment})?" if is_optional else segment
        return cls(function, path, re.compile(f"{pattern}/?", re.IGNORECASE))

    @property
    def methods(self) -> list[str]:
        """The methods that it takes: any, if none are named."""
        return [str(method) for method in self.function.binding.get("methods") or ()]

    @property
    def precedence(self) -> list[bool]:
        """The sort key of the route. As in ASP.NET, a literal part wins over a parameter."""
        return [part.startswith("{") for part in self.path.split("/")]

    def match(self, method: str, raw_path: str) -> dict[str, str] | None:
        """Return the route parameters. None if the request is not for this route."""
        match = self.pattern.fullmatch(raw_path)
        if match is None or (self.methods and method not in self.methods):
            return None
        return {name: _decode(value) for name, value in match.groupdict().items() if value is not None}


class HttpListener:
    """Serves all HTTP functions, and ``POST /admin/functions/<name>``, which runs any other function now."""

    def __init__(
        self, routes: Sequence[Route], run_now: Mapping[str, RunNow], invoker: Invoker, sock: socket.socket
    ) -> None:
        self._routes = sorted(routes, key=lambda route: route.precedence)
        self._run_now, self._invoker, self._socket = run_now, invoker, sock
        self._running: set[asyncio.Task[None]] = set()
        config = uvicorn.Config(
            self._serve,
            interface="asgi3",
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
        )
        self._server = _Server(config)

    async def listen(self) -> None:
        """Serve until `stop`, then finish what runs."""
        await self._server.serve([self._socket])
        if self._running:
            await asyncio.wait(self._running)

    def stop(self) -> None:
        """Take no new requests."""
        self._server.should_exit = True

    async def started(self) -> None:
        """Return once requests are answered."""
        while not self._server.started:  # noqa: ASYNC110 -- uvicorn has no event for it
            await asyncio.sleep(0.01)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        # The client may go away while it sends. Then nobody waits for an answer.
        with contextlib.suppress(ClientDisconnect):
            response = await self._answer(request)
            await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        body = await _read_body(request)
        if body is None:
            return Response(status_code=413)
        path = request.scope["raw_path"].decode("latin-1")
        if request.method == "POST" and (match := re.fullmatch("/admin/functions/([^/]+)/?", path)):
            return self._run_function_now(match[1], body)
        for route in self._routes:
            parameters = route.match(request.method, path)
            if parameters is not None:
                return await self._invoke(route.function, _to_functions_request(request, parameters, body))
        # Not the path: it may hold a token.
        logger.info("%-22s %-7s", f"({request.method}: no function)", "404")
        return Response(status_code=404)

    async def _invoke(self, function: Function, request: func.HttpRequest) -> Response:
        try:
            response: Response = await self._invoker.invoke(function, request, read=_to_response)
        except Exception:  # noqa: BLE001 -- the invoker logged it; the caller must not see more
            return Response(status_code=500)
        return response

    def _run_function_now(self, name: str, body: bytes) -> Response:
        if name not in self._run_now:
            return PlainTextResponse("There is no queue or timer function of that name.\n", status_code=404)
        try:
            text = str(json.loads(body or b"{}").get("input", ""))
        except (ValueError, AttributeError):
            return PlainTextResponse('The body must be JSON: {"input": "…"}\n', status_code=400)

        async def run() -> None:
            await self._run_now[name](text)

        task = asyncio.create_task(run())
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return Response(status_code=202)


class _Server(uvicorn.Server):
    """uvicorn's server, which leaves signals to the host."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _read_body(request: Request) -> bytes | None:
    """Return the body. As in Azure, it is empty for a chunked request. None if it is too long."""
    if int(request.headers.get("content-length", 0)) > MAX_BODY_BYTES:
        return None
    parts, length = [], 0
    async for part in request.stream():
        parts.append(part)
        length += len(part)
        if length > MAX_BODY_BYTES:
            return None
    return b"" if "transfer-encoding" in request.headers else b"".join(parts)


def _decode(segment: str) -> str:
    """Undo percent-encoding once, except ``%2F``, as the real host's web server does."""
    return unquote(re.sub("%(?=2[Ff])", "%25", segment))


def _to_functions_request(request: Request, route_params: Mapping[str, str], body: bytes) -> func.HttpRequest:
    path, query = request.scope["raw_path"].decode("latin-1"), request.scope["query_string"].decode("latin-1")
    return func.HttpRequest(
        request.method,
        f"{request.url.scheme}://{request.url.netloc}{path}{'?' if query else ''}{query}",
        headers=_join(request.headers.items()),
        params=_join(request.query_params.multi_items()),
        route_params=route_params,
        body=body,
    )


def _join(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the pairs by name. The values of a name that comes twice are joined by a comma."""
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _to_response(answer: Any) -> Response:
    if answer is None:
        return Response(status_code=204)
    if isinstance(answer, str):
        answer = func.HttpResponse(answer)
    if not isinstance(answer, func.HttpResponse):
        raise TypeError(f"an HTTP function gives func.HttpResponse or str, not {type(answer).__name__}")
    body = None if answer.status_code in NO_BODY_STATUSES else answer.get_body()
    response = Response(body, answer.status_code)
    headers = [(name.lower(), value) for name, value in answer.headers if name.lower() != "content-length"]
    if "content-type" not in answer.headers:
        charset = f"; charset={answer.charset}" if answer.mimetype.startswith("text/") else ""
        headers.append(("content-type", answer.mimetype + charset))
    response.raw_headers += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return response
