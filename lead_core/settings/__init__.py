"""Everything that can be set, read from the environment, and what is wrong with it in plain words."""

from lead_core.settings.kinds import OpeningHours, parse_duration
from lead_core.settings.loading import FIELDS, find_settings, load_settings
from lead_core.settings.mail_url import MailServer, parse_mail_url
from lead_core.settings.settings import MAIL_SETTINGS, STORAGE_SETTING, Settings, find_schedule, is_by_default

__all__ = [
    "FIELDS",
    "MAIL_SETTINGS",
    "STORAGE_SETTING",
    "MailServer",
    "OpeningHours",
    "Settings",
    "find_schedule",
    "find_settings",
    "is_by_default",
    "load_settings",
    "parse_duration",
    "parse_mail_url",
]
