"""Every setting, and what is wrong with it.

A mistake stops only what needs the setting: it is replaced by its default, and `Settings.mistakes` names it.
"""

import os
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, PrivateAttr, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from lead_core.errors import Fault
from lead_core.lead.owners import Owners
from lead_core.lead.values import REMINDER_WAITS
from lead_core.settings.kinds import (
    ConnectionString,
    Domains,
    Email,
    Hours,
    LinkKey,
    MailUrl,
    OwnerRules,
    PublicUrl,
    Schedule,
    TableName,
    TimeZone,
    Waits,
    any_letter_case,
)
from lead_core.settings.storage import is_web_address

STORAGE_SETTING = "LEADS_STORAGE"
MAIL_SETTINGS = frozenset(
    {"OWNERS", "ESCALATE_TO", "MAIL_FROM", "MAIL_URL", "MAIL_DETAIL", "LINK_KEY", "PUBLIC_URL"}
    | {"INTERNAL_DOMAINS", "NEW_LEAD_NOTICE", "REMINDER_WAITS", "WORKING_HOURS", "TIME_ZONE"}
)
"""All of these must be valid before any mail goes out.

Sending nothing is safer than sending too much or to the wrong person.
"""
DEFAULT_SCHEDULES = {"REMINDER_SCHEDULE": "0 */5 * * * *", "CHECK_SCHEDULE": "0 7 * * * *"}
"""In NCRONTAB: every five minutes, and seven minutes past every hour."""


def _keyless(part: str) -> Any:  # as pydantic's own Field
    return Field(default="", validation_alias=AliasChoices(f"LEADS_STORAGE__{part}"))


class Settings(BaseSettings):
    """Every setting, by its name in lower case. `load_settings` makes one that is always usable."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True)

    leads_storage: ConnectionString = SecretStr("")
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
    owners: OwnerRules = Owners()
    escalate_to: Email = ""
    reminder_waits: Waits = REMINDER_WAITS
    new_lead_notice: Annotated[Literal["on", "off"], any_letter_case] = "on"
    working_hours: Hours = None
    time_zone: TimeZone = "UTC"
    mail_from: Email = ""
    mail_url: MailUrl = None
    mail_detail: Annotated[Literal["full", "brief"], any_letter_case] = "full"
    website_hostname: str = ""
    """The app's own host name, which Azure sets."""
    public_url: PublicUrl = ""
    link_key: LinkKey = SecretStr("")

    _mistakes: tuple[Fault, ...] = PrivateAttr(default=())

    @property
    def mistakes(self) -> tuple[Fault, ...]:
        """What is missing or wrong, each replaced by its default."""
        return self._mistakes

    @property
    def storage_mistakes(self) -> tuple[Fault, ...]:
        """The mistakes that stop all storing. A wrong table name must not create another table."""
        return tuple(
            fault for fault in self._mistakes if fault.name == STORAGE_SETTING or fault.name.endswith("_TABLE")
        )

    @property
    def table_names(self) -> tuple[str, ...]:
        """The names of all tables."""
        return tuple(getattr(self, name) for name in type(self).model_fields if name.endswith("_table"))

    @property
    def connection_string(self) -> str:
        """The storage account's connection string, ``""`` without a key."""
        return self.leads_storage.get_secret_value()

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
    """Return a timer's schedule as its trigger wants it: the setting *name*, or its default if it is not set."""
    return f"%{name}%" if os.environ.get(name) else DEFAULT_SCHEDULES[name]


def load_settings(**given: Any) -> Settings:
    """Read the environment. Those in *given*, by name in lower case, win. Never fails: see `mistakes`."""
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
        is_web_address(uri, ("https",)) for uri in (settings.table_uri, settings.queue_uri)
    ):
        yield Fault(
            STORAGE_SETTING, "without a key needs its tableServiceUri and queueServiceUri to begin with https://"
        )
    if len({name.lower() for name in settings.table_names}) < len(settings.table_names):
        yield Fault("LEADS_TABLE", "two tables have the same name; letter case does not count")
    needed = {
        "OWNERS": (settings.owners.default, "is missing: write the address of the person who answers leads"),
        "MAIL_FROM": (settings.mail_from, "is missing: write the sender's address"),
        "MAIL_URL": (settings.mail_url, "is missing: no mail can be sent without it"),
        "PUBLIC_URL": (settings.links_url, "is missing: write the app's address, which the links in mails lead to"),
        "LINK_KEY": (settings.link_key.get_secret_value(), "is missing: a random text that signs the links in mails"),
    }
    yield from (Fault(name, advice) for name, (value, advice) in needed.items() if not value)
