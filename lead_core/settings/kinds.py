"""The kinds of settings: how each is written, and what to write instead of a mistake. No mistake is quoted."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode

from lead_core.lead.addresses import find_mistake
from lead_core.lead.owners import Owners
from lead_core.settings.mail_url import MailServer, parse_mail_url
from lead_core.settings.storage import is_web_address, parse_connection_string

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DOMAIN = re.compile(r"[^\s@/,;.]+(\.[^\s@/,;.]+)+")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SHORTEST_LINK_KEY = 32


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """``WORKING_HOURS``, without its time zone: which days (0 is Monday), from when to when."""

    days: frozenset[int]
    start: time
    end: time


def parse_duration(text: str) -> timedelta:
    """Read ``90s``, ``10m``, ``24h`` or ``3d``."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", text.strip().lower())
    if not found:
        raise ValueError("write a duration as 90s, 10m, 24h or 3d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _parse_waits(text: str) -> tuple[timedelta, ...]:
    waits = tuple(parse_duration(part) for part in text.split(","))
    if list(waits) != sorted(set(waits)) or not waits[0]:
        raise ValueError("write rising durations, such as 24h,3d,7d")
    return waits


def _parse_working_hours(text: str) -> OpeningHours | None:
    """Read ``Mon-Fri 09:00-17:00``."""
    if not text.strip():
        return None
    advice = "write days and hours, such as Mon-Fri 09:00-17:00"
    found = re.fullmatch(r"(\w{3})-(\w{3}) (\d\d:\d\d)-(\d\d:\d\d)", text.strip().lower())
    if not found or not {found[1], found[2]} <= set(_DAYS):
        raise ValueError(advice)
    first, last = _DAYS.index(found[1]), _DAYS.index(found[2])
    try:
        start, end = (time.fromisoformat(hour) for hour in found.group(3, 4))
    except ValueError:
        raise ValueError(advice) from None
    if not start < end:
        raise ValueError(advice)
    days = range(first, last + 1) if first <= last else [*range(first, 7), *range(last + 1)]
    return OpeningHours(frozenset(days), start, end)


def _split_domains(text: str) -> tuple[str, ...]:
    domains = [part.removeprefix("*").lstrip("@.") for part in re.split(r"[,;\s]+", text.lower()) if part]
    if not all(_DOMAIN.fullmatch(domain) for domain in domains):
        raise ValueError("write the domains of your own people, such as contoso.com, contoso.de")
    return tuple(domains)


def _check_email(text: str) -> str:
    address = text.strip()
    if address and (wrong := find_mistake(address)):
        raise ValueError(f"write one e-mail address, such as sales@contoso.com: {wrong}")
    return address


def _check_public_url(text: str) -> str:
    if text and not is_web_address(text):
        raise ValueError("write the app's address, such as https://contoso-leads.azurewebsites.net")
    return text.rstrip("/")


def _check_link_key(value: SecretStr) -> SecretStr:
    keys = value.get_secret_value().split(",")
    if keys != [""] and any(len(key.strip()) < _SHORTEST_LINK_KEY for key in keys):
        raise ValueError(
            f"use a random text of {_SHORTEST_LINK_KEY} characters or more; two, divided by a comma, in a rotation"
        )
    return value


def _check_connection_string(value: SecretStr) -> SecretStr:
    return SecretStr(parse_connection_string(value.get_secret_value()))


def _check_time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError("write the name of a time zone, such as Europe/Berlin") from None
    return text


def _check_schedule(text: str) -> str:
    if not re.fullmatch(r"([\d*/,-]+ ){4,5}[\w*/,-]+", text.strip()):
        raise ValueError("write six fields, seconds first, such as 0 */5 * * * * for every five minutes")
    return text


def _check_table_name(text: str) -> str:
    if not re.fullmatch("[A-Za-z][A-Za-z0-9]{2,62}", text) or text.lower() == "tables":
        raise ValueError("write 3 to 63 letters and digits, a letter first")
    return text


def _reading(parse: Callable[[str], object]) -> BeforeValidator:
    """Parse texts. Values that code gives pass unchanged."""
    return BeforeValidator(lambda value: parse(value) if isinstance(value, str) else value)


ConnectionString = Annotated[SecretStr, AfterValidator(_check_connection_string)]
Domains = Annotated[tuple[str, ...], NoDecode, _reading(_split_domains)]
Email = Annotated[str, AfterValidator(_check_email)]
Hours = Annotated[OpeningHours | None, NoDecode, _reading(_parse_working_hours)]
LinkKey = Annotated[SecretStr, AfterValidator(_check_link_key)]
MailUrl = Annotated[MailServer | None, NoDecode, _reading(lambda text: parse_mail_url(text) if text.strip() else None)]
OwnerRules = Annotated[Owners, NoDecode, _reading(Owners.parse)]
PublicUrl = Annotated[str, AfterValidator(_check_public_url)]
Schedule = Annotated[str, AfterValidator(_check_schedule)]
TableName = Annotated[str, AfterValidator(_check_table_name)]
TimeZone = Annotated[str, AfterValidator(_check_time_zone)]
Waits = Annotated[tuple[timedelta, ...], NoDecode, _reading(_parse_waits)]
any_letter_case = _reading(lambda text: text.strip().lower())
