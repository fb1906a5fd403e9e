"""What the settings of a run mean, in words: who is told, when, through what. And what is wrong with them."""

import difflib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from lead_core.lead.owner_rules import OwnerRule
from lead_core.links import LinkSigner
from lead_core.settings import FIELDS, MAIL_SETTINGS, Settings, find_settings
from lead_core.settings.settings import DEFAULT_SCHEDULES
from local.console import be, join

_NCRONTAB_FIELDS = 6


@dataclass(frozen=True)
class InForce:
    """The settings of a run."""

    file: str
    in_file: Mapping[str, str]
    """What the settings file says."""
    outside: Mapping[str, str]
    """The environment, which wins over the file."""
    environment: Mapping[str, str]
    """What counts in the end."""
    smtp_port: int

    @cached_property
    def settings(self) -> Settings:
        """The settings as the app reads them."""
        return find_settings(self.environment)

    @property
    def table_names(self) -> dict[str, str]:
        """The name of each table, by the name that it usually has."""
        fields = Settings.model_fields.items()
        return {each.default: getattr(self.settings, name) for name, each in fields if name.endswith("_table")}

    def describe(self) -> Iterator[tuple[str, list[str]]]:
        """Yield a label and its lines for each thing that a person may want to know before they start."""
        yield "settings", [self._describe_file()]
        yield "owners", [*map(_describe_rule, self.settings.owners.rules)] or ["nobody yet"]
        yield "pace", [self._describe_pace()]
        if server := self.settings.mail_url:
            is_here = server.is_this_machine and server.port == self.smtp_port
            place = "into the mailbox here" if is_here else f"to real people, through {server.host}:{server.port}"
            yield "mails", [f"from {self.settings.mail_from or 'nobody yet'}, {place}"]

    def list_wrong(self) -> Iterator[str]:
        """Yield what is wrong with each setting, where it stands and what to write."""
        faults = {fault.name: fault.advice for fault in self.settings.mistakes}
        for name, advice in faults.items():
            yield f"{self._place(name)}{'' if advice.startswith('is ') else ':'} {advice}"
        yield from self._list_misspelt()

    def describe_loss(self) -> str:
        """Return what does not work until the settings are right, ``""`` if they are."""
        names = [fault.name for fault in self.settings.mistakes]
        storage = [fault.name for fault in self.settings.storage_mistakes]
        mails = [name for name in names if name in MAIL_SETTINGS]
        schedules = [name for name in names if name in DEFAULT_SCHEDULES]
        summary = [name for name in names if name == "SUMMARY_TO"]
        others = [name for name in names if name not in {*storage, *mails, *schedules, *summary}]
        lost = (
            ("no lead is taken", storage),
            ("nobody is mailed", mails),
            ("the functions may not run", schedules),
            ("no weekly summary is sent", summary),
            ("the app goes by the default", others),
        )
        said = "; ".join(f"{what} until {join(which)} {be(which)} right" for what, which in lost if which)
        return f"{said[0].upper()}{said[1:]}. Correct it and start again." if said else ""

    def list_pages(self, now: datetime) -> Iterator[tuple[str, str]]:
        """Yield a label and a link for each page that opens without a mail, and nothing if no link can be signed."""
        settings = self.settings
        if settings.link_keys and settings.owners.default:
            links, owner = LinkSigner(settings.link_keys, settings.links_url), settings.owners.default
            yield "report", f"{links.sign_report(owner, now=now)} shows how fast customers are answered"
            yield "my leads", f"{links.sign_my_leads(owner, now=now)} shows who waits for {owner}"

    def _place(self, name: str) -> str:
        if name in self.outside:
            return f"{name} (from the environment)"
        return f"{name} in {self.file}" if name in self.in_file else name

    def _describe_file(self) -> str:
        hint = ". To set your own, copy it to local.settings.json" if ".sample." in self.file else ""
        names = sorted(name for name in self.outside if name.upper() in FIELDS)
        return f"{self.file}{hint}" + (f". From the environment: {join(names)}" if names else "")

    def _describe_pace(self) -> str:
        is_known = all(fault.name != "REMINDER_WAITS" for fault in self.settings.mistakes)
        said = f"mails go out {_describe_schedule(self.settings.reminder_schedule)}; reminders " + (
            f"after {_say_waits(self.settings.reminder_waits)}"
            if is_known
            else "at times that are not known until REMINDER_WAITS is right"
        )
        if hours := self.settings.working_hours and self.environment["WORKING_HOURS"]:
            said += f"; in working hours alone: {hours} {self.settings.time_zone}"
        filed = self.in_file.get("REMINDER_WAITS", "")
        is_faster = (
            is_known and filed and "REMINDER_WAITS" not in self.outside and filed != self.environment["REMINDER_WAITS"]
        )
        return said + (f". In Azure, after {join([wait.strip() for wait in filed.split(',')])}" if is_faster else "")

    def _list_misspelt(self) -> Iterator[str]:
        """Yield names in the file that are nearly a setting. The app does not know them, and takes the default."""
        for name in self.in_file:
            close = difflib.get_close_matches(name.upper(), FIELDS, n=1, cutoff=0.8)
            if name.upper() not in FIELDS and close and close[0] not in self.in_file:
                yield f"{name} in {self.file} is no setting. Is it {close[0]}?"


def _describe_rule(rule: OwnerRule) -> str:
    conditions = " ".join([*rule.offers, *sorted(rule.countries), *(action.upper() for action in sorted(rule.actions))])
    return f"{conditions}: {', '.join(rule.people)}" if conditions else ", ".join(rule.people)


def _describe_schedule(schedule: str) -> str:
    """Return ``*/10 * * * * *`` as ``every 10 seconds``, and another schedule as it is written."""
    fields = schedule.split()
    seconds, minutes, *others = fields if len(fields) == _NCRONTAB_FIELDS else ["0", *fields]
    if set(others) == {"*"}:
        if seconds.startswith("*/") and minutes == "*":
            return f"every {seconds[2:]} seconds"
        if seconds == "0" and minutes.startswith("*/"):
            return f"every {minutes[2:]} minutes"
    return f"at {schedule}"


def _say_waits(waits: Collection[timedelta]) -> str:
    """Return ``1m, 3m and 7m``: each wait in its largest whole unit."""
    sizes = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
    seconds = [int(wait.total_seconds()) for wait in waits]
    return join([next(f"{n // size}{unit}" for unit, size in sizes.items() if n % size == 0) for n in seconds])
