"""Drafts of answers."""

import pytest

from lead_core.lead.actions import ActionCode
from lead_core.views.contact_links import mailto
from lead_core.views.drafts import draft_first_answer, draft_next_answer

CODES = [*ActionCode, "WALLET", ""]
WINDOWS_LINK_LIMIT = 2_000  # Longer links do not open a mail program there.


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("offer", ["Contoso CRM", "", "家" * 300])
def test_a_draft_is_short_asks_one_question_and_is_ready_to_send(code: str, offer: str) -> None:
    subject, body = draft_first_answer(code=code, first_name="Ana", offer=offer)
    assert body.startswith("Hello Ana,\n\nThank you for ")
    assert body.count("?") == 1
    assert body.endswith("?\n\nBest regards")
    assert len(mailto("ana@northwind.example", subject=subject, body=body)) < WINDOWS_LINK_LIMIT
    assert offer[:20] in subject
    assert offer[:20] in body


def test_a_later_draft_does_not_thank_again() -> None:
    subject, body = draft_next_answer(first_name="Ana", offer="Contoso CRM")
    assert subject == "Following up on Contoso CRM"
    assert body == (
        "Hello Ana,\n\nI am getting back to you about Contoso CRM.\n\nHow can I help you further?\n\nBest regards"
    )


@pytest.mark.parametrize("name", ["Ana", "Jean-Luc", "D’Angelo", "伟", "Zoë M.", "ליאת", "अनीता"])
def test_a_customer_is_greeted_by_name(name: str) -> None:
    assert draft_first_answer(code="PLT", first_name=name, offer="CRM")[1].startswith(f"Hello {name},")


@pytest.mark.parametrize("name", ["", "{{7*7}}", "ana@northwind.example", "Win 500!", "<b>Ana</b>", "x" * 99])
def test_a_text_that_is_no_name_is_not_greeted(name: str) -> None:
    assert draft_first_answer(code="PLT", first_name=name, offer="CRM")[1].startswith("Hello,\n")
