"""What makes a customer worth the time: ticked on the page, kept in a cell, edited in the grid."""

from dataclasses import replace
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.adapters.tables.leads import lead_from_row, lead_to_row
from lead_core.lead.changes import StoredLead, answered, delivered
from lead_core.lead.choices import Answer, Choice
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.lead import Lead
from lead_core.lead.owners import Owners
from lead_core.lead.qualification import MAX_TICKED, find_ticked, list_qualified, parse_ticked, tick
from lead_core.views.form import parse_answer
from lead_core.views.page import FollowUpPage, render_follow_up
from tests.examples import SALES, at, delivery
from tests.reader import Reader
from tests.seen import TODAY, page

BUDGET, YEAR = "Has a budget", "Decides this year"
QUESTIONS = (BUDGET, YEAR)
POLICY = FollowUpPolicy(owners=Owners.parse(SALES))
NEW = delivered(None, delivery(0, "PLT"), POLICY)


def after(lead: Lead, minutes: float, choice: Choice = Choice.QUALIFIED, **said: object) -> Lead:
    answer = replace(Answer(choice=choice, click=f"c{minutes}"), **said)
    return answered(StoredLead(lead, "v", at(0)), answer, by=SALES, at=at(minutes), policy=POLICY)


def write(lead: Lead, cell: str) -> Lead:
    return replace(lead, cells=replace(lead.cells, qualification=cell))


@pytest.mark.parametrize(
    ("cell", "ticked"),
    [
        ("", ()),
        (f"{BUDGET}; {YEAR}", QUESTIONS),
        (f" {YEAR};;\n{BUDGET} ;", (YEAR, BUDGET)),
        ("預算；今年", ("預算", "今年")),
        ("a; A ; a", ("a",)),
        ("x" * 200, ("x" * 79 + "…",)),
        (";".join(map(str, range(99))), tuple(map(str, range(MAX_TICKED)))),
    ],
)
def test_a_cell_is_read_however_a_person_wrote_it(cell: str, ticked: tuple[str, ...]) -> None:
    assert tuple(text.casefold() for text in parse_ticked(cell)) == tuple(text.casefold() for text in ticked)


def test_a_question_is_ticked_in_any_letter_case_and_another_text_is_none() -> None:
    assert find_ticked("HAS A  BUDGET; met at the fair", QUESTIONS) == (BUDGET,)


@pytest.mark.parametrize(
    ("cell", "ticked", "unticked", "after"),
    [
        ("", QUESTIONS, (), "Has a budget; Decides this year"),
        ("has a budget; met at the fair", (YEAR,), (), "has a budget; met at the fair; Decides this year"),
        ("has a budget; met at the fair", (), (BUDGET,), "met at the fair"),
        ("has a budget;met at the fair", (), (), "has a budget;met at the fair"),
        ("HAS A BUDGET", (BUDGET,), (), "Has a budget"),
        ("Has a budget", (), (BUDGET,), ""),
    ],
)
def test_a_box_changes_its_own_text_alone(
    cell: str, ticked: tuple[str, ...], unticked: tuple[str, ...], after: str
) -> None:
    assert tick(cell, ticked=ticked, unticked=unticked) == after


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp")), max_size=30)


@given(st.lists(TEXTS, max_size=5), st.sets(st.sampled_from(QUESTIONS)), st.sets(st.sampled_from(QUESTIONS)))
def test_ticking_loses_no_other_text_and_twice_is_once(typed: list[str], ticked: set[str], unticked: set[str]) -> None:
    unticked -= ticked
    cell = "; ".join(typed)
    after = tick(cell, ticked=ticked, unticked=unticked)
    assert set(find_ticked(after, QUESTIONS)) == (set(find_ticked(cell, QUESTIONS)) | ticked) - unticked
    own = [text for text in parse_ticked(cell) if not find_ticked(text, QUESTIONS)]
    assert [text for text in parse_ticked(after) if not find_ticked(text, QUESTIONS)] == own
    assert set(parse_ticked(tick(after, ticked=ticked, unticked=unticked))) == set(parse_ticked(after))


def test_qualified_keeps_what_was_ticked_and_a_later_one_updates_it() -> None:
    once = after(NEW, 10, ticked=(BUDGET,))
    assert (once.cells.qualification, list_qualified(once)) == (BUDGET, (BUDGET,))
    assert after(once, 10, ticked=(BUDGET, YEAR)) == once  # The same click again.
    assert list_qualified(after(once, 20, ticked=(YEAR,), unticked=(BUDGET,))) == (YEAR,)


@pytest.mark.parametrize("choice", [each for each in Choice if each is not Choice.QUALIFIED])
def test_any_other_answer_keeps_the_cell(choice: Choice) -> None:
    lead = after(after(NEW, 10, ticked=(BUDGET,)), 20, choice, ticked=(YEAR,), reason="too small", colleague=SALES)
    assert lead.cells.qualification == BUDGET


def test_nothing_is_counted_of_a_lead_that_is_not_qualified() -> None:
    assert list_qualified(write(NEW, BUDGET)) == ()


def test_a_row_has_the_column_only_if_something_stands_in_it() -> None:
    row = lead_to_row(after(NEW, 10, ticked=QUESTIONS))
    assert row["Qualification"] == "Has a budget; Decides this year"
    assert "Qualification" not in lead_to_row(NEW)
    emptied = lead_from_row(row | {"Qualification": ""})
    assert "Qualification" not in lead_to_row(emptied, base=row | {"Qualification": ""})


def test_what_a_person_typed_into_the_cell_stays_as_it_is() -> None:
    row = lead_to_row(after(NEW, 10)) | {"Qualification": "=budget;x"}
    lead = lead_from_row(row)
    assert list_qualified(lead) == ("=budget", "x")
    assert lead_to_row(lead, base=row)["Qualification"] == "=budget;x"


def shown(lead: Lead, questions: tuple[str, ...] = QUESTIONS) -> FollowUpPage:
    page = FollowUpPage.of(lead, (), token="t", click="c1", now=at(60), zone=UTC)
    return replace(page, questions=questions)


def form_of(page: FollowUpPage) -> dict[str, str]:
    """Return what a browser posts if a person changes nothing and presses *Qualified*."""
    fields = Reader(render_follow_up(page)).named("input")
    posted = [each for each in fields if each.get("type") != "checkbox" or "checked" in each]
    return {"choice": "qualified", **{each["name"] or "": each.get("value") or "" for each in posted}}


QUALIFIED = after(NEW, 10)


@given(st.lists(TEXTS | st.sampled_from(QUESTIONS), max_size=4))
def test_a_form_as_the_page_showed_it_changes_nothing(typed: list[str]) -> None:
    lead = write(QUALIFIED, "; ".join(typed))
    answer = parse_answer(form_of(shown(lead)), today=TODAY, questions=QUESTIONS)
    assert (answer.ticked, answer.unticked) == ((), ())


def test_a_form_says_what_was_ticked_and_unticked() -> None:
    form = form_of(shown(write(QUALIFIED, BUDGET)))
    assert form["ticked-1"] == BUDGET
    del form["ticked-1"]
    answer = parse_answer(form | {"ticked-2": YEAR}, today=TODAY, questions=QUESTIONS)
    assert (answer.ticked, answer.unticked) == ((YEAR,), (BUDGET,))


@pytest.mark.parametrize(
    "form", [{"ticked-1": "Is tall", "ticked_was": "Is small"}, {"ticked-1": f"{YEAR} "}, {"ticked": BUDGET}, {}]
)
def test_a_question_that_is_not_asked_any_more_is_neither(form: dict[str, str]) -> None:
    answer = parse_answer({"choice": "qualified", "click": "c", **form}, today=TODAY, questions=QUESTIONS)
    assert (answer.ticked, answer.unticked) == ((), ())


def test_beside_a_problem_the_boxes_are_as_they_were_entered() -> None:
    wrong = replace(
        shown(write(NEW, BUDGET)),
        problem="Say in a few words why it is not a fit.",
        wrong_field="reason",
        entered={"choice": "not-a-fit", "ticked_was": "", "ticked-2": YEAR},
    )
    form = form_of(wrong)
    assert ("ticked-1" in form, form["ticked-2"], form["ticked_was"]) == (False, YEAR, "")


def test_a_page_without_questions_has_no_boxes() -> None:
    assert not [name for name in form_of(shown(NEW, ())) if name.startswith("ticked")]


def test_each_box_has_a_label_and_they_have_one_together() -> None:
    reader = Reader(render_follow_up(shown(NEW)))
    boxes = [each for each in reader.named("input") if each.get("type") == "checkbox"]
    assert {each["id"] for each in boxes} <= {label["for"] for label in reader.named("label") if "for" in label}
    assert [each["aria-labelledby"] for each in reader.named("div") if each.get("aria-labelledby") == "ticks"] == [
        "ticks"
    ]


@pytest.mark.parametrize(
    "lead", [QUALIFIED, after(NEW, 10, Choice.CONTACTED), NEW, after(NEW, 10, Choice.NOT_A_FIT, reason="x")]
)
def test_every_page_of_a_customer_who_may_be_contacted_has_the_boxes_once(lead: Lead) -> None:
    html = render_follow_up(shown(lead))
    assert (html.count('name="ticked_was"'), html.count('value="qualified"')) == (1, 1)


def test_the_page_of_a_qualified_lead_says_what_is_true() -> None:
    html = render_follow_up(shown(write(QUALIFIED, f"{BUDGET}; <b>met\u202e</b>"), ()))
    assert "What is true: <bdi>Has a budget</bdi> · <bdi>&lt;b&gt;met&lt;/b&gt;</bdi>" in html
    assert "What is true" not in render_follow_up(page(qualification=BUDGET))
