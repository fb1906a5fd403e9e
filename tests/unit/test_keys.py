"""Keys of rows, from any input: legal on Azure, the same each time, different for different people."""

import contextlib
import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lead_core.adapters.tables.digests import claim_to_row, first_test_lead_to_row
from lead_core.adapters.tables.follow_ups import follow_up_to_row
from lead_core.adapters.tables.leads import lead_to_row
from lead_core.adapters.tables.marketplace_leads import notification_to_row
from lead_core.adapters.tables.rejected_leads import rejected_to_row
from lead_core.errors import RejectCode, UnreadableLeadError
from lead_core.lead.changes import delivered
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.mailboxes import Mailbox, judge_mailbox
from lead_core.lead.person import Contact, IdentifiedBy, identify
from lead_core.lead.received import Envelope, RejectedFrom, RejectedLead
from lead_core.lead.to_do import find_follow_up
from lead_core.lead.values import fold_text
from lead_core.marketplace.notification import read_notification
from lead_core.ports.outgoing import Claim, OwnersDigest
from lead_core.ports.test_leads import FirstTestLead
from tests.examples import NOON

ANY_TEXT = st.text(st.characters(), max_size=300)  # surrogates and all
FORBIDDEN = set("/\\#?") | {chr(code) for code in [*range(0x20), *range(0x7F, 0xA0)]}
"""https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model"""
MAX_KEY_CHARACTERS = 512
LETTERS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12)
ADDRESSES = st.builds("{}.{}@{}.example".format, LETTERS, LETTERS, LETTERS).filter(
    lambda email: judge_mailbox(email) is Mailbox.PERSON
)


def keys_of(lead: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the keys of every row that one lead makes."""
    envelope = Envelope("0" * 32, NOON, "", json.dumps(lead).encode())
    why = UnreadableLeadError(RejectCode.GAVE_UP, "")
    written = [rejected_to_row(RejectedLead.of(envelope, why, RejectedFrom.POISON))]
    with contextlib.suppress(UnreadableLeadError):
        notification = read_notification(envelope)
        stored = delivered(None, notification.delivery, FollowUpPolicy())
        written += [
            notification_to_row(notification),
            lead_to_row(stored),
            first_test_lead_to_row(FirstTestLead(stored.shown.offer_title, NOON)),
            claim_to_row(Claim(OwnersDigest(stored.cells.owner))),
        ]
        if entry := find_follow_up(stored, FollowUpPolicy()):
            written.append(follow_up_to_row(entry))
    return [(row["PartitionKey"], row["RowKey"]) for row in written]


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "userDetails": st.dictionaries(st.sampled_from([field.name for field in fields(Contact)]), ANY_TEXT),
            "offerTitle": ANY_TEXT,
            "leadSource": ANY_TEXT,
            "actionCode": ANY_TEXT,
            "description": ANY_TEXT,
        },
    )
)
def test_the_keys_of_any_lead_are_legal_and_the_same_each_time(lead: dict[str, Any]) -> None:
    keys = keys_of(lead)
    assert keys == keys_of(lead)
    for key in (each for pair in keys for each in pair):
        assert not FORBIDDEN & set(key)
        assert len(key.encode("utf-16-le")) // 2 <= MAX_KEY_CHARACTERS


@given(ADDRESSES, ADDRESSES)
def test_two_addresses_are_two_people(one: str, other: str) -> None:
    assume(one != other)
    assert identify(Contact(email=one), event_id="1") != identify(Contact(email=other), event_id="1")


@given(ADDRESSES, ANY_TEXT, ANY_TEXT, LETTERS)
def test_one_address_is_one_person_whatever_else_is_said_of_them(email: str, name: str, company: str, tag: str) -> None:
    plain = Contact(email=email)
    tagged = Contact("x" + name, name, f" {email.replace('@', f'+{tag}@').upper()} ", company=company)
    assume(tagged.is_test is False)
    assert identify(plain, event_id="1") == identify(tagged, event_id="2")


@given(st.tuples(LETTERS, LETTERS, ANY_TEXT), st.tuples(LETTERS, LETTERS, ANY_TEXT))
def test_without_address_and_phone_names_and_companies_tell_people_apart(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    people = [Contact(first, last, company=company) for first, last, company in (one, other)]
    identities = [identify(person, event_id="1") for person in people]
    assume(all(identity.by is IdentifiedBy.NAME_AND_COMPANY for identity in identities))
    are_same = [fold_text(part) for part in one] == [fold_text(part) for part in other]
    assert (identities[0] == identities[1]) is are_same


@pytest.mark.parametrize(
    ("contact", "key"),
    [
        (Contact(email="Ada+ms@Northwind.example"), "0c1330aeba497ebcea9a6e763989cb95"),
        (Contact(email="ada@münchen.example"), "f9b90d98554d066ad5c191c40536a48a"),
        (Contact(email="a.da@googlemail.com"), "859a6bdfced44c56e8fb7409605efec3"),
        (Contact("", "Lovelace", "info@northwind.example"), "25e06334a9e5be43e3c2ca6164b586b5"),
        (Contact("Ada", "Lovelace", phone="(617) 555-5555", country="US"), "227779d7e9a49d0f4fe1a1954de160e0"),
        (Contact("Ada", "Lovelace", company="Northwind"), "2808bb062829148c153141bd4713e77d"),
    ],
)
def test_a_person_keeps_their_key(contact: Contact, key: str) -> None:
    """A change in how keys are made would give every stored person a second row."""
    assert identify(contact, event_id="1").key == key
