import base64
import hashlib
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest

from lead_core.lead.changes import StoredLead, answered, delivered, edited, mailed
from lead_core.lead.choices import Answer, Choice
from lead_core.lead.delivery import Delivery
from lead_core.lead.follow_up import FollowUpPolicy, find_turn, is_escalating
from lead_core.lead.lead import Cells, Lead
from lead_core.lead.owners import Owners
from lead_core.lead.values import Offer
from lead_core.views.draft_files import DraftName, DraftText
from lead_core.views.drafts import Drafts
from lead_core.views.languages import Language
from lead_core.views.page import FollowUpPage, render_follow_up, render_message
from lead_core.views.rendering import TEMPLATES
from lead_core.views.style import CONTENT_SECURITY_POLICY
from lead_core.views.who import Who
from tests.examples import ANNA, BOSS, JOHN, SALES, at, delivery
from tests.reader import Reader
from tests.seen import TODAY, page

POLICY = FollowUpPolicy(owners=Owners.parse(SALES))
ERP = Offer("contoso", "erp", "Contoso ERP")


def lead_of(*deliveries: Delivery) -> Lead:
    """Return a lead. Without *deliveries*, its customer pressed *Contact me* at noon."""
    first, *later = deliveries or (delivery(0, "PLT"),)
    lead = delivered(None, first, POLICY)
    for each in later:
        lead = delivered(StoredLead(lead, "v", at(0)), each, POLICY)
    return lead


def after(lead: Lead, choice: Choice, minutes: float, *, by: str = ANNA, **said: Any) -> Lead:
    """Return *lead* after an answer, whose click is its time."""
    answer = Answer(choice=choice, click=f"c{minutes}", **said)
    return answered(StoredLead(lead, "v", at(0)), answer, by=by, at=at(minutes), policy=POLICY)


def page_of(lead: Lead, *others: Lead, minutes: float = 60, said: str = "", seen: str | None = None) -> FollowUpPage:
    """Return the page of *lead* as it is opened at that time."""
    now, zone = at(minutes), UTC
    shown = FollowUpPage.of(lead, others, token="token", click="click-1", now=now, zone=zone)
    return shown.after(lead, said, seen, now=now, zone=zone)


def closed(lead: Lead | None = None) -> Lead:
    return after(lead or lead_of(), Choice.DO_NOT_CONTACT, 30)


TOO_SMALL = after(lead_of(), Choice.NOT_A_FIT, 30, reason="too small")
QUALIFIED = after(lead_of(), Choice.QUALIFIED, 30)
ANSWERED = page_of(after(lead_of(), Choice.CONTACTED, 30, note="Wants a price."), said="c30")
REFUSED = page(
    problem="Say in a few words why it is not a fit.",
    wrong_field="reason",
    chosen=Choice.NOT_A_FIT,
    entered={"choice": "not-a-fit", "colleague": "liam@contoso.example", "note": "Two\nlines", "reason": ""},
)
BARE = page(
    **dict.fromkeys(("first_name", "last_name", "company", "title", "country", "email", "phone", "source"), ""),
    offer_title="",
    action_code="",
    description="",
    owner="",
    waited=None,
    other_offers=(),
    history=(),
)
LOST = page(problem="This page is incomplete.", wrong_field="click")
NOTICE = page_of(lead_of(delivery(0, "DNC")))
WORKING = {
    "new": page(),
    "answered": ANSWERED,
    "qualified": page_of(QUALIFIED),
    "disqualified": page_of(after(lead_of(), Choice.NOT_A_FIT, 30, reason="too small")),
    "news": page_of(delivered(StoredLead(after(lead_of(), Choice.CONTACTED, 30), "v", at(0)), delivery(50), POLICY)),
    "news of qualified": page_of(delivered(StoredLead(QUALIFIED, "v", at(0)), delivery(50), POLICY)),
    "refused": REFUSED,
    "bare": BARE,
    "lost": LOST,
    "notice": NOTICE,
    "asks": page(questions=("Has a budget", "Decides this year")),
}
PAGES = {**WORKING, "closed": page_of(closed())}


def read(shown: FollowUpPage) -> Reader:
    return Reader(render_follow_up(shown))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_script_and_fetches_nothing(name: str) -> None:
    reader = read(PAGES[name])
    tags = {tag for tag, _ in reader.elements}
    attributes = {attribute for _, found in reader.elements for attribute in found}
    assert not tags & {"script", "img", "link", "iframe", "object", "base"}
    assert not {attribute for attribute in attributes if attribute.startswith("on")} | attributes & {"style", "src"}
    assert len(reader.named("form")) == 1


@pytest.mark.parametrize("name", PAGES)
def test_every_field_has_a_label_and_every_id_is_the_only_one(name: str) -> None:
    reader = read(PAGES[name])
    labels = {label["for"] for label in reader.named("label")}
    fields = [field for field in reader.named("input", "textarea") if field.get("type") != "hidden"]
    ids = Counter(found["id"] for _, found in reader.elements if "id" in found)
    pointed_at = {
        one
        for _, found in reader.elements
        for pointer in ("aria-describedby", "aria-labelledby")
        for one in (found.get(pointer) or "").split()
    }
    assert len(fields) == {"closed": 1, "asks": 6}.get(name, 4)
    assert {field["id"] for field in fields} == labels
    assert set(ids.values()) == {1}
    assert pointed_at <= set(ids)
    assert len(reader.named("legend")) == len(reader.named("fieldset"))


def test_what_was_pressed_is_marked_where_it_is_still_offered() -> None:
    tried = read(page_of(after(lead_of(), Choice.TRIED, 30), said="c30"))
    assert [button["value"] for button in tried.named("button") if "aria-current" in button] == [Choice.TRIED]
    assert "✓ Tried, no answer" in tried.text("button")


def buttons_of(shown: FollowUpPage) -> list[str]:
    return [str(button["value"]) for button in read(shown).named("button") if "disabled" not in button]


NOT_OFFERED = {"answered": {Choice.CONTACTED}, "qualified": {Choice.QUALIFIED}}
"""What a page says already. It is offered again if the customer did something since."""


def offered_by(name: str) -> set[Choice]:
    return set(Choice) - {Choice.LIFT, Choice.NO_ANSWER} - NOT_OFFERED.get(name, set())


@pytest.mark.parametrize("name", WORKING)
def test_every_choice_is_one_button(name: str) -> None:
    assert Counter(buttons_of(WORKING[name])) == Counter(offered_by(name))


def test_the_enter_key_records_nothing() -> None:
    """The Enter key presses a form's first button, and that button does nothing."""
    assert "disabled" in read(page()).named("button")[0]
    assert next(button for button in buttons_of(page()) if button != Choice.NOTE) == Choice.CONTACTED


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_named_without_its_person(name: str) -> None:
    reader = read(PAGES[name])
    assert reader.named("html") == [{"lang": "en"}]
    assert "Follow up" in reader.text("title")
    assert "Ana" not in reader.text("title")


def test_what_was_recorded_is_said_first_and_stays_changeable() -> None:
    reader = read(ANSWERED)
    said = next(found for found in reader.named("p") if found.get("class") == "said")
    assert said["role"] == "status"
    assert "autofocus" in said
    assert "What is next?" in reader.text("h2")
    assert "anna@contoso.example answered on 22 November 2026: Contacted." in reader.text("p")
    assert "Change" in reader.text("summary")


def behind_change(shown: FollowUpPage) -> set[str]:
    """Return the choices that stand behind *Change*."""
    hidden = render_follow_up(shown).partition('<details class="change"')[2].partition("</details>")[0]
    return set(buttons_of(shown)) & set(re.findall(r'name="choice" value="([\w-]+)"', hidden))


def hint_of(shown: FollowUpPage, choice: Choice) -> str:
    """Return what is said under the button of *choice*."""
    found = re.search(rf'id="{choice}-hint">(.*?)</span>', render_follow_up(shown))
    return unescape(found[1]) if found else ""


def test_an_answer_is_changed_behind_a_word_and_what_one_would_do_next_stands_before_it() -> None:
    in_view = {name: offered_by(name) - behind_change(shown) for name, shown in WORKING.items()}
    assert in_view["answered"] == {Choice.NOTE, Choice.CONTACTED_FOLLOW_UP, Choice.QUALIFIED}
    assert in_view["qualified"] == {Choice.NOTE, Choice.CONTACTED_FOLLOW_UP}
    assert in_view["disqualified"] == in_view["notice"] == {Choice.NOTE}
    assert in_view["news"] == in_view["answered"] | {Choice.CONTACTED}
    assert in_view["new"] == set(Choice) - {Choice.LIFT, Choice.NO_ANSWER}
    assert in_view["news of qualified"] == {Choice.NOTE, Choice.CONTACTED_FOLLOW_UP, Choice.QUALIFIED}
    assert 'class="first"' not in render_follow_up(WORKING["qualified"])


@pytest.mark.parametrize(
    ("choice", "hint"),
    [
        (Choice.CONTACTED, "Changes “Qualified” to “Contacted”."),
        (Choice.NOT_A_FIT, "Changes “Qualified” to “Disqualified (not a fit)”."),
        (Choice.PASS, "It was “Qualified”. This opens it again, and the reminders go on."),
        (Choice.TRIED, "Counts as an attempt. Nothing else changes."),
        (Choice.CONTACTED_FOLLOW_UP, ""),  # A plan leaves the status.
    ],
)
def test_a_button_that_changes_an_answer_says_from_what_to_what(choice: Choice, hint: str) -> None:
    assert hint_of(page_of(QUALIFIED), choice) == hint


def test_a_button_that_ends_a_plan_says_so() -> None:
    planned = page_of(after(lead_of(), Choice.CONTACTED_FOLLOW_UP, 30, follow_up_on=date(2026, 12, 1)))
    for choice in (Choice.NOT_A_FIT, Choice.SPAM, Choice.PASS):
        assert hint_of(planned, choice).endswith("The follow-up of 1 December 2026 is dropped.")
    assert "dropped" not in hint_of(planned, Choice.QUALIFIED)


def test_the_planned_day_stands_in_its_field() -> None:
    planned = page_of(after(lead_of(), Choice.CONTACTED_FOLLOW_UP, 30, follow_up_on=date(2026, 12, 5)), said="c30")
    (field,) = [field for field in read(planned).named("input") if field.get("id") == "follow_up_on"]
    assert field["value"] == "2026-12-05"


def test_spam_is_told_apart_from_what_is_not_a_fit() -> None:
    contacted, spam = page_of(after(lead_of(), Choice.CONTACTED, 30)), after(lead_of(), Choice.SPAM, 30)
    assert hint_of(contacted, Choice.SPAM) == "Changes “Contacted” to “Disqualified (spam)”."
    assert hint_of(page_of(spam), Choice.NOT_A_FIT) == "Changes “Disqualified (spam)” to “Disqualified (not a fit)”."
    assert "It was “Disqualified (spam)” before." in page_of(after(spam, Choice.CONTACTED, 40), said="c40").said


def mailed_until_the_end(lead: Lead, *, escalates: bool) -> Lead:
    policy = replace(POLICY, owners=replace(POLICY.owners, escalate_to=BOSS if escalates else ""))
    minutes = 0
    while lead.next_reminder_at:
        minutes += 24 * 60
        to = BOSS if is_escalating(lead) else SALES
        lead = mailed(StoredLead(lead, "v", at(0)), find_turn(lead), to=to, at=at(minutes), policy=policy)
    return lead


@pytest.mark.parametrize("escalates", [True, False])
def test_a_page_says_that_the_reminders_have_ended_and_who_was_told(escalates: bool) -> None:
    shown = page_of(mailed_until_the_end(lead_of(), escalates=escalates), minutes=20 * 24 * 60)
    told = read(shown).text("p")
    assert "The reminders have ended." in told
    assert (f"{BOSS} was told that nobody has answered." in told) is escalates
    assert hint_of(shown, Choice.TRIED) == "Counts as an attempt. No reminder follows."
    assert hint_of(shown, Choice.CONTACTED) == "One tap, and it is answered."
    assert hint_of(page_of(lead_of()), Choice.TRIED) == "Counts as an attempt. The reminders go on."


def test_attempts_before_the_last_answer_do_not_count() -> None:
    tried = after(after(lead_of(), Choice.TRIED, 10), Choice.TRIED, 20)
    assert "Tried 2 times, no answer yet." in read(page_of(tried)).text("p")
    again = delivered(StoredLead(after(tried, Choice.CONTACTED, 30), "v", at(0)), delivery(90, "PLT"), POLICY)
    assert "Tried" not in read(page_of(again, minutes=120)).text("p")
    assert page_of(again, minutes=120).facts.attempts == 0
    once = after(again, Choice.TRIED, 130)
    assert "Tried once, no answer yet." in read(page_of(once, minutes=140)).text("p")
    assert (once.attempts, page_of(once, minutes=140).facts.attempts) == (3, 1)


def test_no_button_of_an_answered_lead_changes_its_status_in_silence() -> None:
    for status in (Choice.CONTACTED, Choice.QUALIFIED, Choice.NOT_A_FIT):
        lead = after(lead_of(), status, 30, reason="x")
        shown = page_of(lead)
        for choice in set(Choice) - {Choice.NOTE, Choice.LIFT, Choice.NO_ANSWER}:
            changed = after(lead, choice, 50, reason="x", colleague=SALES, follow_up_on=TODAY)
            later = choice in {Choice.LATER_1D, Choice.LATER_3D, Choice.LATER_7D}
            hint = shown.told and hint_of(shown, choice) if not later else "later-hint" in render_follow_up(shown)
            assert changed.status is lead.status or hint, (status, choice)
            told = page_of(changed, said="c50").said
            assert changed.status is lead.status or "before." in told, (status, choice)


def test_the_page_of_a_person_who_is_not_to_be_contacted_begins_with_who_said_so() -> None:
    html = render_follow_up(page_of(closed()))
    reader = Reader(html)
    assert html.index("Do not contact</h2>") < html.index("<h1>")
    assert "anna@contoso.example said so on 22 November 2026." in reader.text("p")
    assert buttons_of(page_of(closed())) == [Choice.LIFT]
    assert not re.search("mailto:|tel:|Draft an answer|Write to|jsmith@|555", html)


def test_the_page_of_the_same_person_on_another_offer_says_so_before_its_row_does() -> None:
    erp = lead_of(delivery(0, "PLT", offer=ERP))
    shown = edited(StoredLead(erp, "v", at(0), (closed(),)), POLICY)
    assert "anna@contoso.example said so on 22 November 2026." in read(page_of(shown)).text("p")


def test_a_notice_of_another_partner_is_said_as_what_it_is() -> None:
    reader = read(NOTICE)
    assert "Nothing to do" in reader.text("h2")
    assert "The customer asked another partner." in reader.text("p")
    assert not [link for link in reader.named("a") if (link["href"] or "").startswith(("mailto:", "tel:"))]


@pytest.mark.parametrize(
    ("lead", "minutes", "sentence"),
    [
        (after(lead_of(), Choice.LATER_3D, 30), 60, "The next reminder comes on 25 November 2026, 12:30 UTC."),
        (after(lead_of(), Choice.TRIED, 30), 60, "Waiting for 1 hour. Tried once, no answer yet."),
        (after(lead_of(), Choice.PASS, 30, colleague=SALES), 60, f"{ANNA} passed it to {SALES} on 22 November 2026."),
        (
            after(lead_of(), Choice.CONTACTED_FOLLOW_UP, 30, follow_up_on=date(2026, 12, 1)),
            60,
            "A follow-up is planned for 1 December 2026.",
        ),
        (
            delivered(StoredLead(QUALIFIED, "v", at(0)), delivery(90, "PLT"), POLICY),
            120,
            "answered on 22 November 2026: Qualified. Since then, the customer has asked again.",
        ),
        (
            delivered(StoredLead(QUALIFIED, "v", at(0)), delivery(90, "Create"), POLICY),
            120,
            "Since then, on 22 November 2026, the customer pressed Create in the Azure portal.",
        ),
        (
            edited(StoredLead(replace(lead_of(), cells=Cells(status="won")), "v", at(9)), POLICY),
            60,
            "Someone in the table answered on 22 November 2026",
        ),
        (after(QUALIFIED, Choice.TRIED, 50, by=SALES), 60, f"{ANNA} answered on 22 November 2026: Qualified."),
        (TOO_SMALL, 60, f"{ANNA} answered on 22 November 2026: Disqualified (not a fit). Reason: too small."),
        (
            delivered(StoredLead(TOO_SMALL, "v", at(0)), delivery(90, "PLT"), POLICY),
            120,
            "Disqualified (not a fit). Reason: too small. Since then, the customer has asked again.",
        ),
        (
            delivered(StoredLead(after(lead_of(), Choice.SPAM, 30), "v", at(0)), delivery(90, "PLT"), POLICY),
            120,
            "answered on 22 November 2026: Disqualified (spam). Since then, the customer has asked again.",
        ),
        (
            lead_of(delivery(0, contact=replace(JOHN, email="", phone=""))),
            60,
            "It came without an e-mail address and a phone, so no reminder follows. Partner Center's Referrals page",
        ),
    ],
)
def test_a_page_says_where_its_lead_stands(lead: Lead, minutes: float, sentence: str) -> None:
    assert sentence in read(page_of(lead, minutes=minutes)).text("p")


@pytest.mark.parametrize("said", ["", "c31", "note-000000000000", "<b>Pay now</b>"])
def test_an_address_cannot_make_a_page_say_anything(said: str) -> None:
    shown = page_of(QUALIFIED, said=said, seen="1:2026-11-22T00:00:00.000000Z")
    assert render_follow_up(shown) == render_follow_up(page_of(QUALIFIED))


def test_a_page_that_is_loaded_again_later_says_what_stands_then() -> None:
    later = after(QUALIFIED, Choice.DO_NOT_CONTACT, 50, by=SALES)
    assert page_of(later, said="c30").said == (
        "Recorded: qualified. This customer is not to be contacted, on any offer, so nobody is reminded."
    )


def test_a_problem_is_shown_at_its_field_and_nothing_typed_is_lost() -> None:
    html = render_follow_up(REFUSED)
    reader = Reader(html)
    fields = {field["id"]: field for field in reader.named("input", "textarea") if "id" in field}
    assert 'role="alert"' in html
    assert not [button for button in reader.named("button") if "aria-current" in button]
    assert "Nothing was recorded. Say in a few words why it is not a fit." in reader.text("p")
    assert fields["reason"]["aria-invalid"] == "true"
    assert fields["reason"]["aria-describedby"] == "reason-wrong"
    assert "autofocus" in fields["reason"]
    assert [name for name, field in fields.items() if "aria-invalid" in field] == ["reason"]
    assert fields["colleague"]["value"] == "liam@contoso.example"
    assert reader.text("textarea") == "\nTwo\nlines"  # A browser drops the first line feed.


@pytest.mark.parametrize("field", ["follow_up_on", "reason", "colleague", "note", "click", "choice", ""])
def test_the_cursor_stands_where_the_problem_is(field: str) -> None:
    focused = [
        found.get("name", "message")
        for _, found in read(page(problem="Wrong.", wrong_field=field)).elements
        if "autofocus" in found
    ]
    assert focused == [field if field not in {"click", "choice", ""} else "message"]


def test_the_status_is_shown_in_the_tables_words() -> None:
    reader = read(WORKING["disqualified"])
    assert "Disqualified (not a fit)" in reader.text("span")
    assert "Reason: too small" in reader.text("p")


def test_a_follow_up_is_offered_in_a_week_and_within_a_year() -> None:
    day = next(field for field in read(page()).named("input") if field.get("type") == "date")
    assert (day["min"], day["value"], day["max"]) == ("2026-11-27", "2026-12-03", "2027-11-26")


@pytest.mark.parametrize(
    ("given", "link"),
    [({}, "Draft an answer"), ({"email": "nonsense"}, ""), ({"email": ""}, "")],
)
def test_a_draft_is_offered_if_there_is_an_address(given: dict[str, str], link: str) -> None:
    assert ("Draft an answer" in render_follow_up(page(**given))) is bool(link)


def test_a_lead_with_nothing_known_has_a_page() -> None:
    reader = read(BARE)
    assert reader.text("h1") == "A customer who left no name"
    assert reader.text("title") == "Follow up"
    assert "Got in touch." in reader.text("p")


def test_a_message_is_a_page_of_its_own() -> None:
    reader = Reader(render_message("This link has expired", "Open the newest mail.\nOr ask <Ana>."))
    assert reader.text("h1") == reader.text("title") == "This link has expired"
    assert reader.texts["p"] == ["Open the newest mail.", "Or ask <Ana>."]
    assert not reader.named("form")


def test_a_message_can_offer_a_new_link_with_a_post() -> None:
    reader = Reader(render_message("This link has expired", "It is old.", can_renew=True))
    assert reader.named("form") == [{"method": "post"}]
    assert reader.named("button") == [{"class": "first", "name": "new_link", "value": "yes"}]
    assert reader.text("button") == "Mail a new link to the owner"


@pytest.mark.parametrize("html", [render_follow_up(page()), render_message("Gone", "It is gone.")])
def test_the_policy_allows_only_the_pages_own_style(html: str) -> None:
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ) == CONTENT_SECURITY_POLICY


def luminance(color: str) -> float:
    parts = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground", "ratio"),
    [
        *((text, ground, 4.5) for text in ("ink", "muted", "link") for ground in ("ground", "card")),
        ("ink", "soft", 4.5),
        ("on-press", "press", 4.5),
        ("on-good", "good", 4.5),
        ("on-bad", "bad", 4.5),
        ("on-bad", "card", 4.5),
        ("edge", "card", 3),
        ("edge", "ground", 3),
        ("link", "soft", 3),
    ],
)
def test_colours_can_be_told_apart(scheme: int, text: str, ground: str, ratio: float) -> None:
    """https://www.w3.org/TR/WCAG22/#contrast-minimum and #non-text-contrast"""
    css = (TEMPLATES / "page.css.j2").read_text(encoding="utf-8")
    colors = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", css.split("@media")[scheme]))
    darker, lighter = sorted((luminance(colors[text]), luminance(colors[ground])))
    assert (lighter + 0.05) / (darker + 0.05) >= ratio


def test_the_draft_can_be_had_in_every_language_and_the_customers_is_marked() -> None:
    reader = read(page(country="DE"))
    links = {each["hreflang"]: each for each in reader.named("a") if "hreflang" in each}
    assert list(links) == list(Language)
    assert all(each["lang"] == code for code, each in links.items())
    assert [code for code, each in links.items() if "aria-current" in each] == ["de"]
    assert "Votre%20int%C3%A9r%C3%AAt" in str(links["fr"]["href"])
    assert "Draft an answer (Deutsch)" in reader.text("ul")


def test_a_customer_without_an_address_has_no_drafts() -> None:
    assert not [each for each in read(BARE).named("a") if "hreflang" in each]


def test_who_they_say_they_are_signs_the_draft() -> None:
    who = Who.of("sales@contoso.example", (), cookie="", entered={"i_am": "Zoë <b>"})
    html = render_follow_up(page(country="US", who=who))
    assert f"Best%20regards%0D%0A{quote('Zoë <b>')}" in html


def test_the_publishers_own_draft_is_on_the_page() -> None:
    own = {DraftName(Language.ENGLISH, "PLT", "1"): DraftText("From us", "Hello[ {first_name}]!")}
    html = render_follow_up(page(country="US", drafts=Drafts(own)))
    assert html.count("?subject=From%20us&amp;body=Hello%20Ana%21") == 2
