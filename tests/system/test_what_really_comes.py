"""Leads as flows, form tools and mail gateways really send them stand in ``Leads`` as a person would read them."""

import codecs
import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.mailbox import leads_in, text_of
from tests.system.team import Team, running_team

Json = dict[str, Any]


@pytest.fixture(scope="module")
def team(shared_account: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    owners = "contoso.new-store: store@contoso.example; sales@contoso.example"
    with running_team(shared_account, tmp_path_factory.mktemp("app"), OWNERS=owners) as team:
        yield team


def person_of(number: int) -> Json:
    return {"FirstName": f"P{number}", "LastName": "Smith", "Email": f"p{number}@northwind.example"}


def plain(number: int, **changes: Any) -> Json:
    return {
        "UserDetails": person_of(number),
        "LeadSource": "AppSource-PLT|contoso.contoso-crm",
        "ActionCode": "PLT",
        "OfferTitle": "Contoso CRM",
        "Description": "please call",
    } | changes


def flat(number: int) -> Json:
    lead = plain(number)
    return {**lead.pop("UserDetails"), **lead}


def renamed(value: Any, rename: Callable[[str], str]) -> Any:
    """Return JSON with other names for its members."""
    return {rename(name): renamed(each, rename) for name, each in value.items()} if isinstance(value, dict) else value


def separated(separator: str, *, in_lower_case: bool) -> Callable[[str], str]:
    def rename(name: str) -> str:
        words = separator.join(re.findall("[A-Z][a-z]+", name))
        return words.lower() if in_lower_case else words

    return rename


def deflated_raw(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


def dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def encoded(number: int, encoding: str, last_name: str = "Smith", mark: bytes = b"") -> bytes:
    person = person_of(number) | {"LastName": last_name}
    return mark + dump(plain(number, UserDetails=person)).decode().encode(encoding)


@dataclass(frozen=True)
class Case:
    """One way in which a lead comes."""

    make: Callable[[int], bytes]
    headers: Mapping[str, str] = field(default_factory=dict)
    shows: Mapping[str, str] = field(default_factory=dict)
    """What its row shows besides the usual."""


def as_json(make: Callable[[int], Any]) -> Case:
    return Case(lambda number: dump(make(number)))


def charset(encoding: str, last_name: str, declared: str | None = None) -> Case:
    headers = {"Content-Type": f"application/json; charset={declared}"} if declared else {}
    return Case(lambda number: encoded(number, encoding, last_name), headers, {"LastName": last_name})


def packed(coding: str, pack: Callable[[bytes], bytes]) -> Case:
    return Case(lambda number: pack(dump(plain(number))), {"Content-Encoding": coding})


CASES: dict[str, Case] = {
    "as documented": as_json(plain),
    "flat": as_json(flat),
    "flat in camel case": as_json(lambda n: renamed(flat(n), lambda name: name[0].lower() + name[1:])),
    "in lead": as_json(lambda n: {"lead": plain(n)}),
    "in data, beside others": as_json(lambda n: {"id": "7", "type": "lead.created", "data": plain(n)}),
    "in body, beside headers": as_json(lambda n: {"headers": {"Host": "flow.example"}, "body": plain(n)}),
    "flat in payload": as_json(lambda n: {"payload": flat(n)}),
    "in a wrapper that nobody knows": as_json(lambda n: {"neuerInteressent": plain(n)}),
    "snake case": as_json(lambda n: renamed(plain(n), separated("_", in_lower_case=True))),
    "kebab case": as_json(lambda n: renamed(plain(n), separated("-", in_lower_case=True))),
    "words": as_json(lambda n: renamed(plain(n), separated(" ", in_lower_case=False))),
    "flat, snake case, in a wrapper": as_json(
        lambda n: {"record": renamed(flat(n), separated("_", in_lower_case=True))}
    ),
    "an array of one": as_json(lambda n: [plain(n)]),
    "an array of one, wrapped inside": as_json(lambda n: [{"data": flat(n), "eventType": "lead"}]),
    "JSON in JSON": as_json(lambda n: dump(plain(n)).decode()),
    "JSON in a wrapper's JSON": as_json(lambda n: {"body": dump(plain(n)).decode()}),
    "UTF-8 with a mark": Case(lambda n: encoded(n, "utf-8", mark=codecs.BOM_UTF8)),
    "UTF-16 with a mark": Case(lambda n: encoded(n, "utf-16-le", mark=codecs.BOM_UTF16_LE)),
    "UTF-16, the other way round": Case(lambda n: encoded(n, "utf-16-be", mark=codecs.BOM_UTF16_BE)),
    "UTF-16 without a mark": Case(lambda n: encoded(n, "utf-16-le")),
    "UTF-16 without a mark, the other way round": Case(lambda n: encoded(n, "utf-16-be")),
    "UTF-16, declared": charset("utf-16-le", "Łukasz", "utf-16le"),
    "Latin-1, declared": charset("iso-8859-1", "Müller", "iso-8859-1"),
    "Windows-1252, declared": charset("windows-1252", "D’Angelo", "windows-1252"),
    "Central European, declared": charset("windows-1250", "Łukasiewicz", '"windows-1250"'),
    "Windows-1252, plain": charset("windows-1252", "Núñez"),
    "declared wrongly": charset("utf-8", "Müller", "no-such-charset"),
    "gzip": packed("gzip", gzip.compress),
    "deflate": packed("deflate", zlib.compress),
    "deflate, raw": packed("deflate", deflated_raw),
    "gzip of UTF-16": Case(
        lambda n: gzip.compress(encoded(n, "utf-16-le", mark=codecs.BOM_UTF16_LE)), {"Content-Encoding": "gzip"}
    ),
    "NaN": Case(lambda n: dump(plain(n, Description=None)).replace(b"null", b"NaN"), shows={"Description": ""}),
    "Infinity": Case(lambda n: dump(plain(n, Score=0)).replace(b": 0", b": Infinity")),
    "-Infinity": Case(lambda n: dump(plain(n, Score=0)).replace(b": 0", b": -Infinity")),
    "the store of today": as_json(lambda n: plain(n, LeadSource="MicrosoftMarketplace-PLT|contoso.contoso-crm")),
}
NUMBERS = {name: number for number, name in enumerate(CASES, start=1)}


@pytest.fixture(scope="module")
def answers(team: Team) -> dict[str, int]:
    """Post every case, and return the answers once all is processed."""
    answers = {
        name: team.app.post(case.make(NUMBERS[name]), headers=case.headers).status_code for name, case in CASES.items()
    }
    team.app.wait_until_processed()
    return answers


@pytest.mark.parametrize("name", CASES)
def test_what_a_person_reads_at_once_stands_in_leads(name: str, answers: Mapping[str, int], team: Team) -> None:
    number = NUMBERS[name]
    assert answers[name] == 202
    rows = team.app.rows("Leads", FirstName=f"P{number}")
    usual = {"LastName": "Smith", "Email": f"p{number}@northwind.example"}
    usual |= {"ActionCode": "PLT", "OfferTitle": "Contoso CRM", "OfferId": "contoso-crm"}
    expected = {**usual, **CASES[name].shows}
    assert [{column: row[column] for column in expected} for row in rows] == [expected]


def test_a_row_says_that_its_encoding_was_guessed(answers: Mapping[str, int], team: Team) -> None:
    (row,) = team.app.rows("MarketplaceLeads", LeadRow="contoso.contoso-crm", Body=text_of_body("Windows-1252, plain"))
    assert "1252" in json.dumps({name: str(value) for name, value in row.items() if name != "Body"})


def text_of_body(name: str) -> str:
    return CASES[name].make(NUMBERS[name]).decode("windows-1252")


def test_a_body_in_another_encoding_can_be_read_in_storage_explorer(answers: Mapping[str, int], team: Team) -> None:
    bodies = [row["Body"] for row in team.app.rows("MarketplaceLeads")]
    for name in ("UTF-16 with a mark", "UTF-16, declared", "Latin-1, declared"):
        assert [body for body in bodies if f"p{NUMBERS[name]}@northwind.example" in body], name


def test_several_in_one_array_are_several_leads_each_once(team: Team) -> None:
    people = (201, 202, 203)
    body = dump([plain(201), {"data": flat(202)}, plain(203, ActionCode="INS")])
    assert [team.app.post(body).status_code for _ in range(2)] == [202, 202]
    team.app.wait_until_processed()
    rows = [row for number in people for row in team.app.rows("Leads", FirstName=f"P{number}")]
    assert [(row["FirstName"], row["ActionCount"]) for row in rows] == [("P201", 1), ("P202", 1), ("P203", 1)]
    events = [row["EventId"] for row in team.app.rows("MarketplaceLeads") if is_about(row, people)]
    assert len(events) == len(set(events)) == 6


def is_about(row: Mapping[str, Any], people: tuple[int, ...]) -> bool:
    return any(f"p{number}@northwind.example" in str(row["CustomerInfo"]) for number in people)


def test_one_element_that_is_no_lead_does_not_take_the_others_with_it(team: Team) -> None:
    assert team.app.post(dump([plain(211), {"wetter": "schön"}, plain(212)])).status_code == 202
    team.app.wait_until_processed()
    assert [len(team.app.rows("Leads", FirstName=f"P{number}")) for number in (211, 212)] == [1, 1]
    assert [row for row in team.app.rows("RejectedLeads") if "wetter" in row["Body"]]


BOMB = gzip.compress(b'{"Description": "' + b"x" * 30_000_000 + b'"}')


def test_a_bomb_is_too_large(team: Team) -> None:
    answer = team.app.post(BOMB, headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 413
    assert len(BOMB) < 47 * 1024


@pytest.mark.parametrize(
    "posted",
    [
        {"data": {"temperature": 21}},
        {"headers": {"Host": "flow.example"}, "queries": {}},
        [],
        [[]],
        {"lead": None},
        "a text",
        {"a": {"b": {"c": {"d": 1}}}},
    ],
    ids=json.dumps,
)
def test_nobody_is_guessed_into_existence(posted: Any, team: Team) -> None:
    team.app.wait_until_processed()
    before = len(team.app.rows("Leads"))
    assert team.app.post(dump(posted)).status_code in {202, 400}
    team.app.wait_until_processed()
    assert len(team.app.rows("Leads")) == before


def test_of_two_addresses_the_first_is_the_person_and_the_cell_shows_both(team: Team) -> None:
    both = "p221@northwind.example; bob@northwind.example"
    team.app.post(dump(plain(221, UserDetails=person_of(221) | {"Email": both})))
    team.app.wait_until_processed()
    team.app.post(dump(plain(221, ActionCode="INS", UserDetails={"Email": "P221@Northwind.example"})))
    team.app.wait_until_processed()
    (row,) = team.app.rows("Leads", FirstName="P221")
    assert row["ActionCount"] == 2
    (first,) = [row for row in team.app.rows("MarketplaceLeads") if both in str(row["CustomerInfo"])]
    assert (first["LeadPartition"], first["LeadRow"]) == (row["PartitionKey"], row["RowKey"])


def test_the_new_stores_name_is_shown_in_words(team: Team) -> None:
    app = team.app
    app.post(dump(plain(231, LeadSource="MicrosoftMarketplace-PLT|contoso.new-store")))
    app.wait_until_processed()
    team.tick()
    (mail,) = [mail for mail in team.mailbox.mails if "P231 Smith" in leads_in(mail)]
    assert "MicrosoftMarketplace" not in text_of(mail)
    assert app.rows("Leads", FirstName="P231")[0]["Source"] == "MicrosoftMarketplace"


BROKEN: dict[str, Callable[[int], bytes]] = {
    "a trailing comma": lambda n: dump(plain(n))[:-1] + b",}",
    "a comment": lambda n: b"/* from the flow */ " + dump(plain(n)),
    "single quotes": lambda n: dump(plain(n)).replace(b'"', b"'"),
    "names without quotes": lambda n: re.sub(rb'"(\w+)":', rb"\1:", dump(plain(n))),
    "a missing comma": lambda n: dump(plain(n)).replace(b'"PLT", ', b'"PLT"\n', 1),
    "curly quotes": lambda n: dump(plain(n)).decode().replace('"', "”").encode(),
}


@pytest.mark.parametrize(("number", "name"), list(enumerate(BROKEN, start=301)))
def test_a_body_that_is_almost_json_says_what_would_be_read_and_can_be_corrected(
    number: int, name: str, team: Team
) -> None:
    app = team.app
    answer = app.post(BROKEN[name](number))
    assert answer.status_code == 400
    (row,) = [row for row in app.rows("RejectedLeads") if f"P{number}" in row["Body"]]
    words = " ".join(str(value) for column, value in row.items() if not column.startswith("Body"))
    for told in (f"P{number}", "Smith", f"p{number}@northwind.example"):
        assert told in words
    assert app.rows("Leads", FirstName=f"P{number}") == []

    app.edit("RejectedLeads", row, Body=dump(plain(number)).decode(), Retry="yes")
    team.tick()
    app.wait_until_processed()
    assert len(app.rows("Leads", FirstName=f"P{number}")) == 1


def test_a_corrected_array_that_is_tried_twice_is_stored_once(team: Team) -> None:
    app = team.app
    assert app.post(dump([plain(321), plain(322)])[:-1] + b",]").status_code == 400
    (row,) = [row for row in app.rows("RejectedLeads") if "P321" in row["Body"]]
    for _ in range(2):
        app.edit("RejectedLeads", row, Body=dump([plain(321), plain(322)]).decode(), Retry="yes")
        team.tick()
        app.wait_until_processed()
    assert [len(app.rows("Leads", FirstName=f"P{number}")) for number in (321, 322)] == [1, 1]
    assert len([row for row in app.rows("MarketplaceLeads") if is_about(row, (321, 322))]) == 2
