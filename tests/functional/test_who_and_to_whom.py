"""The page, called as the worker calls it: who answers, and to whom a lead is passed on."""

import json
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

import azure.functions as func
import pytest
from azure.functions.queue import QueueMessage

from lead_core import wiring
from lead_core.lead.values import LeadKey
from lead_core.settings import Settings
from tests.examples import NOON, SALES, body, message
from tests.functional.triggers import PROCESS, RECORD, SHOW, rows
from tests.reader import Reader


class Page:
    """The page of one lead, in one browser."""

    def __init__(self, settings: Settings, token: str) -> None:
        self.settings, self.token, self.cookie = settings, token, ""

    async def open(self, **form: str) -> func.HttpResponse:
        """Show the page, or post *form*. The browser keeps the cookie."""
        method, handler = ("POST", RECORD) if form else ("GET", SHOW)
        request = func.HttpRequest(
            method,
            f"https://leads.example/api/follow-up/{self.token}",
            headers={"Accept": "text/html", **({"Cookie": self.cookie} if self.cookie else {})},
            route_params={"token": self.token},
            body=urlencode(form).encode(),
        )
        answer: func.HttpResponse = await handler(request)
        if header := answer.headers.get("Set-Cookie"):
            ((name, cookie),) = SimpleCookie(header).items()
            self.cookie = f"{name}={cookie.coded_value}"
        return answer

    async def row(self) -> dict[str, Any]:
        (row,) = await rows(wiring.services(), self.settings.leads_table)
        return row


@pytest.fixture
async def page(on_azurite: Settings) -> Page:
    await PROCESS(QueueMessage(id="1", body=message(body()), insertion_time=NOON))
    (lead,) = await rows(wiring.services(), on_azurite.leads_table)
    key = LeadKey(lead["PartitionKey"], lead["RowKey"])
    link = wiring.services().rest.links.sign(key, SALES, now=datetime.now(UTC))
    return Page(on_azurite, link.rpartition("/")[2])


async def test_a_shared_mailbox_says_who_answers_and_the_browser_remembers_it(page: Page) -> None:
    shown = await page.open()
    assert "I am" in shown.get_body().decode()
    assert "Set-Cookie" not in shown.headers

    await page.open(choice="tried", click="c1", i_am="Zoë <b>")
    assert json.loads((await page.row())["zAppDecisions"])["taken"][0]["name"] == "Zoë <b>"
    again = (await page.open()).get_body().decode()
    assert 'value="Zoë &lt;b&gt;"' in again
    assert f"Zoë &lt;b&gt;, {SALES}" in again

    forgotten = await page.open(choice="tried", click="c2", i_am="")
    assert "Max-Age=0" in forgotten.headers["Set-Cookie"]


async def test_the_cookie_goes_over_tls_to_the_page_alone(page: Page) -> None:
    recorded = await page.open(choice="tried", click="c1", i_am="Anna")
    (cookie,) = SimpleCookie(recorded.headers["Set-Cookie"]).values()
    assert (cookie["path"], cookie["samesite"]) == ("/api/follow-up", "Lax")
    assert (cookie["secure"], cookie["httponly"]) == (True, True)


async def test_a_refused_answer_sets_no_cookie_and_keeps_the_name_in_its_field(page: Page) -> None:
    refused = await page.open(choice="not-a-fit", click="c1", i_am="Bob")
    assert refused.status_code == 400
    assert "Set-Cookie" not in refused.headers
    assert 'value="Bob"' in refused.get_body().decode()


async def test_the_page_asks_before_it_passes_a_lead_to_an_address_that_nobody_named(page: Page) -> None:
    asked = await page.open(choice="pass", click="c1", colleague="carl@contoso.example")
    assert asked.status_code == 400
    shown = Reader(asked.get_body().decode())
    assert "carl@contoso.example gets no leads so far. Send this customer's data there?" in shown.text("span")
    (button,) = [button for button in shown.named("button") if button.get("name") == "confirm"]
    assert (await page.row())["Owner"] == SALES

    await page.open(confirm=str(button["value"]), click="c2")
    assert ((await page.row())["Owner"], (await page.row())["Problem"]) == ("carl@contoso.example", "")


async def test_what_was_refused_is_said_at_its_field(page: Page) -> None:
    refused = await page.open(choice="pass", click="c1", colleague="eve@evil.example")
    shown = Reader(refused.get_body().decode())
    (field,) = [field for field in shown.named("input") if field.get("name") == "colleague"]
    assert (field["value"], field["aria-invalid"], field["aria-describedby"]) == (
        "eve@evil.example",
        "true",
        "colleague-wrong",
    )
    assert "only be passed on within your company" in shown.text("span")
    assert not [button for button in shown.named("button") if button.get("name") == "confirm"]
