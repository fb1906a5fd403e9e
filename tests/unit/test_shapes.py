"""A lead reads the same, whatever it is wrapped in."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.errors import UnreadableLeadError
from lead_core.lead.delivery import Shown
from lead_core.lead.received import Envelope
from lead_core.lead.values import clean_line
from lead_core.marketplace.body import Members
from lead_core.marketplace.leads import MAX_DEPTH, MAX_LEADS, split
from lead_core.marketplace.members import PERSON_FIELDS, Texts
from lead_core.marketplace.notification import read_notification
from lead_core.marketplace.payload import split_name
from tests.examples import NOON

ID = "1" * 32
ADA: dict[str, Any] = {
    "userDetails": {"firstName": "Ada", "lastName": "Lovelace", "email": "ada@northwind.example"},
    "leadSource": "AzureMarketplace",
    "actionCode": "PLT",
    "offerTitle": "CRM",
}
OFFER = {name: part for name, part in ADA.items() if name != "userDetails"}
GRACE = ADA | {"userDetails": {"firstName": "Grace", "email": "grace@northwind.example"}}


def post(lead: object, charset: str = "utf-8") -> Envelope:
    return Envelope(ID, NOON, "", json.dumps(lead, ensure_ascii=False).encode(charset, "replace"))


def read(lead: object) -> list[Shown]:
    return [read_notification(each).delivery.shown for each in split(post(lead))]


def refusal(lead: object) -> str:
    with pytest.raises(UnreadableLeadError) as refused:
        read(lead)
    return refused.value.code


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(clean_line)
people = st.fixed_dictionaries(
    {"email": st.just("ada@northwind.example")},
    optional=dict.fromkeys(("firstName", "lastName", "phone", "company", "title"), texts),
)
leads = st.fixed_dictionaries(
    {"userDetails": people, "leadSource": st.just("AppSource-PLT|a.b")},
    optional={"offerTitle": texts, "description": texts},
)


def flatten(lead: dict[str, Any]) -> dict[str, Any]:
    """Put the person's fields beside the others, as flows do."""
    return {**lead["userDetails"], **{name: part for name, part in lead.items() if name != "userDetails"}}


def spell(separator: str, style: Callable[[str], str]) -> Callable[[Any], Any]:
    def respell(lead: Any) -> Any:
        if not isinstance(lead, dict):
            return lead
        words = {name: "".join(f" {c.lower()}" if c.isupper() else c for c in name).split() for name in lead}
        return {style(separator.join(words[name])): respell(part) for name, part in lead.items()}

    return respell


SPELLINGS = [spell(sep, style) for sep in ("", "_", "-", " ", ".") for style in (str.lower, str.upper, str.title)]
noise = st.dictionaries(
    st.sampled_from(["id", "type", "headers", "source", "status", "time", "query"]),
    st.none() | st.integers() | st.just("x") | st.just({"host": "contoso.example"}) | st.just([1, "x"]),
    max_size=3,
)
wrappers = st.sampled_from(["lead", "body", "data", "payload", "content", "Record", "fields", "properties", "anything"])


@st.composite
def wrapped(draw: st.DrawFn, lead: object) -> object:
    """Return *lead* in at most three of what senders put round it."""
    texts_left = True
    for _ in range(draw(st.integers(0, 2))):
        kind = draw(st.sampled_from(["object", "array", "text"]))
        if kind == "object":
            lead = {**draw(noise), draw(wrappers): lead}
        elif kind == "array":
            lead = [lead]
        elif texts_left:
            lead, texts_left = json.dumps(lead, ensure_ascii=draw(st.booleans())), False
    return lead


@given(st.data(), leads, st.booleans(), st.sampled_from(SPELLINGS))
def test_a_wrapped_lead_reads_as_the_plain_one(
    data: st.DataObject, lead: dict[str, Any], is_flat: bool, respell: Callable[[Any], Any]
) -> None:
    shaped = data.draw(wrapped(respell(flatten(lead) if is_flat else lead)))
    assert read(shaped) == read(lead)


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "utf-16-be", "utf-32", "utf-32-le"])
@given(lead=leads)
def test_a_lead_reads_the_same_in_every_character_set(charset: str, lead: dict[str, Any]) -> None:
    assert read_notification(post(lead, charset)).delivery == read_notification(post(lead)).delivery


@pytest.mark.parametrize("shape", [[ADA], {"lead": ADA}, {"id": 1, "data": [ADA]}, json.dumps(ADA), [json.dumps(ADA)]])
def test_one_lead_keeps_its_event_id_and_its_body_as_it_came(shape: object) -> None:
    assert split(post(shape)) == [post(shape)]
    assert read(shape) == read(ADA)


@pytest.mark.parametrize("shape", [[ADA, GRACE], {"value": [ADA, GRACE]}, [{"data": ADA}, {"data": GRACE}]])
def test_several_leads_have_ids_that_follow_from_the_first(shape: object) -> None:
    first, second = split(post(shape))
    assert (first.event_id, len(second.event_id)) == (ID, 32)
    assert second.event_id != ID
    assert split(post(shape)) == [first, second]
    assert (json.loads(first.body), json.loads(second.body)) == (ADA, GRACE)


def test_each_of_several_has_its_own_text_as_it_came() -> None:
    one, other = b'{"email" : "a@b.example",  "x":1.50}', b'{\n"email":"c@d.example"}'
    bodies = [each.body for each in split(Envelope(ID, NOON, "", b" [ " + one + b" ,\n" + other + b"]\n"))]
    assert bodies == [one, other]


def test_each_of_several_is_read_in_the_charset_of_all() -> None:
    body = '[{"lastName": "Ã©", "email": "a@b.example"}, {"lastName": "Zoë", "email": "c@d.example"}]'
    names = [
        read_notification(each).delivery.shown.last_name
        for each in split(Envelope(ID, NOON, "", body.encode("windows-1252")))
    ]
    assert names == ["Ã©", "Zoë"]


@pytest.mark.parametrize("count", [MAX_LEADS, MAX_LEADS + 1, 5_000])
def test_a_body_holds_a_limited_number_of_leads(count: int) -> None:
    lead = {"email": "a@b.example"}
    for shape in ([lead] * count, {"value": [lead] * count}, [{"a": lead}] * count, [lead] + [{}] * (count - 1)):
        if count > MAX_LEADS:
            assert refusal(shape) == "too-many-leads"
        else:
            assert len(split(post(shape))) == count


@pytest.mark.parametrize(
    ("lead", "code"),
    [
        ([], "not-an-object"),
        ([1, "x", None], "not-an-object"),
        ("text", "not-an-object"),
        (json.dumps(json.dumps(ADA)), "not-an-object"),
        ([{}], "no-lead"),
        ([{}] * 15_000, "no-lead"),
        ({"before": ADA, "after": GRACE}, "no-lead"),
        ({"a": {"b": {"c": {"d": ADA}}}}, "no-lead"),
        ({"owner": {"firstName": "Anna", "email": "anna@contoso.example"}}, "no-lead"),
        ({"created_by": {"email": "flow@contoso.example"}, "data": {"id": 1}}, "no-lead"),
        ({"headers": {"From": "flow@contoso.example"}, "body": {}}, "no-lead"),
        ({"user": "anna@contoso.example", "from": "anna@contoso.example"}, "no-lead"),
        ({"event": "ping", "user": {"firstName": "Anna", "email": "anna@contoso.example"}}, "no-lead"),
        ({"type": "heartbeat", "account": {"email": "anna@contoso.example"}}, "no-lead"),
        ({"lastModifiedBy": {"email": "anna@contoso.example"}, "value": {"id": 1}}, "no-lead"),
        ({"publisher": {"publisherId": "contoso", "email": "sales@contoso.example"}}, "no-lead"),
    ],
)
def test_nobody_is_guessed_into_existence(lead: object, code: str) -> None:
    assert refusal(lead) == code


@pytest.mark.parametrize(
    "lead",
    [
        {"lead": ADA, "owner": {"email": "anna@contoso.example"}},
        {"lead": ADA, "email": " ", "actionCode": None},
        {"offerId": "other", "publisherId": "other", "payload": ADA},
        {"body": ADA, "rawBody": json.dumps(ADA)},
        {"description": "New lead", "title": "Lead", "name": "my flow", "data": ADA},
        ADA | {"email": "other@northwind.example", "name": "Somebody Else"},
        ADA | {"contact": {"email": "other@northwind.example"}},
        ADA | {"userDetails": [ADA["userDetails"]]},
        {"lead": ADA, "email": "flow@contoso.example"},
        {"firstName": "My", "email": "flow@contoso.example", "payload": ADA},
        {"user": {"email": "flow@contoso.example"}, "data": ADA},
        {"visitor": {"email": "flow@contoso.example"}, "data": flatten(ADA)},
        {"data": ADA, "headers": {"email": "flow@contoso.example"}},
        {"data": ADA, "publisher": {"publisherId": "contoso", "email": "sales@contoso.example"}},
        {"sender": ADA, "user": {"email": "flow@contoso.example"}},
        {"userDetails": {"firstName": None}, "body": ADA},
        {"userDetails": {"firstName": None, "email": ""}} | flatten(ADA),
        {f"UserDetails.{name}": text for name, text in ADA["userDetails"].items()} | OFFER,
        {f"user_details/{name}": text for name, text in ADA["userDetails"].items()} | OFFER,
        {"data": ADA["userDetails"]} | OFFER,
        {"prospect": ADA["userDetails"]} | OFFER,
        {"customer": {"name": "Northwind", "email": "info@northwind.example"}, "contact": ADA["userDetails"]} | OFFER,
    ],
)
def test_what_stands_beside_a_lead_changes_nothing(lead: dict[str, Any]) -> None:
    assert [each.known() for each in read(lead)] == [read(ADA)[0].known()]


@pytest.mark.parametrize(
    ("lead", "known"),
    [
        ({"contact": {"email": "a@b.example"}, "offerTitle": "CRM"}, {"email": "a@b.example", "offer_title": "CRM"}),
        ({"offerTitle": "CRM", "customer": "Northwind"}, {"offer_title": "CRM"}),
        ({"offerTitle": "CRM", "company": "Northwind"}, {"offer_title": "CRM"}),
        ({"offerTitle": "CRM", "name": "my flow"}, {"offer_title": "CRM"}),
        ({"offerTitle": "CRM", "lead": {"email": "a@b.example"}}, {"email": "a@b.example", "offer_title": "CRM"}),
        (
            {"lead": {"email": "a@b.example", "comments": "Hello"}, "status": "new"},
            {"email": "a@b.example", "description": "Hello"},
        ),
        (
            {"contact": {"email": "a@b.example"}, "message": "Hello"},
            {"email": "a@b.example", "description": "Hello"},
        ),
        ({"offerTitle": "CRM", "user": {"email": "a@b.example"}}, {"offer_title": "CRM"}),
        ({"offerTitle": "CRM", "owner": {"email": "a@b.example"}}, {"offer_title": "CRM"}),
        (
            {"customer": {"company": "Northwind"}, "contact": {"email": "a@b.example"}, "offerTitle": "CRM"},
            {"email": "a@b.example", "company": "Northwind", "offer_title": "CRM"},
        ),
        (
            {"userDetails": {"company": "Northwind"}, "email": "a@b.example", "offerTitle": "CRM"},
            {"email": "a@b.example", "company": "Northwind", "offer_title": "CRM"},
        ),
        ({"userDetails": None, "email": "a@b.example"}, {"email": "a@b.example"}),
        ({"userDetails": "", "phone": "+16175555555"}, {"phone": "+16175555555"}),
        ({"email": "a@b.example", "first_name": "Ada", "name": "x y"}, {"email": "a@b.example", "first_name": "Ada"}),
        ({"fullName": "Ada King Lovelace"}, {"first_name": "Ada King", "last_name": "Lovelace"}),
    ],
)
def test_a_person_is_read_where_there_can_be_no_doubt(lead: dict[str, Any], known: dict[str, str]) -> None:
    (shown,) = read(lead)
    assert shown.known() == known


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Ada Lovelace", ("Ada", "Lovelace")),
        ("Lovelace, Ada", ("Lovelace", "Ada")[::-1]),
        ("Ada Lovelace, PhD", ("Ada Lovelace,", "PhD")),
        ("Ada", ("Ada", "")),
        ("", ("", "")),
    ],
)
def test_a_full_name_is_a_first_and_a_last_name(name: str, parts: tuple[str, str]) -> None:
    assert split_name(name) == parts


PHONES = """
    phone phoneNumber telephone telephoneNumber telephone1 mobile mobilePhone mobile_number businessPhone workPhone
    contactPhone customerPhone TEL
"""


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("first_name", "firstName GivenName forename contact_first_name"),
        ("last_name", "lastName surname Family-Name contactLastName"),
        (
            "email",
            "email EmailAddress mail workEmail business_email contactEmail customerEmail emailaddress1",
        ),
        ("phone", PHONES),
        ("country", "country countryCode country/region countryOrRegion countryName"),
        ("company", "company companyName organization organisation organizationName organisationName"),
        ("title", "title jobTitle"),
    ],
)
def test_each_name_of_a_field_is_read(field: str, names: str) -> None:
    assert len(names.split()) == len(PERSON_FIELDS[field])
    for name in names.split():
        assert Texts(Members([(name, "x")])).line(*PERSON_FIELDS[field]) == "x"


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_a_value_that_is_no_number_is_blank(constant: str) -> None:
    body = json.dumps(ADA | {"userDetails": ADA["userDetails"] | {"company": "?"}}).replace('"?"', constant)
    assert read_notification(Envelope(ID, NOON, "", body.encode())).delivery.shown == read(ADA)[0]


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=9) | st.just(json.dumps(ADA)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "email", "userDetails", "owner", "offerTitle", "x"]), inner, max_size=3
        )
    ),
    max_leaves=12,
)


def depth_of(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(depth_of, inner), default=0)


@given(JSON.filter(lambda value: depth_of(value) <= MAX_DEPTH))
def test_any_json_is_split_into_bodies_that_stand_for_themselves(value: object) -> None:
    """What stands deeper than a lead is looked for comes as it is, and may hold a lead once it stands alone."""
    try:
        parts = split(post(value))
    except UnreadableLeadError as error:
        assert error.code == "not-an-object"
    else:
        assert len({part.event_id for part in parts}) == len(parts)
        for part in parts:
            assert len(parts) == 1 or split_or_refuse(part) == [part]


def split_or_refuse(envelope: Envelope) -> list[Envelope]:
    try:
        return split(envelope)
    except UnreadableLeadError:
        return [envelope]


@pytest.mark.parametrize("deep", ["[", '{"a":', '[{"a":', '{"data":['])
def test_deep_nesting_is_refused_and_crashes_nothing(deep: str) -> None:
    for depth in (10, 300, 900, 2_000):
        close = deep[::-1].translate(str.maketrans("[{", "]}", 'a":dt'))
        body = (deep * depth + '{"email": "a@b.example"}' + close * depth).encode()
        with pytest.raises(UnreadableLeadError):
            read_notification(Envelope(ID, NOON, "", body))
