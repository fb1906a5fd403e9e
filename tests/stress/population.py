"""A known population of leads, and what must stand in the tables once they were posted, computed without the app."""

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
OWNERS = "contoso.crm: crm@contoso.example; contoso.erp: erp@contoso.example; sales@contoso.example"
UNREADABLE_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Post:
    """One post of one action: of the person who is known by an address, on one offer."""

    number: int
    person: int
    offer: int
    is_unreadable: bool
    padding: int = 0

    @property
    def mark(self) -> str:
        """What tells this action from all others."""
        return f"action {self.number}."

    @property
    def lead(self) -> str:
        """The first name on the lead, which tells it from all other leads."""
        return f"P{self.person * len(OFFERS) + self.offer}"

    @property
    def content(self) -> bytes:
        """The body, with the address in one of its spellings."""
        if self.is_unreadable:
            return f'{{"broken": "{self.mark}'.encode()
        address = (f"p{self.person}@northwind.example", f"P{self.person}+tag@Northwind.example")[self.number % 2]
        return json.dumps(
            {
                "userDetails": {"firstName": self.lead, "lastName": "Smith", "email": address},
                "leadSource": f"AppSource-INS|{OFFERS[self.offer]}",
                "actionCode": "INS",
                "offerTitle": OFFERS[self.offer],
                "description": self.mark + "x" * self.padding,
            }
        ).encode()


def make_posts(count: int, people_per_hundred: int, dice: random.Random) -> list[Post]:
    """Give *count* posts of so many people for each hundred; a few that nobody can read."""
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
    """Answered 503, or not at all: may be stored."""

    @property
    def count(self) -> int:
        """How many posts were made."""
        return len(self.accepted) + len(self.refused) + len(self.unsure)


@dataclass(frozen=True, slots=True)
class Tables:
    """What stands in storage at the end, as anybody can read it."""

    inbox: Sequence[Mapping[str, Any]]
    leads: Sequence[Mapping[str, Any]]
    rejected: Sequence[Mapping[str, Any]]
    listed: AbstractSet[str]
    """The keys in ``FollowUps``."""
    asked_for: AbstractSet[str]
    """The keys that the leads want there."""


@dataclass(frozen=True, slots=True)
class Findings:
    """How the tables and mails differ from what the posts make of them."""

    lost: int
    doubled: int
    mails_lost: int
    mails_doubled: int
    other: tuple[str, ...]
    """Anything else that is not as it must be, a sentence each."""

    @property
    def is_good(self) -> bool:
        """Say whether nothing differs."""
        return self == Findings(0, 0, 0, 0, ())


def compare(posted: Posted, tables: Tables, mails: Iterable[EmailMessage] | None) -> Findings:
    """Compare what stands in the tables with what was posted.

    What was answered must be there, and what was not may be: the inbox says which of them are. From those follows
    each lead: an action per post, as no two posts are alike. Without *mails*, nobody is to be told of any.
    """
    known = {post.mark: post for post in (*posted.accepted, *posted.refused, *posted.unsure)}
    inbox = Counter(_mark(row["Description"]) for row in tables.inbox)
    rejected = Counter(_mark(row["Body"]) for row in tables.rejected if row["Reason"] == "not-json")
    expected, received = Counter[str](), defaultdict[str, list[Any]](list)
    for row in tables.inbox:
        post = known[_mark(row["Description"])]
        received[post.lead].append(row["ReceivedAt"])
    for mark in inbox:
        expected[known[mark].lead] += 1
    actions, rows = Counter[str](), Counter[str]()
    for row in tables.leads:
        rows[row["FirstName"]] += 1
        actions[row["FirstName"]] += row["ActionCount"]
    kept = (post.mark in inbox for post in posted.accepted), (post.mark in rejected for post in posted.refused)
    in_mails = _find_mails(mails or ())
    return Findings(
        lost=sum(not is_kept for kind in kept for is_kept in kind) + (expected - actions).total(),
        doubled=sum((each - Counter(set(each))).total() for each in (inbox, rejected, rows))
        + (actions - expected).total(),
        mails_lost=0 if mails is None else sum(lead not in in_mails for lead in rows),
        mails_doubled=sum(len(ids) > 1 for ids in in_mails.values()),
        other=tuple(_find_others(tables, received, known, mails_each=0 if mails is None else 1)),
    )


def _find_mails(mails: Iterable[EmailMessage]) -> dict[str, set[str]]:
    """Give the ids of the mails that each lead is in."""
    ids = defaultdict[str, set[str]](set)
    for mail in mails:
        for name in leads_in(mail):
            ids[name.removesuffix(" Smith")].add(str(mail["Message-ID"]))
    return ids


def _find_others(
    tables: Tables, received: Mapping[str, Sequence[Any]], known: Mapping[str, Post], *, mails_each: int
) -> Iterable[str]:
    people = {post.lead: post.person for post in known.values()}
    partitions = defaultdict[int, set[str]](set)
    for row in tables.leads:
        lead = row["FirstName"]
        partitions[people[lead]].add(row["PartitionKey"])
        if (row["FirstSeenAt"], row["LastSeenAt"]) != (min(received[lead]), max(received[lead])):
            yield f"{lead} was not first and last seen when its first and last notice were received."
        if row["RemindersSent"] != mails_each:
            yield f"{lead} says that {row['RemindersSent']} mails were sent."
    yield from (f"Person {person} is known as two." for person, keys in partitions.items() if len(keys) > 1)
    if tables.listed != tables.asked_for:
        yield "The to-do list is not what the leads ask for."
    stored = {row["EventId"] for row in tables.inbox}
    yield from (
        f"Rejected {row['RowKey']} ({row['Reason']}) was never stored."
        for row in tables.rejected
        if row["Reason"] != "not-json" and row["RowKey"] not in stored
    )


def _mark(text: str) -> str:
    start = text.index("action ")
    return text[start : text.index(".", start) + 1]
