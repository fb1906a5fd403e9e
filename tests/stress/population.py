"""A known population of leads, and what the tables must hold after the posts, computed without the app."""

import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from tests.mailbox import leads_in

OFFERS = ("contoso.crm", "contoso.erp", "contoso.backup")
OWNERS = "; ".join(
    [
        *(
            f"{offer}: {', '.join(f'{offer[8:]}-{number}@contoso.example' for number in range(8))}"
            for offer in OFFERS[:2]
        ),
        ", ".join(f"sales-{number}@contoso.example" for number in range(8)),
    ]
)
"""Enough people for all leads to be told soon: who has more leads due than fit into a mail waits for the rest."""
UNREADABLE_SHARE = 0.02
LEAST_SHARE_TAKEN = 0.7
"""The share of posts that the app must accept. With fewer, a run does not show that it loses none."""


@dataclass(frozen=True, slots=True)
class Post:
    """One post of one action by a person, who is known by an address, on one offer."""

    number: int
    person: int
    offer: int
    is_unreadable: bool
    padding: int = 0

    @property
    def mark(self) -> str:
        """A text that only this action has."""
        return f"action {self.number}."

    @property
    def lead(self) -> str:
        """The first name on the lead, which no other lead has."""
        return f"P{self.person * len(OFFERS) + self.offer}"

    @property
    def addresses(self) -> tuple[str, ...]:
        """Return the spellings of the person's one address."""
        return f"p{self.person}@northwind.example", f"P{self.person}+tag@Northwind.example"

    @property
    def content(self) -> bytes:
        """The body, with the address in one of its spellings."""
        if self.is_unreadable:
            return f'{{"broken": "{self.mark}'.encode()
        address = self.addresses[self.number % len(self.addresses)]
        return json.dumps(
            {
                "userDetails": {"firstName": self.lead, "lastName": "Smith", "email": address},
                "leadSource": f"AppSource-INS|{OFFERS[self.offer]}",
                "actionCode": "INS",
                "offerTitle": OFFERS[self.offer],
                "description": self.mark + "x" * self.padding,
            }
        ).encode()

    def is_shown_in(self, lead: Mapping[str, Any]) -> bool:
        """Whether a row of ``Leads`` shows this person and offer, as one of their posts wrote them."""
        is_person = str(lead["Email"]).lower() in {address.lower() for address in self.addresses}
        return is_person and lead["OfferTitle"] == OFFERS[self.offer] and str(lead["Description"]).startswith("action ")


def make_posts(count: int, people_per_hundred: int, dice: random.Random) -> list[Post]:
    """Return *count* posts, with *people_per_hundred* people for each hundred posts, and a few unreadable ones."""
    people = max(1, count * people_per_hundred // 100)
    return [
        Post(number, dice.randrange(people), dice.randrange(len(OFFERS)), dice.random() < UNREADABLE_SHARE)
        for number in range(count)
    ]


@dataclass
class Posted:
    """What the sender knows."""

    accepted: list[Post] = field(default_factory=list)
    refused: list[Post] = field(default_factory=list)
    unsure: list[Post] = field(default_factory=list)
    """Posts answered 503 or not at all. They may be stored."""

    @property
    def count(self) -> int:
        """How many posts were made."""
        return len(self.accepted) + len(self.refused) + len(self.unsure)


@dataclass(frozen=True, slots=True)
class Tables:
    """What storage holds at the end, as any client can read it."""

    inbox: Sequence[Mapping[str, Any]]
    leads: Sequence[Mapping[str, Any]]
    rejected: Sequence[Mapping[str, Any]]
    listed: AbstractSet[object]
    """The keys in ``FollowUps``."""
    asked_for: AbstractSet[object]
    """The keys that the leads want there."""


@dataclass(frozen=True, slots=True)
class Findings:
    """How the tables and mails differ from what the posts make of them."""

    lost: int
    doubled: int
    mails_lost: int
    mails_doubled: int
    other: tuple[str, ...]
    """All other differences, one sentence each."""

    @property
    def is_good(self) -> bool:
        """Whether there are no differences."""
        return self == Findings(0, 0, 0, 0, ())


def compare(posted: Posted, tables: Tables, mails: Iterable[EmailMessage] | None) -> Findings:
    """Compare what stands in the tables with what was posted.

    Posts that were answered must be there. The others may be there, as the inbox shows. These posts make the leads:
    one action per post, because no two posts are alike. Without *mails*, no owner is to be told.
    """
    known = {post.mark: post for post in (*posted.accepted, *posted.refused, *posted.unsure)}
    inbox = Counter(_mark(row["Description"]) for row in tables.inbox)
    rejected = Counter(_mark(row["Body"]) for row in tables.rejected if row["Reason"] == "not-json")
    rows = Counter(row["FirstName"] for row in tables.leads)
    expected = {(known[_mark(row["Description"])].lead, row["EventId"]) for row in tables.inbox}
    actions = Counter((row["FirstName"], event) for row in tables.leads for event in _events_of(row))
    kept = (post.mark in inbox for post in posted.accepted), (post.mark in rejected for post in posted.refused)
    in_mails = _find_mails(mails or ())
    return Findings(
        lost=sum(not is_kept for kind in kept for is_kept in kind) + len(expected - actions.keys()),
        doubled=sum(times - 1 for each in (inbox, rejected, rows, actions) for times in each.values()),
        mails_lost=0 if mails is None else sum(lead not in in_mails for lead in rows),
        mails_doubled=sum(len(ids) > 1 for ids in in_mails.values()),
        other=tuple(_find_others(posted, tables, actions.keys() - expected, mails_each=0 if mails is None else 1)),
    )


def _find_mails(mails: Iterable[EmailMessage]) -> dict[str, set[str]]:
    """Return the ids of the mails that each lead is in."""
    ids = defaultdict[str, set[str]](set)
    for mail in mails:
        for name in leads_in(mail):
            ids[name.removesuffix(" Smith")].add(str(mail["Message-ID"]))
    return ids


def _find_others(
    posted: Posted, tables: Tables, unknown_actions: AbstractSet[tuple[str, str]], *, mails_each: int
) -> Iterable[str]:
    if len(posted.accepted) < posted.count * LEAST_SHARE_TAKEN:
        yield f"Only {len(posted.accepted)} of {posted.count} posts were taken."
    if unknown_actions:
        yield f"{len(unknown_actions)} actions of no post are counted."
    known = {post.lead: post for post in (*posted.accepted, *posted.unsure)}
    received = defaultdict[str, list[Any]](list)
    for row in tables.inbox:
        received[_first_name(row)].append(row["ReceivedAt"])
    partitions = defaultdict[int, set[str]](set)
    for row in tables.leads:
        lead = row["FirstName"]
        partitions[known[lead].person].add(row["PartitionKey"])
        if row["ActionCount"] != len(received[lead]):
            yield f"{lead} counts {row['ActionCount']} actions instead of {len(received[lead])}."
        if (row["FirstSeenAt"], row["LastSeenAt"]) != (min(received[lead]), max(received[lead])):
            yield f"{lead} was not first and last seen when its first and last notice were received."
        if row["RemindersSent"] != mails_each:
            yield f"{lead} says that {row['RemindersSent']} mails were sent."
        if not known[lead].is_shown_in(row):
            yield f"{lead} shows another person or other values."
    yield from (f"Person {person} is known as two." for person, keys in partitions.items() if len(keys) > 1)
    if tables.listed != tables.asked_for:
        yield "The to-do list is not what the leads ask for."
    stored = {row["EventId"] for row in tables.inbox}
    yield from (
        f"Rejected {row['RowKey']} ({row['Reason']}) was never stored."
        for row in tables.rejected
        if row["Reason"] != "not-json" and row["RowKey"] not in stored
    )


def _events_of(lead: Mapping[str, Any]) -> Iterable[str]:
    """Return the event ids of a lead's actions. None is so old that it is summed up."""
    return (action["event"] for action in json.loads(lead["zAppActionHistory"])["actions"])


def _first_name(notice: Mapping[str, Any]) -> str:
    return str(json.loads(notice["CustomerInfo"])["FirstName"])


def _mark(text: str) -> str:
    start = text.index("action ")
    return text[start : text.index(".", start) + 1]
