"""Everything that can be set, read from the environment, and what is wrong with it in plain words.

A mistake stops only what needs the setting: it is replaced by its default, and `Settings.mistakes` names it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+")
_MAIL_SCHEMES = {"smtp", "smtps", "acs"}
_SHORTEST_LINK_KEY = 32

# Public knowledge: the one key of every storage emulator.
# https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key
_EMULATOR = "UseDevelopmentStorage=true"
_EMULATOR_ACCOUNT = "devstoreaccount1"
_EMULATOR_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is missing or wrong, and what to do. It never quotes a setting, which may be a secret."""

    name: str
    advice: str


def parse_duration(text: str) -> timedelta:
    """Read ``90s``, ``10m``, ``24h`` or ``3d``."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", text.strip().lower())
    if not found:
        raise ValueError("write a duration as 90s, 10m, 24h or 3d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _parse_waits(value: object) -> object:
    if not isinstance(value, str):
        return value
    waits = tuple(parse_duration(part) for part in value.split(","))
    if list(waits) != sorted(set(waits)) or not waits[0]:
        raise ValueError("write rising durations, such as 24h,3d,7d")
    return waits


def _split(value: object) -> object:
    return tuple(part for part in re.split(r"[,;\s]+", value.lower()) if part) if isinstance(value, str) else value


def _check_emails(text: str) -> str:
    if text and not all(_EMAIL.fullmatch(part) for part in re.split(r"[,;\s]+", text.strip())):
        raise ValueError("write an e-mail address, such as sales@contoso.com")
    return text.strip()


def _check_mail_url(value: SecretStr) -> SecretStr:
    url = urlsplit(value.get_secret_value())
    if value.get_secret_value() and not (url.scheme in _MAIL_SCHEMES and url.hostname):
        raise ValueError(
            "write smtp://, smtps:// or acs:// and a host, such as smtp://user:password@mail.contoso.com:587"
        )
    return value


def _check_public_url(text: str) -> str:
    url = urlsplit(text)
    if text and not (url.scheme in {"http", "https"} and url.hostname):
        raise ValueError("write the app's address, such as https://contoso-leads.azurewebsites.net")
    return text.rstrip("/")


def _check_link_key(value: SecretStr) -> SecretStr:
    keys = value.get_secret_value().split(",")
    if keys != [""] and any(len(key.strip()) < _SHORTEST_LINK_KEY for key in keys):
        message = (
            f"use a random text of {_SHORTEST_LINK_KEY} characters or more; two, divided by a comma, in a rotation"
        )
        raise ValueError(message)
    return value


def _check_time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("write the name of a time zone, such as Europe/Berlin") from error
    return text


def _check_working_hours(text: str) -> str:
    if text and not re.fullmatch(r"((mon|tue|wed|thu|fri|sat|sun)(-\w{3})? )?\d\d:\d\d-\d\d:\d\d", text.lower()):
        raise ValueError("write days and hours, such as Mon-Fri 09:00-17:00")
    return text


def _check_storage(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if text and text != _EMULATOR and not ("AccountName=" in text or "TableEndpoint=" in text):
        raise ValueError("paste the storage account's connection string, or set LEADS_STORAGE__accountName instead")
    return value


Email = Annotated[str, AfterValidator(_check_emails)]
Waits = Annotated[tuple[timedelta, ...], NoDecode, BeforeValidator(_parse_waits)]
Domains = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
TableName = Annotated[str, Field(pattern="^[A-Za-z][A-Za-z0-9]{2,62}$")]


def _keyless(part: str) -> Any:  # as pydantic's own Field
    return Field(default="", validation_alias=AliasChoices(f"LEADS_STORAGE__{part}"))


class Settings(BaseSettings):
    """Every setting, by its name in lower case. `load_settings` makes one that is always usable."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True)

    leads_storage: Annotated[SecretStr, AfterValidator(_check_storage)] = SecretStr("")
    leads_storage_account_name: str = _keyless("accountName")
    leads_storage_table_uri: str = _keyless("tableServiceUri")
    leads_storage_queue_uri: str = _keyless("queueServiceUri")
    leads_storage_client_id: str = _keyless("clientId")

    marketplace_leads_table: TableName = "MarketplaceLeads"
    leads_table: TableName = "Leads"
    follow_ups_table: TableName = "FollowUps"
    rejected_leads_table: TableName = "RejectedLeads"

    internal_domains: Domains = ()
    owners: Email = ""
    escalate_to: Email = ""
    reminder_waits: Waits = (timedelta(hours=24), timedelta(days=3), timedelta(days=7))
    new_lead_notice: Literal["on", "off"] = "on"
    working_hours: Annotated[str, AfterValidator(_check_working_hours)] = ""
    time_zone: Annotated[str, AfterValidator(_check_time_zone)] = "UTC"
    mail_from: Email = ""
    mail_url: Annotated[SecretStr, AfterValidator(_check_mail_url)] = SecretStr("")
    mail_detail: Literal["full", "brief"] = "full"
    public_url: Annotated[str, AfterValidator(_check_public_url)] = ""
    link_key: Annotated[SecretStr, AfterValidator(_check_link_key)] = SecretStr("")

    mistakes: Annotated[tuple[Fault, ...], Field(exclude=True)] = ()

    @property
    def connection_string(self) -> str:
        """The storage account's connection string; the emulator's in full, which the SDK can't abbreviate."""
        text = self.leads_storage.get_secret_value()
        return _emulator_connection_string() if text == _EMULATOR else text

    @property
    def table_uri(self) -> str:
        """Where the tables are, without a key."""
        return self.leads_storage_table_uri or self._service_uri("table")

    @property
    def queue_uri(self) -> str:
        """Where the queues are, without a key."""
        return self.leads_storage_queue_uri or self._service_uri("queue")

    def _service_uri(self, service: str) -> str:
        name = self.leads_storage_account_name
        return f"https://{name}.{service}.core.windows.net" if name else ""

    def _with_mistakes(self, wrong: tuple[Fault, ...]) -> Self:
        return self.model_copy(update={"mistakes": (*wrong, *_find_missing(self, {fault.name for fault in wrong}))})


def load_settings(**given: Any) -> Settings:
    """Read the environment; *given* settings, by name in lower case, go before it. Never fails: see `mistakes`."""
    try:
        return Settings(**given)._with_mistakes(())
    except ValidationError as error:
        wrong = {_field_name(part["loc"][0]): part for part in error.errors(include_url=False, include_input=False)}
    defaults = {name: Settings.model_fields[name].default for name in wrong}
    advice = tuple(
        Fault(name.upper(), _advise(str(part["type"]), str(part["msg"]))) for name, part in sorted(wrong.items())
    )
    return Settings(**{**given, **defaults})._with_mistakes(advice)


def _field_name(location: object) -> str:
    return str(location).lower()


def _advise(kind: str, message: str) -> str:
    if kind == "string_pattern_mismatch":
        return "write 3 to 63 letters and digits, a letter first"
    return message.removeprefix("Value error, ").removeprefix("Input should be ").replace("'", "")


def _find_missing(settings: Settings, known: set[str]) -> Iterator[Fault]:
    has_storage = settings.connection_string or (settings.table_uri and settings.queue_uri)
    if not has_storage and "LEADS_STORAGE" not in known:
        yield Fault("LEADS_STORAGE", "is missing: paste the storage account's connection string")
    needed = {
        "OWNERS": (settings.owners, "is missing: write the address of whoever answers leads"),
        "MAIL_FROM": (settings.mail_from, "is missing: write the sender's address"),
        "MAIL_URL": (settings.mail_url.get_secret_value(), "is missing: no mail can be sent without it"),
        "LINK_KEY": (settings.link_key.get_secret_value(), "is missing: a random text that signs the links in mails"),
    }
    for name, (value, advice) in needed.items():
        if not value and name not in known:
            yield Fault(name, advice)


def _emulator_connection_string() -> str:
    endpoints = {"Blob": 10000, "Queue": 10001, "Table": 10002}
    addresses = "".join(
        f"{service}Endpoint=http://127.0.0.1:{port}/{_EMULATOR_ACCOUNT};" for service, port in endpoints.items()
    )
    return f"DefaultEndpointsProtocol=http;AccountName={_EMULATOR_ACCOUNT};AccountKey={_EMULATOR_KEY};{addresses}"
