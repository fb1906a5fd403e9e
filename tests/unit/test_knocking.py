"""The app asked at its URL."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from lead_core.errors import NoAnswerError
from lead_core.lead.findings import Finding, Verdict
from lead_core.lead_url import LeadUrl
from lead_core.operations.knocking import Knocking
from lead_core.ports.examining import DoorAnswer

BASE = "https://leads.example"
URL = LeadUrl(BASE, "contoso.crm", "a-key")
HEALTH, PLAIN = f"{BASE}/api/health", f"{BASE}/api/leads/contoso.crm"
HEALTHY = DoorAnswer(200, {"status": "healthy"})
POST_ONLY = DoorAnswer(405, {"code": "post-only"})
EMPTY = DoorAnswer(400, {"code": "empty-body"})
GOOD = {("GET", HEALTH): HEALTHY, ("GET", PLAIN): POST_ONLY, ("POST", str(URL)): EMPTY}


@dataclass
class FakeDoor:
    """A door that answers what it is told to, and nothing else."""

    answers: Mapping[tuple[str, str], DoorAnswer]
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def ask(self, method: str, url: str) -> DoorAnswer:
        self.asked.append((method, url))
        if (method, url) not in self.answers:
            raise NoAnswerError("TimeoutError")
        return self.answers[method, url]


async def knock(door: FakeDoor, url: LeadUrl = URL) -> dict[str, Finding]:
    found = [finding async for finding in Knocking(door, "Start it.").knock(url)]
    assert "a-key" not in str(found)
    return {finding.code: finding for finding in found}


async def test_an_app_that_works_and_takes_the_key_is_right() -> None:
    door = FakeDoor(GOOD)
    found = await knock(door)
    assert {code: finding.verdict for code, finding in found.items()} == {
        "app-health": Verdict.OK,
        "takes-leads": Verdict.OK,
    }
    assert [url for _, url in door.asked if "a-key" in url] == [str(URL)]


async def test_an_app_that_does_not_answer_is_wrong() -> None:
    found = await knock(FakeDoor({}))
    assert found["app-silent"].verdict is Verdict.WRONG
    assert "Start it." in found["app-silent"].advice


@pytest.mark.parametrize("answer", [DoorAnswer(404), DoorAnswer(405), DoorAnswer(200, {"code": "post-only"})])
async def test_something_else_at_the_address_never_gets_the_key(answer: DoorAnswer) -> None:
    door = FakeDoor(GOOD | {("GET", PLAIN): answer})
    assert (await knock(door))["not-the-app"].verdict is Verdict.WRONG
    assert ("POST", str(URL)) not in door.asked


async def test_what_the_app_says_of_itself_is_told_line_by_line() -> None:
    wrong = [{"name": "MAIL_URL", "advice": "is missing"}, {"name": "mails", "advice": "refused"}, "odd"]
    unhealthy = DoorAnswer(503, {"code": "unhealthy", "wrong": wrong})
    found = [each async for each in Knocking(FakeDoor(GOOD | {("GET", HEALTH): unhealthy}), "").knock(URL)]
    assert [(each.about, each.advice) for each in found if each.verdict is Verdict.WRONG] == [
        ("MAIL_URL", "is missing"),
        ("mails", "refused"),
    ]


@pytest.mark.parametrize("answer", [DoorAnswer(200), DoorAnswer(200, {"status": "up"}), DoorAnswer(503)])
async def test_a_health_that_is_not_the_apps_is_told(answer: DoorAnswer) -> None:
    assert (await knock(FakeDoor(GOOD | {("GET", HEALTH): answer})))["not-the-app"].verdict is Verdict.WRONG


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (DoorAnswer(401), "key-refused"),
        (DoorAnswer(403), "key-refused"),
        (DoorAnswer(503, {"code": "storage-unavailable", "detail": "Later."}), "takes-no-leads"),
        (DoorAnswer(500), "takes-no-leads"),
    ],
)
async def test_a_key_or_an_app_that_takes_no_leads_is_told(answer: DoorAnswer, code: str) -> None:
    assert (await knock(FakeDoor(GOOD | {("POST", str(URL)): answer})))[code].verdict is Verdict.WRONG


async def test_a_post_without_an_answer_is_told() -> None:
    door = FakeDoor({key: answer for key, answer in GOOD.items() if key[0] == "GET"})
    assert (await knock(door))["app-silent"].verdict is Verdict.WRONG


async def test_without_a_key_none_is_tried() -> None:
    door = FakeDoor(GOOD)
    found = await knock(door, LeadUrl(BASE, "contoso.crm"))
    assert found["no-key"].verdict is Verdict.LOOK
    assert {method for method, _ in door.asked} == {"GET"}


async def test_an_address_that_others_can_listen_to_is_told() -> None:
    url = LeadUrl("http://leads.example")
    answers = {("GET", url.health): HEALTHY, ("GET", url.without_key): POST_ONLY}
    assert (await knock(FakeDoor(answers), url))["app-not-private"].verdict is Verdict.LOOK
