"""The bench's comparison finds each kind of mistake."""

import json
import random
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest

from tests.examples import at
from tests.stress.population import OFFERS, Findings, Posted, Tables, compare, make_posts

Rows = dict[str, list[dict[str, Any]]]


def store() -> tuple[Posted, Rows]:
    """Post some leads to an app that does everything right."""
    posts = make_posts(200, 10, random.Random(1))
    good = [post for post in posts if not post.is_unreadable]
    posted = Posted(good[:-1], [post for post in posts if post.is_unreadable], good[-1:])
    leads: dict[str, dict[str, Any]] = {}
    inbox = []
    for post in good:
        event, received = f"event-{post.number}", at(post.number)
        body = json.loads(post.content)
        person = {"FirstName": post.lead, "Email": body["userDetails"]["email"]}
        notice = {"Description": body["description"], "EventId": event, "ReceivedAt": received}
        inbox.append({**notice, "CustomerInfo": json.dumps(person)})
        fresh = {"PartitionKey": f"{post.person}", "ActionCount": 0, "FirstSeenAt": received, "RemindersSent": 1}
        lead = leads.setdefault(post.lead, {**fresh, "zAppActionHistory": '{"actions": []}'})
        actions = [*json.loads(lead["zAppActionHistory"])["actions"], {"event": event}]
        lead |= {**person, "OfferTitle": OFFERS[post.offer], "Description": post.mark, "LastSeenAt": received}
        lead |= {"ActionCount": lead["ActionCount"] + 1, "zAppActionHistory": json.dumps({"actions": actions})}
    rejected = [
        {"RowKey": f"r{post.number}", "Reason": "not-json", "Body": post.content.decode()} for post in posted.refused
    ]
    return posted, {"inbox": inbox, "leads": list(leads.values()), "rejected": rejected}


def mails_of(rows: Rows) -> list[EmailMessage]:
    mail = EmailMessage()
    mail["Message-ID"] = "<1>"
    mail.set_content("\n".join(f"{row['FirstName']} Smith" for row in rows["leads"]))
    return [mail]


def judge(posted: Posted, rows: Rows, mails: list[EmailMessage]) -> Findings:
    keys = {row["FirstName"] for row in rows["leads"]}
    return compare(posted, Tables(rows["inbox"], rows["leads"], rows["rejected"], keys, keys), mails)


def test_correct_tables_are_good() -> None:
    posted, rows = store()
    assert judge(posted, rows, mails_of(rows)).is_good


def _count_one_twice_and_lose_another(rows: Rows) -> None:
    row = next(row for row in rows["leads"] if row["ActionCount"] > 1)
    actions = json.loads(row["zAppActionHistory"])["actions"]
    row["zAppActionHistory"] = json.dumps({"actions": [actions[0], *actions[:-1]]})


@pytest.mark.parametrize(
    ("harm", "finding"),
    [
        (lambda rows: rows["inbox"].pop(0), "lost"),
        (lambda rows: rows["leads"].pop(), "lost"),
        (lambda rows: rows["rejected"].pop(), "lost"),
        (lambda rows: rows["inbox"].append(rows["inbox"][0]), "doubled"),
        (lambda rows: rows["leads"].append(rows["leads"][0]), "doubled"),
        (lambda rows: rows["rejected"].append(rows["rejected"][0]), "doubled"),
        (_count_one_twice_and_lose_another, "doubled"),
        (_count_one_twice_and_lose_another, "lost"),
        (lambda rows: rows["leads"][0].update(ActionCount=99), "other"),
        (lambda rows: rows["leads"][0].update(Email="another@person.example"), "other"),
        (lambda rows: rows["leads"][0].update(Description=""), "other"),
        (lambda rows: rows["leads"][0].update(PartitionKey="another"), "other"),
        (lambda rows: rows["leads"][0].update(RemindersSent=0), "other"),
        (lambda rows: rows["leads"][0].update(LastSeenAt=at(-1)), "other"),
        (lambda rows: rows["rejected"].append({"RowKey": "e", "Reason": "gave-up", "Body": ""}), "other"),
    ],
)
def test_each_fault_is_found(harm: Callable[[Rows], object], finding: str) -> None:
    posted, rows = store()
    harmed = deepcopy(rows)
    harm(harmed)
    assert getattr(judge(posted, harmed, mails_of(rows)), finding)


def test_mails_that_are_missing_or_doubled_are_found() -> None:
    posted, rows = store()
    assert judge(posted, rows, []).mails_lost == len(rows["leads"])
    again, other = mails_of(rows)[0], mails_of(rows)[0]
    other.replace_header("Message-ID", "<2>")
    assert judge(posted, rows, [again, *mails_of(rows)]).is_good
    assert judge(posted, rows, [other, *mails_of(rows)]).mails_doubled == len(rows["leads"])


def test_an_app_that_takes_nothing_is_not_good() -> None:
    posted, rows = store()
    nothing = {name: list[dict[str, Any]]() for name in rows}
    unsure = Posted(unsure=[*posted.accepted, *posted.refused, *posted.unsure])
    assert judge(unsure, nothing, []).other
    assert not judge(replace(posted), nothing, []).is_good
