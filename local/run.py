"""``python -m local run``: Azurite, a mailbox and the functions on this machine, with sample leads, until Ctrl-C."""

import importlib.util
import os
import signal
import sys
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from local.azurite import Azurite
from local.child import Child, ChildError
from local.console import join, say
from local.installing import exclusive, forgive_encodings, step
from local.mailbox import Mailbox
from local.news import Item, News
from local.run_settings import RunSettings, SettingError, find_settings_file, host_environment, read_settings

if TYPE_CHECKING:
    from local.demo import Demo
    from local.in_force import InForce

# As long as the host waits for what runs, and a little more.
HOST_STOP_SECONDS = 35

ABOUT_LEADS = {"accept_lead", "process_lead", "park_poisoned_lead"}
"""What they say of the sample leads is not worth a line: what the tables hold is printed."""


def main() -> int:
    """Run all until a signal asks to stop."""
    for number in _stop_signals():
        signal.signal(number, _interrupt_once)
    forgive_encodings()
    try:
        settings = RunSettings.read(os.environ)
        with _holding(settings.data_dir):
            settings.check_ports()
            run(settings)
    except KeyboardInterrupt:
        print("stopped", flush=True)
        return 0
    except BrokenPipeError:  # Nobody reads on, as after `| head`. Python would report it once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (SettingError, ChildError) as error:
        print(error, file=sys.stderr)
    return 1


@contextmanager
def _holding(data_dir: Path) -> Iterator[None]:
    """Keep *data_dir* for this run. Raises: SettingError."""
    with ExitStack() as stack:
        try:
            held = stack.enter_context(exclusive(data_dir / "run.lock"))
        except OSError as error:
            raise SettingError(f"Cannot write {data_dir} ({error.strerror}). Set DATA_DIR to another folder.") from None
        if not held:
            raise SettingError(f"Another run uses {data_dir}. Set DATA_DIR to another folder.")
        yield


def run(settings: RunSettings) -> NoReturn:
    """Say what is in force, start everything, say what is new in it, and check that it all keeps running."""
    file = find_settings_file()
    environment = host_environment(settings, os.environ)
    log = settings.data_dir / "functions.log"
    _say_addresses(settings, log)
    host = Child(
        "The functions host",
        [sys.executable, "-m", "local.functions_host"],
        [settings.http_port],
        log,
        environment=environment,
        stop_seconds=HOST_STOP_SECONDS,
    )
    storage = Azurite(settings.data_dir / "azurite", settings.storage_ports)
    mails = Mailbox(settings.data_dir / "mailbox", settings.mailbox_ports)
    children: dict[str, Child | Azurite | Mailbox] = {"Azurite": storage, "the mailbox": mails, "the functions": host}
    with ExitStack() as stack:
        for child in children.values():  # stopped in the reverse order: the host needs the others to finish
            stack.callback(child.stop)
        for child in (host, storage, mails):  # side by side, the slowest first
            child.launch()
        in_force, demo = _describe_app(settings, file, environment)  # It loads what it needs while the others start.
        _say_settings(in_force, is_elsewhere=demo is None)
        for name, child in children.items():
            with step(f"Starting {name}"):
                child.await_answer()
            if demo and child is storage:
                demo.list_mails()  # What went out in earlier runs is no news.
        stack.callback(print, "\nstopping …" if sys.stdout.isatty() else "stopping …", flush=True)  # "^C" stands there
        output = stack.enter_context(log.open(encoding="utf-8", errors="replace"))
        news = News(demo.list_mails if demo else list)
        is_all_stored = demo.show() if demo and settings.sends_samples else True
        told = ABOUT_LEADS if is_all_stored else ()
        _say_what_fails(settings, in_force)
        _say_news(each for each in news.read_start(output.read()) if each.function not in told)
        print()
        for label, text in in_force.list_pages(datetime.now(UTC)) if in_force and demo else ():
            say(label, text)
        say("ready", f"{settings.base_url}/api/leads", f"The mails are at {mails.ports.web_url}. Ctrl-C stops.")
        stopping = threading.Event()
        for number in _stop_signals():  # From here on, a signal cuts no line in two.
            signal.signal(number, lambda *_: stopping.set())
        while not stopping.wait(0.2):
            _say_news(news.read(output.read()))
            for child in children.values():
                child.check()
        raise KeyboardInterrupt


def _say_addresses(settings: RunSettings, log: Path) -> None:
    say("leads", f"{settings.base_url}/api/leads takes what the marketplace posts")
    say("mailbox", f"{settings.mailbox_ports.web_url} has the app's mails: open it, and click in a mail")
    say("health", f"{settings.base_url}/api/health names what is wrong")
    say("log", f"{log} has everything. Below are the news")
    say("tables", "In Azure Storage Explorer: Connect, Storage account, Connection string:")
    print(f"{settings.storage_ports.connection_string}\n", flush=True)


def _describe_app(
    settings: RunSettings, file: Path, environment: Mapping[str, str]
) -> "tuple[InForce | None, Demo | None]":
    """Return what only this app has, and not another one that is run here for a test."""
    if not importlib.util.find_spec("lead_core"):
        return None, None
    from local.demo import Demo  # noqa: PLC0415 -- see above
    from local.in_force import InForce  # noqa: PLC0415 -- see above

    in_force = InForce(file.name, read_settings(file), os.environ, environment, settings.mailbox_ports.smtp)
    here = settings.storage_ports.connection_string
    if environment.get("LEADS_STORAGE") != here:  # Sample leads are for this machine's own tables.
        return in_force, None
    make_history = partial(_make_history, environment) if settings.makes_history else None
    return in_force, Demo(settings.base_url, here, in_force.table_names, make_history)


def _make_history(environment: Mapping[str, str]) -> None:
    from local.history import store_history  # noqa: PLC0415 -- a second run has no use for it

    store_history(environment, now=datetime.now(UTC))


def _say_settings(in_force: "InForce | None", *, is_elsewhere: bool) -> None:
    if in_force:
        for label, texts in in_force.describe():
            say(label, *texts)
        if is_elsewhere:
            say("storage", "LEADS_STORAGE names another account than the one above. No sample leads go there")
        for text in in_force.list_wrong():
            say("wrong", text)
        if loss := in_force.describe_loss():
            say("", loss)
        print(flush=True)


def _say_what_fails(settings: RunSettings, in_force: "InForce | None") -> None:
    """Ask the app itself whether it works. What is wrong with the settings was said before."""
    if not in_force:
        return
    import httpx  # noqa: PLC0415 -- it loads for longer than all else here

    said, wrong = {fault.name for fault in in_force.settings.mistakes}, defaultdict[str, list[str]](list)
    with suppress(httpx.HTTPError, ValueError):
        for fault in httpx.get(f"{settings.base_url}/api/health", timeout=10).json().get("wrong", ()):
            if fault["name"] not in said:
                wrong[fault["advice"]].append(fault["name"])
    for advice, names in wrong.items():
        say("wrong", f"{join(names)}: {advice}")


def _say_news(items: Iterable[Item]) -> None:
    for item in items:
        say(item.clock, item.text)


def _stop_signals() -> list[signal.Signals]:
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # no system has all of them
    return [signal.Signals[name] for name in names if name in signal.Signals.__members__]


def _interrupt_once(_number: int, _frame: object) -> NoReturn:
    # A second Ctrl-C must not cut short the stop that the first one began.
    for number in _stop_signals():
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
