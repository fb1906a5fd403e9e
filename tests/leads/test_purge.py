"""`leads purge` on a real storage account."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from lead_core.lead.changes import StoredLead, answered
from lead_core.lead.choices import Answer, Choice
from lead_core.lead.lead import Lead
from lead_core.settings import load_settings
from lead_core.wiring import Services
from tests.cli import run_leads
from tests.examples import NOON, SALES, body, message, person
from tests.storage import Storage

LONG_AGO = -1_000 * 24 * 60
"""In minutes: almost three years before noon."""
LATELY = (datetime.now(UTC) - NOON) / timedelta(minutes=1) - 60


@pytest.fixture
def environment(account: str) -> Mapping[str, str]:
    return {"LEADS_STORAGE": account, "OWNERS": SALES}


@pytest.fixture
async def services(account: str) -> AsyncIterator[Services]:
    services = Services(load_settings(leads_storage=account, owners=SALES))
    yield services
    await services.close()


async def post(services: Services, number: int, minutes: float, choice: Choice | None = Choice.CONTACTED) -> None:
    """Post the lead of a person. Somebody answers it an hour later."""
    processing, repository = services.rest.processing, services.rest.repository
    content = message(body(person(number)), event=number, minutes=minutes)
    await processing.process(content, message_id="m", queued_at=NOON)
    if choice:
        at = NOON + timedelta(minutes=minutes + 60)
        answer = partial(_answer, services=services, choice=choice, at=at)
        async for stored in repository.leads.scan():
            if stored.lead.shown.first_name == f"P{number}":
                await repository.settle(stored.lead.key, answer)


def _answer(stored: StoredLead, *, services: Services, choice: Choice, at: datetime) -> Lead:
    answer = Answer(choice=choice, click=f"{at}")
    return answered(stored, answer, by=SALES, at=at, policy=services.rest.policy)


@pytest.fixture
async def filled(services: Services) -> None:
    """Store four old leads and a young one: two are answered, one is open, one asked for no contact."""
    for number, choice in enumerate((Choice.CONTACTED, Choice.NOT_A_FIT, None, Choice.DO_NOT_CONTACT)):
        await post(services, number, LONG_AGO, choice)
    await post(services, 4, LATELY)


def names(account: str) -> set[str]:
    return {row["FirstName"] for row in Storage(account).rows("Leads")}


async def test_it_shows_what_goes_and_what_stays_and_asks(
    account: str, environment: Mapping[str, str], filled: None
) -> None:
    ran = await run_leads("purge", "--older-than", "24m", environment=environment, typed="y\n")
    assert ran.code == 0
    assert "older than 24 months, last active before" in ran.stderr
    for words in (
        "Contacted",
        "Disqualified (not a fit)",
        "notifications",
        "Nobody answered",
        "Not to be contacted: 1 person",
    ):
        assert words in ran.stderr
    assert ran.stdout == "Removed: 3 leads, 3 notifications.\n"
    assert names(account) == {"P2", "P4"}
    assert len(Storage(account).rows("MarketplaceLeads")) == 2


@pytest.mark.parametrize(("option", "typed"), [("--dry-run", ""), ("--json", "n\n")])
async def test_it_removes_nothing_that_nobody_agreed_to(
    account: str, environment: Mapping[str, str], filled: None, option: str, typed: str
) -> None:
    ran = await run_leads("purge", "--older-than", "2y", option, environment=environment, typed=typed)
    assert ran.code == 0
    assert len(names(account)) == 5


async def test_it_says_the_same_as_one_document(account: str, environment: Mapping[str, str], filled: None) -> None:
    ran = await run_leads("purge", "--older-than", "730d", "--json", "--yes", environment=environment)
    found = {"leads": 3, "notifications": 3, "rejected": 0, "testLeads": 0}
    assert ran.document["olderThan"] == "730 days"
    assert ran.document["found"] == ran.document["removed"] == found
    assert ran.document["stays"] == {"open": 1, "damaged": 0}
    assert ran.document["objectionsKept"] == 1


async def test_twice_the_same_removes_nothing_more(account: str, environment: Mapping[str, str], filled: None) -> None:
    await run_leads("purge", "--older-than", "24m", "--yes", environment=environment)
    ran = await run_leads("purge", "--older-than", "24m", environment=environment)
    assert ran.code == 0
    assert ran.stdout.startswith("Nothing to remove is older than 24 months")
    assert "Nobody answered" in ran.stdout


async def test_open_leads_go_only_if_it_is_asked_for(
    account: str, environment: Mapping[str, str], filled: None
) -> None:
    await run_leads("purge", "--older-than", "24m", "--open-too", "--yes", environment=environment)
    assert names(account) == {"P4"}
    assert Storage(account).listed() == set()


async def test_without_an_age_the_setting_counts(account: str, environment: Mapping[str, str], filled: None) -> None:
    ran = await run_leads("purge", "--yes", environment={**environment, "RETENTION": "24mo"})
    assert ran.stdout == "Removed: 3 leads, 3 notifications.\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [((), "--older-than 24m, or set RETENTION"), (("--older-than", "soon"), "write months, years or days")],
)
async def test_what_is_no_age_is_wrong_use(
    environment: Mapping[str, str], arguments: tuple[str, ...], words: str
) -> None:
    ran = await run_leads("purge", *arguments, environment=environment)
    assert ran.code == 2
    assert words in " ".join(ran.stderr.split())


async def test_an_empty_account_has_nothing_old(environment: Mapping[str, str]) -> None:
    ran = await run_leads("purge", "--older-than", "24m", environment=environment)
    assert (ran.code, ran.stdout.startswith("Nothing to remove")) == (0, True)
