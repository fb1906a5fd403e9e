"""What can be set for a run on this machine: ports and a folder, and the app's own settings with their file."""

import json
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from local import azurite, mailbox
from local.child import HOST, free_ports
from local.installing import ROOT

OWN, SAMPLE = ROOT / "local.settings.json", ROOT / "local.settings.sample.json"

# A salesperson waits days for a reminder, and the report an hour. A developer should see both within minutes.
PACE = {"REMINDER_SCHEDULE": "*/10 * * * * *", "REMINDER_WAITS": "1m,3m,7m", "CHECK_SCHEDULE": "0 */5 * * * *"}


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
    makes_history: bool
    """Whether some weeks of made-up leads come with the samples."""

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
            environment.get("SAMPLE_HISTORY") != "0",
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


def host_environment(settings: RunSettings, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the host's environment: the settings file, the environment over it, on the chosen ports.

    If the file still has the sample's values, the pace and the addresses of this machine replace them.
    """
    values = read_settings(find_settings_file())
    here = PACE | {
        "AzureWebJobsStorage": settings.storage_ports.connection_string,
        "LEADS_STORAGE": settings.storage_ports.connection_string,
        "MAIL_URL": settings.mailbox_ports.mail_url,
        "PUBLIC_URL": settings.base_url,
    }
    for name, said in read_settings(SAMPLE).items():
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


def find_settings_file() -> Path:
    """Return the person's own settings, or the sample's if there are none."""
    return OWN if OWN.exists() else SAMPLE


def read_settings(file: Path) -> dict[str, str]:
    """Return what a settings file says. Raises: SettingError."""
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise SettingError(f"{file.name} is not valid JSON: {error}") from None
    values = content.get("Values", {}) if isinstance(content, dict) else None
    if not isinstance(values, dict):
        raise SettingError(f'{file.name} must hold {{"Values": {{"OWNERS": "…"}}}}, as {SAMPLE.name} does.')
    return {name: str(value) for name, value in values.items()}


def _can_listen(port: int) -> bool:
    with socket.socket() as probe:
        if os.name == "posix":  # else the last run's closed connections would still count
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
