"""``python -m local run``: Azurite, a mailbox and the functions on this machine, with sample leads, until Ctrl-C."""

import importlib
import importlib.util
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, Self

from local import azurite, mailbox
from local.azurite import Azurite
from local.child import HOST, Child, ChildError, free_ports
from local.installing import ROOT, exclusive, forgive_encodings, step
from local.mailbox import Mailbox

# As long as the host waits for what runs, and a little more.
HOST_STOP_SECONDS = 35

# A salesperson waits days for a reminder. A developer should see it within minutes.
PACE = {"REMINDER_SCHEDULE": "*/10 * * * * *", "REMINDER_WAITS": "1m,3m,7m"}


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
    """Start everything, print where to look, and check that it all keeps running."""
    base_url = settings.base_url
    log = settings.data_dir / "functions.log"
    host = Child(
        "The functions host",
        [sys.executable, "-m", "local.functions_host"],
        [settings.http_port],
        log,
        environment=host_environment(settings, os.environ),
        stop_seconds=HOST_STOP_SECONDS,
    )
    services = (
        Azurite(settings.data_dir / "azurite", settings.storage_ports),
        Mailbox(settings.data_dir / "mailbox", settings.mailbox_ports),
    )
    with ExitStack() as stack:
        with step("Starting Azurite, the mailbox and the functions"):
            for child in (*services, host):  # stopped in the reverse order: the host needs the others to finish
                stack.callback(child.stop)
            for child in (host, *services):  # side by side, the slowest first
                child.launch()
            for child in (*services, host):
                child.await_answer()
        stack.callback(print, "stopping …", flush=True)
        output = stack.enter_context(log.open(encoding="utf-8", errors="replace"))
        print(output.read(), end="")
        if settings.sends_samples and importlib.util.find_spec("local.demo"):
            importlib.import_module("local.demo").show(base_url, settings.storage_ports.connection_string)
            output.seek(0, os.SEEK_END)
        print("pace  due mails are sent every 10 seconds; the first reminder comes after 1 minute, not 24 hours")
        print(f"mailbox  {settings.mailbox_ports.web_url}  the mails that the app sends: open it, and click in a mail")
        print(f"ready  {base_url}/api/leads  (Ctrl-C stops)", flush=True)
        while True:
            print(output.read(), end="", flush=True)
            for child in (*services, host):
                child.check()
            time.sleep(0.2)


def host_environment(settings: RunSettings, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the host's environment: the settings file, the environment over it, on the chosen ports.

    If the file still has the sample's values, the pace and the addresses of this machine replace them.
    """
    own, sample = ROOT / "local.settings.json", ROOT / "local.settings.sample.json"
    values = _read_settings(own if own.exists() else sample)
    here = PACE | {
        "AzureWebJobsStorage": settings.storage_ports.connection_string,
        "LEADS_STORAGE": settings.storage_ports.connection_string,
        "MAIL_URL": settings.mailbox_ports.mail_url,
        "PUBLIC_URL": settings.base_url,
    }
    for name, said in _read_settings(sample).items():
        if name in here and values.get(name) == said:
            values[name] = here[name]
    values |= {**environment, "HTTP_PORT": str(settings.http_port), "PYTHONUNBUFFERED": "1"}
    for name, value in values.items():
        if value.replace(" ", "").rstrip(";").lower() == "usedevelopmentstorage=true":
            values[name] = settings.storage_ports.connection_string
    return values


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
