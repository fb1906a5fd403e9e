"""Drafts of answers."""

import re

import pytest

from lead_core.lead.actions import ActionCode
from lead_core.views.contact_links import mailto
from lead_core.views.drafts import Draft, draft_answer_again, draft_first_answer, draft_next_answer

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


def test_who_asks_again_is_thanked_for_that() -> None:
    subject, body = draft_answer_again(first_name="Ana", offer="Contoso CRM")
    assert subject == "Your request about Contoso CRM"
    assert "Thank you for getting in touch again about Contoso CRM." in body


def drafts(**given: str) -> list[Draft]:
    names = {"first_name": "Ana", "offer": "Contoso CRM", **given}
    first = [draft_first_answer(code=code, **names) for code in CODES]
    return [*first, draft_answer_again(**names), draft_next_answer(**names)]


def test_nobody_is_invited_to_what_they_may_have() -> None:
    invites = re.compile(r"\b(try|trial|buy|get started|sign up|install|start a|book a test drive)\b", re.IGNORECASE)
    assert [draft for draft in drafts() if invites.search(f"{draft.subject} {draft.body}")] == []


def test_every_draft_quotes_what_the_customer_wrote() -> None:
    for draft in drafts(wrote="Please call me.\n\nMornings are best."):
        assert "\n\nYou wrote:\n> Please call me.\n>\n> Mornings are best.\n\n" in draft.body
    assert not any("You wrote" in draft.body for draft in drafts(wrote=" \n\u202e"))


@pytest.mark.parametrize("letter", ["x", "word ", "家", "\U0001f600", '"', "line\n", "ü", "https://evil.example/x "])
def test_a_draft_opens_in_a_mail_program_however_much_the_customer_wrote(letter: str) -> None:
    for draft in drafts(wrote=letter * 3_000, first_name="家" * 40, offer="家" * 50):
        link = mailto(f"{'a' * 60}@{'b' * 60}.example", subject=draft.subject, body=draft.body)
        assert len(link) < WINDOWS_LINK_LIMIT


def test_a_long_text_is_quoted_up_to_the_end_of_a_word() -> None:
    body = draft_first_answer(code="PLT", first_name="Ana", offer="CRM", wrote="warehouse " * 300).body
    (quoted,) = [line for line in body.split("\n") if line.startswith("> ")]
    assert quoted.endswith(" warehouse…")


def test_a_quoted_text_makes_no_link_and_keeps_its_full_stops() -> None:
    body = draft_first_answer(
        code="PLT", first_name="Ana", offer="CRM", wrote="见 http://evil.example 全部。谢谢。"
    ).body
    assert "> 见 全部。谢谢。\n" in body


@pytest.mark.parametrize(
    ("name", "greeted"),
    [
        ("PIERRE", "Pierre"),
        ("jean-luc", "Jean-Luc"),
        ("McDonald", "McDonald"),
        ("Ana", "Ana"),
        ("D\u2019Angelo", "D\u2019Angelo"),
        ("伟", "伟"),
        ("Zoë M.", "Zoë M."),
        ("ליאת", "ליאת"),
        ("अनीता", "अनीता"),
    ],
)
def test_a_customer_is_greeted_by_name(name: str, greeted: str) -> None:
    assert all(draft.body.startswith(f"Hello {greeted},\n") for draft in drafts(first_name=name))


@pytest.mark.parametrize("name", ["", "{{7*7}}", "ana@northwind.example", "Win 500!", "<b>Ana</b>", "x" * 99])
def test_a_text_that_is_no_name_is_not_greeted(name: str) -> None:
    assert draft_first_answer(code="PLT", first_name=name, offer="CRM")[1].startswith("Hello,\n")
