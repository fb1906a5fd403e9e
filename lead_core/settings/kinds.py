"""The kinds of settings: how each is written, and what to write instead of a mistake. No mistake is quoted."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode

from lead_core.lead.addresses import find_mistake, split_mailbox
from lead_core.lead.mail_domains import is_open_to_all
from lead_core.lead.owners import Owners
from lead_core.lead.retention import Retention
from lead_core.lead.values import MAX_QUESTION_CHARACTERS, MAX_TOUCHES, TOUCHES, fold_text
from lead_core.lead_url import LeadUrl
from lead_core.settings.link_key import check_link_key
from lead_core.settings.mail_url import MailServer, check_mail_server, parse_mail_url
from lead_core.settings.schedules import check_schedule
from lead_core.settings.storage import parse_connection_string
from lead_core.settings.web import check_public_url, find_host, is_this_machine, is_web_address

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DOMAIN = re.compile(r"[^\s@/,;.]+(\.[^\s@/,;.]+)+")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MAX_SENDER_CHARACTERS = 64
_LONGEST_WAIT = timedelta(days=365)
_SHORTEST_RETENTION = timedelta(days=30)
_MAX_QUESTIONS = 8
_SILENCES = (timedelta(days=1), timedelta(days=80))
"""An offer without a lead for 90 days is not counted any more, and the mail needs some days to go out."""


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
    if waits[-1] > _LONGEST_WAIT:
        raise ValueError(f"write at most {_LONGEST_WAIT.days}d: nobody waits longer for an answer")
    return waits


def _parse_durations(text: str, advice: str) -> tuple[timedelta, ...]:
    """Read durations that commas divide. Raises: ValueError with *advice*, which says more than that of one."""
    try:
        return tuple(map(parse_duration, text.split(",")))
    except ValueError:
        raise ValueError(advice) from None


def _parse_touches(text: str) -> tuple[timedelta, ...]:
    """Read ``0d,3d,7d,14d``. ``off`` gives none."""
    if not text.strip():
        return TOUCHES
    if text.strip().lower() == "off":
        return ()
    advice = "write rising durations that begin with 0d, such as 0d,3d,7d,14d, or off"
    touches = _parse_durations(text, advice)
    if touches[0] or list(touches) != sorted(set(touches)):
        raise ValueError(advice)
    if len(touches) > MAX_TOUCHES or touches[-1] > _LONGEST_WAIT:
        raise ValueError(f"write at most {MAX_TOUCHES} attempts within {_LONGEST_WAIT.days}d: more would be a burden")
    return touches


def _split_questions(text: str) -> tuple[str, ...]:
    questions = tuple(" ".join(part.split()) for part in re.split("[;\uff1b]", text) if part.strip())
    if len(questions) > _MAX_QUESTIONS or len(set(map(fold_text, questions))) < len(questions):
        raise ValueError(f"write at most {_MAX_QUESTIONS} different questions, such as Has a budget; Decides this year")
    if any(len(question) > MAX_QUESTION_CHARACTERS or not question.isprintable() for question in questions):
        raise ValueError(f"write questions of at most {MAX_QUESTION_CHARACTERS} characters, divided by semicolons")
    return questions


def _check_summary_to(text: str) -> str:
    return "off" if text.lower() == "off" else _check_email(text)


def _parse_silence(text: str) -> timedelta | None:
    if not text.strip():
        return None
    shortest, longest = _SILENCES
    advice = f"write {shortest.days}d to {longest.days}d, such as 7d"
    silences = _parse_durations(text, advice)
    if len(silences) > 1 or not shortest <= silences[0] <= longest:
        raise ValueError(advice)
    return silences[0]


def _check_booking_link(text: str) -> str:
    if text and not (re.fullmatch(r"https://\w[!-~]{3,199}", text, re.ASCII) and is_web_address(text)):
        raise ValueError("write the address of a page where a customer books a call, such as https://book.contoso.com")
    return text


def _check_canary_url(value: SecretStr) -> SecretStr:
    if text := value.get_secret_value():
        url = LeadUrl.parse(text)
        if not (url.is_private or is_this_machine(find_host(url.base))):
            raise ValueError("write https:// in place of http://, because the URL holds a key")
    return value


def _parse_working_hours(text: str) -> OpeningHours | None:
    """Read ``Mon-Fri 09:00-17:00``, also with ``9:00``, blanks round a dash, or the dash that a phone makes of it."""
    if not text.strip():
        return None
    advice = "write days and hours, such as Mon-Fri 09:00-17:00"
    plain = re.sub(r" ?[-\u2013\u2014] ?", "-", text.strip().lower())
    plain = re.sub(r"(?<!\d)(?=\d:)", "0", plain)
    found = re.fullmatch(r"(\w{3})-(\w{3}) (\d\d:\d\d)-(\d\d:\d\d)", plain)
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


def _read_retention(text: str) -> Retention | None:
    if not text.strip():
        return None
    retention = Retention.parse(text)
    if retention.length < _SHORTEST_RETENTION:
        raise ValueError(f"write at least {_SHORTEST_RETENTION.days}d: what is purged never comes back")
    return retention


def _split_domains(text: str) -> tuple[str, ...]:
    domains = [part.removeprefix("*").lstrip("@.") for part in re.split(r"[,;\s]+", text.lower()) if part]
    if not all(_DOMAIN.fullmatch(domain) for domain in domains):
        raise ValueError("write the domains of your own people, such as contoso.com, contoso.de")
    if any(map(is_open_to_all, domains)):
        raise ValueError("one of these domains is not yours alone, and its leads would cause no mails: leave it out")
    return tuple(domains)


def _check_email(text: str) -> str:
    if text and (wrong := find_mistake(text)):
        raise ValueError(f"write one bare e-mail address, such as sales@contoso.com, without a name: {wrong}")
    return text


def _check_sender(text: str) -> str:
    """Return ``leads@contoso.com`` or ``Contoso Leads <leads@contoso.com>``."""
    name, address = split_mailbox(text)
    if len(name) > _MAX_SENDER_CHARACTERS or not name.isprintable():
        raise ValueError(f"write a name of at most {_MAX_SENDER_CHARACTERS} characters, on one line")
    if text and (wrong := find_mistake(address if name else text)):
        raise ValueError(f"write one address, such as leads@contoso.com or Contoso Leads <leads@contoso.com>: {wrong}")
    return text


def _check_link_key(value: SecretStr) -> SecretStr:
    return SecretStr(check_link_key(value.get_secret_value()))


def _read_mail_url(text: str) -> MailServer | None:
    return check_mail_server(parse_mail_url(text)) if text else None


def _check_connection_string(value: SecretStr) -> SecretStr:
    return SecretStr(parse_connection_string(value.get_secret_value()))


def _check_time_zone(text: str) -> str:
    advice = "write the name of a time zone, such as Europe/Berlin"
    if text.startswith(("posix", "right")) or text in {"Factory", "localtime"}:
        raise ValueError(advice)  # Python takes these file names, and another machine may not have them.
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError(advice) from None
    return text


def _check_table_name(text: str) -> str:
    if not re.fullmatch("[A-Za-z][A-Za-z0-9]{2,62}", text) or text.lower() == "tables":
        raise ValueError("write 3 to 63 letters and digits, a letter first")
    if text.lower().startswith(("azurewebjobs", "azurefunctions")):
        raise ValueError("tables of this name are the Functions host's own: write another")
    return text


def _reading(parse: Callable[[str], object]) -> BeforeValidator:
    """Parse texts. Values that code gives pass unchanged."""
    return BeforeValidator(lambda value: parse(value) if isinstance(value, str) else value)


BookingLink = Annotated[str, AfterValidator(_check_booking_link)]
CanaryUrl = Annotated[SecretStr, AfterValidator(_check_canary_url)]
ConnectionString = Annotated[SecretStr, AfterValidator(_check_connection_string)]
Domains = Annotated[tuple[str, ...], NoDecode, _reading(_split_domains)]
Email = Annotated[str, AfterValidator(_check_email)]
Hours = Annotated[OpeningHours | None, NoDecode, _reading(_parse_working_hours)]
LinkKey = Annotated[SecretStr, AfterValidator(_check_link_key)]
MailUrl = Annotated[MailServer | None, NoDecode, _reading(_read_mail_url)]
OwnerRules = Annotated[Owners, NoDecode, _reading(Owners.parse)]
KeptFor = Annotated[Retention | None, NoDecode, _reading(_read_retention)]
Questions = Annotated[tuple[str, ...], NoDecode, _reading(_split_questions)]
PublicUrl = Annotated[str, AfterValidator(check_public_url)]
Sender = Annotated[str, AfterValidator(_check_sender)]
Schedule = Annotated[str, AfterValidator(check_schedule)]
SilenceAfter = Annotated[timedelta | None, NoDecode, _reading(_parse_silence)]
SummaryTo = Annotated[str, AfterValidator(_check_summary_to)]
TableName = Annotated[str, AfterValidator(_check_table_name)]
TimeZone = Annotated[str, AfterValidator(_check_time_zone)]
Touches = Annotated[tuple[timedelta, ...], NoDecode, _reading(_parse_touches)]
Waits = Annotated[tuple[timedelta, ...], NoDecode, _reading(_parse_waits)]
any_letter_case = _reading(lambda text: text.strip().lower())
