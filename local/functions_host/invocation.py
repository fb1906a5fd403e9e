"""Run functions, and write the log: a line for each invocation, and the app's own records."""

import asyncio
import contextvars
import functools
import inspect
import logging
import os
import sys
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Any, Protocol

from local.functions_host.functions import Function

logger = logging.getLogger("functions_host")

_running = contextvars.ContextVar("running", default="")


class Listener(Protocol):
    """Waits for what triggers a function."""

    async def listen(self) -> None:
        """Run the function each time, until `stop`. Then finish what runs."""

    def stop(self) -> None:
        """Start nothing new."""


class Invoker:
    """Runs async functions on the loop and other functions in threads, as Microsoft's Python worker does.

    If a function takes longer than *limit* (``functionTimeout``), the whole process ends at once and starts anew, as
    the real host does with its worker: whatever else runs in it ends, too.
    """

    def __init__(self, limit: timedelta | None = None) -> None:
        self._limit = limit
        self._threads = ThreadPoolExecutor(min(32, (os.cpu_count() or 1) + 4), "function")

    async def invoke(
        self,
        function: Function,
        argument: object,
        *,
        read: Callable[[Any], Any] = lambda result: result,
        note: str = "",
    ) -> Any:
        """Call *function* with *argument*, and return its result as *read* reads it. Errors are logged and raised."""
        arguments = {function.parameter: argument}
        if "context" in inspect.signature(function.call).parameters and function.parameter != "context":
            arguments["context"] = SimpleNamespace(
                function_name=function.name, invocation_id=str(uuid.uuid4()), function_directory=str(Path.cwd())
            )
        started, token = time.perf_counter(), _running.set(function.name)
        outcome, failure = "failed", None
        watchdog = self._watch(function)
        try:
            result = read(await self._call(functools.partial(function.call, **arguments)))
            outcome = str(getattr(result, "status_code", "done"))
        except Exception as error:
            failure = (type(error), error, _from_function_on(error.__traceback__, function))
            raise
        finally:
            if watchdog:
                watchdog.cancel()
            _running.reset(token)
            took = (time.perf_counter() - started) * 1000
            logger.log(
                logging.ERROR if failure else logging.INFO,
                "%-22s %-7s %6.0f ms  %s", function.name, outcome, took, note, exc_info=failure,
            )  # fmt: skip
        return result

    def _watch(self, function: Function) -> asyncio.TimerHandle | None:
        if self._limit is None:
            return None
        return asyncio.get_running_loop().call_later(self._limit.total_seconds(), start_anew, function, self._limit)

    async def _call(self, call: functools.partial[Any]) -> Any:
        if inspect.iscoroutinefunction(call.func):
            return await call()
        in_context = functools.partial(contextvars.copy_context().run, call)
        return await asyncio.get_running_loop().run_in_executor(self._threads, in_context)


def _from_function_on(trace: TracebackType | None, function: Function) -> TracebackType | None:
    """Return the traceback without the host's own frames."""
    part = trace
    while part and part.tb_frame.f_code is not getattr(function.call, "__code__", None):
        part = part.tb_next
    return part or trace


def start_anew(function: Function, limit: timedelta) -> None:
    """End this process where it stands, and start it again."""
    logger.error("%-22s took longer than %s, so the host starts anew", function.name, limit)
    logging.shutdown()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 -- no shell is wanted


def write_log_to_stdout() -> None:
    """Show the host's and the app's records from INFO up, other libraries' from WARNING up.

    With ``PYTHON_ENABLE_DEBUG_LOGGING=1``, show all records, as Microsoft's worker does.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_LineFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    if os.environ.get("PYTHON_ENABLE_DEBUG_LOGGING") == "1":
        logging.root.setLevel(logging.DEBUG)
        return
    for talkative in ("azure", "uvicorn", "asyncio", "aiohttp"):
        logging.getLogger(talkative).setLevel(logging.WARNING)


class _LineFormatter(logging.Formatter):
    """``12:30:01  <host's line>`` or ``12:30:01    <function>: <app's record>``.

    As in Azure, a record's ``extra`` is not shown.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 -- logging's name
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        if record.name == logger.name:
            return f"{clock}  {record.message.rstrip()}"
        level = f"{record.levelname} " if record.levelno > logging.INFO else ""
        # On one line, so that no value looks like a separate record.
        text = " ".join(record.message.splitlines())
        return f"{clock}    {level}{_running.get() or record.name}: {text}"
