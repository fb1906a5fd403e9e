"""The whole examination, in memory: what is left out or goes on if a part of it fails."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import Any

import pytest

from lead_core.adapters.tables.canaries import TableCanaryStore
from lead_core.adapters.tables.runs import TableRunStore
from lead_core.errors import (
    LeadError,
    MailNotSentError,
    ProviderRefusesError,
    StorageRefusedError,
    StorageUnavailableError,
)
from lead_core.lead.canary import Canary, CanaryTrouble
from lead_core.lead.erasure import Erasure
from lead_core.lead.findings import Section, Verdict
from lead_core.lead.tally import OfferArrivals
from lead_core.lead.values import LeadKey
from lead_core.lead_url import LeadUrl
from lead_core.operations.examining import Examination, Examining, MailServerSeen, Stores
from lead_core.operations.knocking import Knocking
from lead_core.ports.examining import AccountSeen, DoorAnswer
from lead_core.ports.reports import Counted
from lead_core.settings import load_settings
from tests.desk import Desk
from tests.examples import NOON, SALES, body, person


@dataclass
class FakeGauge:
    """An account or a queue that says what it is told to."""

    seen: Any
    name: str = "leads"

    async def look(self) -> Any:
        return self._tell()

    async def measure(self) -> Any:
        return self._tell()

    def _tell(self) -> Any:
        if isinstance(self.seen, LeadError):
            raise self.seen
        return self.seen


@dataclass
class FakeLogin:
    """A mail server that refuses these addresses, or altogether."""

    refuses: list[str] = field(default_factory=list)
    error: LeadError | None = None

    async def find_refused(self, sender: str, recipients: Sequence[str]) -> list[str]:
        if self.error:
            raise self.error
        return [each for each in recipients if each in self.refuses]


class NoDoor:
    async def ask(self, method: str, url: str) -> DoorAnswer:
        return DoorAnswer(404)


SEEN = AccountSeen(frozenset({"Inbox", "Leads", "FollowUps"}), NOON)


async def examine(  # noqa: PLR0913 -- each may be what a test is about
    desk: Desk,
    *,
    account: Any = SEEN,
    queue: Any = None,
    login: FakeLogin | None = None,
    url: LeadUrl | None = None,
    has_stores: bool = True,
    counted: Counted | None = None,
) -> Examination:
    steps = desk.steps

    async def read_offers() -> Counted | None:
        return counted

    stores = Stores(
        account=FakeGauge(account),
        queue=FakeGauge(queue),
        poison=FakeGauge(None, "leads-poison"),
        inbox="Inbox",
        tables=("Leads", "FollowUps"),
        repository=steps.repository,
        rejects=steps.retrying.rejects,
        runs=TableRunStore(desk.memory.digests),
        troubles=steps.claims,
        erasures=steps.erasures,
        canaries=TableCanaryStore(desk.memory.digests),
        read_offers=read_offers,
    )
    examining = Examining(
        settings=load_settings(leads_storage="UseDevelopmentStorage=true"),
        stores=stores if has_stores else None,
        mail=MailServerSeen(login, "mail.contoso.example", "leads@contoso.example", (SALES,)) if login else None,
        knocking=Knocking(NoDoor(), "Start it."),
        own_schedules=frozenset(),
        start_app="Start it.",
        zone=UTC,
        clock=lambda: NOON,
    )
    return await examining.examine(
        url, are_the_apps=False, now=NOON, advance=lambda: None, explain=lambda error: f"Do this: {error.code}"
    )


def codes(examination: Examination) -> dict[str, Verdict]:
    return {finding.code: finding.verdict for finding in examination.findings}


@pytest.mark.parametrize(("days", "verdict"), [(0, Verdict.WRONG), (1, Verdict.WRONG), (2, None)])
async def test_a_canary_that_was_lost_lately_is_told(desk: Desk, days: int, verdict: Verdict | None) -> None:
    lost_at = NOON - timedelta(days=days)
    canary = Canary("c" * 32, lost_at, LeadKey("a" * 32, "b"), CanaryTrouble.KEY_REFUSED, failed_at=lost_at)
    await TableCanaryStore(desk.memory.digests).write(canary)
    assert codes(await examine(desk)).get("canary-lost") is verdict


async def test_an_offer_that_fell_silent_is_told_by_its_name(desk: Desk) -> None:
    arrivals = OfferArrivals("contoso.crm", "Contoso CRM", 45, NOON - timedelta(days=13))
    (silent,) = [
        each for each in (await examine(desk, counted=Counted(NOON, (), (arrivals,)))).findings if each.code == "silent"
    ]
    assert (silent.verdict, silent.about) == (Verdict.LOOK, "contoso.crm")
    assert silent.what.startswith("Contoso CRM: The last lead came on 9 November 2026")


async def test_erased_persons_who_may_come_back_are_told(desk: Desk) -> None:
    await desk.steps.erasures.remember({"a" * 32}, Erasure(NOON, "receipt"), secret="secret")
    assert "erasure-key-lost" not in codes(await examine(desk))
    await desk.memory.erasures.delete("key", "key")
    assert codes(await examine(desk))["erasure-key-lost"] is Verdict.WRONG


async def test_all_that_can_be_seen_is_examined_in_the_order_of_the_sections(desk: Desk) -> None:
    await desk.post(body(person(1)))
    examination = await examine(desk, login=FakeLogin(), url=LeadUrl("https://leads.example"))
    sections = [finding.section for finding in examination.findings]
    assert sections == sorted(sections, key=list(Section).index)
    assert codes(examination).keys() >= {
        "storage", "clock", "tables", "settings-elsewhere", "last-tick", "last-check", "not-the-app", "queue",
        "poison-queue", "mail-login", "late-mails", "last-lead", "resting", "entry-missing", "rejected",
    }  # fmt: skip
    assert examination.offers == ["contoso.contoso-crm"]


async def test_offers_are_listed_by_their_leads_and_misspelt_ones_left_out(desk: Desk) -> None:
    for number, offer in enumerate(["contoso.erp", *["contoso.backup"] * 5, "contoso.bakcup"]):
        await desk.post(body(person(number), offer=offer), event=number, minutes=number)
    examination = await examine(desk)
    assert examination.offers == ["contoso.backup", "contoso.erp"]
    assert codes(examination)["misspelt-offer"] is Verdict.LOOK


@pytest.mark.parametrize("error", [StorageUnavailableError("503"), StorageRefusedError("403", "advice")])
async def test_if_storage_does_not_answer_the_rest_is_still_examined(desk: Desk, error: LeadError) -> None:
    examination = await examine(desk, account=error, login=FakeLogin(), url=LeadUrl("https://leads.example"))
    assert codes(examination) == {
        "storage": Verdict.WRONG, "settings-elsewhere": Verdict.LOOK, "not-the-app": Verdict.WRONG,
        "mail-login": Verdict.OK,
    }  # fmt: skip
    assert examination.findings[0].advice == f"Do this: {error.code}"


async def test_a_role_that_is_missing_for_the_queues_leaves_the_tables(desk: Desk) -> None:
    examination = await examine(desk, queue=StorageRefusedError("403 AuthorizationPermissionMismatch", "advice"))
    found = codes(examination)
    assert (found["queue"], found["tables"], found["resting"]) == (Verdict.WRONG, Verdict.OK, Verdict.OK)


async def test_without_storage_and_a_mail_server_only_the_settings_are_examined(desk: Desk) -> None:
    assert codes(await examine(desk, has_stores=False)).keys() == {"settings-elsewhere"}


@pytest.mark.parametrize("error", [ProviderRefusesError("535"), MailNotSentError("ConnectionRefusedError")])
async def test_a_mail_server_that_takes_no_login_is_told(desk: Desk, error: MailNotSentError) -> None:
    examination = await examine(desk, login=FakeLogin(error=error))
    (finding,) = (each for each in examination.findings if each.code == "mail-login")
    assert finding.verdict is Verdict.WRONG
    assert error.detail in finding.what


async def test_an_address_that_the_mail_server_refuses_is_told(desk: Desk) -> None:
    examination = await examine(desk, login=FakeLogin(refuses=[SALES]))
    (finding,) = (each for each in examination.findings if each.code == "address-refused")
    assert (finding.verdict, finding.about) == (Verdict.WRONG, SALES)


async def test_an_account_that_says_no_time_is_not_blamed_for_it(desk: Desk) -> None:
    assert "clock" not in codes(await examine(desk, account=AccountSeen(SEEN.tables, None)))
