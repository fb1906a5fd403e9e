"""What an address is. Every place where people write one agrees with the mailer."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lead_core.adapters.mail.acs import compose_request
from lead_core.adapters.mail.address import address_letter
from lead_core.adapters.mail.message import compose_message
from lead_core.errors import AddressRefusedError, MailNotSentError
from lead_core.lead.addresses import (
    MAX_ADDRESS_CHARACTERS,
    canonical_email,
    find_address,
    is_address,
    is_at_domain,
    is_plausible_address,
    parse_address,
)
from lead_core.lead.owners import Owners
from lead_core.messages import Mail
from lead_core.settings import load_settings

MAIL = Mail("0" * 32, "leads@contoso.com", "sales@contoso.com", "subject", "text", "<p>html</p>")
DEFAULT = "nobody@fabrikam.com"
LONGEST_DOMAIN = ".".join(["d" * 63] * 3 + ["d" * 56, "com"])

ADDRESSES = [
    "sales@contoso.com",
    "sales@contoso.example",
    "sales@eu.contoso.co.uk",
    "o'brien+leads=1/2@contoso.com",
    "sales@müller.example",
    "sales@例え.jp",
    "sales@xn--mller-kva.example",
    "sales@contoso.local",
    "sales@1and1.com",
    "l" * 64 + "@contoso.com",
    f"s@{LONGEST_DOMAIN}",
]
AT, SIGNS, DOTS = "one @", "before the @ has a character", "before the @ has a dot"
DOMAIN_DOTS, DOMAIN_SIGNS, HYPHEN = "domain has a dot", "domain has a character", "with a hyphen"
NO_ADDRESSES = [
    ("sales", AT),
    ("@contoso.com", AT),
    ("sales@", AT),
    ("sales@@contoso.com", AT),
    ("a@b@contoso.com", AT),
    ("séles@contoso.com", SIGNS),
    ("sales(1)@contoso.com", SIGNS),
    ("s\u200bales@contoso.com", SIGNS),
    ("<sales@contoso.com>", SIGNS),
    ('"sales"@contoso.com', SIGNS),
    (".sales@contoso.com", DOTS),
    ("sales.@contoso.com", DOTS),
    ("sa..les@contoso.com", DOTS),
    ("l" * 65 + "@contoso.com", "before the @ is longer than 64"),
    ("sales@contoso..com", DOMAIN_DOTS),
    ("sales@.contoso.com", DOMAIN_DOTS),
    ("sales@contoso.com.", DOMAIN_DOTS),
    ("sales@con_toso.com", DOMAIN_SIGNS),
    ("sales@contoso.com\u200b", DOMAIN_SIGNS),
    ("sales@straße.example", DOMAIN_SIGNS),
    ("sales@contoso。com", DOMAIN_SIGNS),
    ("sales@[127.0.0.1]", DOMAIN_SIGNS),
    ("sales@-contoso.com", HYPHEN),
    ("sales@contoso-.com", HYPHEN),
    ("sales@contoso.-com", HYPHEN),
    (f"sales@{'d' * 64}.com", "domain is longer than 63"),
    (f"sales@{LONGEST_DOMAIN}", "longer than 254"),
    ("sales@contoso", "does not end as"),
    ("sales@127.0.0.1", "does not end as"),
]


def write_as_setting(name: str) -> Callable[[str], str]:
    def write(address: str) -> str:
        return next(
            (fault.advice for fault in load_settings(**{name: address}).mistakes if fault.name == name.upper()), ""
        )

    return write


def write_as_rule(address: str) -> str:
    return write_as_setting("owners")(f"contoso.* DE: {address}; {DEFAULT}")


PLACES = [
    write_as_setting("owners"),
    write_as_setting("escalate_to"),
    write_as_setting("mail_from"),
    write_as_rule,
]
every_place = pytest.mark.parametrize("write", PLACES, ids=["OWNERS", "ESCALATE_TO", "MAIL_FROM", "rule"])


@every_place
@pytest.mark.parametrize("address", ADDRESSES)
def test_every_place_takes_an_address(write: Callable[[str], str], address: str) -> None:
    assert write(address) == ""


@every_place
@pytest.mark.parametrize(("text", "reason"), NO_ADDRESSES)
def test_every_place_refuses_a_wrong_address_and_says_why(write: Callable[[str], str], text: str, reason: str) -> None:
    said = write(text)
    assert reason in said
    assert text not in re.sub(r"(sales|name|leads)@contoso.com", "an example", said)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_person_can_confirm_an_address_of_the_team(address: str) -> None:
    owners = Owners.parse(f"x@{address.rpartition('@')[2]}")
    asked = owners.interpret(f" {address.upper()}").to_confirm
    assert asked == address.upper().lower()
    assert owners.read(f" {address.upper()}", asked) == asked


@pytest.mark.parametrize("text", [text for text, _ in NO_ADDRESSES])
def test_an_owner_cell_that_is_no_address_names_no_owner(text: str) -> None:
    assert Owners.parse(DEFAULT).read(text, text) == ""


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_mailer_takes_an_address(address: str) -> None:
    letter = address_letter(replace(MAIL, to=address, sender=address))
    assert letter.sender.address == parse_address(address)
    assert letter.to.address == parse_address(address)


@pytest.mark.parametrize("text", [text for text, _ in NO_ADDRESSES if not text.startswith("<")])
def test_the_mailer_refuses_a_wrong_address(text: str) -> None:
    with pytest.raises(AddressRefusedError):
        address_letter(replace(MAIL, to=text))
    with pytest.raises(MailNotSentError):
        address_letter(replace(MAIL, sender=text))


LOCAL_PARTS = st.text("abcXYZ019.!#$%&'*+/=?^_`{|}~-é ", min_size=1, max_size=66)
LABELS = st.text("abXY09-_ü例ß。\u00ad\u0301", min_size=1, max_size=64) | st.text(max_size=9)
DOMAINS = st.lists(LABELS, min_size=1, max_size=5).map(".".join) | st.emails().map(
    lambda email: email.partition("@")[2]
)
TEXTS = st.builds("{}@{}".format, LOCAL_PARTS, DOMAINS) | st.emails() | st.text()


@given(TEXTS)
def test_every_mailer_takes_an_address_as_it_is(text: str) -> None:
    assume(is_address(text))
    address = parse_address(text)
    letter = address_letter(replace(MAIL, to=text, sender=text))
    message = compose_message(letter)
    assert address.isascii()
    assert parse_address(address) == address
    assert [each.addr_spec for each in message["To"].addresses + message["From"].addresses] == [address, address]
    request = compose_request(letter)
    assert request["senderAddress"] == request["recipients"]["to"][0]["address"] == address


@given(TEXTS)
def test_a_customer_may_have_any_address_that_we_send_to(text: str) -> None:
    assume(is_address(text))
    assert is_plausible_address(text.strip())
    assert canonical_email(text)


@given(TEXTS)
def test_any_text_is_an_address_or_refused_without_quoting_it(text: str) -> None:
    try:
        assert len(parse_address(f"s3cret{text}")) <= MAX_ADDRESS_CHARACTERS
    except ValueError as error:
        assert str(error)
        assert "s3cret" not in str(error)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (" JSmith+ms@Northwind.example ", "jsmith@northwind.example"),
        ("ＪＳｍｉｔｈ@northwind.example", "jsmith@northwind.example"),
        ("j.smith@gmail.com", "jsmith@gmail.com"),
        ("j.smith@googlemail.com", "jsmith@gmail.com"),
        ("j.smith@northwind.example", "j.smith@northwind.example"),
        ("+tag@northwind.example", "+tag@northwind.example"),
        ("", ""),
        ("no address", ""),
        ("a@b", ""),
        ("a@b.example Bcc: v@x.example", ""),
        ("<a@b.example>", "a@b.example"),
        ("Ann Bee <a@b.example>", "a@b.example"),
        ("mailto:a@b.example", "a@b.example"),
        ("a@b.example.", "a@b.example"),
        ("a\u200b@b.example\u200e", "a@b.example"),
        ("a@b.example; c@d.example", "a@b.example"),
        ("a@b.example / c@d.example", "a@b.example"),
        ("a@b.example/c@d.example", "a@b.example"),
        ("a@b.example|c@d.example", "a@b.example"),
        ("a@b.example or c@d.example", "a@b.example"),
        ("none; a@b.example", "a@b.example"),
        ("a@b.example;", "a@b.example"),
        ("a@b.example,", "a@b.example"),
        ("'a@b.example'", "a@b.example"),
        ('"a@b.example"', "a@b.example"),
        ("\u201ca@b.example\u201d", "a@b.example"),
        ("`a@b.example`", "a@b.example"),
        ("[a@b.example]", "a@b.example"),
        ("Bee, Ann (a@b.example)", "a@b.example"),
        ("Ann [mailto:a@b.example]", "a@b.example"),
        ("MAILTO:a@b.example?subject=x", "a@b.example"),
        ("E-Mail: a@b.example", "a@b.example"),
        ("SMTP:a@b.example", "a@b.example"),
        ("a @ b.example", "a@b.example"),
        ("a@ b.example", "a@b.example"),
        ("a\uff20b\uff0eexample", "a@b.example"),
        ("a@b\u3002example", "a@b.example"),
        ("\ufeffa@b.example\xa0", "a@b.example"),
        ("jose@xn--mnchen-3ya.example", "jose@münchen.example"),
        ("jose@XN--MNCHEN-3YA.example", "jose@münchen.example"),
        ("jose@MÜNCHEN.example", "jose@münchen.example"),
        ("jose@mu\u0308nchen.example", "jose@münchen.example"),
        ("jose@xn--j2bd4cyah0f.example", "jose@हिन्दी.example"),
        ("jose@xn--99999999.example", "jose@xn--99999999.example"),
        ("o'brien@b.example", "o'brien@b.example"),
        ("please ask a@b.example", ""),
        ("Bcc: a@b.example", ""),
        ("a@b@c.example", ""),
        ("n/a@n/a.com", ""),
        ("a" * 300 + "@b.example", ""),
        ("a@b.example,c@d.example", "a@b.example"),
    ],
)
def test_an_address_has_one_canonical_spelling(text: str, canonical: str) -> None:
    assert canonical_email(text) == canonical


WRAPPINGS = [
    "{}",
    " {} ",
    "<{}>",
    "Ann Bee <{}>",
    '"Ann" <{}>',
    "mailto:{}",
    "'{}'",
    '"{}"',
    "{};",
    "{},",
    "{}.",
    "({})",
    "\u200b{}\u200b",
]
NAMES = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12)
PLAIN = st.builds("{}.{}@{}.example".format, NAMES, NAMES, NAMES)


@given(
    PLAIN,
    st.sampled_from(WRAPPINGS),
    st.sampled_from([str, str.upper, str.title]),
    st.sampled_from(["", "; {}", ", {}", " / {}"]),
    PLAIN,
)
def test_every_spelling_of_an_address_is_the_same_mailbox(
    address: str, wrapping: str, case: Callable[[str], str], more: str, other: str
) -> None:
    written = wrapping.format(case(address)) + more.format(other)
    assert canonical_email(written) == canonical_email(address)
    assert find_address(written) == case(address)


@given(PLAIN, PLAIN, st.sampled_from(WRAPPINGS))
def test_two_addresses_are_never_the_same_mailbox(one: str, other: str, wrapping: str) -> None:
    assert (canonical_email(wrapping.format(one)) == canonical_email(wrapping.format(other))) is (one == other)


@given(st.text() | TEXTS)
def test_what_is_found_in_any_text_is_an_address_that_can_be_linked(text: str) -> None:
    address = find_address(text)
    assert address == "" or is_plausible_address(address)
    assert find_address(address) == address
    assert (canonical_email(text) == "") is (address == "")


@given(st.from_regex(r"[a-zäöüßéñłøжд中]{1,10}", fullmatch=True))
def test_a_domain_in_any_alphabet_and_in_ascii_is_one_domain(label: str) -> None:
    encoded = label.encode("punycode").decode()
    assume(not label.isascii())
    assert canonical_email(f"a@xn--{encoded}.example") == canonical_email(f"a@{label.upper()}.example")


@given(st.emails())
def test_canonical_addresses_stay_as_they_are(email: str) -> None:
    assert canonical_email(canonical_email(email)) == canonical_email(email)


@pytest.mark.parametrize(
    ("email", "is_internal"),
    [
        ("a@contoso.com", True),
        ("a@xn--mnchen-3ya.example", True),
        ("Ann <a@MÜNCHEN.example>; x@y.example", True),
        ("a@EU.Contoso.com", True),
        ("a@notcontoso.com", False),
        ("a@contoso.com.example", False),
        ("", False),
    ],
)
def test_our_own_people_are_known_by_their_domain(email: str, is_internal: bool) -> None:
    assert is_at_domain(email, frozenset({"contoso.com", "münchen.example"})) is is_internal
    assert is_at_domain(email, frozenset({"contoso.com", "xn--mnchen-3ya.example"})) is is_internal
