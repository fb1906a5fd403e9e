"""A new link, asked for with an expired one: mailed to the owner of the lead, and to nobody else."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from lead_core.errors import ForgedLinkError, IncompleteLinkError, MailNotSentError, MailUncertainError
from lead_core.lead.values import LeadKey
from lead_core.links import LINKS_LAST
from lead_core.steps.renewing import APART
from lead_core.steps.troubles import TroubleCode
from tests.desk import Desk
from tests.examples import ANNA, NOON, SALES, at, body
from tests.steps import SIGNER

DAY = 24 * 60
LATER = LINKS_LAST // timedelta(minutes=1) + 1
"""When a link that was sent at noon has expired."""
HOUR = APART // timedelta(minutes=1)


class Door:
    """An expired link to one lead, whose mails are over."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.token = SIGNER.sign(self.key, SALES, now=at(0)).rpartition("/")[2]

    @property
    def key(self) -> LeadKey:
        return LeadKey(self.desk.row["PartitionKey"], self.desk.row["RowKey"])

    async def ask(self, minutes: float = LATER) -> bool:
        return await self.desk.steps.asking.ask(self.token, now=at(minutes))

    @property
    def requests(self) -> int:
        return sum(row["PartitionKey"] == "links" for row in self.desk.memory.digests.rows)

    @property
    def sent_to(self) -> list[str]:
        return [mail.to for mail in self.desk.outbox.mails]


@pytest.fixture
async def door() -> Door:
    desk = Desk()
    await desk.post(body())
    await desk.edit(Status="Contacted")
    await desk.tick(0)
    desk.outbox.mails.clear()
    return Door(desk)


async def test_a_new_link_is_mailed_to_the_owner_and_opens_the_lead(door: Door) -> None:
    assert await door.ask()
    await door.desk.tick(LATER + 1)
    (mail,) = door.desk.outbox.mails
    assert (mail.to, mail.subject) == (SALES, "A new link to a lead: Northwind")
    assert "If you did not ask, there is nothing to do." in " ".join(mail.text.split())
    (token,) = re.findall(r"/api/follow-up/(\S+)", mail.text)
    assert f'href="https://leads.example/api/follow-up/{token}"' in mail.html
    assert SIGNER.read(token, now=at(LATER + 2)).lead == door.key


async def test_the_mail_says_that_its_customer_still_waits(door: Door) -> None:
    await door.desk.edit(Status="New")
    await door.desk.steps.reconciling.check(now=NOON)
    await door.ask()
    await door.desk.tick(LATER + 1)
    (mail,) = [mail for mail in door.desk.outbox.mails if mail.subject.startswith("A new link")]
    assert "The customer still waits for an answer." in " ".join(mail.text.split())
    assert "nothing to do" not in mail.text


async def test_a_mail_that_was_refused_goes_out_without_the_company(door: Door) -> None:
    await door.ask()
    door.desk.outbox.spam = "Northwind"
    await door.desk.tick(LATER + 1)
    assert [mail.subject for mail in door.desk.outbox.mails] == ["A new link to a lead"]


async def test_a_brief_mail_names_no_customer(door: Door) -> None:
    door.desk.steps = replace(door.desk.steps, is_brief=True)
    await door.ask()
    await door.desk.tick(LATER + 1)
    (mail,) = door.desk.outbox.mails
    for told in (mail.subject, mail.text, mail.html):
        assert not re.search("John|Smith|Northwind|jsmith|555|CRM", told)


async def test_two_clicks_are_one_mail_and_an_hour_later_there_may_be_another(door: Door) -> None:
    await door.ask()
    await door.ask()
    await door.desk.tick(LATER + 1)
    await door.ask(LATER + 2)
    await door.desk.tick(LATER + 3)
    assert door.sent_to == [SALES]
    await door.ask(LATER + HOUR + 1)
    await door.desk.tick(LATER + HOUR + 2)
    assert door.sent_to == [SALES, SALES]


async def test_a_link_that_works_needs_no_other(door: Door) -> None:
    assert not await door.ask(LATER - 2)
    assert door.requests == 0


@pytest.mark.parametrize(
    ("change", "error"), [(lambda token: token[:-3], IncompleteLinkError), (str.swapcase, ForgedLinkError)]
)
async def test_a_link_that_was_not_signed_gets_nothing(
    door: Door, change: Callable[[str], str], error: type[Exception]
) -> None:
    door.token = change(door.token)
    with pytest.raises(error):
        await door.ask()
    assert door.requests == 0


async def test_a_lead_that_is_gone_is_answered_alike_and_gets_no_mail(door: Door) -> None:
    await door.desk.memory.leads.delete(*door.key)
    assert await door.ask()
    await door.desk.tick(LATER + 1)
    assert (door.sent_to, door.requests) == ([], 0)


async def test_the_link_goes_to_whoever_has_the_lead_now(door: Door) -> None:
    await door.desk.edit(Owner=ANNA)
    await door.ask()
    await door.desk.tick(LATER + 1)
    assert door.sent_to == [ANNA]


async def test_if_the_owners_address_is_refused_the_default_owner_gets_it(door: Door) -> None:
    await door.desk.edit(Owner=ANNA)
    door.desk.outbox.refuses = {ANNA}
    await door.ask()
    await door.desk.tick(LATER + 1)
    assert door.sent_to == []
    await door.desk.tick(LATER + 2)
    await door.desk.tick(LATER + 3)
    assert door.sent_to == [SALES]


async def test_if_the_default_owner_is_refused_the_request_is_over(door: Door) -> None:
    door.desk.outbox.refuses = {SALES}
    await door.ask()
    assert await door.desk.tick(LATER + 1) == Counter({"address-refused": 1})
    door.desk.outbox.refuses = set()
    await door.desk.tick(LATER + 2)
    assert door.sent_to == []


async def test_a_mail_that_was_not_taken_is_tried_again(door: Door) -> None:
    door.desk.outbox.fails_with = [MailNotSentError("503"), MailNotSentError("503")]
    await door.ask()
    for minutes in range(1, 5):
        await door.desk.tick(LATER + minutes)
    assert door.sent_to == [SALES]


async def test_a_request_that_could_not_be_met_for_a_day_is_forgotten(door: Door) -> None:
    door.desk.outbox.fails_with = [MailNotSentError("503")]
    await door.ask()
    await door.desk.tick(LATER + 1)
    await door.desk.tick(LATER + DAY)
    assert (door.sent_to, door.requests) == ([], 0)


async def test_an_uncertain_mail_comes_again_under_its_id_to_the_same_address(door: Door) -> None:
    door.desk.outbox.fails_with = [MailUncertainError("timeout")]
    await door.ask()
    await door.desk.tick(LATER + 1)
    await door.desk.edit(Owner=ANNA)
    await door.desk.tick(LATER + 2)
    assert door.sent_to == [SALES]  # The claim holds.
    await door.desk.tick(LATER + 12)
    await door.desk.tick(LATER + 13)
    assert door.sent_to == [SALES, SALES]
    assert len({mail.id for mail in door.desk.outbox.mails}) == 1


async def test_a_request_goes_an_hour_after_its_mail(door: Door) -> None:
    await door.ask()
    await door.desk.tick(LATER + 1)
    assert door.requests == 1
    await door.desk.tick(LATER + HOUR)
    assert door.requests == 0


async def test_a_mail_that_is_refused_for_what_it_says_is_not_sent_again(door: Door) -> None:
    door.desk.outbox.spam = "link"
    await door.ask()
    assert await door.desk.tick(LATER + 1) == Counter({"provider-refuses": 1})
    for minutes in range(2, 6):
        assert await door.desk.tick(LATER + minutes) == {}
    assert len(door.desk.outbox.refused) == 2  # With the company's name, and without.
    await door.ask(LATER + HOUR + 2)
    door.desk.outbox.spam = ""
    await door.desk.tick(LATER + HOUR + 3)
    assert door.sent_to == [SALES]


async def test_if_the_default_owner_is_refused_health_says_so(door: Door) -> None:
    door.desk.outbox.refuses = {SALES}
    await door.ask()
    await door.desk.tick(LATER + 1)
    (trouble,) = await door.desk.steps.claims.list_troubles()
    assert trouble.code == TroubleCode.DEFAULT_OWNER_REFUSED


async def test_a_request_that_a_person_edited_goes_and_the_lead_may_be_asked_for_again(door: Door) -> None:
    await door.ask()
    (row,) = [row for row in door.desk.memory.digests.rows if row["PartitionKey"] == "links"]
    await door.desk.memory.digests.upsert(row | {"Lead": "somebody else"})
    await door.desk.tick(LATER + 1)
    assert (door.sent_to, door.requests) == ([], 0)
    await door.ask(LATER + 2)
    await door.desk.tick(LATER + 3)
    assert door.sent_to == [SALES]
