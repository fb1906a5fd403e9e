import json
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lead_core.errors import UnreadableLeadError
from lead_core.lead.actions import format_action_code
from lead_core.lead.delivery import Shown
from lead_core.lead.received import Envelope
from lead_core.lead.values import Offer
from lead_core.marketplace.envelope import MAX_BODY_BYTES, decode_envelope, encode_envelope, parse_url_offer
from lead_core.marketplace.notification import (
    LeadSource,
    find_offer,
    format_source,
    parse_lead_source,
    parse_offer_id,
    read_notification,
)
from lead_core.marketplace.payload import parse_payload
from tests.examples import NOON
from tests.posts import FOLDER, SAMPLES, Sample


def shown(lead: object) -> Shown:
    return read_notification(Envelope("1" * 32, NOON, "", json.dumps(lead).encode())).delivery.shown


def outcome(lead: object) -> Shown | str:
    try:
        return shown(lead)
    except UnreadableLeadError as error:
        return error.code


def refusal(body: bytes) -> str:
    with pytest.raises(UnreadableLeadError) as refused:
        parse_payload(body)
    assert refused.value.explanation.endswith(".")
    return refused.value.code


def recase(value: Any, style: str) -> Any:
    if not isinstance(value, dict):
        return value
    spell = {"pascal": lambda n: n[0].upper() + n[1:], "camel": lambda n: n[0].lower() + n[1:], "upper": str.upper}[
        style
    ]
    return {spell(name): recase(part, style) for name, part in value.items()}


@pytest.mark.parametrize(
    "sample", [each for each in SAMPLES if each.path.suffix == ".json"], ids=lambda each: each.name
)
@pytest.mark.parametrize("style", ["pascal", "camel", "upper"])
def test_letter_case_changes_nothing(sample: Sample, style: str) -> None:
    lead = json.loads(sample.content)
    assert outcome(recase(lead, style)) == outcome(lead)


@pytest.mark.parametrize("gap", ["", " ", "\t\n", None, "--", "Not Specified", "not specified", [], {}, ["Ana"]])
def test_a_gap_is_a_gap_however_it_is_written(gap: object) -> None:
    person = {"email": "a@b.example"}
    with_gap = {"userDetails": {**person, "company": gap}, "leadSource": gap, "description": gap, "offerTitle": gap}
    assert shown(with_gap) == shown({"userDetails": person})


@pytest.mark.parametrize(
    ("member", "placeholder", "kept"),
    [("firstName", "FNU", ""), ("lastName", "lnu", ""), ("company", "LNU", "LNU"), ("company", "FNU", "FNU")],
)
def test_unknown_names_are_placeholders_for_names_alone(member: str, placeholder: str, kept: str) -> None:
    known = shown({"userDetails": {"email": "a@b.example", member: placeholder}}).known()
    assert known.get({"firstName": "first_name", "lastName": "last_name"}.get(member, member), "") == kept


@pytest.mark.parametrize(
    "person",
    [
        {"userDetails": {"email": "a@b.example", "company": "B"}},
        {"USERDETAILS": '{"Email": "a@b.example", "Company": "B"}'},
        {"CustomerInfo": {"Email": "a@b.example", "Company": "B"}},
        {"customerInfo": '\ufeff{"email": "a@b.example", "company": "B"}'},
        {"userDetails": None, "customerInfo": {"email": "a@b.example", "company": "B"}},
        {"userDetails": {"email": "a@b.example"}, "customerInfo": {"email": "other@b.example", "company": "B"}},
    ],
)
def test_the_person_is_found_in_every_shape(person: dict[str, object]) -> None:
    assert shown(person).known() == {"email": "a@b.example", "company": "B"}


@pytest.mark.parametrize("person", [None, "", "{", "[1]", 7, ["a"], "not JSON", '"text"'])
def test_an_unreadable_person_is_nobody(person: object) -> None:
    assert shown({"userDetails": person, "offerTitle": "CRM"}) == Shown(offer_title="CRM")


def test_the_first_useful_one_of_two_spellings_wins() -> None:
    body = b'{"OfferTitle": " ", "offerTitle": "CRM", "OFFERTITLE": "ERP", "offerDisplayName": "Other"}'
    assert parse_payload(body).offer_title == "CRM"


@pytest.mark.parametrize(
    ("value", "text"),
    [(7, "7"), (16175555555, "16175555555"), (1.50, "1.5"), (True, "true"), (["Ana"], ""), ({"code": "BR"}, "")],
)
def test_scalars_of_a_wrong_type_become_text(value: object, text: str) -> None:
    assert shown({"userDetails": {"lastName": value}, "offerTitle": "CRM"}).last_name == text


def test_a_number_keeps_its_digits() -> None:
    assert parse_payload(b'{"userDetails": {"phone": 0.10e1}}').contact.phone == "0.10e1"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not-json"),
        (b'{"a": 1', "not-json"),
        (b'{"a": NaN}', "no-lead"),
        (b'{"a": nan}', "not-json"),
        (b'{"a": 1} trailing', "not-json"),
        (b"\xff{}", "not-json"),
        (b"\xff\x00\x01", "not-utf-8"),
        (b'{"a": "\x00"}', "not-json"),
        (b"[]", "not-an-object"),
        (b"null", "not-an-object"),
        (b'"text"', "not-an-object"),
        (b"[" * 20_000 + b"]" * 20_000, "too-complex"),
        (b'{"a":' * 8_000 + b"1" + b"}" * 8_000, "too-complex"),
        (b'{"a": ' + b"1" * 5_000 + b"}", "too-complex"),
        (b"{}", "no-lead"),
        (b'{"something": "else", "userDetails": {"shoeSize": 43}}', "no-lead"),
    ],
)
def test_a_body_that_is_no_lead_is_refused_with_a_reason(body: bytes, code: str) -> None:
    assert refusal(body) == code


def test_bad_json_names_its_place() -> None:
    with pytest.raises(UnreadableLeadError, match="not-json") as refused:
        parse_payload((FOLDER / "documented-test-lead-invalid-json.txt").read_bytes())
    assert "line 1, column 140" in refused.value.explanation


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)
NAMES = [
    "userDetails",
    "CustomerInfo",
    "email",
    "FirstName",
    "lastname",
    "phone",
    "country",
    "leadSource",
    "actionCode",
]


@given(st.binary() | st.text().map(str.encode) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        read_notification(Envelope("1" * 32, NOON, "", body))
    except UnreadableLeadError as error:
        assert error.explanation


@given(st.dictionaries(st.sampled_from(NAMES), JSON | st.dictionaries(st.sampled_from(NAMES), JSON)))
def test_any_object_is_read_or_refused(lead: dict[str, object]) -> None:
    body = json.dumps(lead).encode()
    try:
        read = read_notification(Envelope("1" * 32, NOON, "", body)).delivery
    except UnreadableLeadError as error:
        assert error.code == "no-lead"
    else:
        assert all(value == value.strip() for value in read.shown.known().values())


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("AzureMarketplace", ("AzureMarketplace", "", "")),
        ("AppSource (SPZA)-PLT|contoso.contoso-crm", ("AppSource (SPZA)", "PLT", "contoso.contoso-crm")),
        (" SPZA - INS | contoso.crm ", ("SPZA", "INS", "contoso.crm")),
        ("TestDrive-StartTestDrive|a|b-c", ("TestDrive", "StartTestDrive", "a|b-c")),
        ("My-Own-Source-DNC", ("My-Own-Source", "DNC", "")),
        ("|contoso.crm", ("", "", "contoso.crm")),
        ("", ("", "", "")),
    ],
)
def test_a_lead_source_is_taken_apart(text: str, parts: tuple[str, str, str]) -> None:
    assert parse_lead_source(text) == LeadSource(*parts)


@given(st.text(), st.text(), st.text())
def test_a_lead_source_reads_back_what_was_put_together(source: str, action: str, offer: str) -> None:
    source, action, offer = (part.strip().replace("|", "") for part in (source, action.replace("-", ""), offer))
    assume(format_source(f"{source}-{action}") == f"{source}-{action}")  # ``Azure-Marketplace`` is a source alone.
    assert parse_lead_source(f"{source}-{action}|{offer}") == LeadSource(source.strip(), action.strip(), offer.strip())


@pytest.mark.parametrize(
    ("source", "spellings"),
    [
        (
            "AppSource",
            ["AppSource", "AppSource (SPZA)", "appsource(spza)", "SPZA", "Microsoft AppSource", "app-source"],
        ),
        ("MicrosoftMarketplace", ["Microsoft Marketplace", "MICROSOFT-MARKETPLACE", "Marketplace", "marketplace"]),
        ("AzureMarketplace", ["Azure Marketplace", "Microsoft Azure Marketplace"]),
        ("AzurePortal", ["Azure portal"]),
        ("TestDrive", ["Test Drive", "Azure Test Drive"]),
        ("Elsewhere", ["Elsewhere"]),
    ],
)
def test_the_stores_have_one_name_each(source: str, spellings: list[str]) -> None:
    assert {format_source(parse_lead_source(f"{each}-PLT|a.b").source) for each in spellings} == {source}
    assert {format_source(parse_lead_source(each).source) for each in spellings} == {source}


@pytest.mark.parametrize(
    ("text", "code"), [("ins", "INS"), ("starttestdrive", "StartTestDrive"), ("WALLET", "WALLET"), ("", "")]
)
def test_action_codes_have_their_documented_spelling_or_stay(text: str, code: str) -> None:
    assert format_action_code(text) == code


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("contoso.contoso-crm", ("contoso", "contoso-crm")),
        ("Checkpoint.check-point-r77-10sg-BYOL", ("checkpoint", "check-point-r77-10sg-byol")),
        ("contoso.crm.preview", ("contoso", "crm.preview")),
        ("PUBID.contoso|AID.billing|PAPPID.11111111-2222", ("contoso", "billing")),
        ("Contoso CRM", None),
        ("Contoso Test 2.0", None),
        ("contoso", None),
        ("", None),
    ],
)
def test_an_offer_id_is_publisher_and_offer(text: str, ids: tuple[str, str] | None) -> None:
    assert parse_offer_id(text) == ids


LEAD_SOURCE = {"leadSource": "SPZA-INS|source.offer", "offerTitle": "Title"}


@pytest.mark.parametrize(
    ("url_offer", "lead", "offer"),
    [
        ("url.offer", {"offerId": "body", **LEAD_SOURCE}, Offer("url", "offer", "Title")),
        ("only-the-offer", LEAD_SOURCE, Offer("", "only-the-offer", "Title")),
        ("", {"offerId": "Body", "publisherId": "P", **LEAD_SOURCE}, Offer("p", "body", "Title")),
        ("", {"offerId": "p.body", "publisherId": "p", **LEAD_SOURCE}, Offer("p", "body", "Title")),
        ("", {"offerId": "p.body", **LEAD_SOURCE}, Offer("p", "body", "Title")),
        ("", {"offerId": "my.offer", "publisherId": "p", **LEAD_SOURCE}, Offer("p", "my.offer", "Title")),
        ("", {"productId": "p.product", **LEAD_SOURCE}, Offer("p", "product", "Title")),
        ("", {"productId": "11-22", **LEAD_SOURCE}, Offer("", "11-22", "Title")),
        ("", LEAD_SOURCE, Offer("source", "offer", "Title")),
        ("", {"offerTitle": "Title"}, Offer("", "", "Title")),
        ("", {"leadSource": "AzureMarketplace-INS|Contoso Test"}, Offer("", "", "Contoso Test")),
    ],
)
def test_the_offer_is_known_by_the_best_that_is_there(url_offer: str, lead: dict[str, str], offer: Offer) -> None:
    payload = parse_payload(json.dumps(lead).encode())
    assert find_offer(url_offer, payload, parse_lead_source(payload.lead_source)) == offer


def test_the_action_code_field_wins_over_the_one_in_the_lead_source() -> None:
    assert shown({"leadSource": "SPZA-INS|a.b", "actionCode": "PLT"}).action_code == "PLT"
    assert shown({"leadSource": "SPZA-plt|a.b", "actionCode": " "}).action_code == "PLT"


@given(
    st.uuids().map(lambda uuid: uuid.hex),
    st.datetimes(datetime(2020, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 -- `timezones` adds the zone
    st.from_regex(r"[a-z0-9._|-]{0,200}", fullmatch=True),
    st.binary(max_size=200),
    st.sampled_from(["", "windows-1252", "shift_jis", "utf-16-le"]),
)
def test_an_envelope_reads_back_as_it_was_written(
    event_id: str, received_at: datetime, offer: str, body: bytes, charset: str
) -> None:
    envelope = Envelope(event_id, received_at, offer, body, charset)
    assert decode_envelope(encode_envelope(envelope)) == envelope


def test_a_message_of_the_version_before_reads_as_it_was_written() -> None:
    message = b'{"version":1,"event_id":"' + b"1" * 32 + b'","received_at":"2026-11-22T10:00:00Z","offer":"a.b"}\n{}'
    assert decode_envelope(message) == Envelope("1" * 32, NOON.replace(hour=10, microsecond=0), "a.b", b"{}")


def test_a_message_with_a_charset_that_nobody_knows_is_read_without_it() -> None:
    written = encode_envelope(Envelope("1" * 32, NOON, "", b"{}", "klingon"))
    assert decode_envelope(written) == Envelope("1" * 32, NOON, "", b"{}")


def test_the_largest_envelope_fits_into_a_queue_message() -> None:
    largest = Envelope("f" * 32, NOON, "o" * 200, b"x" * MAX_BODY_BYTES, "windows-1252")
    assert len(encode_envelope(largest)) <= 48 * 1024


@pytest.mark.parametrize("message", [b"", b"{}", b"{}\n{}", b'{"userDetails": {}}', b"\xff\n{}", b'{"version": 2}\n{}'])
def test_a_message_that_intake_did_not_write_is_no_envelope(message: bytes) -> None:
    with pytest.raises(UnreadableLeadError, match="no-envelope"):
        decode_envelope(message)


@given(st.binary())
def test_any_message_is_an_envelope_or_refused(message: bytes) -> None:
    with pytest.raises(UnreadableLeadError):
        decode_envelope(message)


@pytest.mark.parametrize(
    ("text", "offer"),
    [
        ("Contoso.Contoso-CRM", "contoso.contoso-crm"),
        ("PUBID.a|AID.b|PAPPID.c", "pubid.a|aid.b|pappid.c"),
        ("x" * 200, "x" * 200),
        ("x" * 201, ""),
        ("a/b", ""),
        ("a%2eb", ""),
        ("ａ.ｂ", ""),
        ("", ""),
    ],
)
def test_the_urls_offer_is_taken_or_ignored(text: str, offer: str) -> None:
    assert parse_url_offer(text) == offer


def test_the_limit_on_numbers_is_pythons_own() -> None:
    assert sys.get_int_max_str_digits() == 4_300
