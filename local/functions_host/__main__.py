"""``python -m local.functions_host``: host the functions of this folder until SIGINT or SIGTERM."""

import asyncio
import logging
import os
import signal
import socket
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from local.functions_host.functions import (
    Function,
    StartUpError,
    load_functions,
    parse_time_span,
    put_settings_into_environment,
    read_host_json,
)
from local.functions_host.http_trigger import HttpListener, Route
from local.functions_host.invocation import Invoker, Listener, logger, write_log_to_stdout
from local.functions_host.queue_trigger import QueueListener, QueueOptions, connect
from local.functions_host.timer_trigger import TimerListener

HOST = "127.0.0.1"
# How long running functions may take to finish when the host is stopped.
PATIENCE_SECONDS = 30


def main() -> int:
    """Host the functions of the current folder."""
    try:
        put_settings_into_environment(Path.cwd())
        write_log_to_stdout()
        with _bind(os.environ.get("HTTP_PORT", "7071")) as sock:
            # What Core Tools set.
            os.environ.setdefault("AZURE_FUNCTIONS_ENVIRONMENT", "Development")
            os.environ.setdefault("WEBSITE_HOSTNAME", f"{HOST}:{sock.getsockname()[1]}")
            asyncio.run(host(load_functions(), sock))
    except StartUpError as error:
        print(error, file=sys.stderr)
        if error.__cause__:
            traceback.print_exception(error.__cause__)
        return 1
    return 0


async def host(functions: Sequence[Function], sock: socket.socket) -> None:
    """Run *functions* when they are triggered, until a signal."""
    options = read_host_json(Path.cwd())
    extensions = options.get("extensions", {})
    invoker = Invoker(parse_time_span(str(options.get("functiontimeout", ""))))
    prefix = extensions.get("http", {}).get("routeprefix", "api")
    routes = [Route.parse(each, prefix) for each in functions if each.trigger == "httpTrigger"]
    queue_options = QueueOptions.parse(extensions.get("queues", {}))
    queues = [
        QueueListener(each, connect(each), queue_options, invoker)
        for each in functions
        if each.trigger == "queueTrigger"
    ]
    timers = [TimerListener(each, invoker) for each in functions if each.trigger == "timerTrigger"]
    for queue in queues:
        queue.poison_listener = next((each for each in queues if each.queue_name == queue.poison_name), None)
    others: list[QueueListener | TimerListener] = [*queues, *timers]
    http = HttpListener(routes, {each.function.name: each.run_now for each in others}, invoker, sock)
    listeners: list[Listener] = [http, *others]

    address = f"http://{HOST}:{sock.getsockname()[1]}"
    lines = {
        **{each.function.name: f"{','.join(each.methods) or 'any method'} {address}/{each.path}" for each in routes},
        **{each.function.name: f"queue {each.queue_name}" for each in queues},
        **{each.function.name: f"timer {each.schedule_text}" for each in timers},
    }
    for name, line in lines.items():
        print(f"  {name:<22} {line}")

    stopping = asyncio.Event()
    _on_signals(stopping)
    try:
        async with asyncio.timeout(None) as patience, asyncio.TaskGroup() as group:
            for listener in listeners:
                group.create_task(listener.listen())
            await http.started()
            print(f"host ready on {address}", flush=True)
            await stopping.wait()
            for listener in listeners:
                listener.stop()
            patience.reschedule(asyncio.get_running_loop().time() + PATIENCE_SECONDS)
    except TimeoutError:
        logger.warning("Stopped, though something still ran after %d s", PATIENCE_SECONDS)
        logging.shutdown()
        os._exit(0)  # else Python would wait without end for a thread that still runs
    finally:
        for queue in queues:
            await queue.close()
    logger.info("Stopped")
    # The app's open connections end with the process, as in Azure. asyncio would report each as an error.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)


def _bind(port: str) -> socket.socket:
    sock = socket.socket()
    if os.name == "posix":  # on Windows this lets two programs share a port
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((HOST, int(port)))
    except (OSError, ValueError, OverflowError) as error:
        raise StartUpError(f"Cannot listen on port {port} ({error}). Set HTTP_PORT to another, such as 7072.") from None
    return sock


def _on_signals(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def stop(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)  # the second signal ends the process at once
        loop.call_soon_threadsafe(stopping.set)

    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):  # the last is on Windows only
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), stop)


if __name__ == "__main__":
    sys.exit(main())
