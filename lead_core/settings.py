"""Everything that can be set, read from the environment, and what is wrong with it in plain words.

A mistake stops only what needs the setting: it is replaced by its default, and `Settings.mistakes` names it.
"""

import base64
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, PrivateAttr, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from lead_core.lead.addresses import parse_address
from lead_core.lead.owners import Owners

STORAGE_SETTING = "LEADS_STORAGE"
MAIL_SETTINGS = frozenset(
    {"OWNERS", "ESCALATE_TO", "MAIL_FROM", "MAIL_URL", "MAIL_DETAIL", "LINK_KEY", "PUBLIC_URL"}
    | {"INTERNAL_DOMAINS", "NEW_LEAD_NOTICE", "REMINDER_WAITS", "WORKING_HOURS", "TIME_ZONE"}
)
"""Those without which no mail is sent: rather none than one that says too much, or to whom it should not."""
DEFAULT_SCHEDULES = {"REMINDER_SCHEDULE": "0 */5 * * * *", "CHECK_SCHEDULE": "0 7 * * * *"}
"""In NCRONTAB: every five minutes, and seven minutes past every hour."""

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DOMAIN = re.compile(r"[^\s@/,;.]+(\.[^\s@/,;.]+)+")
_MAIL_URL = re.compile(r"(smtps?|acs)://(.*@)?(\[[0-9a-f:.]+\]|[^\s@:/?#\[\]]+)(:(?P<port>\d{1,5}))?/?", re.IGNORECASE)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SHORTEST_LINK_KEY = 32

# Public knowledge: the one key of every storage emulator.
# https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key
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


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _split_domains(value: object) -> object:
    if not isinstance(value, str):
        return value
    domains = [part.removeprefix("*").lstrip("@.") for part in re.split(r"[,;\s]+", value.lower()) if part]
    if not all(_DOMAIN.fullmatch(domain) for domain in domains):
        raise ValueError("write the domains of your own people, such as contoso.com, contoso.de")
    return tuple(domains)


def _check_email(text: str) -> str:
    address = text.strip()
    try:
        if address:
            parse_address(address)
    except ValueError as error:
        raise ValueError(f"write one e-mail address, such as sales@contoso.com: {error}") from None
    return address


def _parse_owners(value: object) -> object:
    return Owners.parse(value) if isinstance(value, str) else value


def _parse_working_hours(value: object) -> object:
    if not isinstance(value, str) or not value.strip():
        return value or None
    advice = "write days and hours, such as Mon-Fri 09:00-17:00"
    found = re.fullmatch(r"(\w{3})-(\w{3}) (\d\d:\d\d)-(\d\d:\d\d)", value.strip().lower())
    if not found or not {found[1], found[2]} <= set(_DAYS):
        raise ValueError(advice)
    first, last = _DAYS.index(found[1]), _DAYS.index(found[2])
    try:
        start, end = (time.fromisoformat(text) for text in found.group(3, 4))
    except ValueError:
        raise ValueError(advice) from None
    if not start < end:
        raise ValueError(advice)
    days = range(first, last + 1) if first <= last else [*range(first, 7), *range(last + 1)]
    return OpeningHours(frozenset(days), start, end)


def _check_mail_url(value: SecretStr) -> SecretStr:
    """See that the mail adapter can take it. The last ``@`` divides, for keys hold any character."""
    text = value.get_secret_value().strip()
    found = _MAIL_URL.fullmatch(text)
    if text and not (found and int(found["port"] or 25) in range(1, 65_536)):
        raise ValueError(
            "write smtp://, smtps:// or acs:// and a host, such as smtp://user:password@mail.contoso.com:587"
        )
    return value


def _check_public_url(text: str) -> str:
    advice = "write the app's address, such as https://contoso-leads.azurewebsites.net"
    try:
        url = urlsplit(text)
    except ValueError:
        raise ValueError(advice) from None  # Python's own words quote what they were given.
    if text and not (url.scheme in {"http", "https"} and url.hostname):
        raise ValueError(advice)
    return text.rstrip("/")


def _check_link_key(value: SecretStr) -> SecretStr:
    keys = value.get_secret_value().split(",")
    if keys != [""] and any(len(key.strip()) < _SHORTEST_LINK_KEY for key in keys):
        raise ValueError(
            f"use a random text of {_SHORTEST_LINK_KEY} characters or more; two, divided by a comma, in a rotation"
        )
    return value


def _check_time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError("write the name of a time zone, such as Europe/Berlin") from None
    return text


def _check_storage(value: SecretStr) -> SecretStr:
    """Give the connection string as the SDKs can take it: without blanks, empty parts and repetitions."""
    text = value.get_secret_value()
    if not text.strip() or _is_emulator(text):
        return SecretStr(text.strip())
    pairs = [(name.strip(), content.strip()) for name, _, content in (each.partition("=") for each in text.split(";"))]
    pairs = [pair for pair in pairs if any(pair)]
    parts = {name.lower(): content for name, content in pairs}
    endpoints = [content for name, content in parts.items() if name.endswith("endpoint")]
    has_place = "accountname" in parts or {"tableendpoint", "queueendpoint"} <= parts.keys()
    has_key = "sharedaccesssignature" in parts or ("accountname" in parts and _is_base64(parts.get("accountkey", "")))
    is_whole = len(parts) == len(pairs) and all(parts.values()) and all(map(_is_address, endpoints))
    if not (has_place and has_key and is_whole):
        raise ValueError("paste the storage account's whole connection string, or set LEADS_STORAGE__accountName")
    return SecretStr(";".join(f"{name}={content}" for name, content in pairs))


def _is_address(text: str, schemes: tuple[str, ...] = ("http", "https")) -> bool:
    try:
        url = urlsplit(text)
        return url.scheme in schemes and bool(url.hostname) and url.port != 0
    except ValueError:
        return False


def _is_emulator(text: str) -> bool:
    return text.replace(" ", "").rstrip(";").lower() == "usedevelopmentstorage=true"


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True))
    except ValueError:
        return False


def _check_schedule(text: str) -> str:
    if not re.fullmatch(r"([\d*/,-]+ ){4,5}[\w*/,-]+", text.strip()):
        raise ValueError("write six fields, seconds first, such as 0 */5 * * * * for every five minutes")
    return text


def _check_table_name(text: str) -> str:
    if not re.fullmatch("[A-Za-z][A-Za-z0-9]{2,62}", text) or text.lower() == "tables":
        raise ValueError("write 3 to 63 letters and digits, a letter first")
    return text


Email = Annotated[str, AfterValidator(_check_email)]
Waits = Annotated[tuple[timedelta, ...], NoDecode, BeforeValidator(_parse_waits)]
Domains = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_domains)]
Schedule = Annotated[str, AfterValidator(_check_schedule)]
TableName = Annotated[str, AfterValidator(_check_table_name)]


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """``WORKING_HOURS``, without its time zone: which days (0 is Monday), from when to when."""

    days: frozenset[int]
    start: time
    end: time


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
    digests_table: TableName = "Digests"
    rejected_leads_table: TableName = "RejectedLeads"

    internal_domains: Domains = ()
    reminder_schedule: Schedule = DEFAULT_SCHEDULES["REMINDER_SCHEDULE"]
    check_schedule: Schedule = DEFAULT_SCHEDULES["CHECK_SCHEDULE"]
    owners: Annotated[Owners, NoDecode, BeforeValidator(_parse_owners)] = Owners()
    escalate_to: Email = ""
    reminder_waits: Waits = (timedelta(hours=24), timedelta(days=3), timedelta(days=7))
    new_lead_notice: Annotated[Literal["on", "off"], BeforeValidator(_lower)] = "on"
    working_hours: Annotated[OpeningHours | None, NoDecode, BeforeValidator(_parse_working_hours)] = None
    time_zone: Annotated[str, AfterValidator(_check_time_zone)] = "UTC"
    mail_from: Email = ""
    mail_url: Annotated[SecretStr, AfterValidator(_check_mail_url)] = SecretStr("")
    mail_detail: Annotated[Literal["full", "brief"], BeforeValidator(_lower)] = "full"
    website_hostname: str = ""
    """The app's own host name; Azure sets it."""
    public_url: Annotated[str, AfterValidator(_check_public_url)] = ""
    link_key: Annotated[SecretStr, AfterValidator(_check_link_key)] = SecretStr("")

    _mistakes: tuple[Fault, ...] = PrivateAttr(default=())

    @property
    def mistakes(self) -> tuple[Fault, ...]:
        """What is missing or wrong, each replaced by its default."""
        return self._mistakes

    @property
    def storage_mistakes(self) -> tuple[Fault, ...]:
        """Those without which nothing can be stored; a wrong table must not become another one."""
        return tuple(
            fault for fault in self._mistakes if fault.name == STORAGE_SETTING or fault.name.endswith("_TABLE")
        )

    @property
    def table_names(self) -> tuple[str, ...]:
        """The names of all tables."""
        return tuple(getattr(self, name) for name in type(self).model_fields if name.endswith("_table"))

    @property
    def connection_string(self) -> str:
        """The storage account's connection string; the emulator's in full, which the SDK can't abbreviate."""
        text = self.leads_storage.get_secret_value()
        return _emulator_connection_string() if _is_emulator(text) else text

    @property
    def table_uri(self) -> str:
        """Where the tables are, without a key."""
        return self.leads_storage_table_uri or self._service_uri("table")

    @property
    def queue_uri(self) -> str:
        """Where the queues are, without a key."""
        return self.leads_storage_queue_uri or self._service_uri("queue")

    @property
    def links_url(self) -> str:
        """Where the links in mails lead to."""
        return self.public_url or (f"https://{self.website_hostname}" if self.website_hostname else "")

    @property
    def link_keys(self) -> tuple[str, ...]:
        """The keys that sign links, the newest first."""
        return tuple(key.strip() for key in self.link_key.get_secret_value().split(",") if key.strip())

    def _service_uri(self, service: str) -> str:
        name = self.leads_storage_account_name
        return f"https://{name}.{service}.core.windows.net" if name else ""


def find_schedule(name: str) -> str:
    """Give the schedule of a timer as its trigger wants it: the setting *name*, or its default where it is not set."""
    return f"%{name}%" if os.environ.get(name) else DEFAULT_SCHEDULES[name]


def load_settings(**given: Any) -> Settings:
    """Read the environment; *given* settings, by name in lower case, go before it. Never fails: see `mistakes`."""
    wrong: tuple[Fault, ...] = ()
    try:
        settings = Settings(**given)
    except ValidationError as error:
        parts = error.errors(include_url=False, include_input=False)
        wrong = tuple(Fault(name, advice) for name, advice in sorted(_advise(part) for part in parts))
        defaults = {name: Settings.model_fields[name].default for name in (fault.name.lower() for fault in wrong)}
        settings = Settings(**{**given, **defaults})
    named = {fault.name for fault in wrong}
    settings._mistakes = (*wrong, *(fault for fault in _find_missing(settings) if fault.name not in named))
    return settings


def _advise(error: ErrorDetails) -> tuple[str, str]:
    advice = error["msg"].removeprefix("Value error, ").replace("Input should be", "write").replace("'", "")
    return str(error["loc"][0]).upper(), advice


def _find_missing(settings: Settings) -> Iterator[Fault]:
    if not settings.connection_string and not (settings.table_uri and settings.queue_uri):
        yield Fault(STORAGE_SETTING, "is missing: paste the storage account's connection string")
    elif not settings.connection_string and not all(
        _is_address(uri, ("https",)) for uri in (settings.table_uri, settings.queue_uri)
    ):
        yield Fault(
            STORAGE_SETTING, "without a key needs its tableServiceUri and queueServiceUri to begin with https://"
        )
    if len({name.lower() for name in settings.table_names}) < len(settings.table_names):
        yield Fault("LEADS_TABLE", "two tables have the same name; letter case does not count")
    needed = {
        "OWNERS": (settings.owners.default, "is missing: write the address of whoever answers leads"),
        "MAIL_FROM": (settings.mail_from, "is missing: write the sender's address"),
        "MAIL_URL": (settings.mail_url.get_secret_value(), "is missing: no mail can be sent without it"),
        "PUBLIC_URL": (settings.links_url, "is missing: write the app's address, which the links in mails lead to"),
        "LINK_KEY": (settings.link_key.get_secret_value(), "is missing: a random text that signs the links in mails"),
    }
    yield from (Fault(name, advice) for name, (value, advice) in needed.items() if not value)


def _emulator_connection_string() -> str:
    endpoints = {"Blob": 10000, "Queue": 10001, "Table": 10002}
    addresses = "".join(
        f"{service}Endpoint=http://127.0.0.1:{port}/{_EMULATOR_ACCOUNT};" for service, port in endpoints.items()
    )
    return f"DefaultEndpointsProtocol=http;AccountName={_EMULATOR_ACCOUNT};AccountKey={_EMULATOR_KEY};{addresses}"
