"""What people type into the tables, and what spreadsheets make of them, is understood or asked about."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.data.tables import EdmType, EntityProperty

from tests.mailbox import leads_in, text_of
from tests.system.app import lead
from tests.system.team import Team, running_team

SALES, ANNA = "sales@contoso.example", "anna@contoso.example"
DESKS = [f"desk-{number}@contoso.example" for number in range(5)]
"""Who is told about ``contoso.offer-0`` to ``contoso.offer-4``. None has more leads than a mail holds."""
RULES = [f"contoso.offer-{n}: {desk}; contoso.other-{n}: other-{desk}" for n, desk in enumerate(DESKS)]
OWNERS = "; ".join([*RULES, f"contoso.anna: {ANNA}", SALES])
FIRST_WAIT_SECONDS = 3
"""How long after the notice the first reminder is due here. The next one comes days later."""


@pytest.fixture(scope="module")
def team(shared_account: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    waits = f"{FIRST_WAIT_SECONDS}s,3d,7d"
    with running_team(shared_account, tmp_path_factory.mktemp("app"), OWNERS=OWNERS, REMINDER_WAITS=waits) as team:
        yield team


def send(team: Team, number: int, offer: str = "contoso.contoso-crm", **person: str) -> None:
    answer = team.app.post(lead(number, **person).replace(b"contoso.contoso-crm", offer.encode()))
    assert answer.status_code == 202


def post(team: Team, number: int, offer: str = "contoso.contoso-crm", **person: str) -> None:
    send(team, number, offer, **person)
    team.app.wait_until_processed()


def row_of(team: Team, number: int, **columns: object) -> dict[str, Any]:
    (row,) = team.app.rows("Leads", FirstName=f"P{number}", **columns)
    return row


def wait_for_the_first_reminder(team: Team) -> None:
    """Do what a day does: the first reminders are due, and what was typed is noticed."""
    time.sleep(FIRST_WAIT_SECONDS + 0.5)
    team.check()
    team.tick()


# --- Status words

NEW, CONTACTED, QUALIFIED, DISQUALIFIED, CLOSED = "New", "Contacted", "Qualified", "Disqualified", "DoNotContact"
MEANT: list[tuple[set[str], list[str]]] = [
    # Nobody answered: the reminders go on. An unknown word counts as that, too.
    (
        {NEW},
        [
            "New - Not Contacted",
            "Open - Not Contacted",
            "To be contacted",
            "Contact later",
            "Can't contact",
            "Cannot be contacted",
            "Not contacted yet",
            "NOT CONTACTED",
            "uncontacted",
            "Never contacted",
            "Noch nicht kontaktiert",
            "Nicht kontaktiert",
            "Non contacté",
            "No contactado",
            "Niet gecontacteerd",
            "Attempted to contact",
            "Needs to be contacted",
            "Neu",
            "Open",
            "asdf",
            "Do contact",
            "Not do-not-contact",
        ],
    ),
    ({CONTACTED}, ["Contacted", "contactd", "Cotnacted", "Kontaktiert", "Working - Contacted"]),
    ({QUALIFIED}, ["Qualified", "Qualifed", "Won", "Gewonnen"]),
    (
        {DISQUALIFIED},
        ["Unqualified", "Not qualified", "Junk", "Junk Lead", "Spam", "Lost", "Verloren", "DIS-QUALIFIED"],
    ),
    ({CLOSED}, ["DNC", "Do not call", "Do Not Contact", "do-not-contact", "donotcontact"]),
    # These may be read or asked about, but never as anything else.
    ({NEW, CONTACTED}, ["Not disqualified", "To be qualified", "Not lost"]),
    ({NEW, DISQUALIFIED}, ["Not interested", "Nicht qualifiziert", "Non qualifié"]),
    ({NEW, CONTACTED, QUALIFIED}, ["Pre-Qualified"]),
]
WORDS = {word: meant for meant, words in MEANT for word in words}
TYPED = dict(enumerate(WORDS, start=100))


@pytest.fixture(scope="module")
def reminded(team: Team) -> Mapping[str, bool]:
    """Type each word, let the first reminders fall due, and return of which leads the owners were reminded."""
    for number in TYPED:
        send(team, number, f"contoso.offer-{number % len(DESKS)}")
        send(team, number, f"contoso.other-{number % len(DESKS)}")
    team.app.wait_until_processed()
    team.tick()
    assert {team.times_told(f"P{number} Smith") for number in TYPED} == {2}
    for number, word in TYPED.items():
        team.app.edit("Leads", row_of(team, number, OfferId=f"offer-{number % len(DESKS)}"), Status=word)
    time.sleep(FIRST_WAIT_SECONDS + 0.5)
    team.check()
    before = len(team.mailbox.mails)
    team.tick()
    names = [leads_in(mail) for mail in team.mailbox.mails[before:] if mail["To"] in DESKS]
    return {word: any(f"P{number} Smith" in each for each in names) for number, word in TYPED.items()}


@pytest.mark.parametrize("number", TYPED, ids=TYPED.get)
def test_a_status_word_is_never_taken_for_its_opposite(number: int, reminded: Mapping[str, bool], team: Team) -> None:
    word = TYPED[number]
    row = row_of(team, number, OfferId=f"offer-{number % len(DESKS)}")
    meant = NEW if reminded[word] else row["Status"]
    assert meant in WORDS[word]
    is_tried = row["Status"] == NEW and row["Attempts"] > 0  # The next mail is about the next attempt.
    assert (row.get("NextReminderAt") is not None) == (reminded[word] or is_tried)


@pytest.mark.parametrize("number", TYPED, ids=TYPED.get)
def test_only_do_not_contact_reaches_the_persons_other_offers(
    number: int, reminded: Mapping[str, bool], team: Team
) -> None:
    other = row_of(team, number, OfferId=f"other-{number % len(DESKS)}")
    assert (other["Status"] == CLOSED) == (CLOSED in WORDS[TYPED[number]])


def test_an_unknown_word_stays_and_is_asked_about(reminded: Mapping[str, bool], team: Team) -> None:
    (number,) = [number for number, word in TYPED.items() if word == "asdf"]
    row = row_of(team, number, OfferId=f"offer-{number % len(DESKS)}")
    assert row["Status"] == "asdf"
    assert "asdf" in row["Problem"]
    told = [text_of(mail) for mail in team.mailbox.mails if f"P{number} Smith" in leads_in(mail)]
    assert any("asdf" in text for text in told)


# --- The spreadsheet's round trip


def as_text(value: Any) -> Any:
    """Return a cell as a spreadsheet's import writes it: all is text."""
    match value:
        case bool():
            return str(value).upper()
        case datetime():
            return value.isoformat()
        case _:
            return str(value)


def as_american_text(value: Any) -> Any:
    return f"{value:%m/%d/%Y %H:%M:%S}" if isinstance(value, datetime) else as_text(value)


def as_double(value: Any) -> Any:
    """Return a cell as an import that guesses types writes it."""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@dataclass(frozen=True)
class Damage:
    """What somebody or something does to the cells of a lead that was told once, and how often it is told in all."""

    do: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    mails: int = 2


def all_cells(change: Callable[[Any], Any]) -> Damage:
    return Damage(lambda row: {name: change(value) for name, value in row.items() if not name.endswith("Key")})


def cells(mails: int = 2, **columns: Any) -> Damage:
    return Damage(lambda _row: columns, mails)


def in_ten_days(pattern: str) -> str:
    """Return a day to come that has no second reading, because no month has that number."""
    day = datetime.now(UTC) + timedelta(days=10)
    while day.day <= 12:
        day += timedelta(days=1)
    return day.strftime(pattern)


DAMAGES: dict[str, Damage] = {
    "nothing": cells(),
    "all as text": all_cells(as_text),
    "all as text, times as in America": all_cells(as_american_text),
    "numbers as doubles": all_cells(as_double),
    "RemindersSent in words": cells(RemindersSent="two"),
    "RemindersSent below zero": cells(RemindersSent=-3),
    "RemindersSent far too large": cells(RemindersSent=2499),
    "RemindersSent too large": cells(RemindersSent=99),
    "RemindersSent as text": cells(RemindersSent="1"),
    "RemindersSent with decimals": cells(RemindersSent="1.0"),
    "RemindersSent of another type": cells(RemindersSent=EntityProperty(1, EdmType.INT64)),
    "RemindersSent emptied": cells(RemindersSent=""),
    "LastReminderAt emptied": cells(LastReminderAt=""),
    "LastReminderAt in words": cells(LastReminderAt="yesterday"),
    "WaitingSince in words": cells(WaitingSince="last week"),
    "WaitingSince in another century": cells(WaitingSince="1/1/2124 10:00"),
    "NextReminderAt in words": cells(NextReminderAt="soon"),
    "NextReminderAt emptied": cells(NextReminderAt=""),
    "IsTest in words of no": cells(IsTest="FALSE"),
    "IsTest in other words of no": cells(IsTest="falsch"),
    "IsTest typed": cells(1, IsTest="TRUE"),
    "IsTest typed in small letters": cells(1, IsTest="true"),
    "IsTest typed in German": cells(1, IsTest="WAHR"),
    "SnoozedUntil as in America": Damage(lambda _row: {"SnoozedUntil": in_ten_days("%m/%d/%Y %H:%M")}, 1),
    "SnoozedUntil as in Germany": Damage(lambda _row: {"SnoozedUntil": in_ten_days("%d.%m.%Y %H:%M")}, 1),
    "SnoozedUntil in ISO": Damage(lambda _row: {"SnoozedUntil": in_ten_days("%Y-%m-%d")}, 1),
    "SnoozedUntil in words": cells(SnoozedUntil="after Easter"),
    "Attempts in words": cells(Attempts="a few"),
}
NAMED = dict(enumerate(DAMAGES, start=300))


@pytest.fixture(scope="module")
def damaged(team: Team) -> None:
    """Damage a lead in each way, and let the first reminders fall due. Two ticks, so that a second mail would show."""
    for number in NAMED:
        send(team, number, f"contoso.offer-{number % len(DESKS)}")
    team.app.wait_until_processed()
    team.tick()
    for number, name in NAMED.items():
        row = row_of(team, number)
        assert row["RemindersSent"] == 1
        team.app.edit("Leads", row, **DAMAGES[name].do(row))
    wait_for_the_first_reminder(team)
    team.check()
    team.tick(2)


@pytest.mark.usefixtures("damaged")
@pytest.mark.parametrize("number", NAMED, ids=NAMED.get)
def test_a_lead_whose_cells_came_back_as_text_is_neither_told_twice_nor_silenced(number: int, team: Team) -> None:
    damage = DAMAGES[NAMED[number]]
    assert team.times_told(f"P{number} Smith") == damage.mails
    row = row_of(team, number)
    if "IsTest typed" not in NAMED[number]:
        assert isinstance(row["NextReminderAt"], datetime)
        assert row["NextReminderAt"] > datetime.now(UTC)
        assert row["RemindersSent"] == damage.mails


@pytest.mark.usefixtures("damaged")
@pytest.mark.parametrize("number", NAMED, ids=NAMED.get)
def test_a_row_that_was_touched_has_its_own_types_again(number: int, team: Team) -> None:
    row = row_of(team, number)
    assert {name: type(row[name]) for name in ("RemindersSent", "Attempts", "IsTest", "IsInternal")} == {
        "RemindersSent": int,
        "Attempts": int,
        "IsTest": bool,
        "IsInternal": bool,
    }
    assert all(isinstance(row[name], datetime) for name in ("WaitingSince", "FirstSeenAt", "LastSeenAt"))


@pytest.mark.usefixtures("damaged")
@pytest.mark.parametrize(
    ("name", "column"),
    [("RemindersSent in words", "RemindersSent"), ("SnoozedUntil in words", "SnoozedUntil")],
)
def test_the_row_says_what_was_not_understood(name: str, column: str, team: Team) -> None:
    (number,) = [number for number, each in NAMED.items() if each == name]
    assert column in row_of(team, number)["Problem"]


@pytest.mark.usefixtures("damaged")
def test_a_row_that_was_understood_has_no_problem(team: Team) -> None:
    for number, name in NAMED.items():
        if name in {"nothing", "all as text", "numbers as doubles", "SnoozedUntil in ISO"}:
            assert not row_of(team, number).get("Problem"), name


def test_a_test_lead_that_comes_back_as_text_stays_a_test_lead(team: Team) -> None:
    post(team, 400, LastName="MSFT_TEST_400")
    row = row_of(team, 400)
    assert row["IsTest"] is True
    team.app.edit("Leads", row, **all_cells(as_text).do(row))
    wait_for_the_first_reminder(team)
    assert [mail["Subject"] for mail in team.mailbox.mails if "P400" in text_of(mail)] == []
    assert row_of(team, 400)["IsTest"] is True


RETRIES = ["ja", "WAHR", "oui", "Sí", "TRUE", " yes ", "1", 1, 1.0, EntityProperty(1, EdmType.INT64)]


@pytest.mark.parametrize(("number", "typed"), list(enumerate(RETRIES, start=500)), ids=lambda each: repr(each)[:30])
def test_retry_may_be_typed_in_any_way(number: int, typed: object, team: Team) -> None:
    assert team.app.post(lead(number)[:-1]).status_code == 400
    (row,) = [row for row in team.app.rows("RejectedLeads") if f"P{number}" in row["Body"]]
    team.app.edit("RejectedLeads", row, Body=lead(number).decode(), Retry=typed)
    team.tick()
    team.app.wait_until_processed()
    assert row_of(team, number)["Email"] == f"p{number}@northwind.example"


@pytest.mark.parametrize("typed", ["no", "nein", "FALSE", "0", 0, ""], ids=repr)
def test_what_is_no_yes_starts_no_retry(typed: object, team: Team) -> None:
    team.app.post(b'{"broken": ' + repr(typed).encode())
    row = next(row for row in team.app.rows("RejectedLeads") if row["Body"] == f'{{"broken": {typed!r}')
    team.app.edit("RejectedLeads", row, Retry=typed)
    team.tick()
    team.app.wait_until_processed()
    (row,) = team.app.rows("RejectedLeads", RowKey=row["RowKey"])
    assert row["Retries"] == 0


# --- Owners


def mails_about(team: Team, number: int) -> list[str]:
    return [str(mail["To"]).lower() for mail in team.mailbox.mails if f"P{number} Smith" in leads_in(mail)]


UNDERSTOOD = [
    f"Anna Schmidt <{ANNA}>",
    f'"Schmidt, Anna" <{ANNA}>',
    f"mailto:{ANNA}",
    f"{ANNA};",
    f" {ANNA.upper()} ",
    f"<{ANNA}>",
    f"\u200b{ANNA}",
]


@pytest.mark.parametrize(("number", "typed"), list(enumerate(UNDERSTOOD, start=600)), ids=lambda each: str(each)[:20])
def test_an_owner_as_outlook_pastes_them_gets_the_mail(number: int, typed: str, team: Team) -> None:
    post(team, number)
    team.app.edit("Leads", row_of(team, number), Owner=typed)
    team.tick(2)
    assert set(mails_about(team, number)) == {ANNA}


@pytest.mark.parametrize(
    ("number", "typed"), list(enumerate(["Zacharias Nobody", "the new one", "???", "@contoso.example"], start=620))
)
def test_an_owner_that_names_nobody_is_said_to_the_default_owner(number: int, typed: str, team: Team) -> None:
    post(team, number, offer="contoso.anna")
    team.app.edit("Leads", row_of(team, number), Owner=typed)
    team.tick(2)
    assert set(mails_about(team, number)) == {SALES}
    said = [text_of(mail) for mail in team.mailbox.mails if f"P{number} Smith" in leads_in(mail)]
    assert any(typed.strip("@") in text for text in said)


@pytest.mark.parametrize(
    ("number", "typed"),
    list(enumerate(["anna@elsewhere.example", "anna@contso.example", "Anna <anna@mail.elsewhere.example>"], start=640)),
)
def test_an_address_of_a_foreign_domain_gets_no_customers_data(number: int, typed: str, team: Team) -> None:
    post(team, number, offer="contoso.anna")
    team.app.edit("Leads", row_of(team, number), Owner=typed)
    team.tick(2)
    team.check()
    team.tick()
    assert set(mails_about(team, number)) == {SALES}
    said = [text_of(mail) for mail in team.mailbox.mails if mail["To"] == SALES]
    assert any(typed.removeprefix("Anna <").rstrip(">") in text for text in said)


@pytest.mark.parametrize("address", ["carl@contoso.example", "ana@contoso.example"])
def test_an_address_that_nobody_named_gets_no_customers_data_and_the_row_says_why(address: str, team: Team) -> None:
    number = 650 + len(address)
    post(team, number, offer="contoso.anna")
    team.app.edit("Leads", row_of(team, number), Owner=address)
    team.tick(2)
    assert set(mails_about(team, number)) == {SALES}
    row = row_of(team, number)
    assert row["Owner"] == address
    assert "pass the lead on from its page, which asks once more" in row["Problem"]


# --- Words that are more than a status


def test_an_attempt_and_spam_are_understood_in_the_status_cell(team: Team) -> None:
    for number, word in ((660, "No answer"), (661, "Junk")):
        post(team, number)
        team.tick()
        team.app.edit("Leads", row_of(team, number), Status=word)
    for _ in range(2):
        team.check()
        tried, spam = row_of(team, 660), row_of(team, 661)
        assert (tried["Status"], tried["Attempts"], "NextReminderAt" in tried) == (NEW, 1, True)
        assert (spam["Status"], spam["DisqualifiedReason"], "NextReminderAt" in spam) == (DISQUALIFIED, "Spam", False)


# --- People


def test_two_people_with_one_made_up_address_are_two_leads_and_both_are_told(team: Team) -> None:
    for number, address in enumerate(["none@none.com", "test@test.com", "donotreply@nowhere.example"], start=70):
        first, second = 10 * number, 10 * number + 1
        post(team, first, Email=address, LastName="Smith", Company="Fabrikam")
        post(team, second, Email=address, LastName="Smith", Company="Northwind")
        team.tick()
        keys = {row_of(team, each)["PartitionKey"] for each in (first, second)}
        assert len(keys) == 2, address
        assert [team.times_told(f"P{each} Smith") for each in (first, second)] == [1, 1], address


@pytest.mark.parametrize(("number", "desk"), list(enumerate(["ventas", "einkauf", "it-support"], start=80)))
def test_two_people_at_one_desk_are_two_leads(number: int, desk: str, team: Team) -> None:
    address = f"{desk}@northwind-{number}.example"
    first, second = 10 * number, 10 * number + 1
    post(team, first, Email=address, Company="Northwind")
    post(team, second, Email=address, Company="Northwind")
    team.tick()
    assert [team.times_told(f"P{each} Smith") for each in (first, second)] == [1, 1]


def test_the_spellings_of_one_mailbox_are_one_person(team: Team) -> None:
    spellings = [
        "jose@münchen.example",
        "jose@xn--mnchen-3ya.example",
        '"jose@münchen.example"',
        "Jose@MÜNCHEN.example;",
    ]
    for number, spelling in enumerate(spellings):
        answer = team.app.post(lead(900, f"action {number}", Email=spelling))
        assert answer.status_code == 202
    team.app.wait_until_processed()
    assert row_of(team, 900)["ActionCount"] == len(spellings)
