"""Every setting, and what is wrong with it.

A mistake stops only what needs the setting: it is replaced by its default, and `Settings.mistakes` names it.
"""

import os
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

from pydantic import AliasChoices, Field, PrivateAttr, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from lead_core.errors import Fault
from lead_core.lead.addresses import split_mailbox
from lead_core.lead.owners import Owners
from lead_core.lead.values import REMINDER_WAITS, TOUCHES
from lead_core.settings.kinds import (
    BookingLink,
    CanaryUrl,
    ConnectionString,
    Domains,
    Email,
    Hours,
    KeptFor,
    LinkKey,
    MailUrl,
    OwnerRules,
    PublicUrl,
    Questions,
    Schedule,
    Sender,
    SilenceAfter,
    SummaryTo,
    TableName,
    TimeZone,
    Touches,
    Waits,
    any_letter_case,
)
from lead_core.settings.pasted import clean_pasted

STORAGE_SETTING = "LEADS_STORAGE"
MAIL_SETTINGS = frozenset(
    {"OWNERS", "ESCALATE_TO", "MAIL_FROM", "MAIL_URL", "MAIL_DETAIL", "LINK_KEY", "PUBLIC_URL"}
    | {"INTERNAL_DOMAINS", "NEW_LEAD_NOTICE", "REMINDER_WAITS", "WORKING_HOURS", "TIME_ZONE"}
)
"""All of these must be valid before any mail goes out.

Sending nothing is safer than sending too much or to the wrong person.
"""
DEFAULT_SCHEDULES = {
    "REMINDER_SCHEDULE": "0 */5 * * * *",
    "CHECK_SCHEDULE": "0 7 * * * *",
    "SUMMARY_SCHEDULE": "0 0 * * * *",
    "CANARY_SCHEDULE": "0 30 5 * * *",
}
"""In NCRONTAB: every five minutes; seven minutes past every hour; every hour, of which one on Monday morning counts;
every day at half past five."""


_UNCHECKED = {
    "leads_storage_account_name", "leads_storage_table_uri", "leads_storage_queue_uri", "leads_storage_client_id",
    "website_hostname",
}  # fmt: skip
"""The parts of ``LEADS_STORAGE`` without a key, which are checked as a whole, and what Azure sets."""


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
    erasures_table: TableName = "Erasures"
    reports_table: TableName = "Reports"

    retention: KeptFor = None
    internal_domains: Domains = ()
    reminder_schedule: Schedule = DEFAULT_SCHEDULES["REMINDER_SCHEDULE"]
    check_schedule: Schedule = DEFAULT_SCHEDULES["CHECK_SCHEDULE"]
    owners: OwnerRules = Owners()
    escalate_to: Email = ""
    reminder_waits: Waits = REMINDER_WAITS
    touches: Touches = TOUCHES
    drafts: str = ""
    booking_link: BookingLink = ""
    qualification: Questions = ()
    summary_to: SummaryTo = ""
    summary_schedule: Schedule = DEFAULT_SCHEDULES["SUMMARY_SCHEDULE"]
    silence_after: SilenceAfter = None
    canary_url: CanaryUrl = SecretStr("")
    canary_schedule: Schedule = DEFAULT_SCHEDULES["CANARY_SCHEDULE"]
    new_lead_notice: Annotated[Literal["on", "off"], any_letter_case] = "on"
    working_hours: Hours = None
    time_zone: TimeZone = "UTC"
    mail_from: Sender = ""
    mail_url: MailUrl = None
    mail_detail: Annotated[Literal["full", "brief"], any_letter_case] = "full"
    website_hostname: str = ""
    """The app's own host name, which Azure sets."""
    public_url: PublicUrl = ""
    link_key: LinkKey = SecretStr("")

    _mistakes: tuple[Fault, ...] = PrivateAttr(default=())

    @field_validator("*", mode="before")
    @classmethod
    def _clean_pasted(cls, value: object, info: ValidationInfo) -> object:
        if not isinstance(value, str):
            return value
        text = value.strip() if info.field_name in _UNCHECKED else clean_pasted(value)
        return text or DEFAULT_SCHEDULES.get(str(info.field_name).upper(), text)

    @property
    def mistakes(self) -> tuple[Fault, ...]:
        """What is missing or wrong, each replaced by its default."""
        return self._mistakes

    def naming(self, mistakes: Iterable[Fault]) -> Self:
        """Return these settings with their mistakes. See `load_settings`."""
        self._mistakes = tuple(mistakes)
        return self

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
    def uses_emulator(self) -> bool:
        """Whether the storage account is an emulator's: it alone is reached without TLS."""
        return "TableEndpoint=http://" in self.connection_string

    @property
    def table_uri(self) -> str:
        """Where the tables are, without a key."""
        return self.leads_storage_table_uri or self._service_uri("table")

    @property
    def queue_uri(self) -> str:
        """Where the queues are, without a key."""
        return self.leads_storage_queue_uri or self._service_uri("queue")

    @property
    def sender_address(self) -> str:
        """The address in ``MAIL_FROM``, without a name."""
        return split_mailbox(self.mail_from)[1]

    @property
    def summary_address(self) -> str:
        """Who gets the weekly summary, ``""`` if nobody does."""
        return "" if self.summary_to == "off" else self.summary_to or self.escalate_to or self.owners.default

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


def is_by_default(settings: Settings, schedule: str) -> bool:
    """Whether the timer with this *schedule*, such as ``CHECK_SCHEDULE``, runs by its default."""
    return bool(getattr(settings, schedule.lower()) == DEFAULT_SCHEDULES[schedule])


def find_schedule(name: str) -> str:
    """Return a timer's schedule as its trigger wants it: the setting *name*, or its default if it is not set."""
    return f"%{name}%" if os.environ.get(name) else DEFAULT_SCHEDULES[name]
