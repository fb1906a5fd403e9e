"""``python -m local run``: Azurite, a mailbox and the functions on this machine, with sample leads, until Ctrl-C."""

import importlib.util
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Self

import httpx

from local import azurite, mailbox
from local.azurite import Azurite
from local.child import HOST, Child, ChildError, free_ports
from local.console import say
from local.installing import ROOT, exclusive, forgive_encodings, step
from local.mailbox import Mailbox
from local.news import Item, News

if TYPE_CHECKING:
    from local.demo import Demo
    from local.in_force import InForce

OWN, SAMPLE = ROOT / "local.settings.json", ROOT / "local.settings.sample.json"

# As long as the host waits for what runs, and a little more.
HOST_STOP_SECONDS = 35

# A salesperson waits days for a reminder. A developer should see it within minutes.
PACE = {"REMINDER_SCHEDULE": "*/10 * * * * *", "REMINDER_WAITS": "1m,3m,7m"}

ABOUT_LEADS = {"accept_lead", "process_lead", "park_poisoned_lead"}
"""What they say of the sample leads is not worth a line: what the tables hold is printed."""


class SettingError(Exception):
    """A setting that cannot be used, and what to set instead."""


@dataclass(frozen=True)
class RunSettings:
    """The settings with which two can run side by side."""

    http_port: int
    storage_ports: azurite.Ports
    mailbox_ports: mailbox.Ports
    data_dir: Path
    sends_samples: bool

    @property
    def base_url(self) -> str:
        """Where the functions answer."""
        return f"http://{HOST}:{self.http_port}"

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings. Raises: SettingError for a port that is none."""

        def port(name: str, default: int) -> int:
            text = environment.get(name) or str(default)
            if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):  # noqa: PLR2004 -- ports
                raise SettingError(f"{name} must be a port, such as {default}, not {text!r}.")
            return int(text)

        storage, mail = azurite.Ports(), mailbox.Ports()
        return cls(
            port("HTTP_PORT", 7071),
            azurite.Ports(
                port("AZURITE_BLOB_PORT", storage.blob),
                port("AZURITE_QUEUE_PORT", storage.queue),
                port("AZURITE_TABLE_PORT", storage.table),
            ),
            mailbox.Ports(port("SMTP_PORT", mail.smtp), port("MAILBOX_PORT", mail.web)),
            Path(environment.get("DATA_DIR") or ROOT / ".local").resolve(),
            environment.get("SAMPLE_LEADS") != "0",
        )

    def check_ports(self) -> None:
        """Raise SettingError for ports that are taken, all at once, or named twice."""
        ports = {
            "HTTP_PORT": self.http_port,
            "AZURITE_BLOB_PORT": self.storage_ports.blob,
            "AZURITE_QUEUE_PORT": self.storage_ports.queue,
            "AZURITE_TABLE_PORT": self.storage_ports.table,
            "SMTP_PORT": self.mailbox_ports.smtp,
            "MAILBOX_PORT": self.mailbox_ports.web,
        }
        unfit = [name for name, port in ports.items() if not _can_listen(port)]
        if unfit:
            taken = " and ".join(str(ports[name]) for name in unfit)
            is_taken, another = ("s {} are taken", "others") if len(unfit) > 1 else (" {} is taken", "another")
            example = " ".join(f"{name}={port}" for name, port in zip(unfit, free_ports(len(unfit)), strict=True))
            names = " and ".join(unfit)
            raise SettingError(f"Port{is_taken.format(taken)}. Set {names} to {another}, for example {example}.")
        if len(set(ports.values())) < len(ports):
            raise SettingError(f"Each of {', '.join(ports)} needs a port of its own.")


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
    file = _find_settings_file()
    environment = host_environment(settings, os.environ)
    log = settings.data_dir / "functions.log"
    _say_addresses(settings, log)
    in_force, demo = _describe_app(settings, file, environment)
    _say_settings(in_force)
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
        say("ready", f"{settings.base_url}/api/leads", f"The mails are at {mails.ports.web_url}. Ctrl-C stops.")
        while True:
            _say_news(news.read(output.read()))
            for child in children.values():
                child.check()
            time.sleep(0.2)


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

    in_force = InForce(file.name, _read_settings(file), os.environ, environment, settings.mailbox_ports.smtp)
    here = settings.storage_ports.connection_string
    if environment.get("LEADS_STORAGE") != here:  # Sample leads are for this machine's own tables.
        return in_force, None
    return in_force, Demo(settings.base_url, here, in_force.table_names)


def _say_settings(in_force: "InForce | None") -> None:
    if in_force:
        for label, texts in in_force.describe():
            say(label, *texts)
        for text in in_force.list_wrong():
            say("wrong", text)
        if loss := in_force.describe_loss():
            say("", loss)
        print(flush=True)


def _say_what_fails(settings: RunSettings, in_force: "InForce | None") -> None:
    """Ask the app itself whether it works. What is wrong with the settings was said before."""
    if not in_force:
        return
    said = {fault.name for fault in in_force.settings.mistakes}
    with suppress(httpx.HTTPError, ValueError):
        answer = httpx.get(f"{settings.base_url}/api/health", timeout=10).json()
        for fault in answer.get("wrong", ()):
            if fault["name"] not in said:
                say("wrong", f"{fault['name']}: {fault['advice']}")


def _say_news(items: Iterable[Item]) -> None:
    for item in items:
        say(item.clock, item.text)


def host_environment(settings: RunSettings, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the host's environment: the settings file, the environment over it, on the chosen ports.

    If the file still has the sample's values, the pace and the addresses of this machine replace them.
    """
    values = _read_settings(_find_settings_file())
    here = PACE | {
        "AzureWebJobsStorage": settings.storage_ports.connection_string,
        "LEADS_STORAGE": settings.storage_ports.connection_string,
        "MAIL_URL": settings.mailbox_ports.mail_url,
        "PUBLIC_URL": settings.base_url,
    }
    for name, said in _read_settings(SAMPLE).items():
        if name in here and values.get(name) == said:
            values[name] = here[name]
    # The host would make https links of its own address, and this machine has no certificate.
    values["PUBLIC_URL"] = values.get("PUBLIC_URL") or settings.base_url
    values |= {
        **environment,
        "HTTP_PORT": str(settings.http_port),
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    for name, value in values.items():
        if value.replace(" ", "").rstrip(";").lower() == "usedevelopmentstorage=true":
            values[name] = settings.storage_ports.connection_string
    return values


def _find_settings_file() -> Path:
    return OWN if OWN.exists() else SAMPLE


def _read_settings(file: Path) -> dict[str, str]:
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise SettingError(f"{file.name} is not valid JSON: {error}") from None
    return {name: str(value) for name, value in content.get("Values", {}).items()}


def _can_listen(port: int) -> bool:
    with socket.socket() as probe:
        if os.name == "posix":  # else the last run's closed connections would still count
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


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
