"""Nobody answers: the lead stays on the list and in the mails, and is escalated to who can give it to someone else."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from tests.mailbox import NEVER_ANSWERED, leads_in, text_of
from tests.system.app import lead
from tests.system.team import Team, running_team
from tests.waiting import wait_for

SALES, ANNA, BOSS = "sales@contoso.example", "anna@contoso.example", "boss@contoso.example"


@pytest.fixture(scope="module")
def team(shared_account: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    settings = {
        "OWNERS": f"contoso.erp: {ANNA}; {SALES}",
        "ESCALATE_TO": BOSS,
        "NEW_LEAD_NOTICE": "off",
        "REMINDER_WAITS": "1s",
    }
    with running_team(shared_account, tmp_path_factory.mktemp("app"), **settings) as team:
        yield team


def post(team: Team, number: int, offer: str, **person: str) -> None:
    assert team.app.post(lead(number, **person), offer).status_code == 202
    team.app.wait_until_processed()


def wait_until_due(team: Team) -> None:
    """Wait for the time of the one reminder."""
    due = [entry["DueAt"] for entry in team.app.rows("FollowUps") if "DueAt" in entry]
    wait_for(lambda: max(due) <= datetime.now(UTC))


def test_who_is_never_answered_is_escalated_listed_and_named_until_someone_answers(team: Team) -> None:
    post(team, 1, "contoso.erp", Phone="+16175555555", Country="US", Company="Northwind")
    post(team, 2, "contoso.crm")
    wait_until_due(team)
    assert {mail["To"]: leads_in(mail) for mail in team.tick()} == {ANNA: {"P1 Smith"}, SALES: {"P2 Smith"}}
    (escalation,) = team.tick()
    assert (escalation["To"], escalation["Subject"]) == (BOSS, "2 leads of 2 owners were never answered")
    assert team.tick() == []

    first, second = team.app.rows("FollowUps")
    assert [entry["PartitionKey"] for entry in (first, second)] == ["0-never-answered"] * 2
    assert [first[name] for name in ("State", "Name", "Company", "Email", "Phone", "Owner")] == [
        "never answered",
        "P1 Smith",
        "Northwind",
        "p1@northwind.example",
        "+16175555555",
        ANNA,
    ]
    assert "DueAt" not in first

    post(team, 3, "contoso.crm")
    wait_until_due(team)
    (mail,) = team.tick()
    below = text_of(mail).partition(NEVER_ANSWERED)[2]
    assert [f"P{number} Smith" in below for number in (1, 2, 3)] == [True, True, False]

    give_to = re.findall(r"Give to …:\s+(\S+)#colleague", text_of(escalation))[0]
    assert 'id="colleague"' in httpx.get(give_to).text
    said = httpx.post(give_to, data={"choice": "pass", "click": "c1", "colleague": SALES}, follow_redirects=True)
    assert said.status_code == 200
    (row,) = (row for row in team.app.rows("Leads") if f'"by":"{BOSS}"' in row["zAppDecisions"])
    assert {leads_in(mail) == {f"{row['FirstName']} Smith"} for mail in team.tick() if mail["To"] == SALES} == {True}
