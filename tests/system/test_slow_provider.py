"""A provider that takes seconds for each mail, and ticks that the host may kill amid a mail."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.stress.post_offices import Faults, SmtpOffice
from tests.system.app import App, lead
from tests.system.team import SELDOM
from tests.waiting import wait_for

DESKS = [f"desk-{number}@contoso.example" for number in range(10)]
OWNERS = "; ".join([*(f"contoso.offer-{number}: {desk}" for number, desk in enumerate(DESKS)), "sales@contoso.example"])
SECONDS_A_MAIL = 2
LIMIT = timedelta(seconds=7)
CLAIMS_LAST = timedelta(seconds=10)
"""Instead of ten minutes: as in life, longer than a function may run."""
MOST_COPIES = 3
"""How often one mail may come if ticks are killed: nobody knows what became of it."""


@pytest.fixture
def office() -> Iterator[SmtpOffice]:
    office = SmtpOffice(Faults(seconds_a_mail=SECONDS_A_MAIL))
    office.start()
    yield office
    office.stop()


@pytest.fixture
def app(account: str, office: SmtpOffice, tmp_path: Path) -> Iterator[App]:
    app = App(account, tmp_path / "host.log")
    app.settings = {"MAIL_URL": office.url, "OWNERS": OWNERS, "REMINDER_SCHEDULE": SELDOM}
    yield app
    app.stop()


def post_for_every_owner(app: App) -> None:
    for number in range(2 * len(DESKS)):
        assert app.post(lead(number), f"contoso.offer-{number % len(DESKS)}").status_code == 202
    app.wait_until_processed()


def told(office: SmtpOffice) -> Counter[str]:
    return Counter(mail.to[0] for mail in office.taken)


def ids_by_lead(office: SmtpOffice) -> dict[str, set[str]]:
    ids: dict[str, set[str]] = {}
    for mail in office.taken:
        for name in mail.leads:
            ids.setdefault(name, set()).add(mail.id)
    return ids


def test_every_owner_of_a_slow_provider_gets_one_mail(app: App, office: SmtpOffice) -> None:
    app.start()
    post_for_every_owner(app)
    for _ in range(2):
        assert app.run_now("send_reminders") == "done"
    assert told(office) == Counter(DESKS)


def test_ticks_that_are_killed_amid_a_mail_put_no_lead_into_two_mails_and_serve_every_owner(
    app: App, office: SmtpOffice
) -> None:
    app.settings = {**app.settings, "AzureFunctionsJobHost__functionTimeout": f"{LIMIT}"}
    app.start()
    post_for_every_owner(app)
    app.stop()
    app.settings = {**app.settings, "REMINDER_SCHEDULE": "*/2 * * * * *"}
    app.start()

    def is_done() -> bool:
        app.let_claims_run_out(before=datetime.now(UTC) - CLAIMS_LAST)
        return {row["RemindersSent"] for row in app.rows("Leads")} == {1}

    wait_for(is_done, seconds=180, every=0.5)
    assert "took longer than" in app.log.read_text()
    assert told(office).keys() == set(DESKS)
    assert {name: len(ids) for name, ids in ids_by_lead(office).items()} == {f"P{n} Smith": 1 for n in range(20)}
    assert max(Counter(mail.id for mail in office.taken).values()) <= MOST_COPIES
