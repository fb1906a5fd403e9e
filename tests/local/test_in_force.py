"""What `make run` says of its settings before anything starts."""

import json
from pathlib import Path

import pytest

from lead_core.settings import STORAGE_SETTING
from local.azurite import Ports
from local.in_force import InForce

PROJECT = Path(__file__).parents[2]
SAMPLE = json.loads((PROJECT / "local.settings.sample.json").read_text(encoding="utf-8"))["Values"]
STORAGE = {STORAGE_SETTING: Ports().connection_string}


def make(outside: dict[str, str] | None = None, here: dict[str, str] | None = None, /, **in_file: str) -> InForce:
    """Return the sample's settings, with others in a file, *here* for this machine alone, and from *outside*."""
    filed, over = SAMPLE | in_file, outside or {}
    environment = filed | STORAGE | (here or {}) | over
    return InForce("local.settings.json" if in_file else "local.settings.sample.json", filed, over, environment, 1025)


def test_the_samples_settings_are_told_and_nothing_is_wrong() -> None:
    in_force = make({}, {"REMINDER_WAITS": "1m,3m,7m", "REMINDER_SCHEDULE": "*/10 * * * * *"})
    assert dict(in_force.describe()) == {
        "settings": ["local.settings.sample.json. To set your own, copy it to local.settings.json"],
        "owners": ["sales@contoso.example"],
        "pace": ["mails go out every 10 seconds; reminders after 1m, 3m and 7m. In Azure, after 24h, 3d and 7d"],
        "mails": ["from Contoso Leads <leads@contoso.example>, into the mailbox here"],
    }
    assert [*in_force.list_wrong()] == []
    assert in_force.describe_loss() == ""


def test_each_rule_of_owners_is_a_line() -> None:
    rules = "contoso.* DE AT PLT: anna@contoso.com, bob@contoso.com; sales@contoso.com"
    assert dict(make(OWNERS=rules).describe())["owners"] == [
        "contoso.* AT DE PLT: anna@contoso.com, bob@contoso.com",
        "sales@contoso.com",
    ]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"REMINDER_WAITS": "36h, 7d"}, "mails go out every 5 minutes; reminders after 36h and 7d"),
        ({"REMINDER_SCHEDULE": "0 0 9 * * 1-5"}, "mails go out at 0 0 9 * * 1-5; reminders after 1d, 3d and 7d"),
        ({"REMINDER_SCHEDULE": "*/2 * * * *"}, "mails go out every 2 minutes; reminders after 1d, 3d and 7d"),
        (
            {"WORKING_HOURS": "Mon-Fri 9:00-17:00", "TIME_ZONE": "Asia/Tokyo", "REMINDER_WAITS": "1d"},
            "mails go out every 5 minutes; reminders after 1d; in working hours alone: Mon-Fri 9:00-17:00 Asia/Tokyo",
        ),
    ],
)
def test_the_pace_is_said_as_it_is(changed: dict[str, str], said: str) -> None:
    assert dict(make(changed).describe())["pace"] == [said]


def test_a_pace_that_is_wrong_is_not_told_as_if_it_were_in_force() -> None:
    (said,) = dict(make(REMINDER_WAITS="3d,1d").describe())["pace"]
    assert said.endswith("; reminders at times that are not known until REMINDER_WAITS is right")


def test_mails_that_leave_this_machine_are_said_to_and_no_password_is_shown() -> None:
    real = {
        "MAIL_URL": "smtp://leads:pa55word@mail.contoso.com",
        "OWNERS": "a@contoso.com",
        "MAIL_FROM": "l@contoso.com",
    }
    told = dict(make(**real).describe())
    assert told["mails"] == ["from l@contoso.com, to real people, through mail.contoso.com:587"]
    assert "pa55word" not in str(told)


def test_what_the_environment_sets_is_named_because_it_wins_over_the_file() -> None:
    in_force = make({"OWNERS": "anna@contoso.com", "HOME": "/root"}, TIME_ZONE="UTC")
    told = dict(in_force.describe())
    assert told["settings"] == ["local.settings.json. From the environment: OWNERS"]
    assert told["owners"] == ["anna@contoso.com"]


def test_each_wrong_setting_is_named_with_its_place_and_what_to_write() -> None:
    in_force = make({"MAIL_FROM": "Anna"}, OWNERS="", REMINDER_WAITS="3d,1d", MAIL_URL="smtp://x:y@z.example:99999")
    said = [*in_force.list_wrong()]
    assert len(said) == 4
    told = {line.split()[0]: line for line in said}
    assert told["OWNERS"] == (
        "OWNERS in local.settings.json is missing: write the address of the person who answers leads"
    )
    assert told["MAIL_FROM"].startswith("MAIL_FROM (from the environment): write one address, such as")
    assert told["REMINDER_WAITS"] == "REMINDER_WAITS in local.settings.json: write rising durations, such as 24h,3d,7d"
    assert told["MAIL_URL"].startswith("MAIL_URL in local.settings.json: write smtp://, smtps:// or acs:// and a host")
    loss = "Nobody is mailed until MAIL_FROM, MAIL_URL, REMINDER_WAITS and OWNERS are right."
    assert in_force.describe_loss() == f"{loss} Correct it and start again."


def test_each_kind_of_loss_is_told_apart() -> None:
    in_force = make({STORAGE_SETTING: "", "CHECK_SCHEDULE": "hourly"}, OWNERS="x")
    assert in_force.describe_loss() == (
        "No lead is taken until LEADS_STORAGE is right; nobody is mailed until OWNERS is right;"
        " the functions may not run until CHECK_SCHEDULE is right. Correct it and start again."
    )
    in_force = make(SUMMARY_TO="Anna", TOUCHES="3d", BOOKING_LINK="book.contoso.com")
    assert in_force.describe_loss() == (
        "No weekly summary is sent until SUMMARY_TO is right;"
        " the app goes by the default until BOOKING_LINK and TOUCHES are right. Correct it and start again."
    )


def test_a_misspelt_name_in_the_file_is_named_with_the_setting_that_is_meant() -> None:
    values = {name: value for name, value in SAMPLE.items() if name != "ESCALATE_TO"} | {"ESCALATE_T0": "b@contoso.com"}
    environment = values | STORAGE
    in_force = InForce("local.settings.json", values, {}, environment, 1025)
    assert [*in_force.list_wrong()] == ["ESCALATE_T0 in local.settings.json is no setting. Is it ESCALATE_TO?"]


def test_settings_without_a_key_are_read_as_the_app_reads_them() -> None:
    keyless = {name: value for name, value in SAMPLE.items() if name != STORAGE_SETTING}
    keyless["LEADS_STORAGE__accountName"] = "contosoleads"
    in_force = InForce("local.settings.json", keyless, {}, keyless, 1025)
    assert in_force.settings.table_uri == "https://contosoleads.table.core.windows.net"
    assert [*in_force.list_wrong()] == []


def test_the_tables_have_the_names_of_the_settings() -> None:
    assert make(LEADS_TABLE="OtherLeads").table_names["Leads"] == "OtherLeads"
