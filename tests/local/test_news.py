"""What the console says of the host's log."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from lead_core.log_fields import fields
from lead_core.steps.processing import Outcome
from local.functions_host.functions import Function
from local.functions_host.invocation import Invoker, write_log_to_stdout
from local.news import Item, News, split_record

ID = "3f2a9c1b7d9e60f8a2e5c3b10d6a4f1e"


def record(function: str, message: str, level: str = "") -> str:
    return f"12:30:01    {level}{function}: {message}\n"


def run(function: str, outcome: str = "done") -> str:
    return f"12:30:01  {function:<22} {outcome:<7}     25 ms\n"


def tell(*parts: str, news: News | None = None) -> list[str]:
    news = news or News()
    return [item.text for part in parts for item in news.read(part)]


@pytest.mark.parametrize(
    ("function", "message", "said"),
    [
        ("accept_lead", f"lead accepted {fields(event_id=ID)}", "lead accepted (3f2a9c1b)"),
        (
            "accept_lead",
            f"lead refused {fields(event_id=ID, code='not-json', body_bytes=1184)}",
            "lead refused: not json, 1,184 bytes (3f2a9c1b)",
        ),
        (
            "accept_lead",
            f"lead not taken {fields(event_id=ID, code='storage-unavailable')}",
            "lead not taken, and the sender told to try again: storage does not work (3f2a9c1b)",
        ),
        ("process_lead", f"lead new-lead {fields(event_id=ID)}", "lead stored: a new one (3f2a9c1b)"),
        (
            "process_lead",
            f"lead rejected {fields(event_id=ID, code='no-lead')}",
            "lead rejected: no lead. RejectedLeads says why (3f2a9c1b)",
        ),
        ("record_follow_up", f"answer recorded {fields(choice='later-3d')}", "answer recorded: later 3d"),
        ("show_follow_up", f"no page {fields(code='expired-link')}", "page not shown: expired link"),
        (
            "send_reminders",
            f"no mail {fields(code='mail-not-sent', detail='451 try later.')}",
            "mail not sent: mail not sent. 451 try later",
        ),
        (
            "check_leads",
            f"leads checked {fields(checked=90, edited=2, updated=4, **{'moved-entry': 5})}",
            "all leads checked: 2 edited by people, 4 brought up to date",
        ),
        ("send_reminders", f"reminders {fields(**{'link-renewed': 1})}", "1 mail with a new link sent"),
        ("send_canary", f"canary {fields(posted=1, removed=1)}", "the app posted a test lead to itself"),
        (
            "send_reminders",
            f"canary lost {fields(code='key-refused', **{'canary-lost': 1})}",
            "the app's own test lead did not arrive: key refused",
        ),
        (
            "check_leads",
            f"silence {fields(**{'silence-told': 1})}",
            "mail to the default owner: no leads come any more",
        ),
        ("record_follow_up", "new link asked for", "a new link was asked for"),
        ("send_reminders", f"reminders {fields(retried=2)}", "2 rejected leads put into the queue again"),
        ("send_summary", f"summary {fields(**{'summary-sent': 1})}", "the weekly summary sent"),
    ],
)
def test_what_the_app_did_is_said_in_words(function: str, message: str, said: str) -> None:
    assert tell(record(function, message)) == [said]


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_of_a_lead_has_words(outcome: Outcome) -> None:
    (said,) = tell(record("process_lead", f"lead {outcome} {fields(event_id=ID)}"))
    assert said.startswith("lead ")
    assert "{" not in said


@pytest.mark.parametrize(
    "quiet",
    [
        run("send_reminders"),
        run("accept_lead", "202"),
        run("health", "200"),
        record("check_leads", f"leads checked {fields(checked=9, resting=2, edited=0)}"),
        record("send_reminders", f"reminders {fields(claimed=1, throttled=1)}"),
        "  accept_lead            POST http://127.0.0.1:7071/api/leads\nhost ready on http://127.0.0.1:7071\n",
    ],
)
def test_whatever_goes_as_it_always_goes_is_no_news(quiet: str) -> None:
    assert tell(quiet) == []


def test_mails_are_told_with_what_the_tables_know_of_them() -> None:
    sent = record("send_reminders", f"reminders {fields(sent=3, **{'test-leads-confirmed': 1})}")
    known = ["mail to sales@contoso.example: 4 leads (Contoso CRM 2, Open edX 2)"]
    confirmed = "mail to the default owner: test leads confirmed"
    assert tell(sent, news=News(lambda: known)) == [*known, "2 other mails sent", confirmed]
    assert tell(sent) == ["3 mails sent", confirmed]


def test_a_tick_without_settings_says_failed_once_and_that_it_works_again() -> None:
    wrong = "no reminders: OWNERS: rule 1: write the bare addresses: one @. MAIL_URL: is missing: no mail."
    tick = record("send_reminders", f"{wrong} {fields(code='wrong-setting')}", "ERROR ") + run("send_reminders")
    said = "send_reminders failed: nobody is mailed until OWNERS and MAIL_URL are right"
    assert tell(tick, tick, tick, run("send_reminders"), run("send_reminders"), tick) == [
        said,
        "send_reminders works again",
        said,
    ]


def test_a_summary_without_settings_says_what_is_not_sent() -> None:
    wrong = "no summary: SUMMARY_TO: write an e-mail address, or off."
    tick = record("send_summary", f"{wrong} {fields(code='wrong-setting')}", "ERROR ") + run("send_summary")
    assert tell(tick, tick) == ["send_summary failed: no weekly summary is sent until SUMMARY_TO is right"]


def test_what_is_unhealthy_is_said_once_however_often_a_monitor_asks() -> None:
    asked = record("health", f"unhealthy {fields(faults=['OWNERS', 'table Leads'])}", "WARNING ") + run("health", "503")
    assert tell(asked, asked, run("health", "200")) == [
        "health says what is wrong with OWNERS and table Leads",
        "health works again",
    ]


TRACEBACK = """Traceback (most recent call last):
  File "function_app.py", line 75, in send_reminders
    raise error
lead_core.errors.StorageUnavailableError: storage-unavailable
"""


def test_a_failure_is_one_line_with_its_reason_and_is_said_once_until_it_is_over() -> None:
    failure = run("send_reminders", "failed") + TRACEBACK
    assert tell(failure, failure, run("send_reminders")) == [
        "send_reminders failed: StorageUnavailableError: storage-unavailable",
        "send_reminders works again",
    ]


def test_a_log_that_arrives_in_pieces_says_the_same() -> None:
    log = run("process_lead", "failed") + TRACEBACK + record("accept_lead", f"lead accepted {fields(event_id=ID)}")
    assert tell(*log) == tell(log)
    assert len(tell(log)) == 2


@contextmanager
def the_hosts_log() -> Iterator[None]:
    """Let the log be written as the host writes it."""
    before, level = logging.root.handlers[:], logging.root.level
    logging.root.handlers.clear()
    write_log_to_stdout()
    try:
        yield
    finally:
        logging.root.handlers[:] = before
        logging.root.setLevel(level)


async def test_the_host_itself_writes_what_is_read_here(capsys: pytest.CaptureFixture[str]) -> None:
    async def fail(req: object) -> None:
        logging.getLogger("leads").warning("lead refused %s", fields(event_id=ID, code="too-large", body_bytes=1))
        raise ValueError("no such thing")

    with the_hosts_log(), pytest.raises(ValueError, match="no such thing"):
        await Invoker().invoke(Function("accept_lead", fail, "", {"name": "req"}), None)
    assert tell(capsys.readouterr().out) == [
        "lead refused: too large, 1 bytes (3f2a9c1b)",
        "accept_lead failed: ValueError: no such thing",
    ]


def test_a_queue_that_does_not_answer_is_told_and_that_it_does_again_but_not_of_the_start() -> None:
    silent = "12:30:01  process_lead           queue leads does not answer (ServiceRequestError); trying on\n"
    again = "12:30:02  process_lead           queue leads answers again\n"
    assert tell(silent, again) == [
        "process_lead queue leads does not answer (ServiceRequestError); trying on",
        "process_lead queue leads answers again",
    ]
    news = News()
    assert [*news.read_start(silent)] == []
    assert tell(again, news=news) == []


def test_what_is_wrong_at_the_start_is_told_when_it_comes_again_and_other_news_at_once() -> None:
    news, tick = News(), run("send_reminders", "failed") + TRACEBACK
    sent = record("send_reminders", f"reminders {fields(sent=1)}")
    assert [item.text for item in news.read_start(sent + tick)] == ["1 mail sent"]
    assert tell(tick, tick, news=news) == ["send_reminders failed: StorageUnavailableError: storage-unavailable"]


def test_what_a_developer_prints_and_logs_is_shown_as_it_stands() -> None:
    ready = "host ready on http://127.0.0.1:7071\n"
    assert tell(ready, "here\n", record("accept_lead", "came to line 7")) == ["here", "accept_lead: came to line 7"]


def test_an_address_where_nothing_is_is_told() -> None:
    assert tell("12:30:01  (GET: no function)     404\n") == ["a GET of an address where no function is: 404"]


def test_each_item_has_its_time_and_its_function() -> None:
    assert [*News().read(record("accept_lead", f"lead accepted {fields(event_id=ID)}"))] == [
        Item("12:30:01", "lead accepted (3f2a9c1b)", "accept_lead")
    ]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ('lead accepted {"event_id": "1"}', ("lead accepted", {"event_id": "1"})),
        ('a lead is one {…} {"code": "x"}', ("a lead is one {…}", {"code": "x"})),
        ('unhealthy {"faults": [{"a": 1}]}', ("unhealthy", {"faults": [{"a": 1}]})),
        ("no fields {", ("no fields {", {})),
    ],
)
def test_the_fields_of_a_record_stand_at_its_end(message: str, said: tuple[str, Any]) -> None:
    assert split_record(message) == said
