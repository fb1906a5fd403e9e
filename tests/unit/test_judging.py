"""What `leads doctor` makes of what it saw: right, worth a look, or wrong."""

from collections import Counter
from datetime import UTC, timedelta

import pytest

from lead_core.lead.findings import Finding, Section, Verdict
from lead_core.operations.census import Census
from lead_core.operations.judging import judge_app_clock, judge_clock, judge_queue, judge_runs, judge_tables
from lead_core.operations.judging_leads import judge_leads, judge_mails, judge_offers, judge_rejects
from lead_core.operations.judging_settings import judge_settings
from lead_core.ports.examining import AccountSeen, QueueDepth
from lead_core.ports.rejects import StoredReject
from lead_core.ports.runs import Run, Timer
from lead_core.ports.troubles import Trouble
from lead_core.settings import Settings, load_settings
from lead_core.steps.troubles import TroubleCode
from tests.examples import NOON, at
from tests.good_settings import GOOD_SETTINGS

OK, LOOK, WRONG = Verdict.OK, Verdict.LOOK, Verdict.WRONG
SECOND, DAY = 1 / 60, 24 * 60
"""In minutes."""


@pytest.mark.parametrize(
    ("minutes", "verdict", "says"),
    [
        (0, OK, "the same time"),
        (29 * SECOND, OK, "the same time"),
        (30 * SECOND, LOOK, "30 s ahead of"),
        (-4, LOOK, "4 min behind"),
        (5, WRONG, "5 min ahead of"),
    ],
)
def test_a_clock_that_is_off_is_told(minutes: float, verdict: Verdict, says: str) -> None:
    finding = judge_clock(Section.STORAGE, "clock", "the clock", theirs=NOON, ours=at(minutes))
    assert finding.verdict is verdict
    assert says in finding.what


@pytest.mark.parametrize(
    ("tables", "code", "verdict"),
    [
        ({"Inbox", "Leads", "FollowUps", "other"}, "tables", OK),
        ({"INBOX", "leads", "followups"}, "tables", OK),
        ({"other"}, "no-tables", LOOK),
        (set(), "no-tables", LOOK),
        ({"Inbox", "FollowUps"}, "table-missing", WRONG),
        ({"Inbox"}, "table-missing", WRONG),
        ({"Leads"}, "table-missing", WRONG),
        ({"Leads", "FollowUps"}, "inbox-missing", LOOK),
    ],
)
def test_a_table_that_was_deleted_is_told(tables: set[str], code: str, verdict: Verdict) -> None:
    finding = judge_tables(AccountSeen(frozenset(tables), NOON), "Inbox", ("Leads", "FollowUps"))
    assert (finding.code, finding.verdict) == (code, verdict)


@pytest.mark.parametrize(
    ("depth", "is_poison", "verdict"),
    [
        (None, False, OK),
        (None, True, OK),
        (QueueDepth(0), True, OK),
        (QueueDepth(16), False, OK),
        (QueueDepth(1_000, at(-9)), False, OK),
        (QueueDepth(1, at(-10)), False, WRONG),
        (QueueDepth(1, at(-1)), True, LOOK),
        (QueueDepth(1, at(-10)), True, WRONG),
    ],
)
def test_a_queue_in_which_leads_wait_too_long_is_told(
    depth: QueueDepth | None, *, is_poison: bool, verdict: Verdict
) -> None:
    finding = judge_queue("leads", depth, is_poison=is_poison, now=NOON, start="Start it.")
    assert (finding.verdict, bool(finding.advice)) == (verdict, verdict is not OK)


def judged(runs: dict[Timer, Run], *own: Timer) -> dict[str, Finding]:
    found = judge_runs(runs, frozenset(own), now=NOON, zone=UTC, start="Start it.")
    return {finding.code: finding for finding in found}


@pytest.mark.parametrize(
    ("timer", "minutes", "verdict"),
    [
        (Timer.REMINDERS, 15, OK),
        (Timer.REMINDERS, 16, LOOK),
        (Timer.REMINDERS, 120, WRONG),
        (Timer.CHECK, 179, OK),
        (Timer.CHECK, 180, LOOK),
        (Timer.CHECK, DAY, WRONG),
        (Timer.SUMMARY, 179, OK),
        (Timer.SUMMARY, DAY, WRONG),
    ],
)
def test_a_timer_that_is_late_is_told(timer: Timer, minutes: float, verdict: Verdict) -> None:
    code = {Timer.REMINDERS: "last-tick", Timer.CHECK: "last-check", Timer.SUMMARY: "last-summary"}[timer]
    assert judged({timer: Run(timer, at(-minutes))})[code].verdict is verdict
    by_own_schedule = judged({timer: Run(timer, at(-minutes))}, timer)
    assert by_own_schedule[code].verdict is OK


def test_a_summary_with_a_schedule_of_its_own_may_run_once_a_week() -> None:
    for days, verdict in ((7, OK), (8, LOOK), (15, WRONG)):
        found = judged({Timer.SUMMARY: Run(Timer.SUMMARY, at(-days * DAY))}, Timer.SUMMARY)
        assert found["last-summary"].verdict is verdict


def test_one_wrong_setting_that_stops_two_timers_is_told_once() -> None:
    runs = {timer: Run(timer, at(-1), "MAIL_URL: is missing.") for timer in (Timer.REMINDERS, Timer.SUMMARY)}
    found = list(judge_runs(runs, frozenset(), now=NOON, zone=UTC, start="Start it."))
    assert [finding.code for finding in found].count("sends-no-mails") == 1


def test_a_timer_that_never_ran_and_one_that_could_send_no_mails_are_told() -> None:
    found = judged({Timer.REMINDERS: Run(Timer.REMINDERS, at(-1), "MAIL_URL: is missing.")})
    assert (found["last-tick"].verdict, found["last-check"].verdict) == (OK, LOOK)
    assert "runs every hour: wait that long if the app is new" in found["last-check"].advice
    assert (found["sends-no-mails"].verdict, found["sends-no-mails"].advice) == (WRONG, "MAIL_URL: is missing.")


def test_the_apps_clock_is_judged_by_the_last_run_that_storage_noted() -> None:
    assert judge_app_clock({}) is None
    assert judge_app_clock({Timer.CHECK: Run(Timer.CHECK, at(0))}) is None
    old, new = Run(Timer.CHECK, at(-60), "", at(-60)), Run(Timer.REMINDERS, at(-7), "", at(0))
    finding = judge_app_clock({Timer.CHECK: old, Timer.REMINDERS: new})
    assert finding
    assert (finding.verdict, finding.section) == (WRONG, Section.APP)
    assert "7 min behind" in finding.what


def codes(findings: object) -> dict[str, Verdict]:
    assert hasattr(findings, "__iter__")
    return {finding.code: finding.verdict for finding in findings}


def test_an_account_without_leads_asks_for_a_test_lead() -> None:
    found = codes(judge_leads(Census(), now=NOON, zone=UTC))
    assert found == {"last-lead": LOOK, "last-test-lead": LOOK, "resting": OK, "entry-missing": OK}


def test_leads_that_need_somebody_are_told() -> None:
    census = Census(leads=3, last_at=at(-5), last_test_at=at(-DAY), resting=2, resting_since=at(-3 * DAY))
    census.with_problems, census.damaged = 1, 1
    found = {finding.code: finding for finding in judge_leads(census, now=NOON, zone=UTC)}
    assert codes(found.values()) == {
        "last-lead": OK, "last-test-lead": OK, "resting": LOOK, "entry-missing": OK, "damaged": LOOK, "problem": LOOK,
    }  # fmt: skip
    assert found["resting"].what == "2 leads never answered, the first waits for 3 d"
    assert found["last-lead"].what == "3 leads, 0 for tests; the last at 2026-11-22 11:55, 5 min ago"


@pytest.mark.parametrize(("days", "verdict"), [(29, OK), (30, LOOK)])
def test_a_month_without_a_lead_is_worth_a_look(days: int, verdict: Verdict) -> None:
    assert codes(judge_leads(Census(leads=1, last_at=at(-days * DAY)), now=NOON, zone=UTC))["last-lead"] is verdict


def reject(reason: str = "not-json", *, wants_retry: bool = False) -> StoredReject:
    return StoredReject(("d", "r"), reason, NOON, wants_retry=wants_retry, retries=0, is_told=True, version="1")


def test_rejects_are_told_until_they_were_read() -> None:
    assert judge_rejects([], 14).verdict is OK
    assert judge_rejects([reject("retried")], 14).verdict is OK
    finding = judge_rejects([reject(), reject("retried"), reject("gave-up", wants_retry=True)], 14)
    assert (finding.verdict, finding.what) == (LOOK, "1 reject in 14 days (not-json), and 1 about to be tried again")


def test_the_troubles_of_the_mails_are_told_with_what_to_do() -> None:
    troubles = [
        Trouble(TroubleCode.PROVIDER_REFUSES, "535", at(-60), at(-1)),
        Trouble(TroubleCode.MANY_LEADS, "300", at(-60), at(-1)),
        Trouble(TroubleCode.NOT_SENT, "421", at(-1), at(-1)),
        Trouble("of another version", "", at(-1), at(-1)),
    ]
    found = list(judge_mails(Census(), troubles, now=NOON))
    assert codes(found) == {"provider-refuses": WRONG, "many-leads": LOOK, "late-mails": OK}
    assert found[0].what.startswith("The mail provider refuses this app's mails for good (535)")
    assert found[0].advice.startswith("Check MAIL_FROM")


@pytest.mark.parametrize(("minutes", "verdict"), [(29, OK), (30, LOOK)])
def test_mails_that_are_late_are_told(minutes: float, verdict: Verdict) -> None:
    census = Census(due_at=[at(-minutes), at(60)])
    assert codes(judge_mails(census, [], now=NOON))["late-mails"] is verdict


def test_an_owner_whom_the_provider_refused_is_told() -> None:
    found = list(judge_mails(Census(refused_owners=Counter({"bob@contoso.example": 2})), [], now=NOON))
    assert codes(found)["owner-refused"] is LOOK
    assert "bob@contoso.example, the owner of 2 leads" in found[-1].what


def test_a_misspelt_offer_and_leads_without_an_offer_are_told() -> None:
    assert list(judge_offers(Census(offers=Counter({"contoso.crm": 40})))) == []
    found = list(judge_offers(Census(offers=Counter({"contoso.crm": 40, "contoso.cmr": 2}), without_offer=3)))
    assert [(each.code, each.verdict, each.about) for each in found] == [
        ("misspelt-offer", LOOK, "contoso.cmr"),
        ("no-offer-id", LOOK, ""),
    ]


def settings(**given: str) -> Settings:
    good = {name.lower(): value for name, value in GOOD_SETTINGS.items()} | {
        "leads_storage": "UseDevelopmentStorage=true"
    }
    return load_settings(**good | {"public_url": "https://leads.contoso.com"} | given)


def test_settings_that_are_right_are_two_lines() -> None:
    assert codes(judge_settings(settings(), are_the_apps=True)) == {"settings": OK, "link-key": OK}


def test_each_setting_that_is_wrong_is_told_with_what_to_write() -> None:
    found = list(judge_settings(settings(owners="", mail_url="secret", public_url=""), are_the_apps=True))
    assert [(each.about, each.verdict, each.what) for each in found if each.code == "setting"] == [
        ("MAIL_URL", WRONG, "MAIL_URL is not right"),
        ("OWNERS", WRONG, "OWNERS is missing"),
        ("PUBLIC_URL", LOOK, "PUBLIC_URL is missing"),
    ]
    assert found[1].advice == "Write the address of the person who answers leads."
    assert "secret" not in str(found)


def test_with_another_account_the_settings_are_only_this_machines() -> None:
    (finding,) = judge_settings(settings(owners="", mail_from=""), are_the_apps=False)
    assert (finding.code, finding.verdict) == ("settings-elsewhere", LOOK)
    assert finding.what == "on this machine, not right: MAIL_FROM, OWNERS"
    (finding,) = judge_settings(settings(), are_the_apps=False)
    assert finding.verdict is OK


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("0b6f7c1e94d25a83c7e1f04a9d3b6285", "cannot be guessed"),
        ("0b6f7c1e94d25a83c7e1f04a9d3b6285,1b6f7c1e94d25a83c7e1f04a9d3b6285", "2 keys"),
        ("for-this-machine-only-0123456789abcdef", "for this machine alone"),
    ],
)
def test_the_link_key_is_judged_and_not_quoted(key: str, says: str) -> None:
    found = list(judge_settings(settings(link_key=key, public_url="http://127.0.0.1:7071"), are_the_apps=True))
    assert says in found[-1].what
    assert key not in str(found)


def test_a_wait_of_nothing_is_no_reason_to_fail() -> None:
    assert (
        judge_queue("q", QueueDepth(1, NOON + timedelta(seconds=1)), is_poison=False, now=NOON, start="").verdict is OK
    )
