"""Which storage account, and which settings.

The environment wins over ``local.settings.json`` in the current folder. If neither names a storage account, a clone of
the project takes what ``make run`` takes: the emulator on this machine.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import click

from lead_core.adapters.azure.refusals import ROLES
from lead_core.errors import StorageRefusedError, StorageUnavailableError
from lead_core.settings import FIELDS, STORAGE_SETTING, Settings, find_settings
from lead_core.settings.storage import is_account_name

FILE: Final = "local.settings.json"
_COUNT_HERE: Final = {
    "OWNERS", "ESCALATE_TO", "INTERNAL_DOMAINS", "NEW_LEAD_NOTICE", "REMINDER_WAITS", "WORKING_HOURS", "TIME_ZONE",
    "RETENTION",
}  # fmt: skip
"""The settings that say what becomes of a lead, and when."""
_NO_STORAGE: Final = (
    "No storage account is named. Give --account NAME for one that you may use with your own sign-in, "
    f"write LEADS_STORAGE into {FILE} in this folder, or start make run."
)


@dataclass(frozen=True, slots=True)
class Opened:
    """What a command works on."""

    settings: Settings
    account: str
    """The storage account's name, or where the emulator is."""
    settings_from: str
    """Where the settings were read, in words."""
    is_for_operator: bool = False
    """Whether it is reached with the operator's own sign-in."""

    @property
    def wrong_settings(self) -> list[str]:
        """The settings with a value that can't be read: their defaults count. What is missing is no mistake here."""
        counting = (each for each in self.settings.mistakes if each.name in _COUNT_HERE)
        return sorted({each.name for each in counting if not each.advice.startswith("is missing")})

    def __str__(self) -> str:
        sign_in = ", with your sign-in" if self.is_for_operator else ""
        return f"account {self.account}{sign_in}; settings from {self.settings_from}"


def open_settings(account: str | None, environment: Mapping[str, str], folder: Path) -> Opened:
    """Return the settings that count here. *account* is one to reach with the operator's own sign-in.

    Raises: click.UsageError if no storage account is named, or one that can't be.
    """
    opened = _read(environment, folder, needs_storage=account is None)
    if account is None:
        return opened
    if not is_account_name(account):
        raise click.UsageError(f"{account!r} is no storage account's name: 3 to 24 small letters and digits.")
    settings = opened.settings.model_copy(
        update={
            "leads_storage": type(opened.settings.leads_storage)(""),
            "leads_storage_account_name": account,
            "leads_storage_table_uri": "",
            "leads_storage_queue_uri": "",
        }
    )
    mistakes = (fault for fault in opened.settings.mistakes if fault.name != STORAGE_SETTING)
    return replace(opened, settings=settings.naming(mistakes), account=account, is_for_operator=True)


def advise(error: StorageUnavailableError, opened: Opened) -> str:
    """Return what the operator can do if storage refuses or does not answer: sign in, for example, or get a role."""
    if not isinstance(error, StorageRefusedError):
        return f"{error.explanation}{' Is make run running?' if opened.settings.uses_emulator else ''}"
    if not opened.is_for_operator:
        return error.explanation
    if error.detail == "no token":
        return "You are not signed in. Do it with: az login (https://aka.ms/azure-cli has it)"
    if "Permission" not in error.detail:
        return f"The storage account refuses ({error.detail}). Check its name and its firewall."
    name = opened.account
    scope = f'"$(az storage account show --name {name} --query id --output tsv)"'
    person = '"$(az ad signed-in-user show --query id --output tsv)"'
    lines = [f'az role assignment create --assignee {person} --role "{role}" --scope {scope}' for role in ROLES]
    return "\n".join(
        [f"You may not use the account {name} yet. Who owns it can grant it. It takes some minutes:", *lines]
    )


def _read(environment: Mapping[str, str], folder: Path, *, needs_storage: bool) -> Opened:
    file = folder / FILE
    in_file = _read_file(file) if file.exists() else {}
    values = in_file | dict(environment)
    storage = next((value for name, value in values.items() if name.upper().startswith(STORAGE_SETTING) and value), "")
    is_emulator = storage.replace(" ", "").rstrip(";").lower() == "usedevelopmentstorage=true"
    if (needs_storage and not storage) or is_emulator:
        return _read_run(environment)
    settings = find_settings(values)
    is_set_outside = any(name.upper() in FIELDS for name in environment)
    places = [*([FILE] if in_file else []), *(["the environment"] if is_set_outside else [])]
    return Opened(settings, _name_account(settings), " and ".join(places) or "nowhere")


def _read_run(environment: Mapping[str, str]) -> Opened:
    """Return what ``make run`` works with, if this is a clone of the project."""
    if not find_spec("local"):
        raise click.UsageError(_NO_STORAGE)
    from local.run_settings import RunSettings, SettingError, find_settings_file, host_environment  # noqa: PLC0415 -- an installed program has no `local`

    try:
        settings = find_settings(host_environment(RunSettings.read(environment), environment))
    except SettingError as error:
        raise click.UsageError(str(error)) from None
    return Opened(settings, _name_account(settings), f"{find_settings_file().name}, as make run reads it")


def _read_file(file: Path) -> dict[str, str]:
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
        values = {name: str(value) for name, value in content["Values"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise click.UsageError(f"{file.name} in this folder can't be read ({type(error).__name__}): {error}") from None
    if content.get("IsEncrypted"):
        raise click.UsageError(f"{file.name} in this folder is encrypted. Decrypt it with: func settings decrypt")
    return values


def _name_account(settings: Settings) -> str:
    """Return the account's name, with the host and port of an emulator."""
    parts = dict(part.split("=", 1) for part in settings.connection_string.split(";") if "=" in part)
    place = urlsplit(parts.get("TableEndpoint", "") or settings.table_uri)
    name = parts.get("AccountName", "") or settings.leads_storage_account_name or place.hostname or "unknown"
    return f"{name} of the emulator on {place.netloc}" if place.scheme == "http" else name
