"""Drafts of answers."""

import re
from typing import Any

import pytest

from lead_core.lead.actions import ActionCode
from lead_core.views.contact_links import mailto
from lead_core.views.draft_files import DraftName, DraftText
from lead_core.views.drafts import OUR_DRAFTS, OUR_OFFER, Draft, Drafts, Occasion
from lead_core.views.languages import Language

CODES = [*ActionCode, "WALLET", ""]
WINDOWS_LINK_LIMIT = 2_000  # Longer links do not open a mail program there.
ANA = Occasion(code="PLT", first_name="Ana", last_name="Silva", offer="Contoso CRM")
BOOKING = "https://book.contoso.example/intro"
PLANNED = Drafts(attempts=4, booking_link=BOOKING)


def write(drafts: Drafts = OUR_DRAFTS, **given: Any) -> Draft:
    names = {"first_name": "Ana", "offer": "Contoso CRM", **given}
    return drafts.write(Occasion(**names))


def each(**given: Any) -> list[Draft]:
    """Return each draft of ours, in every language."""
    return [
        PLANNED.write(Occasion(**why, **{"first_name": "Ana", "offer": "Contoso CRM", **given}), language=language)
        for language in Language
        for why in (
            *({"code": code} for code in CODES),
            *({"attempt": attempt} for attempt in (2, 3, 4)),
            {"asks_again": True},
            {"was_answered": True},
        )
    ]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("offer", ["Contoso CRM", "", "家" * 300])
def test_a_draft_is_short_asks_one_question_and_is_ready_to_send(code: str, offer: str) -> None:
    subject, body = write(code=code, offer=offer)
    assert body.startswith("Hello Ana,\n\nThank you for ")
    assert body.count("?") == 1
    assert body.endswith("?\n\nBest regards")
    assert len(mailto("ana@northwind.example", subject=subject, body=body)) < WINDOWS_LINK_LIMIT
    assert offer[:20] in subject
    assert offer[:20] in body


def test_a_later_draft_does_not_thank_again() -> None:
    subject, body = write(was_answered=True)
    assert subject == "Following up on Contoso CRM"
    assert body == (
        "Hello Ana,\n\nI am getting back to you about Contoso CRM.\n\nHow can I help you further?\n\nBest regards"
    )


def test_who_asks_again_is_thanked_for_that() -> None:
    subject, body = write(asks_again=True)
    assert subject == "Your request about Contoso CRM"
    assert "Thank you for getting in touch again about Contoso CRM." in body


@pytest.mark.parametrize(
    ("attempt", "planned", "subject"),
    [
        (1, 4, "Your interest in"),
        (2, 4, "A question about"),
        (3, 4, "Two possible times for a call about"),
        (4, 4, "My last email about"),
        (5, 4, "My last email about"),
        (1, 1, "Your interest in"),
        (2, 2, "My last email about"),
        (4, 6, "Two possible times for a call about"),
        (5, 6, "Two possible times for a call about"),
        (6, 6, "My last email about"),
        (9, 0, "Two possible times for a call about"),  # Without a plan, none is the last.
    ],
)
def test_each_attempt_has_a_draft_of_its_own(attempt: int, planned: int, subject: str) -> None:
    assert write(Drafts(attempts=planned), attempt=attempt).subject == f"{subject} Contoso CRM"


def test_an_attempt_to_reach_who_asked_again_goes_on_with_the_plan() -> None:
    assert write(attempt=2, asks_again=True).subject == "A question about Contoso CRM"


def test_the_country_chooses_the_language_and_a_person_may_choose_another() -> None:
    ana = Occasion(code="PLT", first_name="Ana", last_name="Silva", country="DE", offer="Contoso CRM")
    assert OUR_DRAFTS.write(ana).body.startswith("Guten Tag Ana Silva,\n\nvielen Dank")
    assert OUR_DRAFTS.write(ana, language=Language.FRENCH).body.startswith("Bonjour Ana,\n\nMerci")


@pytest.mark.parametrize("language", Language)
def test_an_offer_without_a_title_has_a_name_in_every_language(language: Language) -> None:
    draft = OUR_DRAFTS.write(Occasion(), language=language)
    assert OUR_OFFER[language] in draft.subject
    assert OUR_OFFER[language] in draft.body


def test_a_customer_may_book_a_call_if_there_is_a_page_for_it() -> None:
    assert f"\n\nYou can also choose a time: {BOOKING}\n\n" in write(PLANNED, code="PLT").body
    assert "choose a time" not in write(code="PLT").body


def test_who_writes_is_named_if_that_is_known() -> None:
    assert OUR_DRAFTS.write(ANA, sender="Anna Schmidt").body.endswith("\n\nBest regards\nAnna Schmidt")
    assert OUR_DRAFTS.write(ANA, sender="http://evil.example").body.endswith("\n\nBest regards")


OWN = DraftText("Ours", "Hi {first_name}")


@pytest.mark.parametrize(
    ("action", "attempt", "is_theirs"),
    [("PLT", "1", True), ("any", "1", True), ("INS", "1", False), ("PLT", "2", False), ("any", "last", False)],
)
def test_the_publishers_own_draft_comes_first(action: str, attempt: str, is_theirs: bool) -> None:
    drafts = Drafts({DraftName(Language.ENGLISH, action, attempt): OWN})
    assert (write(drafts, code="PLT") == Draft("Ours", "Hi Ana")) is is_theirs


def test_of_their_own_drafts_the_one_for_the_action_comes_first() -> None:
    own = {DraftName(Language.ENGLISH, action, "1"): DraftText(action, "Hello") for action in ("any", "PLT")}
    assert write(Drafts(own), code="PLT").subject == "PLT"
    assert write(Drafts(own), code="INS").subject == "any"


def test_an_attempt_without_a_draft_uses_that_of_the_attempt_before() -> None:
    drafts = Drafts({DraftName(Language.ENGLISH, "PLT", "5"): OWN}, attempts=8)
    subjects = [write(drafts, code="PLT", attempt=attempt).subject.partition(" about ")[0] for attempt in range(3, 9)]
    assert subjects == ["Two possible times for a call"] * 2 + ["Ours"] * 3 + ["My last email"]


def test_nobody_is_invited_to_what_they_may_have() -> None:
    invites = re.compile(r"\b(try|trial|buy|get started|sign up|install|start a|book a test drive)\b", re.IGNORECASE)
    english = [write(code=code) for code in CODES]
    assert [draft for draft in english if invites.search(f"{draft.subject} {draft.body}")] == []


def test_a_first_answer_quotes_what_the_customer_wrote() -> None:
    for why in (*({"code": code} for code in CODES), {"asks_again": True}, {"was_answered": True}):
        draft = write(wrote="Please call me.\n\nMornings are best.", **why)
        assert "\n\nYou wrote:\n> Please call me.\n>\n> Mornings are best.\n\n" in draft.body
        assert "You wrote" not in write(wrote=" \n\u202e", **why).body


@pytest.mark.parametrize("letter", ["x", "word ", "家", "\U0001f600", '"', "line\n", "ü", "https://evil.example/x "])
def test_a_draft_opens_in_a_mail_program_however_much_the_customer_wrote(letter: str) -> None:
    for draft in each(wrote=letter * 3_000, first_name="家" * 40, last_name="家" * 40, offer="家" * 50):
        link = mailto(f"{'a' * 60}@{'b' * 60}.example", subject=draft.subject, body=draft.body)
        assert len(link) < WINDOWS_LINK_LIMIT


def test_a_usual_text_is_quoted_in_every_language() -> None:
    quoting = [draft for draft in each(wrote="Please call me.") if "> Please call me." in draft.body]
    assert len(quoting) == len(Language) * (len(CODES) + 2)


def test_a_long_text_is_quoted_up_to_the_end_of_a_word() -> None:
    body = write(code="PLT", wrote="warehouse " * 300).body
    (quoted,) = [line for line in body.split("\n") if line.startswith("> ")]
    assert quoted.endswith(" warehouse…")


def test_a_quoted_text_makes_no_link_and_keeps_its_full_stops() -> None:
    body = write(code="PLT", wrote="见 http://evil.example 全部。谢谢。").body
    assert "> 见 全部。谢谢。\n" in body


def test_what_a_customer_wrote_is_no_placeholder() -> None:
    body = write(PLANNED, code="PLT", offer="{sender}[x", wrote="{booking_link}[ {first_name}]").body
    assert "about {sender}[x." in body
    assert "> {booking_link}[ {first_name}]\n" in body


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
    assert write(first_name=name).body.startswith(f"Hello {greeted},\n")


@pytest.mark.parametrize("name", ["", "{{7*7}}", "ana@northwind.example", "Win 500!", "<b>Ana</b>", "x" * 99])
def test_a_text_that_is_no_name_is_not_greeted(name: str) -> None:
    assert write(first_name=name).body.startswith("Hello,\n")
    ana = Occasion(first_name="Ana", last_name=name, country="DE")
    assert OUR_DRAFTS.write(ana).body.startswith("Guten Tag,\n")
